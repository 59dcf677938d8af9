import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import type { PartyState, PartyStep } from '../../src/models/bilateral/state.ts'
import { exposureIn, isPayerHonest, marketRules } from '../../src/sim/market-rules.ts'
import type { MarketWatch } from '../../src/sim/market-watch.ts'
import { bundleFromFile, type BundleStep } from '../../src/verify/bundle.ts'
import {
  aliceAway,
  aliceWants,
  choiceOf,
  type Day,
  dayOf,
  payeeIn,
  payerIn,
  town,
  withNode,
} from './market-world.ts'
import { wishAt } from './toy.ts'

const stepsIn = (attachment: Uint8Array): readonly BundleStep[] => {
  const read = faultFrom(() => bundleFromFile(attachment))
  return isFault(read) ? [] : read.steps
}

const check = (name: string, day: Day): string | undefined => {
  const rule = marketRules(day.watch, stepsIn).find((one) => one.name === name)
  if (!rule) throw new Error(`no rule is called ${name}`)
  return rule.check(day.world)
}

/** A day with a payment of each kind: Bob's is firm, Carol's at her risk. */
const calm = dayOf([
  aliceWants(10, 'send', 0),
  aliceWants(100, 'claim', 0),
  ...aliceAway(180),
  aliceWants(200, 'send', 1),
  aliceWants(250, 'claim', 1),
])
const RULES = marketRules(calm.watch, stepsIn).map((one) => one.name)

/** The same day with the newest step of a payee changed. */
const withLast = (day: Day, name: string, change: Partial<PartyStep>): Day => {
  const payee = payeeIn(day, name)
  const { history } = payee.relation
  if (!history) throw new Error(`${name} has no step`)
  const changed = { ...history, step: { ...history.step, ...change } }
  const relation: PartyState = { ...payee.relation, history: changed }
  return withNode(day, name, { state: { ...payee, relation } })
}

describe('the rules of the market', () => {
  test('hold on a calm day', () => {
    expect(payeeIn(calm, 'bob').relation.history?.step.grade).toBe('receipted')
    expect(payeeIn(calm, 'carol').relation.history?.step.grade).toBe('provisional')
    for (const name of RULES) expect(check(name, calm), name).toBeUndefined()
    expect(exposureIn(town, payeeIn(calm, 'carol').relation)).toBe(2n)
    expect(exposureIn(town, payeeIn(calm, 'bob').relation)).toBe(0n)
  })

  test('vows: no honest key signs twice', () => {
    const watch: MarketWatch = { ...calm.watch, broken: 'alice signed a fork' }
    expect(check('vows', { ...calm, watch })).toBe('alice signed a fork')
  })

  test('claims: nothing is claimed twice, and nothing that was sent elsewhere', () => {
    const bob = payeeIn(calm, 'bob')
    const { history } = bob.relation
    const twice = history && { step: history.step, before: history }
    const relation = { ...bob.relation, history: twice }
    const doubled = withNode(calm, 'bob', { state: { ...bob, relation } })
    expect(check('claims', doubled)).toContain('bob has a send claimed twice')
    const step = history?.step
    if (!step) throw new Error('Bob has a step')
    expect(check('claims', withLast(calm, 'carol', { interaction: step.interaction }))).toContain(
      'sent elsewhere',
    )
  })

  test('grade: no claim is called firm that is not', () => {
    expect(check('grade', withLast(calm, 'carol', { grade: 'receipted' }))).toContain(
      'carol calls step 1 receipted',
    )
    expect(check('grade', withLast(calm, 'carol', { grade: 'local' }))).toBeUndefined()
  })

  test('exposure: nobody has more at risk than it is willing to lose', () => {
    const vouched: MarketWatch['vouched'] = new Map()
    expect(check('exposure', { ...calm, watch: { ...calm.watch, vouched } })).toContain(
      'bob has 2 at risk where 0 is the most',
    )
  })

  test('conservation: money of an honest payer is neither lost nor made', () => {
    const state = payerIn(calm)
    const account = { ...state.account, machine: town.funded.machine }
    const before = withNode(calm, 'alice', { state: { ...state, account } })
    expect(check('conservation', before)).toContain('money was made or lost')
  })

  test('conservation: with a payer who lies only what was taken at risk may be without cover', () => {
    const lying = withNode(calm, 'alice', { honest: false })
    expect(isPayerHonest(calm.world)).toBe(true)
    expect(isPayerHonest(lying.world)).toBe(false)
    expect(check('conservation', lying)).toBeUndefined()
    expect(calm.watch.seen.has('claim without cover')).toBe(true)
    const blind = { ...lying, watch: { ...calm.watch, vouched: new Map() } }
    expect(check('conservation', blind)).toContain('with 2 at risk')
  })
})

