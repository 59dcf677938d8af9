import { describe, expect, test } from 'vitest'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import type { OwnerInput } from '../../../src/models/directory/owner.ts'
import {
  inputFromRecord,
  lastOwnerVow,
  ownerRecord,
  recordFromInput,
} from '../../../src/models/directory/owner-record.ts'
import { charter, env, freshOwner, genesis, ownerRole, taken, wishOf } from './town.ts'

const there = (input: OwnerInput): OwnerInput =>
  inputFromRecord(ownerRecord.decode(ownerRecord.encode(recordFromInput(input))), STANDARD_LOGICS)

describe('an owner’s inputs', () => {
  test('read back from their bytes', () => {
    const [step] = taken(freshOwner(), 'one').steps
    if (!step?.signature) throw new Error('a signed step')
    const inputs: readonly OwnerInput[] = [
      wishOf('one'),
      { is: 'signed', digest: 'ab'.repeat(32), signature: step.signature },
      { is: 'certified', sequence: 3n, certificate: Uint8Array.of(1) },
      { is: 'adopt', step, beside: [] },
    ]
    for (const input of inputs) expect(there(input)).toEqual(input)
  })

  test('bring a machine that is referred to back as it began', () => {
    const other = { ...charter, network: 'other' }
    const beside = [{ ...genesis(), charter: other }]
    const input = there({ is: 'adopt', step: stepOne(), beside })
    expect(input.is === 'adopt' ? input.beside[0]?.charter : undefined).toEqual(other)
  })

  test('fold to the same state again', () => {
    const state = taken(freshOwner(), 'one')
    const signature = state.steps[0]?.signature ?? new Uint8Array(0)
    const wished = ownerRole.step(freshOwner(), there(wishOf('one')), env())
    const [sign] = ownerRole.outstanding(wished)
    if (sign?.is !== 'sign') throw new Error('a signature is wanted')
    const digest = Buffer.from(sign.digest).toString('hex')
    expect(ownerRole.step(wished, there({ is: 'signed', digest, signature }), env())).toEqual(state)
  })
})

const stepOne = () => {
  const [step] = taken(freshOwner(), 'one').steps
  if (!step) throw new Error('a step')
  return step
}

test('the last vow is that for the newest step, under its parent', () => {
  expect(lastOwnerVow(freshOwner())).toBeUndefined()
  const last = lastOwnerVow(taken(taken(freshOwner(), 'one'), 'two'))
  expect(last?.sequence).toBe(1n)
  expect(last?.vow.phase).toBe('propose')
})
