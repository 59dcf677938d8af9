/**
 * Evidence: two statements of one key that an honest signer never makes both.
 *
 * Safety. Each rule below is the mirror image of one of `vow.ts`, so a signer that keeps its vows is never
 * convicted. Checking needs the two statements, the two signatures and the key, and nothing else: no clock, no network,
 * no charter. Whom the key belongs to is for the charter to say.
 *
 * | kind | what was signed |
 * |---|---|
 * | `fork` | two children of one parent in one round: proposed both, or held or committed to both |
 * | `regress` | children of two different parents at one sequence number of one machine |
 * | `abort-broken` | an abort of a round, and a commit in it |
 * | `lock-broken` | a commit to one child and, in a later round, a hold or commit for another that cites nothing at or after it |
 *
 * Signatures are not compared: two encodings of a signature over one statement are one statement and no fork (attack:
 * a malleable signature offered as a second child).
 */
import type { MachineId, SignerId, TransitionId } from '../base/brand.ts'
import { bytes, type Codec, struct } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { PUBLIC_KEY_BYTES_MAX, SIGNATURE_BYTES_MAX } from '../base/limits.ts'
import { scheme, type SchemeId, suite, type SuiteId } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'
import { signerOf } from './controller.ts'
import { positionOf, type Statement, statement, statementDigest, type Vote } from './statement.ts'
import { transitionId } from './transition.ts'

export type SignedStatement = { readonly statement: Statement; readonly signature: Uint8Array }

export type Evidence = {
  readonly suite: SuiteId
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  readonly first: SignedStatement
  readonly second: SignedStatement
}

export type EvidenceKind = 'fork' | 'regress' | 'abort-broken' | 'lock-broken'

/** Who is convicted of what, where. `children` are the ids of the transitions signed for. */
export type Conviction = {
  /** One of the kernel's kinds, or `model/kind` for what only a model can judge (`Model.convict`). */
  readonly kind: EvidenceKind | `${string}/${string}`
  readonly signer: SignerId
  readonly machine: MachineId
  readonly sequence: bigint
  readonly children: readonly TransitionId[]
}

const signedStatement = struct<SignedStatement>({
  statement,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const evidence: Codec<Evidence> = struct<Evidence>({
  suite,
  scheme,
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
  first: signedStatement,
  second: signedStatement,
})

/**
 * Judges evidence. Returns whom it convicts, or the fault that makes it worthless:
 * `evidence/two-machines`, `evidence/no-conflict`, `evidence/bad-key` or `evidence/bad-signature`.
 */
export const convict = (of: Evidence, verifier: Verifier): Conviction | Fault => {
  const [first, second] = [of.first.statement, of.second.statement]
  if (positionOf(first).machine !== positionOf(second).machine) {
    return new Fault('evidence/two-machines', 'the two statements are about different machines')
  }
  const kind = conflictBetween(of.suite, first, second)
  if (!kind)
    return new Fault('evidence/no-conflict', 'an honest signer could have made both statements')
  if (!verifier.acceptsKey(of.scheme, of.publicKey)) {
    return new Fault('evidence/bad-key', `not a valid ${of.scheme} key`)
  }
  for (const one of [of.first, of.second]) {
    const digest = statementDigest(of.suite, one.statement)
    if (!verifier.verify(of.scheme, of.publicKey, digest, one.signature)) {
      return new Fault('evidence/bad-signature', 'a statement is not signed by the accused key')
    }
  }
  const votes = [first, second].filter((one): one is Vote => one.is === 'vote')
  return {
    kind,
    signer: signerOf(of.suite, of),
    machine: positionOf(first).machine,
    sequence: positionOf(first).sequence,
    children: votes.map((one) => transitionId(of.suite, one.transition)),
  }
}

/** Why no honest signer makes both statements about one machine, if that is so. */
export const conflictBetween = (
  suiteId: SuiteId,
  a: Statement,
  b: Statement,
): EvidenceKind | undefined => {
  const [at, bt] = [positionOf(a), positionOf(b)]
  if (at.machine !== bt.machine || at.sequence !== bt.sequence) return undefined
  if (at.parent !== bt.parent) return a.is === 'vote' && b.is === 'vote' ? 'regress' : undefined
  if (a.is === 'vote' && b.is === 'vote') return conflictOfVotes(suiteId, a, b)
  const vote = a.is === 'vote' ? a : b.is === 'vote' ? b : undefined
  return vote?.phase === 'commit' && a.round === b.round ? 'abort-broken' : undefined
}

const conflictOfVotes = (suiteId: SuiteId, a: Vote, b: Vote): EvidenceKind | undefined => {
  if (transitionId(suiteId, a.transition) === transitionId(suiteId, b.transition)) return undefined
  if (a.round === b.round) {
    const proposed = [a, b].filter((one) => one.phase === 'propose').length
    return proposed === 1 ? undefined : 'fork'
  }
  const [earlier, later] = a.round < b.round ? [a, b] : [b, a]
  if (earlier.phase !== 'commit' || later.phase === 'propose') return undefined
  // `cited` is the round of the held quorum plus one; a bilateral vote cites the round before it, which was aborted.
  return later.cited <= earlier.round ? 'lock-broken' : undefined
}
