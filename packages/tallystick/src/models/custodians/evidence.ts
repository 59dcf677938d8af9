/**
 * Lies of custodians that only this model can recognise. Two statements about children that no honest signer makes both are
 * evidence of the kernel (`kernel/evidence.ts`) and need nothing from here; what takes the machine's rules to recognise is in
 * `rule-evidence.ts`.
 *
 * | kind | what the custodian signed |
 * |---|---|
 * | `custodians/decreasing-time` | commits to two steps of one machine, the later of which attests an earlier time |
 * | `custodians/stale-heartbeat` | a commit, and a heartbeat of a later time that names a step before it as the newest |
 * | `custodians/two-heads` | heartbeats that name two steps of one number, or a later one that names an older step |
 *
 * Safety. Whoever keeps the rules is never convicted. All that a custodian attests comes from one time that never goes back, also
 * not over a restart or when its clock is put back (`models/rounds/member-state.ts`): commits attest that or later, and
 * heartbeats as well. So two commits are in order, and a heartbeat of a later time than a commit was signed after it. It
 * follows one branch and never goes back on it, and signs no heartbeat between its commit and the step that is then
 * certified (`heartbeat.ts`).
 *
 * Checked cheap before dear: form, conflict, key, signatures.
 */
import { equalBytes } from '../../base/bytes.ts'
import { bytes, type Codec, literal, struct, union } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { PUBLIC_KEY_BYTES_MAX, SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import { scheme, type SchemeId, type SuiteId } from '../../base/suite.ts'
import { signerOf } from '../../kernel/controller.ts'
import type { Conviction, SignedStatement } from '../../kernel/evidence.ts'
import type { Accused } from '../../kernel/model.ts'
import { statement, statementDigest, type Vote } from '../../kernel/statement.ts'
import { transitionId } from '../../kernel/transition.ts'
import { type Heartbeat, heartbeat, heartbeatDigest } from './heartbeat.ts'
import { CUSTODIANS, type CustodianPolicy, quorumOf } from './policy.ts'

export type SignedBeat = { readonly beat: Heartbeat; readonly signature: Uint8Array }

export type CustodianLie =
  /** Two commits; which of them is about the later step does not matter. */
  | {
      readonly is: 'decreasing-time'
      readonly first: SignedStatement
      readonly second: SignedStatement
    }
  | { readonly is: 'stale-heartbeat'; readonly commit: SignedStatement; readonly beat: SignedBeat }
  | { readonly is: 'two-heads'; readonly first: SignedBeat; readonly second: SignedBeat }

export type CustodianEvidence = {
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  readonly lie: CustodianLie
}

const signed: Codec<SignedStatement> = struct<SignedStatement>({
  statement,
  signature: bytes(SIGNATURE_BYTES_MAX),
})
const signedBeat: Codec<SignedBeat> = struct<SignedBeat>({
  beat: heartbeat,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const custodianEvidence: Codec<CustodianEvidence> = struct<CustodianEvidence>({
  scheme,
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
  lie: union<CustodianLie>({
    'decreasing-time': struct({ is: literal('decreasing-time'), first: signed, second: signed }),
    'stale-heartbeat': struct({ is: literal('stale-heartbeat'), commit: signed, beat: signedBeat }),
    'two-heads': struct({ is: literal('two-heads'), first: signedBeat, second: signedBeat }),
  }),
})

/**
 * Judges evidence against a custodian that the policy names. Returns whom it convicts, `evidence/unknown-custodian`,
 * `evidence/no-conflict` or `evidence/bad-signature`. Raises decoding faults.
 */
export const convictCustodian = (
  proof: Uint8Array,
  accused: Accused<CustodianPolicy>,
): readonly Conviction[] | Fault => {
  const of = custodianEvidence.decode(proof)
  const { suite } = accused.terms
  if (!isNamed(accused.policy, of)) {
    return new Fault('evidence/unknown-custodian', 'the policy names no such custodian')
  }
  const conflict = conflictIn(suite, of.lie)
  if (!conflict) {
    return new Fault('evidence/no-conflict', 'an honest custodian could have signed both')
  }
  for (const { digest, signature } of signaturesIn(suite, of.lie)) {
    if (accused.verifier.verify(of.scheme, of.publicKey, digest, signature)) continue
    return new Fault('evidence/bad-signature', 'not signed by the accused key')
  }
  return [{ kind: `${CUSTODIANS}/${of.lie.is}`, signer: signerOf(suite, of), ...conflict }]
}

/** Whether a policy names this key, among the custodians or the stand-ins. */
export const isNamed = (
  policy: CustodianPolicy,
  of: Pick<CustodianEvidence, 'scheme' | 'publicKey'>,
): boolean =>
  quorumOf(policy).signers.some(
    (one) => one.scheme === of.scheme && equalBytes(one.publicKey, of.publicKey),
  )

/** Whether no honest custodian says all of it. Signatures are not looked at. */
export const isLie = (suite: SuiteId, lie: CustodianLie): boolean =>
  conflictIn(suite, lie) !== undefined

type Conflict = Pick<Conviction, 'machine' | 'sequence' | 'children'>

/** Where no honest custodian has signed both, if that is so. */
const conflictIn = (suite: SuiteId, lie: CustodianLie): Conflict | undefined => {
  switch (lie.is) {
    case 'decreasing-time':
      return decreasing(suite, lie.first, lie.second)
    case 'stale-heartbeat':
      return stale(suite, lie.commit, lie.beat)
    case 'two-heads':
      return twoHeads(lie.first.beat, lie.second.beat)
  }
}

const decreasing = (
  suite: SuiteId,
  { statement: a }: SignedStatement,
  { statement: b }: SignedStatement,
): Conflict | undefined => {
  if (!isCommit(a) || !isCommit(b)) return undefined
  const [earlier, later] = a.transition.sequence < b.transition.sequence ? [a, b] : [b, a]
  const { machine, sequence } = later.transition
  if (earlier.transition.machine !== machine || earlier.transition.sequence === sequence) {
    return undefined
  }
  if (later.time >= earlier.time) return undefined
  const children = [earlier, later].map((one) => transitionId(suite, one.transition))
  return { machine, sequence, children }
}

const stale = (
  suite: SuiteId,
  { statement: commit }: SignedStatement,
  { beat }: SignedBeat,
): Conflict | undefined => {
  if (!isCommit(commit)) return undefined
  const { machine, sequence } = commit.transition
  if (beat.machine !== machine || beat.time <= commit.time || beat.sequence >= sequence) {
    return undefined
  }
  return { machine, sequence, children: [transitionId(suite, commit.transition), beat.head] }
}

const twoHeads = (a: Heartbeat, b: Heartbeat): Conflict | undefined => {
  const [first, second] = a.time <= b.time ? [a, b] : [b, a]
  const isOther = first.sequence === second.sequence && first.head !== second.head
  const isOlder = first.time < second.time && first.sequence > second.sequence
  if (first.machine !== second.machine || !(isOther || isOlder)) return undefined
  const { machine, sequence } = second
  return { machine, sequence, children: [first.head, second.head] }
}

const isCommit = (of: SignedStatement['statement']): of is Vote =>
  of.is === 'vote' && of.phase === 'commit'

const signaturesIn = (
  suite: SuiteId,
  lie: CustodianLie,
): readonly { readonly digest: Uint8Array; readonly signature: Uint8Array }[] => {
  const said = (of: SignedStatement) => ({
    digest: statementDigest(suite, of.statement),
    signature: of.signature,
  })
  const beaten = (of: SignedBeat) => ({
    digest: heartbeatDigest(suite, of.beat),
    signature: of.signature,
  })
  switch (lie.is) {
    case 'decreasing-time':
      return [said(lie.first), said(lie.second)]
    case 'stale-heartbeat':
      return [said(lie.commit), beaten(lie.beat)]
    case 'two-heads':
      return [beaten(lie.first), beaten(lie.second)]
  }
}
