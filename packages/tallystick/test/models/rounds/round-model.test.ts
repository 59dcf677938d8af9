import { describe, expect, test } from 'vitest'
import { DIRECTORY_ROUNDS } from '../../../src/models/directory/member.ts'
import { modelOf, namedSigner, quorumIn } from '../../../src/models/rounds/round-model.ts'
import { town } from './purse.ts'

const { terms } = town.genesis

describe('models for shared machines', () => {
  test('are found by the kind of the policy', () => {
    expect(modelOf([DIRECTORY_ROUNDS], terms)).toBe(DIRECTORY_ROUNDS)
    expect(quorumIn([DIRECTORY_ROUNDS], terms)?.signers.length).toBe(4)
    expect(quorumIn([], terms)).toBeUndefined()
    const other = { ...terms, policy: { ...terms.policy, kind: 'bilateral' } }
    expect(modelOf([DIRECTORY_ROUNDS], other)).toBeUndefined()
  })

  test('name signers in bytes that read back', () => {
    const [one] = town.policy.operators
    if (!one) throw new Error('there are four')
    expect(namedSigner.decode(namedSigner.encode(one))).toEqual(one)
  })
})
