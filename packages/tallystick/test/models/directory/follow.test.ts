import { describe, expect, test } from 'vitest'
import {
  followEvent,
  type FollowEvent,
  followRequest,
  type FollowRequest,
} from '../../../src/models/directory/follow.ts'
import { signerId } from '../../../src/base/signer.ts'
import { freshOwner, genesis, owner, receiptsFor, taken } from './town.ts'

const device = signerId('classic', 'ed25519', owner.publicKey)
const state = taken(freshOwner(), 'one')
const [step] = state.steps
const [receipt] = receiptsFor(state, 1)
if (!step?.signature || !receipt) throw new Error('there is a signed step with a receipt')
const machine = genesis().id
const certificate = new Uint8Array([1])
const submission = {
  transition: step.transition,
  parent: genesis().head,
  interaction: step.interaction,
  consents: [],
  proposal: step.signature,
}

describe('frames', () => {
  test.each<FollowRequest>([
    { is: 'subscribe', id: 1, topic: { is: 'machine', machine }, from: 0n },
    { is: 'subscribe', id: 2, topic: { is: 'inbox', device }, from: 7n },
    { is: 'unsubscribe', id: 2 },
  ])('that ask read back: $is $id', (one) => {
    expect(followRequest.decode(followRequest.encode(one))).toEqual(one)
  })

  test.each<FollowEvent>([
    { is: 'step', id: 1, step: { submission, receipt, certificate } },
    { is: 'certified', id: 1, certified: { machine, sequence: 1n, certificate } },
    { is: 'item', id: 2, item: { index: 7n, time: 1n, item: certificate } },
    { is: 'level', id: 2, next: 8n },
    { is: 'refused', id: 3, code: 'follow/too-many', text: 'no more' },
  ])('that tell read back: $is', (one) => {
    expect(followEvent.decode(followEvent.encode(one))).toEqual(one)
  })
})
