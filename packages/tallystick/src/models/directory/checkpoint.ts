/**
 * Checkpoints: what an operator signs about its log and its map from time to time.
 *
 * The rule that makes a checkpoint convict. An honest operator
 *
 * 1. has one log and never rewrites it: at one size it has one log root and one map root, that of the entries so far;
 * 2. never lets time go back along its log, neither from entry to entry nor from checkpoint to checkpoint;
 * 3. has in the log and map of a checkpoint with time T every child for which it gave a receipt with a time below T. A
 *    receipt is any vote to commit in round 0 that cites nothing and has a time, so an acceptance of that shape is one.
 *
 * Rule 3 is kept by one clock for receipts and checkpoints: whoever vows after a checkpoint of time T takes at least T as the
 * time of the vow. What was vowed for at T itself may stand before or behind the checkpoint, hence *below*.
 *
 * Safety. Each rule has a kind of evidence against whoever breaks it (`evidence.ts`), and an operator that keeps them is
 * never convicted: its checkpoints are all of one list of entries and in the order of their sizes and times.
 *
 * Not promised. That an operator shows its log to everybody, or at all: who withholds can be named and not convicted.
 *
 * | bytes | field | |
 * |---|---|---|
 * | 0–7 | size | u64, entries of the log |
 * | 8–15 | time | u64, milliseconds since 1970 |
 * | 16–47 | log root | SHA-256 tree of RFC 6962 |
 * | 48–79 | map root | in the suite's hash |
 *
 * What is signed is the hash of these 80 bytes under `tallystick/1 checkpoint` in the operator's suite: the one whose machines
 * its key may certify.
 */
import type { Id } from '../../base/brand.ts'
import { bytes, type Codec, id, struct, u64 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { hash } from '../../base/hash.ts'
import { SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import type { SignerKey } from '../../base/signer.ts'
import type { SuiteId } from '../../base/suite.ts'
import { TAGS } from '../../base/tags.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { MapRoot } from './map.ts'

export type LogRoot = Id<'log-root'>

export type Checkpoint = {
  readonly size: bigint
  /** No receipt with an earlier time is missing. */
  readonly time: bigint
  readonly logRoot: LogRoot
  readonly mapRoot: MapRoot
}

export type SignedCheckpoint = { readonly checkpoint: Checkpoint; readonly signature: Uint8Array }

export const checkpoint: Codec<Checkpoint> = struct<Checkpoint>({
  size: u64,
  time: u64,
  logRoot: id<'log-root'>(),
  mapRoot: id<'map-root'>(),
})

export const signedCheckpoint: Codec<SignedCheckpoint> = struct<SignedCheckpoint>({
  checkpoint,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

/** The 32 bytes that an operator signs; made once for each object, which never changes. */
export const checkpointDigest = (suite: SuiteId, of: Checkpoint): Uint8Array => {
  const known = digests.get(of)
  if (known?.suite === suite) return known.digest
  const digest = hash(suite, TAGS.checkpoint, checkpoint.encode(of))
  digests.set(of, { suite, digest })
  return digest
}

const digests = new WeakMap<Checkpoint, { readonly suite: SuiteId; readonly digest: Uint8Array }>()

/** An operator as far as its log is concerned: its key, and the suite of the machines that it certifies. */
export type LogKey = SignerKey & { readonly suite: SuiteId }

/** `checkpoint/bad-signature` unless the operator has signed it. */
export const checkCheckpoint = (
  by: LogKey,
  of: SignedCheckpoint,
  verifier: Verifier,
): Fault | undefined => {
  const digest = checkpointDigest(by.suite, of.checkpoint)
  return verifier.verify(by.scheme, by.publicKey, digest, of.signature)
    ? undefined
    : new Fault('checkpoint/bad-signature', 'not signed by the named operator')
}

/**
 * Why no honest operator signs both, as far as the two tell by themselves: two stories of one size, or a longer log that
 * is said to be older.
 */
export const splitOf = (a: Checkpoint, b: Checkpoint): 'two-roots' | 'back-in-time' | undefined => {
  if (a.size === b.size) {
    return a.logRoot === b.logRoot && a.mapRoot === b.mapRoot ? undefined : 'two-roots'
  }
  const [shorter, longer] = a.size < b.size ? [a, b] : [b, a]
  return longer.time < shorter.time ? 'back-in-time' : undefined
}
