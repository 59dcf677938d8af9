import { describe, expect, test } from 'vitest'
import type { Terms } from '../../../src/kernel/charter.ts'
import { type Phase, type Statement, statementDigest } from '../../../src/kernel/statement.ts'
import { acceptanceVote } from '../../../src/models/rounds/acceptance.ts'
import { medianTime } from '../../../src/models/rounds/finality.ts'
import type { Receipt } from '../../../src/models/directory/evidence.ts'
import {
  acceptanceFrom,
  certificateFrom,
  directory,
  type DirectoryCertificate,
  directoryCertificate,
  isEnough,
} from '../../../src/models/directory/certificate.ts'
import { charter, engine, freshOwner, operators, policy, receiptsFor, taken } from './town.ts'

const step = taken(freshOwner(), 'hello')
const receipts = receiptsFor(step, 4)

const judge = (given: readonly Receipt[]) =>
  directory.judge({
    terms: charter.terms,
    policy,
    anchor: {},
    transition: step.machine.head,
    certificate: { is: 'receipts', receipts: given },
    known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
  })

const codeOf = (given: readonly Receipt[]): string => {
  const verdict = judge(given)
  return verdict.is === 'refused' ? verdict.fault.code : verdict.is
}

describe('a directory certificate', () => {
  test('is final for anyone with three of four, at the median of their times', () => {
    const verdict = judge(receipts.slice(0, 3))
    expect(verdict).toMatchObject({
      is: 'final',
      finality: { grade: 'receipted', reach: 'anyone', since: 1001n, undo: { atLeast: 2 } },
    })
  })

  test('waits for more with two, and says for whom', () => {
    const verdict = judge(receipts.slice(0, 2))
    expect(verdict.is === 'pending' && verdict.waitingFor).toEqual([
      { is: 'signers', names: ['operator-2', 'operator-3'] },
    ])
  })

  test('does not count one operator twice, however its receipt is dressed', () => {
    const [first, second] = receipts
    if (!first || !second) throw new Error('no receipts')
    expect(codeOf([first, first, second])).toBe('receipt/counted-twice')
    expect(codeOf([second, first])).toBe('receipt/counted-twice')
    expect(isEnough(policy, [first, first, first])).toBe(false)
  })

  test('refuses a signature over another time, and an operator nobody named', () => {
    const [first] = receipts
    if (!first) throw new Error('no receipts')
    expect(codeOf([{ ...first, time: first.time + 1n }])).toBe('receipt/bad-signature')
    expect(codeOf([{ ...first, operator: 7 }])).toBe('receipt/unknown-operator')
  })

  test('is put together in order, each operator once', () => {
    const made = certificateFrom([...receipts].reverse().concat(receipts))
    expect(made.receipts).toEqual(receipts)
    expect(directoryCertificate.decode(directoryCertificate.encode(made))).toEqual(made)
  })

  test('attests the lower median of its times, and none without receipts', () => {
    expect(medianTime(receipts)).toBe(1001n)
    expect(medianTime([])).toBeUndefined()
  })

  test('attests only what is signed', () => {
    const [first, second] = receipts
    if (!first || !second) throw new Error('no receipts')
    const attested = directory.attestations({
      terms: charter.terms,
      policy,
      anchor: {},
      transition: step.machine.head,
      certificate: { is: 'receipts', receipts: [first, { ...second, time: 7n }] },
      known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
    })
    expect(attested.map((one) => one.name)).toEqual(['operator-0'])
  })
})

const shared: Terms = { ...charter.terms, turn: { is: 'anyone' } }
const { head } = step.machine

const signed = (at: number, statement: Statement): Uint8Array =>
  engine.sign(
    'ed25519',
    operators[at]?.secret ?? new Uint8Array(32),
    statementDigest('classic', statement),
  )

const voteOf = (phase: Phase, cited: number, time = 0n): Statement => ({
  is: 'vote',
  transition: head,
  round: 0,
  phase,
  cited,
  time,
})

/** Rounds in which these operators held and committed, at 2000, 2001, … ms. */
const roundsBy = (seats: readonly number[]): DirectoryCertificate => ({
  is: 'rounds',
  rounds: {
    round: 0,
    commits: seats.map((signer) => {
      const time = 2000n + BigInt(signer)
      return { signer, time, signature: signed(signer, voteOf('commit', 1, time)) }
    }),
    links: [
      {
        round: 0,
        cited: 0,
        holds: [0, 1, 2].map((signer) => ({
          signer,
          signature: signed(signer, voteOf('hold', 0)),
        })),
      },
    ],
  },
})

