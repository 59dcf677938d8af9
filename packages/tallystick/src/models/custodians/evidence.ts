/**
 * Lies of custodians that only this model can recognise. Two statements about children that no honest signer makes both are
 * evidence of the kernel (`kernel/evidence.ts`) and need nothing from here.
 *
 * | kind | what the custodian signed |
 * |---|---|
 * | `custodians/decreasing-time` | commits to two steps of one machine, the later of which attests an earlier time |
 *
 * Safety. Whoever keeps the rules is never convicted. A custodian attests the later of its clock and the time attested on the
 * step before; its clock never goes back, also not over a restart (`models/rounds`), and the time attested on steps that
 * it follows does not either. So its commits do not, from step to step.
 *
 * Checked cheap before dear: form, conflict, key, signatures.
 */
import { equalBytes } from '../../base/bytes.ts'
import { bytes, type Codec, literal, struct, union } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { PUBLIC_KEY_BYTES_MAX, SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import { scheme } from '../../base/suite.ts'
import type { SchemeId } from '../../base/suite.ts'
import { signerOf } from '../../kernel/controller.ts'
import type { Conviction, SignedStatement } from '../../kernel/evidence.ts'
import type { Accused } from '../../kernel/model.ts'
import { statement, statementDigest, type Vote } from '../../kernel/statement.ts'
import { transitionId } from '../../kernel/transition.ts'
import { CUSTODIANS, type CustodianPolicy } from './policy.ts'

/** Two commits; which of them is about the later step does not matter. */
export type DecreasingTime = {
  readonly is: 'decreasing-time'
  readonly first: SignedStatement
  readonly second: SignedStatement
}

export type CustodianLie = DecreasingTime

export type CustodianEvidence = {
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  readonly lie: CustodianLie
}

const signed: Codec<SignedStatement> = struct<SignedStatement>({
  statement,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const custodianEvidence: Codec<CustodianEvidence> = struct<CustodianEvidence>({
  scheme,
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
  lie: union<CustodianLie>({
    'decreasing-time': struct({ is: literal('decreasing-time'), first: signed, second: signed }),
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
  const { custodians, escalation } = accused.policy
  const isNamed = [...custodians, ...(escalation?.reserve ?? [])].some(
    (one) => one.scheme === of.scheme && equalBytes(one.publicKey, of.publicKey),
  )
  if (!isNamed) {
    return new Fault('evidence/unknown-custodian', 'the policy names no such custodian')
  }
  const [a, b] = [of.lie.first.statement, of.lie.second.statement]
  if (!isCommit(a) || !isCommit(b) || !isDecreasing(a, b)) {
    return new Fault('evidence/no-conflict', 'an honest custodian could have signed both')
  }
  const { suite } = accused.terms
  for (const one of [of.lie.first, of.lie.second]) {
    const digest = statementDigest(suite, one.statement)
    if (!accused.verifier.verify(of.scheme, of.publicKey, digest, one.signature)) {
      return new Fault('evidence/bad-signature', 'not signed by the accused key')
    }
  }
  return [
    {
      kind: `${CUSTODIANS}/decreasing-time`,
      signer: signerOf(suite, of),
      machine: a.transition.machine,
      sequence:
        a.transition.sequence > b.transition.sequence
          ? a.transition.sequence
          : b.transition.sequence,
      children: [a, b].map((one) => transitionId(suite, one.transition)),
    },
  ]
}

const isCommit = (of: SignedStatement['statement']): of is Vote =>
  of.is === 'vote' && of.phase === 'commit'

/** An acceptance is a commit as well, but of the same step as its vote, so it never stands against that one. */
const isDecreasing = (a: Vote, b: Vote): boolean => {
  const [earlier, later] = a.transition.sequence < b.transition.sequence ? [a, b] : [b, a]
  return (
    earlier.transition.machine === later.transition.machine &&
    earlier.transition.sequence < later.transition.sequence &&
    later.time < earlier.time
  )
}
