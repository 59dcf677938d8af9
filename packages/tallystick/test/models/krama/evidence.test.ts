import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { MOI } from '../../../src/base/moi-suite.ts'
import { signerOf } from '../../../src/kernel/controller.ts'
import { transitionId } from '../../../src/kernel/transition.ts'
import {
  type CertifiedLeg,
  convictGuardian,
  kramaEvidence,
  liesAmong,
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

describe('lies among many legs', () => {
  const kindsIn = (...legs: readonly CertifiedLeg[]): readonly string[] =>
    liesAmong(MOI, legs).map(({ first, second }) => convicted(first, second))

  test('are none where an honest guardian sealed, one of them twice', () => {
    const honest = [step('b', 9n), a, next].map((one, at) => under(one, { now: 5n + BigInt(at) }))
    expect(kindsIn(...honest, under(a, { now: 7n }), under(next, { now: 7n }))).toEqual([])
  })

  test('are found in whatever order the legs come, each once for its number', () => {
    const legs = [
      under(next, { now: 900n }),
      under(fork, { now: 900n }),
      under(regress, { now: 900n }),
      under(a, { now: 900n }),
      under(a, { now: 901n }),
    ]
    // Which of the three at one number are held against each other, their order says.
    for (const some of [legs, legs.toReversed()]) {
      expect(kindsIn(...some)).toEqual([
        expect.stringMatching(/^krama\/(?:fork|regress)$/),
        'krama/decreasing-time',
      ])
    }
  })

  test('include a time that went back behind steps between', () => {
    const [early, late] = [under(step('a', 9n), { now: 10n }), under(a, { now: 11n })]
    const between = under(next, { now: 11n })
    expect(kindsIn(early, between, late)).toEqual(['krama/decreasing-time'])
    expect(kindsIn(under(step('a', 9n), { now: 11n }), between, late)).toEqual([])
  })
})