/** What Carol took from one copy of Alice, and Bob from another who began at the same head. */
const cheated = (() => {
  const away = aliceAway(1)
  const carols = dayOf([...away, aliceWants(10, 'send', 1), aliceWants(100, 'claim', 1)])
  const bobs = dayOf([...away, aliceWants(10, 'send', 0), aliceWants(100, 'claim boldly', 0)], {
    sabotage: { payee: 'reckless' },
  })
  const both = withNode(carols, 'bob', { state: payeeIn(bobs, 'bob') })
  return withNode(both, 'alice', { honest: false })
})()

describe('a payer who pays from one head twice', () => {
  test('is convicted by what the payees hold between them', () => {
    expect(check('holdings', cheated)).toBeUndefined()
    expect(cheated.watch.seen.has('payees hold a fork')).toBe(true)
  })

  test('would be wronged by it if she were honest', () => {
    const honest = withNode(cheated, 'alice', { honest: true })
    expect(check('holdings', honest)).toContain('convicts the payer, who is honest')
  })

  test('is accused by an operator that is shown both', () => {
    const both = [aliceWants(10, 'send', 0), wishAt(10, 7, choiceOf('send', 1))]
    const day = dayOf(both, { twin: true })
    expect(check('accusations', day)).toBeUndefined()
    expect(day.watch.seen.has('accused by an operator')).toBe(true)
    const honest = withNode(withNode(day, 'alice', { honest: true }), 'alice-twin', {
      honest: true,
    })
    expect(check('accusations', honest)).toContain('accuses: the evidence convicts the payer')
  })
})

/** Two days in which the operators vouch for different steps after the same one, in one watch. */
const twoCertificates = ((): Day => {
  const [one, other] = ([0, 1] as const).map((to) => dayOf([aliceWants(10, 'send', to)]))
  if (!one || !other) throw new Error('two days')
  const vouched = new Map([...one.watch.vouched, ...other.watch.vouched])
  const children = new Map([[town.funded.machine.headId, new Set(vouched.keys())]])
  return { ...one, watch: { ...one.watch, vouched, children } }
})()

const OPERATORS = ['north', 'east', 'south', 'west']
const withLiars = (liars: readonly string[], watch = twoCertificates.watch): Day =>
  liars.reduce((day, name) => withNode(day, name, { honest: false }), { ...twoCertificates, watch })

describe('two certificates for one place', () => {
  test('are never to be', () => {
    expect(check('certificates', calm)).toBeUndefined()
    expect(check('certificates', twoCertificates)).toContain('have one parent and enough receipts')
  })

  test('convict those operators who signed both', () => {
    expect(check('culprits', withLiars(OPERATORS))).toBeUndefined()
    expect(twoCertificates.watch.seen.has('two certificates')).toBe(true)
  })

  test('are wrong if they convict somebody honest', () => {
    expect(check('culprits', withLiars(OPERATORS.slice(0, 3)))).toContain('west, who is honest')
  })

  test('are wrong if they convict too few', () => {
    const vouched = new Map(
      [...twoCertificates.watch.vouched].map(([id, one], at) => {
        const receipts = one.receipts.map((receipt) =>
          at === 0 && receipt.operator > 0
            ? { ...receipt, signature: new Uint8Array(64) }
            : receipt,
        )
        return [id, { ...one, receipts }]
      }),
    )
    const watch = { ...twoCertificates.watch, vouched }
    expect(check('culprits', withLiars(OPERATORS, watch))).toContain('convict only 1')
  })
})
