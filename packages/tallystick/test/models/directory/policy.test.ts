import { describe, expect, test } from 'vitest'
import type { Terms } from '../../../src/kernel/charter.ts'
import { admitDirectory, directoryPolicy, isShared } from '../../../src/models/directory/policy.ts'
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

  test('is admitted where anyone may propose, and refused where parties take turns', () => {
    const anyone: Terms = { ...terms, turn: { is: 'anyone' } }
    expect(admitDirectory(anyone, policy, engine)).toBeUndefined()
    expect([isShared(anyone), isShared(terms)]).toEqual([true, false])
    for (const turn of [{ is: 'alternate' }, { is: 'leader', party: 0 }] as const) {
      expect(admitDirectory({ ...terms, turn }, policy, engine)?.code).toBe('directory/wrong-turn')
    }
  })

  test('reads back as it was written', () => {
    expect(directoryPolicy.decode(directoryPolicy.encode(policy))).toEqual(policy)
  })
})
