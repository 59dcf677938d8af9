/**
 * Models: the five ways to answer whether a transition is the only child of its parent.
 *
 * A model is a pure value that judges. How certificates are gathered has nothing in common between models, so there is no
 * `propose` or `submit` here: each model's folder exports its own roles, and a verifier never imports them.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import type { Codec } from '../base/codec.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import type { SchemeId } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'
import type { StateKey } from '../state/keys.ts'
import type { PolicyTerms, Terms } from './charter.ts'
import {
  conflictBetween,
  type Conviction,
  type Evidence,
  type SignedStatement,
} from './evidence.ts'
import type { Transition } from './transition.ts'
import type { Millis, Verdict } from './verdict.ts'

/** A certifier's statement whose signature has been checked, with the key that made it. */
export type Attestation = SignedStatement & {
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  /** What the terms call the certifier. */
  readonly name: string
}

/** What a judgement may look at beside its arguments. It answers from what is proven already, never by guessing. */
export type Known = {
  readonly verifier: Verifier
  /** The time the verifier was told, if any. */
  readonly now: Millis | undefined
  /** A key of a machine's state after a transition, as proven in this run. */
  readonly read: (
    machine: MachineId,
    at: TransitionId,
    key: StateKey,
  ) => { readonly is: 'value'; readonly value: Uint8Array } | { readonly is: 'absent' | 'unknown' }
}

export type Judgement<Policy, Certificate, Anchor> = {
  readonly terms: Terms
  readonly policy: Policy
  readonly anchor: Anchor
  readonly transition: Transition
  readonly certificate: Certificate
  readonly known: Known
  /**
   * Set where the certificate is of those who take over under new terms. They do not say that the transition is the
   * only child, which the old ones have said, but that they go on from it.
   */
  readonly isAcceptance?: boolean
}

export type Model<Policy, Certificate, Anchor> = {
  readonly kind: string
  readonly promises: {
    readonly covers: 'position' | 'prefix' | 'legs'
    readonly clock: 'none' | 'attested'
    /** Whose consent a certificate implies, because they sign it: nobody need ask them twice. */
    readonly impliesConsentOf: 'all' | 'none'
  }
  readonly policy: Codec<Policy>
  readonly certificate: Codec<Certificate>
  readonly anchor: Codec<Anchor>
  /** Whether terms can use this model: do any two quorums share an honest signer, may this turn be used? */
  readonly admit: (terms: Terms, policy: Policy, verifier: Verifier) => Fault | undefined
  readonly begin: (policy: Policy) => Anchor
  /** A function of its arguments (invariant 5). Never throws: a bad certificate is a refusal. */
  readonly judge: (judged: Judgement<Policy, Certificate, Anchor>) => Verdict<Anchor>
  /** Who signed what, signatures checked, each signer once. */
  readonly attestations: (judged: Judgement<Policy, Certificate, Anchor>) => readonly Attestation[]
  /**
   * Judges lies that only this model can recognise, from a proof in its own bytes. Missing where the kernel's kinds of
   * evidence are all there is.
   */
  readonly convict?: (proof: Uint8Array, accused: Accused<Policy>) => readonly Conviction[] | Fault
}

/** Under which terms a model's own evidence is judged. */
export type Accused<Policy> = {
  readonly terms: Terms
  readonly policy: Policy
  readonly verifier: Verifier
}

/** A model with its types closed over, so that models of different kinds sit in one registry and speak bytes. */
export type ErasedModel = {
  readonly kind: string
  readonly promises: Model<never, never, never>['promises']
  readonly admit: (terms: Terms, verifier: Verifier) => Fault | undefined
  readonly begin: (terms: Terms) => Uint8Array
  readonly judge: (judged: ErasedJudgement) => Verdict<Uint8Array>
  readonly attestations: (judged: ErasedJudgement) => readonly Attestation[]
  /** Returns `evidence/unknown-kind` where the model has no kinds of its own. */
  readonly convict: (
    proof: Uint8Array,
    accused: Omit<Accused<never>, 'policy'>,
  ) => readonly Conviction[] | Fault
}

export type ErasedJudgement = Omit<
  Judgement<unknown, unknown, unknown>,
  'policy' | 'anchor' | 'certificate'
> & {
  readonly anchor: Uint8Array
  readonly certificate: Uint8Array
}

export type ModelRegistry = ReadonlyMap<string, ErasedModel>

/** Closes a model over its codecs. Malformed bytes become a refusal with the codec's fault. */
export const eraseModel = <Policy, Certificate, Anchor>(
  model: Model<Policy, Certificate, Anchor>,
): ErasedModel => {
  // Read once for each object, which never changes: one policy decides thousands of steps.
  const policies = new WeakMap<PolicyTerms, Policy>()
  const policyIn = ({ policy: of }: Terms): Policy => {
    const known = policies.get(of)
    if (known !== undefined) return known
    const read = model.policy.decode(of.params)
    policies.set(of, read)
    return read
  }
  const opened = (judged: ErasedJudgement): Judgement<Policy, Certificate, Anchor> => ({
    ...judged,
    policy: policyIn(judged.terms),
    anchor: model.anchor.decode(judged.anchor),
    certificate: model.certificate.decode(judged.certificate),
  })
  return {
    kind: model.kind,
    promises: model.promises,
    admit: (terms, verifier) => {
      const policy = faultFrom(() => policyIn(terms))
      return isFault(policy) ? policy : model.admit(terms, policy, verifier)
    },
    begin: (terms) => model.anchor.encode(model.begin(policyIn(terms))),
    judge: (judged) => {
      const open = faultFrom(() => opened(judged))
      if (isFault(open)) return { is: 'refused', fault: open }
      const verdict = model.judge(open)
      return 'anchor' in verdict
        ? { ...verdict, anchor: model.anchor.encode(verdict.anchor) }
        : verdict
    },
    attestations: (judged) => {
      const open = faultFrom(() => opened(judged))
      return isFault(open) ? [] : model.attestations(open)
    },
    convict: (proof, { terms, verifier }) =>
      faultFrom(() => {
        const policy = policyIn(terms)
        return (
          model.convict?.(proof, { terms, policy, verifier }) ??
          new Fault('evidence/unknown-kind', `${model.kind} has no evidence of its own`)
        )
      }),
  }
}

/**
 * Compares two certificates over different children of one parent: who signed for both?
 * Source of the rule: any two quorums of an admitted policy share a signer, and a signer of both broke a vow.
 */
export const evidenceBetween = (
  terms: Terms,
  first: readonly Attestation[],
  second: readonly Attestation[],
): readonly Evidence[] => {
  const found: Evidence[] = []
  for (const a of first) {
    for (const b of second) {
      if (a.scheme !== b.scheme || !equalBytes(a.publicKey, b.publicKey)) continue
      if (!conflictBetween(terms.suite, a.statement, b.statement)) continue
      found.push({
        suite: terms.suite,
        scheme: a.scheme,
        publicKey: a.publicKey,
        first: { statement: a.statement, signature: a.signature },
        second: { statement: b.statement, signature: b.signature },
      })
    }
  }
  return found
}
