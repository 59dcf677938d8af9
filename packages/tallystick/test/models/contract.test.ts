import { beginRounds, decisionOf } from '../../src/kernel/round-state.ts'
import { certificateFrom } from '../../src/kernel/round-certificate.ts'
import { eraseModel, type Known } from '../../src/kernel/model.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import { bilateral, bilateralCertificate } from '../../src/models/bilateral/certificate.ts'
import { bilateralVote } from '../../src/models/bilateral/evidence.ts'
import { BILATERAL_TERMS } from '../../src/models/bilateral/policy.ts'
import { custodianCertificate, custodians } from '../../src/models/custodians/certificate.ts'
import { custodianTerms, policyOf } from '../../src/models/custodians/policy.ts'
import {
  certificateFrom as certificateOfReceipts,
  directory,
  directoryCertificate,
} from '../../src/models/directory/certificate.ts'
import { receiptVote } from '../../src/models/directory/evidence.ts'
import { directoryTerms } from '../../src/models/directory/policy.ts'
import { PEOPLE } from '../kernel/round-net.ts'
import { A, B, castsBy, vote } from '../kernel/round-votes.ts'
import { quorum } from '../kernel/round-votes.ts'
import { alice, aTerms, bob, engine, type Person, sign, signerFrom } from '../kernel/sample.ts'
import { modelContract } from './contract.ts'

const known: Known = { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) }
const children = { child: A, rival: B, known }

const cosigned = (of: Transition, by: readonly Person[]): Uint8Array =>
  bilateralCertificate.encode({
    round: 0,
    aborts: [],
    signatures: by.map((one) => ({
      party: one === alice ? 0 : 1,
      key: 0,
      signature: sign('classic', one, bilateralVote(of, 0)),
    })),
  })

modelContract('bilateral', () => ({
  ...children,
  model: eraseModel(bilateral),
  terms: aTerms({ policy: BILATERAL_TERMS }),
  notAdmitted: aTerms({ policy: BILATERAL_TERMS, turn: { is: 'anyone' } }),
  byAll: cosigned(A, [alice, bob]),
  byEnough: cosigned(A, [alice, bob]),
  byTooFew: cosigned(A, [bob]),
  rivalCertificate: cosigned(B, [alice, bob]),
  overlap: 2,
}))

const receipted = (of: Transition, operators: readonly number[]): Uint8Array => {
  const receipts = operators.map((operator) => {
    const time = 100n + BigInt(operator)
    const by = PEOPLE[operator] ?? alice
    return { operator, time, signature: sign('classic', by, receiptVote(of, time)) }
  })
  return directoryCertificate.encode(certificateOfReceipts(receipts))
}
const operatorsOf = (threshold: number) =>
  aTerms({
    turn: { is: 'owner', party: 0 },
    policy: directoryTerms({ operators: PEOPLE.map(signerFrom), threshold, faulty: 1 }),
  })

modelContract('directory', () => ({
  ...children,
  model: eraseModel(directory),
  terms: operatorsOf(3),
  notAdmitted: operatorsOf(2),
  byAll: receipted(A, [0, 1, 2, 3]),
  byEnough: receipted(A, [0, 1, 2]),
  byTooFew: receipted(A, [0, 1]),
  rivalCertificate: receipted(B, [1, 2, 3]),
  overlap: 2,
}))

/** Rounds of these signers. With too few commits there is no decision, so one is taken out again. */
const roundsOf = (of: Transition, signers: readonly number[], commits = signers) => {
  const casts = [
    ...castsBy(signers, vote('hold', of)),
    ...castsBy(signers, vote('commit', of, 0, 1)),
  ]
  const decision = decisionOf(quorum, { ...beginRounds(), casts })
  if (!decision) throw new Error('enough have signed')
  const made = certificateFrom(decision)
  return { ...made, commits: made.commits.filter((one) => commits.includes(one.signer)) }
}
const shared = (...of: Parameters<typeof roundsOf>): Uint8Array =>
  directoryCertificate.encode({ is: 'rounds', rounds: roundsOf(...of) })

modelContract('directory, a shared machine', () => ({
  ...children,
  model: eraseModel(directory),
  terms: { ...operatorsOf(3), turn: { is: 'anyone' } },
  notAdmitted: { ...operatorsOf(2), turn: { is: 'anyone' } },
  byAll: shared(A, [0, 1, 2, 3]),
  byEnough: shared(A, [0, 1, 2]),
  byTooFew: shared(A, [0, 1, 2], [0, 1]),
  rivalCertificate: shared(B, [1, 2, 3]),
  overlap: 2,
}))

const decided = (...of: Parameters<typeof roundsOf>): Uint8Array =>
  custodianCertificate.encode({ is: 'rounds', rounds: roundsOf(...of) })
const custodiansOf = (threshold: number) =>
  aTerms({
    turn: { is: 'anyone' },
    policy: custodianTerms(policyOf(PEOPLE.map(signerFrom), threshold)),
  })

modelContract('custodians', () => ({
  ...children,
  model: eraseModel(custodians),
  terms: custodiansOf(3),
  notAdmitted: custodiansOf(2),
  byAll: decided(A, [0, 1, 2, 3]),
  byEnough: decided(A, [0, 1, 2]),
  byTooFew: decided(A, [0, 1, 2], [0, 1]),
  rivalCertificate: decided(B, [1, 2, 3]),
  overlap: 2,
}))
