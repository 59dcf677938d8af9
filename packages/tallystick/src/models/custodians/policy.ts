/**
 * The custodians' policy: named custodians, how many of them make a step firm, and what happens while too many are silent.
 *
 * Promise. Any two certificates under terms that are admitted share more than f custodians, or more stand-ins than may lie,
 * so at least one honest signer. Anybody may propose (turn `anyone`), so custodians agree in rounds.
 *
 * Escalation. Silent custodians may have agreed on something already, or still may, and nobody can tell from outside. So no
 * stand-ins can go on without them altogether: each quorum with stand-ins has so many custodians beside it that it shares an
 * honest one with every quorum of custodians, j + k − n > f, and that one keeps its vows. With the largest f that k bears, j
 * is k and stand-ins are of no use; who wants one names more custodians than f asks for, or a smaller f. Four of five with f = 1
 * and stand-ins go on with three. Time has no part in that: it only keeps honest stand-ins out of what
 * custodians can do by themselves, and no certificate is refused because somebody did not wait.
 *
 * Not promised. That a policy is a wise one: `warningsOf` says, as data, what an admitted policy is weak in.
 *
 * | wire | |
 * |---|---|
 * | custodians | list of name, scheme, key |
 * | k, f | u8 each |
 * | escalation | u8 0; or u8 1, u64 milliseconds, list of name, scheme, key, then u8 each: k and f of the stand-ins, custodians beside them |
 */
import { type Codec, list, optional, struct, u64, u8 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { PARTICIPANTS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { PolicyTerms, Terms } from '../../kernel/charter.ts'
import { checkQuorum, evenQuorum, type Quorum, type QuorumSigner } from '../../kernel/quorum.ts'
import type { Millis } from '../../kernel/verdict.ts'
import { namedSigner } from '../rounds/round-model.ts'

export const CUSTODIANS = 'custodians'

/**
 * Who helps out while too few custodians answer: stand-ins, named from the start. A step is firm as well with `threshold`
 * of the stand-ins and `custodians` of the custodians, once so much time has passed since the step before.
 */
export type Escalation = {
  readonly after: Millis
  readonly standIns: readonly QuorumSigner[]
  readonly threshold: number
  /** Stand-ins that may lie without harm. */
  readonly faulty: number
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

const signers: Codec<readonly QuorumSigner[]> = list(namedSigner, PARTICIPANTS_MAX)

export const custodianPolicy: Codec<CustodianPolicy> = struct<CustodianPolicy>({
  custodians: signers,
  threshold: u8,
  faulty: u8,
  escalation: optional(
    struct<Escalation>({
      after: u64,
      standIns: signers,
      threshold: u8,
      faulty: u8,
      custodians: u8,
    }),
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

/** The policy in terms of this kind, read once for each terms. Raises decoding faults. */
export const policyIn = ({ policy }: Pick<Terms, 'policy'>): CustodianPolicy => {
  const known = readings.get(policy.params)
  if (known) return known
  const read = custodianPolicy.decode(policy.params)
  readings.set(policy.params, read)
  return read
}

const readings = new WeakMap<Uint8Array, CustodianPolicy>()

/** Custodians come first among the signers, then the stand-ins. */
export const quorumOf = (policy: CustodianPolicy): Quorum => {
  const known = quorums.get(policy)
  if (known) return known
  const made = madeQuorum(policy)
  quorums.set(policy, made)
  return made
}

const quorums = new WeakMap<CustodianPolicy, Quorum>()

const madeQuorum = (policy: CustodianPolicy): Quorum => {
  const { custodians, escalation } = policy
  const even = evenQuorum(custodians, policy)
  const [main] = even.sets
  if (!escalation || !main) return even
  const { standIns, threshold, faulty } = escalation
  const seats = standIns.map((_, at) => ({ signer: custodians.length + at, weight: 1 }))
  return {
    signers: [...custodians, ...standIns],
    sets: [main],
    instead: [
      { ...main, threshold: escalation.custodians },
      { seats, threshold, faulty },
    ],
  }
}

/**
 * Whether terms can use this model. Returns `custodians/wrong-turn`, `custodians/idle-stand-ins` or a fault of `checkQuorum`.
 */
export const admitCustodians = (
  terms: Terms,
  policy: CustodianPolicy,
  verifier: Verifier,
): Fault | undefined => {
  // Where one party alone proposes, receipts of a directory are cheaper; in turn, one silent party would stop everybody.
  if (terms.turn.is !== 'anyone') {
    return new Fault('custodians/wrong-turn', `turn "${terms.turn.is}" where anyone belongs`)
  }
  const { escalation, threshold } = policy
  if (escalation && escalation.custodians >= threshold) {
    return new Fault(
      'custodians/idle-stand-ins',
      `${escalation.custodians} custodians need no stand-ins`,
    )
  }
  return checkQuorum(terms.suite, quorumOf(policy), verifier)
}

export type PolicyWarning =
  /** One custodian that signs twice can make two children final. */
  | { readonly is: 'one-liar-forks' }
  /** One custodian that is silent stops the machine. */
  | { readonly is: 'one-silent-stops' }
  /** A stand-in that signs twice can make two children final, with custodians that are honest. */
  | { readonly is: 'one-stand-in-forks' }
  /** So many liars among those who sign move the attested time as they like, fewer than it takes to fork. */
  | { readonly is: 'time-moved-by'; readonly liars: number }

/** What whoever is asked to agree to a policy should know. */
export const warningsOf = (policy: CustodianPolicy): readonly PolicyWarning[] => {
  const { custodians, threshold, faulty, escalation } = policy
  const moved = ((threshold - 1) >> 1) + 1
  return [
    ...(faulty === 0 ? [{ is: 'one-liar-forks' } as const] : []),
    ...(threshold === custodians.length ? [{ is: 'one-silent-stops' } as const] : []),
    ...(escalation && escalation.faulty === 0 && escalation.custodians * 2 <= custodians.length
      ? [{ is: 'one-stand-in-forks' } as const]
      : []),
    ...(moved <= faulty ? [{ is: 'time-moved-by', liars: moved } as const] : []),
  ]
}
