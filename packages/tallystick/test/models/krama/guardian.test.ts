import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { GUARDIAN_BATCH_MAX } from '../../../src/base/limits.ts'
import { convictGuardian, kramaEvidence } from '../../../src/models/krama/evidence.ts'
import { certified, engine, judge, policy, seal, type SealOptions, step, terms } from './town.ts'

const a = step('a', 1n)
const fork = step('a', 1n, { what: 'other' })
const next = step('a', 2n, { parent: a })

const codeOf = (tesseracts: Parameters<typeof seal>[0], options?: SealOptions): string => {
  const found = faultFrom(() => seal(tesseracts, options))
  return isFault(found) ? found.code : 'sealed'
}

describe('a guardian that seals', () => {
  test('vows for every transition before it signs, and for several steps of one machine in a row', () => {
    const { pledges, certificate } = seal([[a, step('b', 4n)], [next]])
    expect([...pledges.values()].map((one) => one.sequence)).toEqual([2n, 4n])
    expect(judge(a, certificate(0, 0)).is).toBe('final')
    expect(judge(next, certificate(1, 0)).is).toBe('final')
  })

  test('seals no second child of a parent, in one batch or later', () => {
    expect(codeOf([[a], [fork]])).toBe('krama/second-child')
    const { pledges } = seal([[a]])
    expect(codeOf([[fork]], { pledges })).toBe('krama/second-child')
    expect(codeOf([[next]], { pledges })).toBe('sealed')
  })

  test('never goes back to a number that it has vowed beyond', () => {
    const { pledges } = seal([[a], [next]])
    expect(codeOf([[a]], { pledges })).toBe('krama/second-child')
    expect(codeOf([[fork]], { pledges })).toBe('krama/second-child')
  })

  test('seals again what it vowed for, as after a stop before the signature', () => {
    const { pledges, certificate } = seal([[a, step('b', 4n)]])
    const again = seal([[a, step('b', 4n)]], { pledges, now: 1500n, sealedAt: 1000n })
    expect(judge(a, again.certificate(0, 0)).is).toBe('final')
    const [first, second] = [certificate(0, 0), again.certificate(0, 0)].map((one) =>
      certified(a, one),
    )
    if (!first || !second) throw new Error('two')
    const proof = kramaEvidence.encode({ first, second })
    expect(convictGuardian(proof, { terms, policy, verifier: engine })).toMatchObject({
      code: 'evidence/no-conflict',
    })
  })

  test('never seals at an earlier time than before, whatever its clock says', () => {
    expect(seal([[a]], { now: 5n, sealedAt: 9n }).sealed.time).toBe(9n)
    expect(seal([[a]], { now: 9n, sealedAt: 5n }).sealed.time).toBe(9n)
  })

  test('that forgets its vows makes two children final, and is convicted by them', () => {
    const [first, second] = [a, fork].map((of) => {
      const { certificate } = seal([[of]])
      expect(judge(of, certificate(0, 0)).is).toBe('final')
      return certified(of, certificate(0, 0))
    })
    if (!first || !second) throw new Error('two')
    const proof = kramaEvidence.encode({ first, second })
    expect(convictGuardian(proof, { terms, policy, verifier: engine })).toMatchObject([
      { kind: 'krama/fork', machine: a.machine },
    ])
  })

  test('seals some interactions at a time and not too many', () => {
    expect(codeOf([])).toBe('batch/wrong-size')
    expect(codeOf(Array.from({ length: GUARDIAN_BATCH_MAX + 1 }, () => []))).toBe(
      'batch/wrong-size',
    )
  })
})
