/**
 * Changes of terms, as an operator learns of them: how one set of certifiers hands a live machine to another.
 *
 * Promise. Terms come into force only by a step that changes them, that every participant has consented to and that the
 * terms before it have certified, whoever hands it over. So a minority of the old operators changes nothing, and a
 * minority of the new ones takes nothing over, as `verify` wants a quorum of them to accept the step as well. An
 * operator that is named only by new terms needs the charter and the steps that changed terms, and no history.
 *
 * Liveness. Once the old terms have certified a change there is no way back: the old operators sign no later step, and
 * the new ones have to accept. So ask them first; until a quorum of them has accepted the machine waits for them.
 *
 * Not promised. That the step's state follows from its operations: an operator of owned machines runs no logic. The new
 * terms are read from the interaction, which the header names.
 */
import { bytes, type Codec, list, struct } from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { CERTIFICATE_BYTES_MAX, ERAS_MAX } from '../../base/limits.ts'
import { type Charter, charter, type Terms, terms } from '../../kernel/charter.ts'
import { checkConsent, consentsOf } from '../../kernel/consent.ts'
import { AMEND } from '../../kernel/interaction.ts'
import { transitionId } from '../../kernel/transition.ts'
import { checkNextTerms, modelFor, type TermsOptions } from '../rounds/next-terms.ts'
import { type Era, type ServedMachine, termsAt } from './served.ts'
import { checkBody, proposalCheck, type Submission, submission } from './submission.ts'

/** A step that changes terms, with its certificate under the terms that it ends. */
export type Amendment = {
  /** The proposal is empty where nobody proposes alone. */
  readonly step: Submission
  readonly certificate: Uint8Array
}

export const amendment: Codec<Amendment> = struct<Amendment>({
  step: submission,
  certificate: bytes(CERTIFICATE_BYTES_MAX),
})

/**
 * The machine with a change of terms that came into force; the same again for one that is known. Cheap before dear: what
 * the step says, who agreed, what certifies it. Returns `terms/out-of-order`, `terms/not-changed`,
 * `terms/unknown-model`, `terms/not-certified`, a fault of the amendment or of its certificate.
 */
export const withAmendment = (
  options: TermsOptions,
  of: ServedMachine,
  given: Amendment,
): ServedMachine | Fault => {
  const { transition } = given.step
  const place = { machine: transition.machine, step: transition.sequence }
  const old = of.eras.at(-1)
  const before = old && termsAt(of, transition.sequence)
  if (!old || !before) return new Fault('terms/out-of-order', 'older than what is kept', place)
  const by = transitionId(before.suite, transition)
  if (of.eras.some((one) => one.by === by)) return of
  if (before !== old.terms) {
    return new Fault('terms/out-of-order', `the terms from step ${old.from} on are known`, place)
  }
  const next = faultFrom(() => checkAmendment(options, of, given))
  if (isFault(next)) return next.at(place)
  const era: Era = { from: transition.sequence + 1n, terms: next, by }
  return { ...of, eras: [...of.eras, era].slice(-ERAS_MAX) }
}

/** The terms that a step brings, if it holds. */
const checkAmendment = (
  options: TermsOptions,
  of: ServedMachine,
  { step, certificate }: Amendment,
): Terms | Fault => {
  const body = checkBody(of, step)
  if (isFault(body)) return body
  const argument = step.interaction.operations.findLast(
    (one) => one.logic === AMEND && one.machine === step.transition.machine,
  )?.argument
  if (!argument) return new Fault('terms/not-changed', 'the step leaves the terms as they are')
  const next = terms.decode(argument)
  const unfit = checkNextTerms(options, body, next) ?? checkAgreed(options, body, step)
  if (unfit) return unfit
  const model = modelFor(options, body)
  if (isFault(model)) return model
  const verdict = model.judge({
    terms: body,
    anchor: model.begin(body),
    transition: step.transition,
    certificate,
    known: {
      verifier: options.verifier,
      now: undefined,
      read: () => ({ is: 'unknown' }),
    },
  })
  if (verdict.is === 'refused') return verdict.fault
  if (verdict.is === 'final') return next
  return new Fault('terms/not-certified', `the change of terms is ${verdict.is}`)
}

/** Every participant has consented, the owner perhaps by its proposal (attack: operators change terms by themselves). */
const checkAgreed = (options: TermsOptions, old: Terms, step: Submission): Fault | undefined => {
  const { machine, interaction } = step.transition
  for (const one of step.consents) {
    const fault = checkConsent(old, interaction, one, options.verifier)
    if (fault) return fault
  }
  if (options.models.get(old.policy.kind)?.promises.impliesConsentOf === 'all') return undefined
  const check = proposalCheck({ terms: old }, step)
  const { verifier } = options
  const isProposed =
    check && verifier.verify(check.scheme, check.publicKey, check.digest, step.proposal)
  const owner = isProposed && old.turn.is === 'owner' ? old.turn.party : undefined
  const consented = consentsOf(old, machine, step.consents)
  const missing = old.participants.find((_, party) => party !== owner && !consented(party))
  return (
    missing &&
    new Fault('amend/no-consent', 'a participant has not consented', { party: missing.name })
  )
}

/** How an operator is told of a machine whose terms have changed: from the charter on, change by change. */
export type Amendments = { readonly charter: Charter; readonly changes: readonly Amendment[] }

export const amendments: Codec<Amendments> = struct<Amendments>({
  charter,
  changes: list(amendment, ERAS_MAX),
})
