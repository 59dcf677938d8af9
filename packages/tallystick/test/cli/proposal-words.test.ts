import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { idFromHex } from '../../src/base/brand.ts'
import { assetAmong, operationsFromWords } from '../../src/cli/proposal-words.ts'
import { execute, type Machine, openMachine } from '../../src/kernel/execute.ts'
import { ledgerParams } from '../../src/logic/ledger-params.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { digestOfSecret } from '../../src/logic/vault-condition.ts'
import { vaultsIn } from '../../src/logic/vault-record.ts'
import { holdingsIn } from '../../src/cli/holdings.ts'
import { assetsIn } from '../../src/logic/ledger-asset.ts'
import { describeOperations } from '../../src/verify/describe.ts'
import { charter, engine } from './deal.ts'

const withVault = {
  ...charter,
  logics: [...charter.logics, { name: 'vault/1', params: new Uint8Array(0) }],
}

const opened = (of: typeof charter): Machine => {
  const machine = openMachine(of, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return machine
}

const start = opened(withVault)
const nonce = new Uint8Array(32).fill(4)

const wordsOn = (
  machine: Machine,
  text: string,
  own = 'alice',
): ReturnType<typeof operationsFromWords> => operationsFromWords(text, { machine, own, nonce })

/** The machine after what the words say, or the fault. */
const after = (machine: Machine, text: string, own = 'alice'): Machine => {
  const operations = wordsOn(machine, text, own)
  const run = execute({
    interaction: {
      suite: machine.terms.suite,
      legs: [{ machine: machine.id, access: 'write', parent: machine.headId }],
      operations,
      premises: [],
    },
    machines: new Map([[machine.id, machine]]),
    logics: STANDARD_LOGICS,
    consents: () => true,
    proven: [],
    verifier: engine,
  })
  if (isFault(run)) throw run
  const [next] = run.written
  if (!next) throw new Error('nothing is written')
  return next
}

const heldIn = (machine: Machine): readonly string[] =>
  holdingsIn(machine, assetsIn([[machine.id, machine.charter]])).map(
    (one) => `${one.holder} ${one.free}${one.locked === '' ? '' : ` + ${one.locked}`}`,
  )

const said = (machine: Machine, text: string): readonly string[] =>
  describeOperations(
    { charters: new Map([[machine.id, machine.charter]]), logics: STANDARD_LOGICS },
    { suite: 'classic', legs: [], operations: wordsOn(machine, text), premises: [] },
  )

describe('words', () => {
  test('pay, in the machine’s money', () => {
    expect(said(start, ' pay  bob 10 ')).toEqual(['alice pays bob 10 TICK'])
    expect(said(start, 'pay bob 10 TICK')).toEqual(['alice pays bob 10 TICK'])
    expect(heldIn(after(start, 'pay bob 10'))).toEqual(['alice 90', 'bob 60'])
  })

  test('name a party whose name has blanks', () => {
    const participants = charter.terms.participants.map((one, party) =>
      party === 1 ? { ...one, name: 'Bob the Builder' } : one,
    )
    const logics = withVault.logics.slice(1)
    const [money] = charter.logics
    if (!money) throw new Error('there is money')
    const params = ledgerParams.encode({
      ...ledgerParams.decode(money.params),
      initial: [{ holder: 'alice', amount: 100n }],
    })
    const terms = { ...charter.terms, participants }
    const machine = opened({ ...charter, terms, logics: [{ ...money, params }, ...logics] })
    expect(said(machine, 'pay Bob the Builder 10')).toEqual(['alice pays Bob the Builder 10 TICK'])
    expect(heldIn(after(machine, 'lock Bob the Builder 5 TICK'))[0]).toBe('alice 95 + 5')
    expect(() => wordsOn(machine, 'pay Bob 10')).toThrow('Bob is no party')
  })

  test('set money aside, and release or refund it by the first digits of its vault', () => {
    const locked = after(start, 'lock bob 30')
    expect(heldIn(locked)).toEqual(['alice 70 + 30', 'bob 50'])
    const [vault] = vaultsIn(locked, { machine: locked.id, logic: 1 })
    const id = vault?.id ?? ''
    expect(heldIn(after(locked, `release ${id.slice(0, 8)}`, 'bob'))).toEqual([
      'alice 70',
      'bob 80',
    ])
    expect(heldIn(after(locked, `refund ${id}`, 'bob'))).toEqual(['alice 100', 'bob 50'])
  })

  test('set money aside for a secret', () => {
    const secret = new Uint8Array(32).fill(9)
    const digest = hexFromBytes(digestOfSecret(secret))
    const locked = after(start, `lock bob 30 on ${digest}`)
    const id = vaultsIn(locked, { machine: locked.id, logic: 1 })[0]?.id ?? ''
    const shown = `release ${id.slice(0, 8)} ${hexFromBytes(secret)}`
    expect(heldIn(after(locked, shown, 'bob'))).toEqual(['alice 70', 'bob 80'])
    const unshown = faultFrom(() => after(locked, `release ${id.slice(0, 8)}`, 'bob'))
    expect(isFault(unshown) && unshown.code).toBe('vault/unmet')
  })

  test('close a machine, for good', () => {
    expect(said(start, 'close')).toEqual(['the machine is closed'])
    expect(after(start, 'close').terms).toEqual({
      ...start.terms,
      policy: { kind: 'closed', params: new Uint8Array(0) },
    })
  })

  test.each([
    ['', 'is no step'],
    ['steal bob 10', 'is no step'],
    ['pay bob', 'takes a name and an amount'],
    ['pay bob 10 TICK now', 'takes a name and an amount'],
    ['pay carol 10', 'carol is no party'],
    ['pay bob 10 EUR', 'which asset'],
    ['lock bob', 'takes a name and an amount'],
    ['lock bob 30 on', 'takes a name and an amount'],
    ['lock bob 30 on 12', 'no 64 hexadecimal digits'],
    ['release', 'takes the digits'],
    ['release 00', 'there is no vault 00'],
    ['refund 00 11', 'takes the digits'],
    ['close now', 'takes nothing else'],
  ])('that are no step are refused with what to say instead: %j', (text, why) => {
    expect(() => wordsOn(start, text)).toThrow(why)
  })

  test.each(['-1', '1.5', '1e3', '0x10', '１', '99999999999999999999999999999999999999999'])(
    'with an amount that is none are refused: %s',
    (amount) => {
      const refused = faultFrom(() => wordsOn(start, `pay bob ${amount}`))
      expect(isFault(refused) && refused.code).toMatch(/^amount\//)
    },
  )

  test('about vaults need a machine that has them', () => {
    expect(() => wordsOn(opened(charter), 'lock bob 30')).toThrow('has no vaults')
    expect(() => wordsOn(opened({ ...charter, logics: [] }), 'pay bob 1')).toThrow('no money')
  })
})

describe('an asset', () => {
  const [own] = assetsIn([[start.id, start.charter]])
  if (!own) throw new Error('the machine keeps money')
  const elsewhere = {
    ...own,
    prefix: { ...own.prefix, machine: idFromHex<'machine'>('ab'.repeat(32)) },
  }
  const named = (assets: readonly (typeof own)[], text?: string): string => {
    const found = faultFrom(() => {
      try {
        return assetAmong(assets, text).prefix.machine
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    })
    return isFault(found) ? found.code : found
  }

  test('need not be named where there is one', () => {
    expect(named([own])).toBe(start.id)
    expect(named([own], own.params.symbol)).toBe(start.id)
    expect(named([own], 'NONE')).toContain('which asset?')
    expect(named([])).toBe('this machine keeps no money')
  })

  test('is named by its machine too where two are called alike', () => {
    const { symbol } = own.params
    expect(named([own, elsewhere], symbol)).toContain(`${symbol}@${start.id.slice(0, 4)}`)
    expect(named([own, elsewhere], `${symbol}@ab`)).toBe(elsewhere.prefix.machine)
    expect(named([own, elsewhere], `${symbol}@${start.id.slice(0, 6)}`)).toBe(start.id)
  })
})
