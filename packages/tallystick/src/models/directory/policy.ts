/**
 * The directory policy: named operators, how many of them make a step firm, and how many may lie.
 *
 * Promise. Any two certificates under terms that are admitted share more than f operators, so at least one honest one.
 * Such terms have an owner who alone proposes, and then one signature of k operators is enough (`owner.ts`,
 * `operator.ts`); or anybody may propose, and then operators agree in rounds (`models/rounds`).
 */
import { bytes, type Codec, list, struct, text, u8 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { NAME_BYTES_MAX, PARTICIPANTS_MAX, PUBLIC_KEY_BYTES_MAX } from '../../base/limits.ts'
import { scheme, type SchemeId } from '../../base/suite.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { PolicyTerms, Terms } from '../../kernel/charter.ts'
import { checkQuorum, evenQuorum, type Quorum } from '../../kernel/quorum.ts'

export const DIRECTORY = 'directory'

export type Operator = {
  readonly name: string
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
}

export type DirectoryPolicy = {
  readonly operators: readonly Operator[]
  /** k: distinct receipts that make a step firm. */
  readonly threshold: number
  /** f: operators that may lie without harm. */
  readonly faulty: number
}

export const operator: Codec<Operator> = struct<Operator>({
  name: text(NAME_BYTES_MAX),
  scheme,
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
})

export const directoryPolicy: Codec<DirectoryPolicy> = struct<DirectoryPolicy>({
  operators: list(operator, PARTICIPANTS_MAX),
  threshold: u8,
  faulty: u8,
})

/** What a charter writes to use this model. */
export const directoryTerms = (policy: DirectoryPolicy): PolicyTerms => ({
  kind: DIRECTORY,
  params: directoryPolicy.encode(policy),
})

/** Made once for each object, which never changes. */
export const quorumOf = (policy: DirectoryPolicy): Quorum => {
  const known = quorums.get(policy)
  if (known !== undefined) return known
  const made = evenQuorum(policy.operators, policy)
  quorums.set(policy, made)
  return made
}

const quorums = new WeakMap<DirectoryPolicy, Quorum>()

/** Whether several may propose: the operators then agree in rounds, as two proposals would split their vows. */
export const isShared = (terms: Pick<Terms, 'turn'>): boolean => terms.turn.is === 'anyone'

/** Whether terms can use this model. Returns `directory/wrong-turn` or a fault of `checkQuorum`. */
export const admitDirectory = (
  terms: Terms,
  policy: DirectoryPolicy,
  verifier: Verifier,
): Fault | undefined => {
  // In turn, one silent party would stop a machine that operators serve so that nobody can.
  if (terms.turn.is !== 'owner' && terms.turn.is !== 'anyone') {
    return new Fault(
      'directory/wrong-turn',
      `turn "${terms.turn.is}" where one owner or anyone belongs`,
    )
  }
  return checkQuorum(terms.suite, quorumOf(policy), verifier)
}
