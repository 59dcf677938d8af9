import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../../src/models/directory/evidence.ts'
import {
  certificateFrom,
  directory,
  directoryCertificate,
  isEnough,
  medianTime,
} from '../../../src/models/directory/certificate.ts'
import { charter, engine, freshOwner, policy, receiptsFor, taken } from './town.ts'

const step = taken(freshOwner(), 'hello')
const receipts = receiptsFor(step, 4)

const judge = (given: readonly Receipt[]) =>
  directory.judge({
    terms: charter.terms,
    policy,
    anchor: {},
    transition: step.machine.head,
    certificate: { receipts: given },
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
      certificate: { receipts: [first, { ...second, time: 7n }] },
      known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
    })
    expect(attested.map((one) => one.name)).toEqual(['operator-0'])
  })
})
