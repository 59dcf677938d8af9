import { describe, expect, test } from 'vitest'
import { eraseModel } from '../../../src/kernel/model.ts'
import { krama } from '../../../src/models/krama/certificate.ts'
import { kramaCertificate } from '../../../src/models/krama/seal.ts'
import { guardian, judge, judgement, policy, seal, step, terms } from './town.ts'

const a = step('a', 1n)
const { certificate } = seal([[a, step('b', 1n)]])

describe('a certificate of KRAMA', () => {
  test('is final for anyone, and says that one guardian could undo it', () => {
    expect(judge(a, certificate(0, 0))).toEqual({
      is: 'final',
      anchor: { since: 1000n },
      finality: {
        grade: 'receipted',
        reach: 'anyone',
        vouchers: ['guardian'],
        undo: { atLeast: 1, of: ['guardian'] },
        since: 1000n,
        clock: 'attested',
      },
    })
  })

  test('waits for the guardian without a signature', () => {
    const verdict = judge(a, { ...certificate(0, 0), signatures: [] })
    expect(verdict).toMatchObject({ is: 'pending', waitingFor: [{ names: ['guardian'] }] })
  })

  test('is refused with a signature of anybody else', () => {
    const verdict = judge(a, seal([[a]], { by: 'stranger' }).certificate(0, 0))
    expect(verdict.is === 'refused' && verdict.fault.code).toBe('krama/bad-signature')
    expect(verdict.is === 'refused' && verdict.fault.place).toMatchObject({ step: 1n })
  })

  test('is never firm earlier than the step before', () => {
    const verdict = judge(a, certificate(0, 0), { anchor: { since: 2000n } })
    expect(verdict.is === 'final' && verdict.finality.since).toBe(2000n)
  })

  test('is called certified only where no guardian alone could have decided', () => {
    const names = ['guardian', 'second', 'third', 'fourth']
    const guardians = names.map((name) => ({ ...guardian, name }))
    const set = { name: 'behaviour', seats: [0, 1, 2, 3], threshold: 3, faulty: 1 }
    const signatures = [0, 1, 2].flatMap((one) =>
      certificate(0, 0).signatures.map((by) => ({ ...by, guardian: one })),
    )
    const verdict = judge(
      a,
      { ...certificate(0, 0), signatures },
      { policy: { guardians, sets: [set] } },
    )
    expect(verdict.is === 'final' && verdict.finality.grade).toBe('certified')
    expect(verdict.is === 'final' && verdict.finality.undo.atLeast).toBe(2)
  })

  test('tells who signed what, and nothing where a signature is bad', () => {
    expect(krama.attestations(judgement(a, certificate(0, 0)))).toMatchObject([
      { name: 'guardian', statement: { is: 'vote', phase: 'commit', transition: a, time: 1000n } },
    ])
    const forged = seal([[a]], { by: 'stranger' }).certificate(0, 0)
    expect(krama.attestations(judgement(a, forged))).toEqual([])
  })

  test('is judged from bytes as well, and malformed ones are a refusal', () => {
    const erased = eraseModel(krama)
    const judged = {
      ...judgement(a, certificate(0, 0)),
      anchor: erased.begin(terms),
      certificate: kramaCertificate.encode(certificate(0, 0)),
    }
    expect(erased.judge(judged).is).toBe('final')
    expect(erased.judge({ ...judged, certificate: new Uint8Array(3) }).is).toBe('refused')
    expect(policy.guardians.length).toBe(1)
  })
})
