/**
 * The custodians' policy: named custodians, how many of them make a step firm, and what happens while too many are silent.
 *
 * Promise. Any two certificates under terms that are admitted share more than f custodians, so at least one honest one. Anybody
 * may propose (turn `anyone`), so custodians agree in rounds.
 *
 * Not promised. That a policy is a wise one: `warningsOf` says, as data, what an admitted policy is weak in.
 *
 * | wire | |
 * |---|---|
 * | custodians | list of name, scheme, key |
 * | k, f | u8 each |
 * | escalation | u8 0; or u8 1, u64 milliseconds, list of name, scheme, key, u8 k of the reserve, u8 custodians beside it |
 */
import { bytes, type Codec, list, optional, struct, text, u64, u8 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { NAME_BYTES_MAX, PARTICIPANTS_MAX, PUBLIC_KEY_BYTES_MAX } from '../../base/limits.ts'
import { scheme } from '../../base/suite.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { PolicyTerms, Terms } from '../../kernel/charter.ts'
import { checkQuorum, evenQuorum, type Quorum, type QuorumSigner } from '../../kernel/quorum.ts'
import type { Millis } from '../../kernel/verdict.ts'

export const CUSTODIANS = 'custodians'

/**
 * Who helps out while too few custodians answer: a reserve, named from the start. A step is firm as well with `threshold`
 * of the reserve and `custodians` of the custodians, once so much time has passed since the step before.
 */
export type Escalation = {
  readonly after: Millis
  readonly reserve: readonly QuorumSigner[]
  readonly threshold: number
  readonly custodians: number
}

export type CustodianPolicy = {
  readonly custodians: readonly QuorumSigner[]
  /** k: distinct custodians that make a step firm. */
  readonly threshold: number
  /** f: custodians that may lie without harm. */
  readonly faulty: number
  readonly escalation: Escalation | undefined
}

const signers: Codec<readonly QuorumSigner[]> = list(
  struct<QuorumSigner>({
    name: text(NAME_BYTES_MAX),
    scheme,
    publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
  }),
  PARTICIPANTS_MAX,
)

export const custodianPolicy: Codec<CustodianPolicy> = struct<CustodianPolicy>({
  custodians: signers,
  threshold: u8,
  faulty: u8,
  escalation: optional(
    struct<Escalation>({ after: u64, reserve: signers, threshold: u8, custodians: u8 }),
  ),
})

/** What a charter writes to use this model. */
export const custodianTerms = (policy: CustodianPolicy): PolicyTerms => ({
  kind: CUSTODIANS,
  params: custodianPolicy.encode(policy),
})

/**
 * The policy that these custodians have if nobody says otherwise: as many may lie as can while one may be silent, so three of
 * four. `threshold` asks for another k; f is then the most that k bears.
 */
export const policyOf = (
  custodians: readonly QuorumSigner[],
  threshold: number = Math.max(1, custodians.length - 1),
): CustodianPolicy => ({
  custodians,
  threshold,
  faulty: Math.max(0, 2 * threshold - custodians.length - 1),
  escalation: undefined,
})

export const quorumOf = (policy: CustodianPolicy): Quorum => evenQuorum(policy.custodians, policy)

/** Whether terms can use this model. Returns `custodians/wrong-turn` or a fault of `checkQuorum`. */
export const admitCustodians = (
  terms: Terms,
  policy: CustodianPolicy,
  verifier: Verifier,
): Fault | undefined => {
  // Where one party alone proposes, receipts of a directory are cheaper; in turn, one silent party would stop everybody.
  if (terms.turn.is !== 'anyone') {
    return new Fault('custodians/wrong-turn', `turn "${terms.turn.is}" where anyone belongs`)
  }
  return checkQuorum(terms.suite, quorumOf(policy), verifier)
}

export type PolicyWarning =
  /** One custodian that signs twice can make two children final. */
  | { readonly is: 'one-liar-forks' }
  /** One custodian that is silent stops the machine. */
  | { readonly is: 'one-silent-stops' }
  /** So many liars among those who sign move the attested time as they like, fewer than it takes to fork. */
  | { readonly is: 'time-moved-by'; readonly liars: number }

/** What whoever is asked to agree to a policy should know. */
export const warningsOf = (policy: CustodianPolicy): readonly PolicyWarning[] => {
  const { custodians, threshold, faulty } = policy
  const moved = ((threshold - 1) >> 1) + 1
  return [
    ...(faulty === 0 ? [{ is: 'one-liar-forks' } as const] : []),
    ...(threshold === custodians.length ? [{ is: 'one-silent-stops' } as const] : []),
    ...(moved <= faulty ? [{ is: 'time-moved-by', liars: moved } as const] : []),
  ]
}
