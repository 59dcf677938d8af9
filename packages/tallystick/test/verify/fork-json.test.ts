import { expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { openMarket, sendTo } from '../../src/cli/demo/market.ts'
import { bytesFromHex } from '../../src/base/bytes.ts'
import { convict, evidence } from '../../src/kernel/evidence.ts'
import { ledgerRecord } from '../../src/logic/ledger-record.ts'
import { forksIn } from '../../src/verify/fork.ts'
import { jsonFromForks } from '../../src/verify/fork-json.ts'

test('a fork as JSON holds the evidence and the records as bytes that decode', () => {
  const market = openMarket('classic', 20_00n)
  const { account, mint, town, withBob, withCarol } = market
  const copy = account.clone()
  sendTo(market, account, { relation: withBob, holder: 'bob', amount: 18_00n })
  sendTo(market, copy, { relation: withCarol, holder: 'carol', amount: 12_00n })
  const found = forksIn([mint.bundle(), account.bundle(), copy.bundle()], town.checks)
  if (isFault(found)) throw found
  const text = JSON.stringify(jsonFromForks(found))
  const told = JSON.parse(text) as {
    faults: unknown[]
    forks: {
      name: string
      sequence: string
      evidence: string
      branches: { standing: string; promised: { amount: string; record: string }[] }[]
    }[]
  }
  const [fork] = told.forks
  expect(told.faults).toEqual([])
  expect([fork?.name, fork?.sequence]).toEqual(['alice', '2'])
  const held = evidence.decode(bytesFromHex(fork?.evidence ?? ''))
  expect(isFault(convict(held, town.engine))).toBe(false)
  const promised = fork?.branches.flatMap((one) => one.promised) ?? []
  expect(promised.map((one) => one.amount)).toEqual(expect.arrayContaining(['1800', '1200']))
  for (const { amount, record } of promised) {
    const out = ledgerRecord.decode(bytesFromHex(record))
    expect(out.is === 'out' && `${out.amount}`).toBe(amount)
  }
})
