import { describe, expect, test } from 'vitest'
import { u64 } from '../../../src/base/codec.ts'
import { isFault } from '../../../src/base/fault.ts'
import type { Logic } from '../../../src/kernel/logic.ts'
import { createParty } from '../../../src/models/bilateral/party.ts'
import { stepsOf } from '../../../src/models/bilateral/state.ts'
import { counter } from '../../kernel/sample.ts'
import { createPair, draftOf, env, give, refusals, settle, type Side, wish } from './pair.ts'

describe('two honest parties', () => {
  test('agree a step in offer, accept, confirm and ack, and end at one head', () => {
    const pair = createPair()
    wish(pair.alice)
    expect(pair.alice.outbox.map((one) => one.body.is)).toEqual(['offer'])
    settle(pair)
    expect(pair.alice.state.machine.headId).toBe(pair.bob.state.machine.headId)
    expect(pair.alice.state.machine.head.sequence).toBe(1n)
    expect(stepsOf(pair.bob.state)).toEqual(stepsOf(pair.alice.state))
    expect([...refusals(pair.alice), ...refusals(pair.bob)]).toEqual([])
    expect(pair.alice.party.outstanding(pair.alice.state)).toEqual([])
  })

  test('take turns for many steps', () => {
    const pair = createPair()
    for (let step = 0; step < 10; step++) {
      wish(step % 2 === 0 ? pair.alice : pair.bob)
      settle(pair)
    }
    expect(pair.alice.state.machine.head.sequence).toBe(10n)
    expect(pair.bob.state.machine.headId).toBe(pair.alice.state.machine.headId)
  })

  test('request a step when it is the turn of the other', () => {
    const pair = createPair()
    wish(pair.bob)
    expect(pair.bob.outbox.map((one) => one.body.is)).toEqual(['request'])
    settle(pair)
    expect(pair.bob.state.machine.head.sequence).toBe(1n)
    expect(pair.bob.state.machine.headId).toBe(pair.alice.state.machine.headId)
  })
})

describe('a step that claims a time', () => {
  /** A side whose logic says that a step happens so many milliseconds after the clock of these tests. */
  const timed = (side: Side): Side => {
    const logic: Logic = {
      ...counter,
      claims: (argument) => ({ at: env.now + u64.decode(argument), skewMs: 10 }),
    }
    const party = createParty({ ...side.config, logics: new Map([[logic.name, logic]]) })
    if (isFault(party)) throw party
    return { ...side, party }
  }

  test('gets no yes from a side whose clock shows another time, and can be declined', () => {
    const { alice, bob } = createPair()
    const pair = { alice, bob: timed(bob) }
    wish(pair.alice, 10n)
    settle(pair)
    expect(pair.bob.state.machine.head.sequence).toBe(1n)
    // The next is Bob's to propose; Alice asks for it, eleven milliseconds ahead of his clock.
    wish(pair.alice, 11n)
    settle(pair)
    expect(refusals(pair.bob)).toEqual(['claim/off-clock'])
    expect(pair.bob.state.pending?.stage).toBe('asking')
    give(pair.bob, { is: 'decide', interaction: draftOf(pair.bob).id, yes: false })
    settle(pair)
    expect([pair.alice, pair.bob].map((one) => one.state.pending)).toEqual([undefined, undefined])
    expect(pair.bob.state.machine.head.sequence).toBe(1n)
  })
})
