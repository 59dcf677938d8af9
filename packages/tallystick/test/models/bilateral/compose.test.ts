import { describe, expect, test } from 'vitest'
import { CATCHUP_BYTES_MAX, CATCHUP_STEPS_MAX } from '../../../src/base/limits.ts'
import {
  abortBody,
  confirmBody,
  messageFrom,
  offerBody,
  requestBody,
  stepsMessage,
  voteBody,
} from '../../../src/models/bilateral/compose.ts'
import { message, sharedStep } from '../../../src/models/bilateral/message.ts'
import type { PartyState } from '../../../src/models/bilateral/state.ts'
import { createPair, draftOf, give, settle, wish } from './pair.ts'

const stepsAfter = (state: PartyState, after: bigint) => {
  const made = stepsMessage(state, { is: 'steps', after, challenge: undefined, seal: [] })
  if (made.body.is !== 'steps') throw new Error('no steps')
  return made.body
}

describe('a message out of a state', () => {
  test('says who and where its sender is', () => {
    const { alice, bob } = createPair()
    for (const { state } of [alice, bob]) {
      expect(messageFrom(state, { is: 'ack' })).toEqual({
        machine: state.machine.id,
        from: state.party,
        sequence: 0n,
        head: state.machine.headId,
        round: 0,
        body: { is: 'ack' },
      })
    }
  })

  test('offers only what was run, and confirms only what is final', () => {
    const pair = createPair()
    expect(confirmBody(pair.alice.state)).toBeUndefined()
    wish(pair.alice)
    const draft = draftOf(pair.alice)
    expect(offerBody(pair.alice.state, draft)).toMatchObject({ is: 'offer', aborts: [] })
    expect(offerBody(pair.alice.state, { ...draft, next: undefined })).toBeUndefined()
    expect(voteBody('accept', { ...draft, next: undefined }, [])).toBeUndefined()
    expect(requestBody(draft)).toMatchObject({ is: 'request', interaction: draft.interaction })
    settle(pair)
    expect(confirmBody(pair.alice.state)).toMatchObject({ is: 'confirm' })
  })

  test('carries the aborts of the present head', () => {
    const pair = createPair()
    wish(pair.alice)
    give(pair.alice, { is: 'withdraw' })
    expect(abortBody(pair.alice.state)).toMatchObject({ aborts: [{ round: 0, party: 0 }] })
  })
})

describe('an answer to one who is behind', () => {
  const pair = createPair()
  for (let step = 0; step < CATCHUP_STEPS_MAX + 3; step++) {
    wish(step % 2 === 0 ? pair.alice : pair.bob)
    settle(pair)
  }
  const { state } = pair.alice

  test('holds the steps after the one it has, oldest first, and no more than fit', () => {
    const all = stepsAfter(state, 0n).steps
    expect(all.map((one) => one.transition.sequence)).toEqual(
      Array.from({ length: CATCHUP_STEPS_MAX }, (_, at) => BigInt(at + 1)),
    )
    const last = BigInt(CATCHUP_STEPS_MAX + 3)
    expect(stepsAfter(state, last - 2n).steps).toHaveLength(2)
    expect(stepsAfter(state, last).steps).toEqual([])
    expect(stepsAfter(state, last + 5n).steps).toEqual([])
  })

  test('stays within its size, but always holds one step', () => {
    const { history } = state
    if (!history) throw new Error('no steps')
    const attachments = Array.from({ length: 3 }, () => new Uint8Array(1_000_000))
    const large: PartyState = {
      ...state,
      history: {
        step: { ...history.step, attachments },
        before: history.before && {
          step: { ...history.before.step, attachments },
          before: undefined,
        },
      },
    }
    const { steps } = stepsAfter(large, 0n)
    expect(steps).toHaveLength(1)
    const [first] = steps
    if (!first) throw new Error('no step')
    expect(2 * sharedStep.encode(first).length).toBeGreaterThan(CATCHUP_BYTES_MAX)
    expect(() =>
      message.decode(message.encode(messageFrom(large, stepsAfter(large, 0n)))),
    ).not.toThrow()
  })
})
