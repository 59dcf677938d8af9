/**
 * What signatures of a quorum make of a transition: a verdict, with the time that the signers attest.
 *
 * The attested time is the median, the lower one of an even number. With fewer than half of the signers lying it lies between
 * the times of two honest ones. It is never told as earlier than that of the step before.
 */
import { type Codec, mapped, optional, struct, u64 } from '../../base/codec.ts'
import { missingFrom, type Quorum, undoOf } from '../../kernel/quorum.ts'
import type { Finality, Millis, Verdict } from '../../kernel/verdict.ts'

/** The time attested on the step before, if any was: a step is not firm earlier than the one it builds on. */
export type Since = { readonly since?: Millis }

export const since: Codec<Since> = mapped(
  struct<{ readonly since: Millis | undefined }>({ since: optional(u64) }),
  (read): Since => (read.since === undefined ? {} : { since: read.since }),
  (of) => ({ since: of.since }),
)

/** Of checked signatures, each signer once: final with enough, else pending on those who are missing. */
export const verdictOf = (
  quorum: Quorum,
  anchor: Since,
  signed: readonly { readonly signer: number; readonly time: Millis }[],
): Verdict<Since> => {
  const signers = signed.map((one) => one.signer)
  const missing = missingFrom(quorum, signers)
  if (missing.length > 0) {
    return { is: 'pending', waitingFor: [{ is: 'signers', names: missing }], anchor }
  }
  const attested = laterOf(medianTime(signed), anchor.since)
  const finality: Finality = {
    grade: 'receipted',
    reach: 'anyone',
    vouchers: signers.map((at) => quorum.signers[at]?.name ?? ''),
    undo: undoOf(quorum),
    since: attested,
    clock: 'attested',
  }
  return { is: 'final', finality, anchor: attested === undefined ? {} : { since: attested } }
}

/** The lower median, in milliseconds since 1970; undefined of no times. */
export const medianTime = (of: readonly { readonly time: Millis }[]): Millis | undefined => {
  const times = of.map((one) => one.time).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return times[(times.length - 1) >> 1]
}

const laterOf = (a: Millis | undefined, b: Millis | undefined): Millis | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a
