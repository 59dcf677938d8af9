/**
 * Heartbeats: what custodians sign from time to time about the newest step that they know.
 *
 * Promise. A custodian signs no heartbeat while it has committed to a child of the step it would name. So where a quorum has
 * signed heartbeats for one step, none of its children was certified at the earliest of their times, as the signers' clocks had it:
 * a quorum of commits shares an honest signer with the quorum of heartbeats.
 *
 * Not promised. That no child has been certified since. A reader says how old a quorum of heartbeats may be (`freshnessOf`);
 * beyond that, or while too few have signed, there may be newer steps: `stale-possible`. Relays and what they show
 * newest have no say in it.
 *
 * | heartbeat | bytes |
 * |---|---|
 * | machine | 32 |
 * | head | 32 |
 * | sequence of the head | u64 |
 * | time | u64 |
 */
import type { MachineId, TransitionId } from '../../base/brand.ts'
import { bytes, type Codec, id, struct, u32, u64 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { hash } from '../../base/hash.ts'
import { SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import type { SuiteId } from '../../base/suite.ts'
import { TAGS } from '../../base/tags.ts'
import type { Verifier } from '../../base/verifier.ts'
import { missingFrom, type Quorum } from '../../kernel/quorum.ts'
import type { Millis } from '../../kernel/verdict.ts'

export type Heartbeat = {
  readonly machine: MachineId
  readonly head: TransitionId
  readonly sequence: bigint
  readonly time: Millis
}

/** `signer` is the position among the signers of the terms in force. */
export type SignedHeartbeat = {
  readonly signer: number
  readonly beat: Heartbeat
  readonly signature: Uint8Array
}

export const heartbeat: Codec<Heartbeat> = struct<Heartbeat>({
  machine: id<'machine'>(),
  head: id<'transition'>(),
  sequence: u64,
  time: u64,
})

export const signedHeartbeat: Codec<SignedHeartbeat> = struct<SignedHeartbeat>({
  signer: u32,
  beat: heartbeat,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const heartbeatDigest = (suite: SuiteId, of: Heartbeat): Uint8Array =>
  hash(suite, TAGS.heartbeat, heartbeat.encode(of))

/** Returns `heartbeat/unknown-signer` or `heartbeat/bad-signature`. */
export const checkHeartbeat = (
  suite: SuiteId,
  quorum: Quorum,
  of: SignedHeartbeat,
  verifier: Verifier,
): Fault | undefined => {
  const by = quorum.signers[of.signer]
  if (!by) return new Fault('heartbeat/unknown-signer', `there is no signer ${of.signer}`)
  const digest = heartbeatDigest(suite, of.beat)
  return verifier.verify(by.scheme, by.publicKey, digest, of.signature)
    ? undefined
    : new Fault('heartbeat/bad-signature', 'not signed by the signer it names', { party: by.name })
}

export type Freshness =
  /** No child was certified at this time. */
  | { readonly is: 'fresh'; readonly at: Millis }
  /** Whose heartbeats are missing or too old. */
  | { readonly is: 'stale-possible'; readonly missing: readonly string[] }

/** What heartbeats, each checked, say of a head that is held to be the newest. */
export const freshnessOf = (
  quorum: Quorum,
  head: Pick<Heartbeat, 'machine' | 'head'>,
  beats: readonly SignedHeartbeat[],
  limit: { readonly now: Millis; readonly ageMs: Millis },
): Freshness => {
  const young = beats.filter(
    ({ beat }) =>
      beat.machine === head.machine &&
      beat.head === head.head &&
      beat.time + limit.ageMs >= limit.now &&
      // A time that is still to come says nothing about now.
      beat.time <= limit.now + limit.ageMs,
  )
  const missing = missingFrom(
    quorum,
    young.map((one) => one.signer),
  )
  if (missing.length > 0) return { is: 'stale-possible', missing }
  const times = young.map(({ beat }) => beat.time)
  return { is: 'fresh', at: times.reduce((a, b) => (a < b ? a : b)) }
}
