import { describe, expect, test } from 'vitest'
import { auditOf, isConserved } from '../../src/logic/ledger-audit.ts'
import { balanceOf } from '../../src/logic/ledger-record.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { accountBundle, createTown } from '../../src/sim/market-town.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import { reportOn } from '../../src/sim/verdict.ts'
import { engine, town } from './market-world.ts'

describe('the town', () => {
  test('is the same whenever it is built', () => {
    const again = createTown(createTokenEngine(), 'ed25519', STANDARD_LOGICS)
    expect([...again.machines.keys()]).toEqual([...town.machines.keys()])
    expect(again.funded.machine.headId).toBe(town.funded.machine.headId)
  })

  test('begins with all money in Alice’s account, certified', () => {
    const { asset, paid, funded } = town
    expect(balanceOf(funded.machine, asset, 'alice')).toBe(1000n)
    expect(isConserved(auditOf(asset, [paid.machine, funded.machine]))).toBe(true)
    expect([...paid.steps, ...funded.steps].every((one) => one.certificate)).toBe(true)
  })

  test('can show so to anybody', () => {
    const checks = { logics: STANDARD_LOGICS, verifier: engine }
    const report = reportOn(accountBundle(town, town.funded.steps), checks)
    expect(report.outcome).toBe('valid')
    const bare = reportOn({ ...accountBundle(town, town.funded.steps), charters: [] }, checks)
    expect(bare.outcome).toBe('incomplete')
  })

  test('has relationships with different turns, of Alice and one other', () => {
    expect(town.relations.map(({ terms }) => terms.turn.is)).toEqual(['leader', 'alternate'])
    expect([0, 1].map((at) => town.party(at, 1).charter.terms.participants[1]?.name)).toEqual([
      'bob',
      'carol',
    ])
  })
})
