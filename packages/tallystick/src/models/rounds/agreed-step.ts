/**
 * Certified steps of a shared machine, and the fold over them that everybody who follows the machine makes.
 *
 * Promise. A machine goes on only with a step that its terms have certified and that its logic leads to from the state
 * before. So who has folded the steps holds the same state as everybody else, and needs nobody's word for it.
 *
 * Not promised. That the newest step here is the newest there is.
 */
import { bytes, type Codec, list, struct } from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { CERTIFICATE_BYTES_MAX, SHARED_STEPS_MAX } from '../../base/limits.ts'
import type { Terms } from '../../kernel/charter.ts'
import type { Machine } from '../../kernel/execute.ts'
import { type Attestation, type ErasedJudgement, evidenceBetween } from '../../kernel/model.ts'
import type { Evidence } from '../../kernel/evidence.ts'
import { transition, type Transition, transitionId } from '../../kernel/transition.ts'
import type { Millis, Verdict } from '../../kernel/verdict.ts'
import { candidate, type Candidate, type CandidateOptions, tryCandidate } from './candidate.ts'

export type AgreedStep = {
  readonly transition: Transition
  readonly candidate: Candidate
  readonly certificate: Uint8Array
  /** Of a step that brings new terms, once those who follow have accepted; else empty. */
  readonly accepted: Uint8Array
}

export const agreedStep: Codec<AgreedStep> = struct<AgreedStep>({
  transition,
  candidate,
  certificate: bytes(CERTIFICATE_BYTES_MAX),
  accepted: bytes(CERTIFICATE_BYTES_MAX),
})

/** Certified steps of one machine, in their order. */
export const agreedSteps: Codec<readonly AgreedStep[]> = list(agreedStep, SHARED_STEPS_MAX)

/** A machine as far as somebody has followed it. */
export type Followed = {
  readonly machine: Machine
  /** The time attested on the newest step; missing at the genesis, or where nobody attests one. */
  readonly since: Millis | undefined
  /** What the newest step is certified by, and under which terms; missing where one began to follow. */
  readonly newest: { readonly step: AgreedStep; readonly terms: Terms } | undefined
}

export const beginFollowing = (machine: Machine, since?: Millis): Followed => ({
  machine,
  since,
  newest: undefined,
})

/**
 * What follows after a certified step. Returns `shared/not-next`, `shared/not-certified`, `shared/other-child` or a fault
 * of the certificate or of the step itself. That last one says that a quorum has certified what is not valid.
 */
export const follow = (
  options: CandidateOptions,
  of: Followed,
  step: AgreedStep,
): Followed | Fault => {
  const { machine } = of
  const { suite } = machine.terms
  const place = { machine: machine.id, step: step.transition.sequence }
  if (step.transition.machine !== machine.id || step.transition.parent !== machine.headId) {
    return new Fault('shared/not-next', `the head is step ${machine.head.sequence}`, place)
  }
  const verdict = verdictOn(options, machine.terms, of.since, step)
  if (isFault(verdict)) return verdict.at(place)
  if (verdict.is === 'refused') return verdict.fault.at(place)
  if (verdict.is !== 'final') {
    return new Fault('shared/not-certified', `the step is ${verdict.is}`, place)
  }
  const after = tryCandidate(options, machine, step.candidate)
  if (isFault(after)) return after
  if (after.headId !== transitionId(suite, step.transition)) {
    return new Fault(
      'shared/other-child',
      'the rules lead to another child than is certified',
      place,
    )
  }
  return {
    machine: after,
    since: verdict.finality.since ?? of.since,
    newest: { step, terms: machine.terms },
  }
}

/** Evidence in a certified step against those who signed it and the newest one here, as two children of one parent. */
export const rivalryOf = (
  options: CandidateOptions,
  { newest }: Followed,
  rival: AgreedStep,
): readonly Evidence[] => {
  if (!newest) return []
  const { terms, step } = newest
  const [own, other] = [step, rival].map((one) => transitionId(terms.suite, one.transition))
  if (own === other || rival.transition.sequence !== step.transition.sequence) return []
  return evidenceBetween(
    terms,
    attestationsIn(options, terms, step),
    attestationsIn(options, terms, rival),
  )
}

type Certified = Pick<AgreedStep, 'transition' | 'certificate'>

const attestationsIn = (
  options: CandidateOptions,
  terms: Terms,
  of: Certified,
): readonly Attestation[] => {
  const model = options.models.get(terms.policy.kind)
  return model?.attestations(judgementOf(options, terms, model.begin(terms), of)) ?? []
}

const verdictOn = (
  options: CandidateOptions,
  terms: Terms,
  since: Millis | undefined,
  of: Certified,
): Verdict<Uint8Array> | Fault => {
  const model = options.models.get(terms.policy.kind)
  if (!model) {
    return new Fault('terms/unknown-model', `no model of the kind "${terms.policy.kind}" is known`)
  }
  return laterThan(since, model.judge(judgementOf(options, terms, model.begin(terms), of)))
}

/** No step is firm earlier than the one that it builds on. */
const laterThan = (
  since: Millis | undefined,
  verdict: Verdict<Uint8Array>,
): Verdict<Uint8Array> => {
  if (verdict.is !== 'final' || since === undefined) return verdict
  const own = verdict.finality.since
  return own !== undefined && own > since
    ? verdict
    : { ...verdict, finality: { ...verdict.finality, since } }
}

const judgementOf = (
  { verifier }: CandidateOptions,
  terms: Terms,
  anchor: Uint8Array,
  { transition: of, certificate }: Certified,
): ErasedJudgement => ({
  terms,
  anchor,
  transition: of,
  certificate,
  known: { verifier, now: undefined, read: () => ({ is: 'unknown' }) },
})
