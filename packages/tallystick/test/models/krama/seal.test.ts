import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { MOI } from '../../../src/base/moi-suite.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import {
  certificateUnder,
  checkSeal,
  type KramaCertificate,
  kramaCertificate,
} from '../../../src/models/krama/seal.ts'
import { engine, policy, seal, step, terms } from './town.ts'

const one = [step('a', 1n), step('b', 7n)]
const other = [step('c', 3n)]
const batch = seal([one, other, [step('d', 1n)]])

const check = (transition: Transition | undefined, certificate: KramaCertificate): string => {
  if (!transition) throw new Error('there is one')
  const checked = checkSeal({ terms, policy, transition, certificate, verifier: engine })
  return isFault(checked) ? checked.code : 'good'
}

describe('a certificate with a seal', () => {
  test('holds for each transition at its own place', () => {
    expect(check(one[0], batch.certificate(0, 0))).toBe('good')
    expect(check(one[1], batch.certificate(0, 1))).toBe('good')
    expect(check(other[0], batch.certificate(1, 0))).toBe('good')
  })

  test('holds for none at another place, nor for another child', () => {
    expect(check(one[0], batch.certificate(0, 1))).toBe('krama/bad-signature')
    expect(check(one[0], batch.certificate(1, 0))).toBe('krama/bad-signature')
    expect(check(step('a', 1n, { what: 'that' }), batch.certificate(0, 0))).toBe(
      'krama/bad-signature',
    )
  })

  test('holds with all siblings in their order, and without one of them not', () => {
    const certificate = batch.certificate(0, 0)
    expect(certificate.after.length).toBe(1)
    expect(check(one[0], { ...certificate, after: [] })).toBe('krama/bad-signature')
    const swapped = { ...certificate, before: certificate.after, after: [] }
    expect(check(one[0], swapped)).toBe('krama/bad-signature')
  })

  test('holds at the time that was signed', () => {
    const certificate = batch.certificate(0, 0)
    expect(check(one[0], { ...certificate, time: certificate.time + 1n })).toBe(
      'krama/bad-signature',
    )
  })

  test('is refused with a path that leads nowhere', () => {
    const certificate = batch.certificate(0, 0)
    const { path } = certificate
    const [first] = path.siblings
    const short = { ...path, siblings: path.siblings.slice(1) }
    expect(check(one[0], { ...certificate, path: short })).toBe('batch/wrong-path')
    const long = { ...path, siblings: first ? [...path.siblings, first] : [] }
    expect(check(one[0], { ...certificate, path: long })).toBe('batch/wrong-path')
    expect(check(one[0], { ...certificate, path: { ...path, index: 3 } })).toBe('batch/wrong-place')
  })

  test('counts a guardian once, and nobody whom the policy does not name', () => {
    const certificate = batch.certificate(0, 0)
    const [signature] = certificate.signatures
    if (!signature) throw new Error('one has signed')
    const twice = { ...certificate, signatures: [signature, signature] }
    expect(check(one[0], twice)).toBe('krama/counted-twice')
    const stranger = { ...certificate, signatures: [{ ...signature, guardian: 1 }] }
    expect(check(one[0], stranger)).toBe('krama/unknown-guardian')
    const forged = seal([one], { by: 'stranger' }).certificate(0, 0)
    expect(check(one[0], forged)).toBe('krama/bad-signature')
  })

  test('is made for places that the batch has', () => {
    const place = { tesseract: 3, at: 0 }
    expect(faultFrom(() => certificateUnder(MOI, batch.sealed, place))).toMatchObject({
      code: 'batch/wrong-place',
    })
  })

  test('reads back as it was written', () => {
    const certificate = batch.certificate(0, 1)
    expect(kramaCertificate.decode(kramaCertificate.encode(certificate))).toEqual(certificate)
  })
})
