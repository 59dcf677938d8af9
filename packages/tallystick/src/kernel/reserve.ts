/**
 * Reserves: keys that may speak later and are known by their hashes only, with weights and the weight that is enough.
 *
 * An identity has two: the keys that follow at the next rotation, and the ones that may recover it. Nobody who
 * steals the keys in use learns a key of a reserve, and a quantum computer has no public key to begin with.
 *
 * Promise. What is revealed of a reserve is keys that it names, with the weights and the threshold that it names. Part
 * of a reserve may be revealed, so that one lost key of several stops nothing as long as the rest reaches the threshold;
 * that it does is checked where the keys come into use (`checkController`).
 */
import type { Id } from '../base/brand.ts'
import { type Codec, id, list, struct, u32 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { hashId } from '../base/hash.ts'
import { KEYS_MAX } from '../base/limits.ts'
import { type SignerKey, signerKey } from '../base/signer.ts'
import type { SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Controller } from './controller.ts'

/** Hash of a key that is not in use yet. */
export type NextKeyId = Id<'next-key'>

export type ReserveKey = { readonly id: NextKeyId; readonly weight: number }

export type Reserve = {
  readonly keys: readonly ReserveKey[]
  /** Sum of weights that speaks for the reserve. */
  readonly threshold: number
}

export const reserve: Codec<Reserve> = struct<Reserve>({
  keys: list(struct<ReserveKey>({ id: id<'next-key'>(), weight: u32 }), KEYS_MAX),
  threshold: u32,
})

/** What is said of a key that is not in use yet. */
export const nextKeyId = (suite: SuiteId, key: SignerKey): NextKeyId =>
  hashId<'next-key'>(suite, TAGS.nextKey, signerKey.encode(key))

/** The reserve that these keys are. */
export const reserveOf = (suite: SuiteId, of: Controller): Reserve => ({
  keys: of.keys.map((one) => ({ id: nextKeyId(suite, one), weight: one.weight })),
  threshold: of.threshold,
})

/** A reserve of one key. */
export const soleReserve = (key: NextKeyId): Reserve => ({
  keys: [{ id: key, weight: 1 }],
  threshold: 1,
})

/** Checks a reserve by itself. Returns `reserve/key-twice` or `reserve/no-quorum`. */
export const checkReserve = (of: Reserve): Fault | undefined => {
  if (new Set(of.keys.map((one) => one.id)).size !== of.keys.length) {
    return new Fault('reserve/key-twice', 'a key stands twice in one reserve')
  }
  // At most 16 weights of 32 bits: the sum is exact.
  const reachable = of.keys.reduce((sum, one) => sum + one.weight, 0)
  return of.threshold > 0 && reachable >= of.threshold
    ? undefined
    : new Fault('reserve/no-quorum', `weights sum to ${reachable}, threshold is ${of.threshold}`)
}

/** Whether these keys are a part of the reserve, as it was promised. Returns `reserve/not-committed`. */
export const checkReveal = (
  suite: SuiteId,
  promised: Reserve,
  revealed: Controller,
): Fault | undefined => {
  if (revealed.threshold !== promised.threshold) {
    const says = `a threshold of ${revealed.threshold} where ${promised.threshold} was promised`
    return new Fault('reserve/not-committed', says)
  }
  const weights = new Map(promised.keys.map((one) => [one.id, one.weight]))
  const stranger = revealed.keys.find((one) => weights.get(nextKeyId(suite, one)) !== one.weight)
  return stranger
    ? new Fault('reserve/not-committed', 'a key, or its weight, is not the one promised before')
    : undefined
}
