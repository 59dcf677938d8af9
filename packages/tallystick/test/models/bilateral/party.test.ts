import { describe, expect, test } from 'vitest'
import { stepsOf } from '../../../src/models/bilateral/state.ts'
import { createPair, refusals, settle, wish } from './pair.ts'

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
