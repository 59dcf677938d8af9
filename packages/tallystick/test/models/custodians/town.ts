/** Custodians that sign what a test asks for, under a machine of two. */
import type { Terms } from '../../../src/kernel/charter.ts'
import { certificateFrom, type RoundCertificate } from '../../../src/kernel/round-certificate.ts'
import { beginRounds, decisionOf } from '../../../src/kernel/round-state.ts'
import type { Statement } from '../../../src/kernel/statement.ts'
import type { Verdict } from '../../../src/kernel/verdict.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import {
  type CustodianAnchor,
  type CustodianCertificate,
  custodians,
} from '../../../src/models/custodians/certificate.ts'
import {
  type CustodianPolicy,
  custodianTerms,
  policyOf,
} from '../../../src/models/custodians/policy.ts'
import { PEOPLE } from '../../kernel/round-net.ts'
import { castsBy, quorum, vote } from '../../kernel/round-votes.ts'
import { alice, aTerms, engine, sign, signerFrom } from '../../kernel/sample.ts'

export const policy: CustodianPolicy = policyOf(PEOPLE.map(signerFrom))
export const terms: Terms = aTerms({ turn: { is: 'anyone' }, policy: custodianTerms(policy) })

/** Rounds of these signers, of whom these have committed. */
export const roundsOf = (
  of: Transition,
  signers: readonly number[],
  commits: readonly number[] = signers,
): RoundCertificate => {
  const casts = [
    ...castsBy(signers, vote('hold', of)),
    ...castsBy(signers, vote('commit', of, 0, 1)),
  ]
  const decision = decisionOf(quorum, { ...beginRounds(), casts })
  if (!decision) throw new Error('enough have signed')
  const made = certificateFrom(decision)
  return { ...made, commits: made.commits.filter((one) => commits.includes(one.signer)) }
}

export const signedBy = (seat: number, statement: Statement): Uint8Array =>
  sign('classic', PEOPLE[seat] ?? alice, statement)

export const judge = (
  transition: Transition,
  certificate: CustodianCertificate,
  more: { readonly isAcceptance?: boolean; readonly anchor?: { readonly since?: bigint } } = {},
): Verdict<CustodianAnchor> =>
  custodians.judge({
    terms,
    policy,
    anchor: {},
    transition,
    certificate,
    known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
    ...more,
  })
