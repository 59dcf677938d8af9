import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { MOI } from '../../../src/base/moi-suite.ts'
import { signerOf } from '../../../src/kernel/controller.ts'
import { transitionId } from '../../../src/kernel/transition.ts'
import {
  type CertifiedLeg,
  convictGuardian,
  kramaEvidence,
  lieIn,
} from '../../../src/models/krama/evidence.ts'
import { certified, engine, guardian, policy, seal, step, terms } from './town.ts'

const a = step('a', 2n)
const fork = step('a', 2n, { what: 'other' })
const regress = step('a', 2n, { parent: step('a', 1n, { what: 'other' }) })
const next = step('a', 3n, { parent: a })

const under = (of: typeof a, options: Parameters<typeof seal>[1] = {}): CertifiedLeg =>
  certified(of, seal([[step('z', 1n)], [of]], options).certificate(1, 0))

const convicted = (first: CertifiedLeg, second: CertifiedLeg): string => {
  const proof = kramaEvidence.encode({ first, second })
  const found = convictGuardian(proof, { terms, policy, verifier: engine })
  return isFault(found) ? found.code : found.map((one) => one.kind).join(' ')
}

describe('evidence against a guardian', () => {
  test('convicts who sealed two children of one parent', () => {
    const proof = kramaEvidence.encode({ first: under(a), second: under(fork) })
    expect(convictGuardian(proof, { terms, policy, verifier: engine })).toEqual([
      {
        kind: 'krama/fork',
        signer: signerOf(MOI, guardian),
        machine: a.machine,
        sequence: 2n,
        children: [a, fork].map((one) => transitionId(MOI, one)),
      },
    ])
  })

  test('convicts who sealed children of two parents at one number', () => {
    expect(convicted(under(a), under(regress))).toBe('krama/regress')
  })

  test('convicts who sealed a later step at an earlier time, in whatever order it is shown', () => {
    const [late, early] = [under(a, { now: 900n }), under(next, { now: 899n })]
    expect(convicted(late, early)).toBe('krama/decreasing-time')
    expect(convicted(early, late)).toBe('krama/decreasing-time')
    expect(convicted(late, under(next, { now: 900n }))).toBe('evidence/no-conflict')
  })

  test('convicts nobody for one child under two seals, nor for steps of two machines', () => {
    expect(convicted(under(a), under(a, { now: 5n }))).toBe('evidence/no-conflict')
    expect(convicted(under(a), under(step('b', 2n)))).toBe('evidence/no-conflict')
  })

  test('convicts nobody by a signature of somebody else', () => {
    expect(convicted(under(a), under(fork, { by: 'stranger' }))).toBe('krama/bad-signature')
    const unsigned = seal([[fork]]).certificate(0, 0)
    const open = certified(fork, { ...unsigned, signatures: [] })
    expect(convicted(under(a), open)).toBe('evidence/bad-signature')
  })

  test('says what is a lie without looking at signatures', () => {
    expect(lieIn(MOI, under(a), under(fork, { by: 'stranger' }))).toBe('fork')
  })

  test('raises what a decoder raises', () => {
    const accused = { terms, policy, verifier: engine }
    const bytes = kramaEvidence.encode({ first: under(a), second: under(fork) })
    expect(isFault(faultFrom(() => convictGuardian(bytes.subarray(1), accused)))).toBe(true)
  })
})
