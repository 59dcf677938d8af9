/**
 * What goes over the socket on which an operator tells news: each frame is one value of these codecs.
 *
 * Promise. Every subscription starts at a cursor and goes on from there without gaps: of a machine it is the lowest sequence
 * number that is still wanted, of an inbox the lowest index. Whoever comes back after a break subscribes with the cursor of
 * what it has, and misses nothing that the operator has kept.
 *
 * | asked | answered |
 * |---|---|
 * | `subscribe` | `step` or `item` for each that is there and for each that comes; `level` once what was there has been told |
 * | `unsubscribe` | nothing more under this id |
 *
 * A certificate that comes after its step was told is told by `certified`. `refused` ends a subscription.
 */
import type { MachineId, SignerId } from '../../base/brand.ts'
import { type Codec, id, literal, struct, text, u32, u64, union } from '../../base/codec.ts'
import { FAULT_BYTES_MAX } from '../../base/limits.ts'
import { inboxItem, type InboxItem } from './inbox.ts'
import { certified, type Certified, keptStep, type KeptStep } from './submission.ts'

export type Topic =
  | { readonly is: 'machine'; readonly machine: MachineId }
  | { readonly is: 'inbox'; readonly device: SignerId }

export type FollowRequest =
  | {
      readonly is: 'subscribe'
      /** Chosen by whoever asks; unique on its socket. */
      readonly id: number
      readonly topic: Topic
      readonly from: bigint
    }
  | { readonly is: 'unsubscribe'; readonly id: number }

export type FollowEvent =
  | { readonly is: 'step'; readonly id: number; readonly step: KeptStep }
  | { readonly is: 'certified'; readonly id: number; readonly certified: Certified }
  | { readonly is: 'item'; readonly id: number; readonly item: InboxItem }
  /** Everything below `next` that the operator has was told. */
  | { readonly is: 'level'; readonly id: number; readonly next: bigint }
  | {
      readonly is: 'refused'
      readonly id: number
      readonly code: string
      readonly text: string
    }

const topic: Codec<Topic> = union<Topic>({
  machine: struct({ is: literal('machine'), machine: id<'machine'>() }),
  inbox: struct({ is: literal('inbox'), device: id<'signer'>() }),
})

export const followRequest: Codec<FollowRequest> = union<FollowRequest>({
  subscribe: struct({ is: literal('subscribe'), id: u32, topic, from: u64 }),
  unsubscribe: struct({ is: literal('unsubscribe'), id: u32 }),
})

export const followEvent: Codec<FollowEvent> = union<FollowEvent>({
  step: struct({ is: literal('step'), id: u32, step: keptStep }),
  certified: struct({ is: literal('certified'), id: u32, certified }),
  item: struct({ is: literal('item'), id: u32, item: inboxItem }),
  level: struct({ is: literal('level'), id: u32, next: u64 }),
  refused: struct({
    is: literal('refused'),
    id: u32,
    code: text(FAULT_BYTES_MAX),
    text: text(FAULT_BYTES_MAX),
  }),
})
