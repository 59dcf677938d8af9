import { describe, expect, test } from 'vitest'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import type { PartyState, PartyStep } from '../../src/models/bilateral/state.ts'
import { marketVerdict, payeeBundle } from '../../src/sim/market-verdict.ts'
import { createLogicRegistry } from '../../src/logic/registry.ts'
import { ledger } from '../../src/logic/ledger.ts'
import { vault } from '../../src/logic/vault.ts'
import { isFault } from '../../src/base/fault.ts'
import { aliceAway, aliceWants, type Day, dayOf, payeeIn, town, withNode } from './market-world.ts'

const verdictOn = (day: Day, logics = STANDARD_LOGICS): string | undefined =>
  marketVerdict(day.watch, logics).check(day.world)

const away = aliceAway(180)
const calm = dayOf([
  aliceWants(10, 'send', 0),
  aliceWants(100, 'claim', 0),
  ...away,
  aliceWants(200, 'send', 1),
  aliceWants(250, 'claim', 1),
])

const withLast = (day: Day, name: string, change: Partial<PartyStep>): Day => {
  const payee = payeeIn(day, name)
  const { history } = payee.relation
  if (!history) throw new Error(`${name} has no step`)
  const relation: PartyState = {
    ...payee.relation,
    history: { ...history, step: { ...history.step, ...change } },
  }
  return withNode(day, name, { state: { ...payee, relation } })
}

describe('the second opinion on the market', () => {
  test('agrees on a calm day', () => {
    expect(verdictOn(calm)).toBeUndefined()
  })

  test('objects when a claim is called firm that the file does not show to be', () => {
    expect(verdictOn(withLast(calm, 'carol', { grade: 'receipted' }))).toContain(
      'the file of carol: calls step 1 provisional, the role calls it firm',
    )
  })

  test('objects when what a claim rests on has been lost', () => {
    expect(verdictOn(withLast(calm, 'bob', { attachments: [] }))).toContain('step 1')
  })

  test('objects when a payment is called certified that operators have not signed for', () => {
    expect(calm.watch.seen.has('payment certified')).toBe(true)
    const unsigned = { ...calm, watch: { ...calm.watch, vouched: new Map() } }
    expect(verdictOn(unsigned)).toContain('called certified')
  })

  test('leaves out what came garbled and shows nothing', () => {
    const [file] = payeeIn(calm, 'bob').relation.history?.step.attachments ?? []
    if (!file) throw new Error('a file came with the claim')
    const garbled = file.slice(0, -9)
    const both = withLast(calm, 'bob', { attachments: [garbled, file] })
    expect(verdictOn(both)).toBeUndefined()
    expect(payeeBundle(town, payeeIn(both, 'bob').relation).steps).toHaveLength(4)
  })

  test('objects to steps that other rules were applied to', () => {
    const stingy = createLogicRegistry([
      {
        ...ledger,
        apply: (call) => {
          const changes = ledger.apply(call)
          return isFault(changes) ? changes : changes.slice(1)
        },
      },
      vault,
    ])
    expect(verdictOn(calm, stingy)).toContain('invalid')
  })

  test('finds who is convicted by two files together, and objects if that is somebody honest', () => {
    const carols = dayOf([...aliceAway(1), aliceWants(10, 'send', 1), aliceWants(100, 'claim', 1)])
    const bobs = dayOf(
      [...aliceAway(1), aliceWants(10, 'send', 0), aliceWants(100, 'claim boldly', 0)],
      { sabotage: { payee: 'reckless' } },
    )
    const both = withNode(carols, 'bob', { state: payeeIn(bobs, 'bob') })
    expect(verdictOn(withNode(both, 'alice', { honest: false }))).toBeUndefined()
    expect(both.watch.seen.has('fork verified')).toBe(true)
    expect(verdictOn(both)).toContain('all payees: a fork convicts alice, who is honest')
  })
})
