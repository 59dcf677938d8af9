import { describe, expect, test } from 'vitest'
import { admitDirectory, directoryPolicy } from '../../../src/models/directory/policy.ts'
import { charter, engine, policy } from './town.ts'

const { terms } = charter

describe('a directory policy', () => {
  test('is admitted when any two quorums share more than f operators', () => {
    expect(admitDirectory(terms, policy, engine)).toBeUndefined()
  })

  test('is refused when two quorums may share liars only', () => {
    const weak = admitDirectory(terms, { ...policy, threshold: 2 }, engine)
    expect(weak?.code).toBe('quorum/too-weak')
  })

  test('is refused on a machine where others may propose as well', () => {
    const shared = admitDirectory({ ...terms, turn: { is: 'anyone' } }, policy, engine)
    expect(shared?.code).toBe('directory/wrong-turn')
  })

  test('reads back as it was written', () => {
    expect(directoryPolicy.decode(directoryPolicy.encode(policy))).toEqual(policy)
  })
})
