import { describe, expect, test } from 'vitest'
import { lastVowOf, type PartyState } from '../../src/models/bilateral/state.ts'
import { createGuard, mangled, mangleParty, partyRole, SETTLED } from '../../src/sim/party-node.ts'
import { createStreams } from '../../src/sim/random.ts'
import type { NodeView, World } from '../../src/sim/world.ts'
import { createPair, relationship, settle, wish } from '../models/bilateral/pair.ts'

const pair = createPair(relationship())
const fresh = pair.bob.state
wish(pair.alice)
settle(pair)
/** One final step further. */
const final = pair.bob.state

const worldOf = (nodes: readonly Partial<NodeView<PartyState>>[]): World<PartyState> => {
  const base = { name: 'bob', honest: true, state: fresh, up: true, restores: 0 }
  return { now: 0, nodes: nodes.map((one) => ({ ...base, ...one })), stream: createStreams(1) }
}

const complaintOf = (name: string, world: World<PartyState>): string | undefined =>
  SETTLED.find((one) => one.name === name)?.check(world)

describe('a simulated party', () => {
  test('is the real role unless it is sabotaged', () => {
    const { config } = createPair(relationship()).alice
    const role = partyRole(config, {})
    const broken = partyRole(config, { party: (real) => ({ ...real, outstanding: () => [] }) })
    const wished = { is: 'withdraw' } as const
    const env = { now: 0n, random: new Uint8Array(32) }
    expect(role.step(role.begin(), wished, env).talk.refusals).toHaveLength(1)
    expect(broken.outstanding(broken.begin())).toEqual([])
  })

  test('is refused with a machine that it is no party of', () => {
    const { config } = createPair(relationship()).alice
    expect(() => partyRole({ ...config, party: 5 }, {})).toThrow('do not speak for the party')
  })
})

describe('the guard', () => {
  test('gives back the last vow that was saved', () => {
    const guard = createGuard({})
    expect(guard.restored()).toEqual({ is: 'restored', last: undefined })
    const voted = withVow(final, 0)
    guard.keep(voted)
    expect(guard.restored()).toEqual({ is: 'restored', last: lastVowOf(voted) })
  })

  test('never goes back to an earlier vow', () => {
    const guard = createGuard({})
    const later = withVow(final, 3)
    guard.keep(later)
    guard.keep(withVow(final, 1))
    guard.keep(fresh)
    expect(guard.restored()).toEqual({ is: 'restored', last: lastVowOf(later) })
  })

  test('knows nothing if it was put back with the store', () => {
    const guard = createGuard({ guard: 'lost' })
    guard.keep(withVow(final, 0))
    expect(guard.restored()).toEqual({ is: 'restored', last: undefined })
  })
})

const withVow = (state: PartyState, round: number): PartyState => {
  const vow = { round, phase: 'abort', child: undefined, cited: 0 } as const
  return { ...state, book: { ...state.book, vows: [vow] } }
}

describe('mangling', () => {
  test('changes one byte of a message and nothing of other inputs', () => {
    const bytes = new Uint8Array(50)
    const stream = createStreams(1)('mangle')
    for (let time = 0; time < 50; time++) {
      expect(mangled(bytes, stream).filter((one) => one !== 0)).toHaveLength(1)
    }
    expect(mangled(new Uint8Array(0), stream)).toHaveLength(0)
    expect(mangleParty({ is: 'message', bytes }, stream)).not.toEqual({ is: 'message', bytes })
    expect(mangleParty({ is: 'resend' }, stream)).toEqual({ is: 'resend' })
  })
})

describe('after healing', () => {
  test('honest parties have one head', () => {
    expect(complaintOf('one head', worldOf([{}, {}]))).toBeUndefined()
    expect(complaintOf('one head', worldOf([{}, { state: final }]))).toContain('bob at 1')
  })

  test('nothing is pending', () => {
    const quarantine = { challenge: new Uint8Array(32) }
    const world = worldOf([{}, { state: { ...fresh, quarantine } }])
    expect(complaintOf('nothing pending', world)).toContain('quarantine')
    const leaving = { ...fresh, book: { ...fresh.book, leaving: [] } }
    expect(complaintOf('nothing pending', worldOf([{ state: leaving }]))).toContain('leaving')
  })

  test('nothing is asked of a world in which somebody lies or two have lost their memory', () => {
    const apart = [{}, { state: final }]
    const lying = apart.map((one, at) => ({ ...one, honest: at !== 0 }))
    expect(complaintOf('one head', worldOf(lying))).toBeUndefined()
    const once = apart.map((one, at) => ({ ...one, restores: at }))
    expect(complaintOf('one head', worldOf(once))).toBeDefined()
    const twice = apart.map((one) => ({ ...one, restores: 1 }))
    expect(complaintOf('one head', worldOf(twice))).toBeUndefined()
  })
})
