import { describe, expect, test } from 'vitest'
import { bytesFromId } from '../../../src/base/brand.ts'
import { transitionId } from '../../../src/kernel/transition.ts'
import {
  seatAt,
  seatOfSuccessor,
  servedFrom,
  type ServedMachine,
  servedMachine,
  termsAt,
} from '../../../src/models/directory/served.ts'
import { directoryTerms } from '../../../src/models/directory/policy.ts'
import { charter, genesis, operators, policy } from './town.ts'

const keyOf = (at: number): Uint8Array => operators[at]?.publicKey ?? new Uint8Array(32)
const fewer = directoryTerms({ ...policy, operators: policy.operators.slice(1), faulty: 1 })
const step = { ...genesis().head, sequence: 5n }
const after: ServedMachine = {
  ...servedFrom(charter),
  eras: [
    ...servedFrom(charter).eras,
    { from: 6n, terms: { ...charter.terms, policy: fewer }, by: transitionId('classic', step) },
  ],
}

describe('a machine as an operator serves it', () => {
  test('is decided by its charter until its terms change, and step by step by the terms before', () => {
    expect(termsAt(servedFrom(charter), 9n)).toBe(charter.terms)
    expect(termsAt(after, 5n)).toBe(charter.terms)
    expect(termsAt(after, 6n)?.policy).toEqual(fewer)
  })

  test('says nothing of steps before the oldest change that is kept', () => {
    expect(termsAt({ ...after, eras: after.eras.slice(1) }, 5n)).toBeUndefined()
    expect(seatAt({ ...after, eras: after.eras.slice(1) }, 5n, keyOf(0))).toBe(-1)
  })

  test('seats an operator where the terms of the step name it', () => {
    expect([seatAt(after, 5n, keyOf(0)), seatAt(after, 6n, keyOf(0))]).toEqual([0, -1])
    expect([seatAt(after, 5n, keyOf(1)), seatAt(after, 6n, keyOf(1))]).toEqual([1, 0])
    const other = { ...charter, terms: { ...charter.terms, policy: { ...fewer, kind: 'none' } } }
    expect(seatAt(servedFrom(other), 1n, keyOf(1))).toBe(-1)
  })

  test('seats successors at the very step that brought them, and at no other', () => {
    expect(seatOfSuccessor(after, step, keyOf(1))).toBe(0)
    expect(seatOfSuccessor(after, step, keyOf(0))).toBe(-1)
    expect(seatOfSuccessor(after, { ...step, sequence: 4n }, keyOf(1))).toBe(-1)
    expect(seatOfSuccessor(servedFrom(charter), step, keyOf(1))).toBe(-1)
  })

  test('reads back from its bytes', () => {
    expect(servedMachine.decode(servedMachine.encode(after))).toEqual(after)
    expect(bytesFromId(genesis().id).length).toBe(32)
  })
})
