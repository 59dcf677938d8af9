/**
 * Key heads: how far somebody knows an identity's log, and operators' receipts for it.
 *
 * An operator signs one event for each number of an identity, the first that it sees, with the time at which it saw it.
 * Enough receipts for one head certify it: a second event with that number then gets no quorum unless more than f
 * operators sign twice, which two receipts show.
 *
 * A head is all that a verifier needs who does not keep the log: it holds the root of the device tree, under which a
 * device proves that it belongs (`device-proof.ts`), and the certified time says how old that answer is.
 *
 * | bytes that are signed | |
 * |---|---|
 * | identity, u32 sequence, event, device tree | 100 |
 * | time | u64, milliseconds since 1970 |
 *
 * as H('tallystick/1 key head', those) in the identity's suite.
 *
 * Not promised. That a head is the newest: it was, for those operators, at that time.
 */
import { bytes, type Codec, id, list, struct, u32, u64, u8 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { hash } from '../base/hash.ts'
import { PARTICIPANTS_MAX, SIGNATURE_BYTES_MAX } from '../base/limits.ts'
import { suite, type SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Verifier } from '../base/verifier.ts'
import { type DeviceTreeRoot, deviceTreeRoot } from './device-tree.ts'
import {
  type IdentityId,
  identityOf,
  type KeyEventId,
  keyEventId,
  type SignedKeyEvent,
} from './key-event.ts'
import type { KeyState } from './key-log.ts'
import { type Quorum, reachesQuorum } from './quorum.ts'

export type KeyHead = {
  readonly identity: IdentityId
  readonly sequence: number
  readonly event: KeyEventId
  /** Root of the device tree after the event. */
  readonly tree: DeviceTreeRoot
}

/** An operator's signature on a head and a time. */
export type KeyReceipt = {
  readonly operator: number
  readonly time: bigint
  readonly signature: Uint8Array
}

export type CertifiedKeyHead = {
  readonly suite: SuiteId
  readonly head: KeyHead
  /** In the order of their operators, none twice. */
  readonly receipts: readonly KeyReceipt[]
}

export const keyHead: Codec<KeyHead> = struct<KeyHead>({
  identity: id<'key-event'>(),
  sequence: u32,
  event: id<'key-event'>(),
  tree: id<'device-tree'>(),
})

export const keyReceipt: Codec<KeyReceipt> = struct<KeyReceipt>({
  operator: u8,
  time: u64,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const certifiedKeyHead: Codec<CertifiedKeyHead> = struct<CertifiedKeyHead>({
  suite,
  head: keyHead,
  receipts: list(keyReceipt, PARTICIPANTS_MAX),
})

export const keyHeadOf = (of: KeyState): KeyHead => ({
  identity: of.identity,
  sequence: of.sequence,
  event: of.head,
  tree: deviceTreeRoot(of.devices),
})

/** The head that an event makes. Says nothing about whether the event counts. */
export const keyHeadFrom = ({ event }: SignedKeyEvent): KeyHead => ({
  identity: identityOf(event),
  sequence: event.sequence,
  event: keyEventId(event),
  tree: event.tree,
})

const receiptBody = struct<KeyHead & { readonly time: bigint }>({
  identity: id<'key-event'>(),
  sequence: u32,
  event: id<'key-event'>(),
  tree: id<'device-tree'>(),
  time: u64,
})

/** The 32 bytes that an operator signs. */
export const keyReceiptMessage = (suiteId: SuiteId, of: KeyHead, time: bigint): Uint8Array =>
  hash(suiteId, TAGS.keyHead, receiptBody.encode({ ...of, time }))

/**
 * When a head was certified: the lower median of its receipts' times. Returns `key-head/unknown-operator`,
 * `key-head/counted-twice`, `key-head/too-few` or `key-head/bad-signature`.
 */
export const judgeKeyHead = (
  of: CertifiedKeyHead,
  operators: Quorum,
  verifier: Verifier,
): { readonly time: bigint } | Fault => {
  let last = -1
  for (const { operator } of of.receipts) {
    if (!operators.signers[operator]) {
      return new Fault('key-head/unknown-operator', `no operator ${operator}`)
    }
    if (operator <= last) {
      return new Fault('key-head/counted-twice', `operator ${operator} twice or out of order`)
    }
    last = operator
  }
  if (
    !reachesQuorum(
      operators,
      of.receipts.map((one) => one.operator),
    )
  ) {
    return new Fault('key-head/too-few', `${of.receipts.length} receipts are not enough`)
  }
  const bad = of.receipts.find((one) => !isReceipt(of, one, operators, verifier))
  if (bad) {
    const party = operators.signers[bad.operator]?.name ?? `${bad.operator}`
    return new Fault('key-head/bad-signature', 'not signed by the named operator', { party })
  }
  const times = of.receipts.map((one) => one.time).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return { time: times[(times.length - 1) >> 1] ?? 0n }
}

/** Whether one receipt is its operator's, for whoever gathers them. */
export const isReceipt = (
  of: Pick<CertifiedKeyHead, 'suite' | 'head'>,
  receipt: KeyReceipt,
  operators: Pick<Quorum, 'signers'>,
  verifier: Verifier,
): boolean => {
  const key = operators.signers[receipt.operator]
  if (!key) return false
  const message = keyReceiptMessage(of.suite, of.head, receipt.time)
  return verifier.verify(key.scheme, key.publicKey, message, receipt.signature)
}

/**
 * Whether a log agrees with a head that was remembered or certified: it goes at least as far, and has that event
 * there. Returns `key-head/other-identity`, `key-head/behind` or `key-head/other-branch` (attack: a log whose last
 * events were cut off, or in which a thief's event stands in the place of a certified rotation).
 */
export const checkAgainstHead = (
  log: readonly SignedKeyEvent[],
  known: KeyHead,
): Fault | undefined => {
  const [first] = log
  if (!first || identityOf(first.event) !== known.identity) {
    return new Fault('key-head/other-identity', 'the log is of another identity')
  }
  const there = log[known.sequence]
  if (!there) {
    const says = `the log has ${log.length} events, and event ${known.sequence} is known`
    return new Fault('key-head/behind', says)
  }
  return keyEventId(there.event) === known.event
    ? undefined
    : new Fault('key-head/other-branch', `event ${known.sequence} is not the one that is known`)
}
