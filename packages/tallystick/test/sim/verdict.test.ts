import { describe, expect, test } from 'vitest'
import type { PartyState } from '../../src/models/bilateral/state.ts'
import { partyCheckers, type PartyWatch } from '../../src/sim/party-watch.ts'
import { partyVerdict } from '../../src/sim/verdict.ts'
import type { World } from '../../src/sim/world.ts'
import { counter, logics } from '../kernel/sample.ts'
import { charter, evidenceOf, newWatch, type NodeWish, pairAfter, worldWith } from './pair-world.ts'

/** Lets the watch see every world, and asks for the verdict on the last. */
const verdictOn = (
  worlds: readonly World<PartyState>[],
  watch: PartyWatch = newWatch(),
): string | undefined => {
  const [last] = worlds.slice(-1)
  for (const world of worlds) for (const one of partyCheckers(watch)) one.check(world)
  return last && partyVerdict(watch, { charter, logics }).check(last)
}

const [two, other] = [pairAfter(1n, 2n), pairAfter(3n)]
const lying = (state: PartyState): NodeWish => ({ state, honest: false })

describe('the second opinion', () => {
  test('agrees with honest parties, also with one that is behind or at the start', () => {
    const { alice, bob } = two
    expect(verdictOn([worldWith({ state: alice.state }, { state: bob.state })])).toBeUndefined()
    const start = pairAfter().bob.state
    expect(verdictOn([worldWith({ state: alice.state }, { state: start })])).toBeUndefined()
  })

  test('objects to a step whose certificate lacks a signature', () => {
    const { history } = two.alice.state
    if (!history) throw new Error('a pair has a step')
    const certificate = history.step.certificate.slice()
    certificate[certificate.length - 1] = (certificate.at(-1) ?? 0) ^ 1
    const state = {
      ...two.alice.state,
      history: { ...history, step: { ...history.step, certificate } },
    }
    expect(verdictOn([worldWith({ state })])).toContain('the file of node 0: invalid')
  })

  test('objects to a party that is elsewhere than its steps lead', () => {
    const state = { ...two.alice.state, history: two.alice.state.history?.before }
    expect(verdictOn([worldWith({ state })])).toContain('ends at 1, the role is elsewhere')
  })

  test('objects to steps that other rules were applied to', () => {
    const strict = new Map([[counter.name, { ...counter, apply: () => [] }]])
    const world = worldWith({ state: two.alice.state })
    const watch = newWatch()
    expect(partyVerdict(watch, { charter, logics: strict }).check(world)).toContain('invalid')
  })

  test('finds the fork in what liars hold between them, and whom it convicts', () => {
    const watch = newWatch()
    const world = worldWith(lying(two.alice.state), lying(other.bob.state))
    expect(verdictOn([world], watch)).toBeUndefined()
    expect(watch.seen.has('fork verified')).toBe(true)
  })

  test('objects when that convicts somebody honest', () => {
    const world = worldWith(lying(two.alice.state), { state: other.bob.state })
    expect(verdictOn([world])).toContain('bob, who is honest')
  })

  test('takes the evidence that a party holds for what it is', () => {
    const [againstAlice] = evidenceOf(pairAfter(1n), other)
    if (!againstAlice) throw new Error('two histories are a fork')
    const holder = { state: { ...two.bob.state, evidence: [againstAlice] } }
    expect(verdictOn([worldWith(lying(two.alice.state), holder)])).toBeUndefined()
    expect(verdictOn([worldWith({ state: two.alice.state }, holder)])).toContain(
      'alice, who is honest',
    )
  })
})