/** Operators that take over, each in its own round. */
const takenOverBy = (seats: readonly number[]): DirectoryCertificate =>
  acceptanceFrom(
    seats.map((operator) => {
      const place = { round: operator, cited: operator, time: 3000n + BigInt(operator) }
      return {
        ...place,
        signer: operator,
        signature: signed(operator, acceptanceVote(head, place)),
      }
    }),
  )

type Judged = Parameters<typeof directory.judge>[0]

const judgeAs = (certificate: DirectoryCertificate, changes: Partial<Judged> = {}) =>
  directory.judge({
    terms: shared,
    policy,
    anchor: {},
    transition: head,
    certificate,
    known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
    ...changes,
  })

const codeAs = (certificate: DirectoryCertificate, changes: Partial<Judged> = {}): string => {
  const verdict = judgeAs(certificate, changes)
  return verdict.is === 'refused' ? verdict.fault.code : verdict.is
}

describe('a certificate of a shared machine', () => {
  test('is rounds of three of four, at the median of the times of their commits', () => {
    expect(judgeAs(roundsBy([0, 1, 2]))).toMatchObject({
      is: 'final',
      finality: {
        grade: 'receipted',
        reach: 'anyone',
        since: 2001n,
        clock: 'attested',
        vouchers: ['operator-0', 'operator-1', 'operator-2'],
        undo: { atLeast: 2 },
      },
      anchor: { since: 2001n },
    })
  })

  test('waits with two commits, and says for whom', () => {
    const verdict = judgeAs(roundsBy([0, 3]))
    expect(verdict.is === 'pending' && verdict.waitingFor).toEqual([
      { is: 'signers', names: ['operator-1', 'operator-2'] },
    ])
  })

  test('is no receipts, as rounds are none of an owned machine', () => {
    const owned = { terms: charter.terms }
    const given = certificateFrom(receipts)
    expect(codeAs(given, owned)).toBe('final')
    expect(codeAs(given)).toBe('directory/other-form')
    expect(codeAs(roundsBy([0, 1, 2]), owned)).toBe('directory/other-form')
  })

  test('is refused where a hold under it is missing', () => {
    const whole = roundsBy([0, 1, 2])
    if (whole.is !== 'rounds') throw new Error('made of rounds')
    const links = whole.rounds.links.map((one) => ({ ...one, holds: one.holds.slice(1) }))
    expect(codeAs({ is: 'rounds', rounds: { ...whole.rounds, links } })).toBe('round/no-quorum')
  })

  test('reads back from its bytes', () => {
    for (const one of [roundsBy([0, 1, 2]), takenOverBy([0, 2])]) {
      expect(directoryCertificate.decode(directoryCertificate.encode(one))).toEqual(one)
    }
  })

  test('is told no earlier than the step before', () => {
    const late = judgeAs(roundsBy([0, 1, 2]), { anchor: { since: 9000n } })
    expect(late).toMatchObject({ finality: { since: 9000n }, anchor: { since: 9000n } })
    const { anchor } = directory
    for (const one of [{}, { since: 9000n }]) {
      expect(anchor.decode(anchor.encode(one))).toEqual(one)
    }
  })
})

describe('taking over', () => {
  test('takes a quorum of those who follow, each in a round that its vows permit', () => {
    const accepting = { isAcceptance: true }
    expect(codeAs(takenOverBy([0, 1, 2]), accepting)).toBe('final')
    expect(codeAs(takenOverBy([0, 1]), accepting)).toBe('pending')
    expect(codeAs(certificateFrom(receipts), accepting)).toBe('final')
    const other = { ...accepting, transition: { ...head, sequence: 9n } }
    expect(codeAs(takenOverBy([0, 1, 2]), other)).toBe('receipt/bad-signature')
  })

  test('makes no step final by itself, and rounds are no way to do it', () => {
    expect(codeAs(takenOverBy([0, 1, 2]))).toBe('directory/other-form')
    expect(codeAs(takenOverBy([0, 1, 2]), { terms: charter.terms })).toBe('directory/other-form')
    expect(codeAs(roundsBy([0, 1, 2]), { isAcceptance: true })).toBe('directory/other-form')
  })

  test('binds: each attests a vote to commit', () => {
    const attested = directory.attestations({
      terms: shared,
      policy,
      anchor: {},
      transition: head,
      certificate: takenOverBy([1, 3]),
      known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
      isAcceptance: true,
    })
    expect(attested.map(({ name, statement }) => [name, statement.round])).toEqual([
      ['operator-1', 1],
      ['operator-3', 3],
    ])
  })
})
