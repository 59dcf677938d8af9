import { describe, expect, test } from 'vitest'
import type { Transition } from '../../../src/kernel/transition.ts'
import {
  type CustodianCertificate,
  custodianAcceptance,
  custodianCertificate,
} from '../../../src/models/custodians/certificate.ts'
import { type Acceptance, acceptanceVote } from '../../../src/models/rounds/acceptance.ts'
import { A, B } from '../../kernel/round-votes.ts'
import { judge, roundsOf, signedBy } from './town.ts'

const rounds = (...of: Parameters<typeof roundsOf>): CustodianCertificate => ({
  is: 'rounds',
  rounds: roundsOf(...of),
})

const acceptance = (signer: number, of: Transition = A): Acceptance => {
  const place = { round: signer, cited: signer, time: 500n + BigInt(signer) }
  return { ...place, signer, signature: signedBy(signer, acceptanceVote(of, place)) }
}

const codeOf = (...of: Parameters<typeof judge>): string => {
  const verdict = judge(...of)
  return verdict.is === 'refused' ? verdict.fault.code : verdict.is
}

describe("a custodians' certificate", () => {
  test('is final for anyone with three of four commits, and tells how many would have to lie', () => {
    expect(judge(A, rounds(A, [0, 1, 2]))).toMatchObject({
      is: 'final',
      finality: { grade: 'receipted', reach: 'anyone', clock: 'attested', undo: { atLeast: 2 } },
    })
  })

  test('waits for one of the two others with two commits', () => {
    const verdict = judge(A, rounds(A, [0, 1, 2], [0, 1]))
    expect(verdict.is === 'pending' && verdict.waitingFor[0]).toMatchObject({ is: 'signers' })
  })

  test('is refused for another child than was signed for', () => {
    expect(codeOf(B, rounds(A, [0, 1, 2]))).toBe('cast/bad-signature')
  })

  test('is never firm earlier than the step before', () => {
    const late = judge(A, rounds(A, [0, 1, 2]), { anchor: { since: 10n ** 15n } })
    expect(late.is === 'final' && late.finality.since).toBe(10n ** 15n)
  })

  test('has one form for steps and another for taking over', () => {
    const taken = custodianAcceptance([2, 0, 1, 1].map((one) => acceptance(one)))
    expect(codeOf(A, taken, { isAcceptance: true })).toBe('final')
    expect(codeOf(A, taken)).toBe('custodians/other-form')
    expect(codeOf(A, rounds(A, [0, 1, 2]), { isAcceptance: true })).toBe('custodians/other-form')
  })

  test('does not count one custodian twice, nor one that nobody named, nor a signature over another place', () => {
    const [one, other] = [acceptance(0), acceptance(1)]
    const taking = (acceptances: readonly Acceptance[]): string =>
      codeOf(A, { is: 'acceptances', acceptances }, { isAcceptance: true })
    expect(taking([one, one, other])).toBe('round/unordered')
    expect(taking([one, { ...other, signer: 9 }])).toBe('cast/unknown-signer')
    expect(taking([one, { ...other, cited: 0 }])).toBe('cast/bad-signature')
    expect(taking([one, other])).toBe('pending')
  })

  test('reads back as it was written', () => {
    for (const one of [rounds(A, [1, 2, 3]), custodianAcceptance([acceptance(3)])]) {
      expect(custodianCertificate.decode(custodianCertificate.encode(one))).toEqual(one)
    }
  })
})
