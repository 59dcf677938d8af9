import { describe, expect, test } from 'vitest'
import { convict } from '../../../src/kernel/evidence.ts'
import { forkBetween, frozenFault, ownerSigner } from '../../../src/models/directory/freeze.ts'
import { charter, engine, freshOwner, owner, stranger, submissionOf, taken } from './town.ts'

const submitted = (word: string) => submissionOf(taken(freshOwner(), word)).submission
const [left, right] = [submitted('left'), submitted('right')]

describe('two submissions', () => {
  test('are evidence where the owner has signed two children of one parent', () => {
    const evidence = forkBetween(charter, [left, right], engine)
    expect(evidence && convict(evidence, engine)).toMatchObject({ kind: 'fork' })
    expect(evidence?.publicKey).toEqual(owner.publicKey)
  })

  test('are none where they are one, or a stranger has signed', () => {
    expect(forkBetween(charter, [left, left], engine)).toBeUndefined()
    const forged = engine.sign('ed25519', stranger.secret, right.proposal)
    expect(forkBetween(charter, [left, { ...right, proposal: forged }], engine)).toBeUndefined()
  })

  test('are none where they follow one another', () => {
    const both = taken(taken(freshOwner(), 'left'), 'next')
    const pair = [left, submissionOf(both).submission] as const
    expect(forkBetween(charter, pair, engine)).toBeUndefined()
  })
})

describe('a freeze', () => {
  test('stops the convicted key and no other', () => {
    const signer = ownerSigner(charter)
    expect(frozenFault(charter, (one) => one === signer)?.code).toBe('operator/frozen')
    expect(frozenFault(charter, () => false)).toBeUndefined()
  })

  test('concerns nobody where nobody can propose alone', () => {
    const shared = { terms: { ...charter.terms, turn: { is: 'anyone' as const } } }
    expect(ownerSigner(shared)).toBeUndefined()
    expect(frozenFault(shared, () => true)).toBeUndefined()
  })
})
