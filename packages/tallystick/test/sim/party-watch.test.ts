import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../src/kernel/evidence.ts'
import type { Abort } from '../../src/kernel/statement.ts'
import { bilateralCertificate } from '../../src/models/bilateral/certificate.ts'
import type { PartyState } from '../../src/models/bilateral/state.ts'
import {
  isHonestParty,
  partyCheckers,
  type PartyWatch,
  watchStatement,
} from '../../src/sim/party-watch.ts'
import type { World } from '../../src/sim/world.ts'
import { aVote } from '../kernel/sample.ts'
import { evidenceOf, newWatch, pairAfter, worldWith } from './pair-world.ts'

const check = (watch: PartyWatch, name: string, world: World<PartyState>): string | undefined =>
  partyCheckers(watch)
    .find((one) => one.name === name)
    ?.check(world)

const [one, two, other] = [pairAfter(1n), pairAfter(1n, 2n), pairAfter(3n)]

describe('agreement', () => {
  test('holds while honest nodes are on one history, near or far', () => {
    const watch = newWatch()
    const world = worldWith({ state: one.alice.state }, { state: two.bob.state })
    expect(check(watch, 'agreement', world)).toBeUndefined()
    const later = worldWith({ state: two.alice.state }, { state: two.bob.state })
    expect(check(watch, 'agreement', later)).toBeUndefined()
  })

  test('is broken by two honest nodes with different steps, and not by one that lies', () => {
    const states = [{ state: one.alice.state }, { state: other.bob.state }] as const
    expect(check(newWatch(), 'agreement', worldWith(...states))).toContain('another final step 1')
    const lying = worldWith({ ...states[0], honest: false }, states[1])
    expect(check(newWatch(), 'agreement', lying)).toBeUndefined()
  })

  test('is broken by a node that has another step than it had before', () => {
    const watch = newWatch()
    check(watch, 'agreement', worldWith({ state: one.alice.state }))
    const restored = worldWith({ state: other.alice.state, restores: 1 })
    expect(check(watch, 'agreement', restored)).toContain('another final step 1')
  })

  test('asks a node that was put back beside a liar for nothing that it had before', () => {
    const watch = newWatch()
    check(watch, 'agreement', worldWith({ state: one.alice.state }))
    const restored = { state: other.alice.state, restores: 1 }
    const liar = { state: pairAfter().bob.state, honest: false }
    expect(check(watch, 'agreement', worldWith(restored, liar))).toBeUndefined()
    const honest = { ...liar, honest: true }
    const again = newWatch()
    check(again, 'agreement', worldWith({ state: one.alice.state }))
    expect(check(again, 'agreement', worldWith(restored, honest))).toContain('another final step 1')
  })

  test('is broken by a node that forgets, unless its store was put back', () => {
    const watch = newWatch()
    check(watch, 'agreement', worldWith({ state: two.alice.state }))
    const back = { state: one.alice.state }
    expect(check(watch, 'agreement', worldWith({ ...back, restores: 1 }))).toBeUndefined()
    const again = newWatch()
    check(again, 'agreement', worldWith({ state: two.alice.state }))
    expect(check(again, 'agreement', worldWith(back))).toContain('forgot its final step 2')
  })

  test('asks a node that lies for nothing that it had before', () => {
    const watch = newWatch()
    check(
      watch,
      'agreement',
      worldWith({ state: one.alice.state }, { state: pairAfter().bob.state }),
    )
    const lying = { state: one.alice.state, honest: false }
    expect(check(watch, 'agreement', worldWith(lying, { state: other.bob.state }))).toBeUndefined()
  })
})

describe('vows', () => {
  const world = worldWith({ state: one.alice.state })
  const vote = aVote()
  const { machine, parent, sequence } = vote.transition
  const abort: Abort = { is: 'abort', machine, parent, sequence, round: 0 }

  test('are broken by two statements of one honest node that conflict', () => {
    const watch = newWatch()
    watchStatement(watch, world.nodes[0], vote)
    expect(check(watch, 'vows', world)).toBeUndefined()
    watchStatement(watch, world.nodes[0], abort)
    expect(check(watch, 'vows', world)).toContain('abort-broken')
  })

  test('bind nobody who lies', () => {
    const watch = newWatch()
    const lying = worldWith({ state: one.alice.state, honest: false })
    for (const said of [vote, abort]) watchStatement(watch, lying.nodes[0], said)
    watchStatement(watch, undefined, abort)
    expect(check(watch, 'vows', lying)).toBeUndefined()
  })
})

describe('evidence', () => {
  const [proof] = evidenceOf(one, other)
  if (!proof) throw new Error('two histories are a fork')
  const holding = (of: Evidence): PartyState => ({ ...one.bob.state, evidence: [of] })

  test('may convict a party that lies', () => {
    const watch = newWatch()
    const lying = { state: one.alice.state, honest: false }
    const world = worldWith(lying, { state: holding(proof) })
    expect(check(watch, 'evidence', world)).toBeUndefined()
    expect([...watch.seen]).toEqual(['evidence: fork'])
  })

  test('is wrong if it convicts somebody honest, a stranger or nobody', () => {
    const honest = worldWith({ state: one.alice.state }, { state: holding(proof) })
    expect(check(newWatch(), 'evidence', honest)).toContain('alice, who is honest')
    const nobody = { ...proof, second: proof.first }
    const lying = { state: one.alice.state, honest: false }
    const useless = worldWith(lying, { state: holding(nobody) })
    expect(check(newWatch(), 'evidence', useless)).toContain('convicts nobody')
    const strange = newWatch()
    const terms = { ...strange.terms, participants: strange.terms.participants.slice(1) }
    const world = worldWith(lying, { state: holding(proof) })
    expect(check({ ...strange, terms }, 'evidence', world)).toContain('a stranger')
  })
})

describe('forks', () => {
  const lying = (state: PartyState) => ({ state, honest: false })

  test('of two parties that lie convict them', () => {
    const watch = newWatch()
    const world = worldWith(lying(one.alice.state), lying(other.bob.state))
    expect(check(watch, 'forks', world)).toBeUndefined()
    expect([...watch.seen].sort()).toEqual(['evidence: fork', 'final', 'two finals'])
  })

  test('are wrong if they convict somebody honest', () => {
    const world = worldWith(lying(one.alice.state), { state: other.bob.state })
    expect(check(newWatch(), 'forks', world)).toContain('bob, who is honest')
  })

  test('are wrong if they convict nobody', () => {
    const { history } = one.alice.state
    if (!history) throw new Error('a pair has a step')
    const certificate = bilateralCertificate.encode({ round: 0, aborts: [], signatures: [] })
    const unsigned = { ...history, step: { ...history.step, certificate } }
    const state = { ...one.alice.state, history: unsigned }
    const world = worldWith(lying(state), lying(other.bob.state))
    expect(check(newWatch(), 'forks', world)).toContain('convict nobody')
  })

  test('are remembered although the node has gone back', () => {
    const watch = newWatch()
    check(watch, 'forks', worldWith({ state: one.alice.state }))
    const world = worldWith({ state: other.alice.state })
    expect(check(watch, 'forks', world)).toContain('who is honest')
  })
})

describe('a party', () => {
  test('is honest if all its nodes are', () => {
    const nodes = [{ state: one.alice.state }, { state: one.bob.state }] as const
    expect(isHonestParty(worldWith(...nodes), 0)).toBe(true)
    const twinned = worldWith(...nodes, { state: one.alice.state, honest: false })
    expect([0, 1].map((party) => isHonestParty(twinned, party))).toEqual([false, true])
  })
})
