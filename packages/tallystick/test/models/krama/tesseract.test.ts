import { describe, expect, test } from 'vitest'
import { equalBytes, hexFromBytes } from '../../../src/base/bytes.ts'
import { faultFrom } from '../../../src/base/fault.ts'
import { hash } from '../../../src/base/hash.ts'
import { MOI } from '../../../src/base/moi-suite.ts'
import { TAGS } from '../../../src/base/tags.ts'
import { transitionId } from '../../../src/kernel/transition.ts'
import {
  tesseractBytes,
  tesseractOf,
  rootOfTesseracts,
  kramaSealDigest,
  sealed,
} from '../../../src/models/krama/tesseract.ts'
import { seal, step } from './town.ts'

const [a, b, c] = ['a', 'b', 'c'].map((name) => transitionId(MOI, step(name, 1n)))
if (!a || !b || !c) throw new Error('three transitions')

describe('a tesseract', () => {
  test('covers each transition and their order', () => {
    const tesseracts = [[a, b], [b, a], [a], [a, b, c], []].map((one) => tesseractOf(MOI, one))
    expect(new Set(tesseracts).size).toBe(5)
  })

  test('is one of a batch under the root that is signed', () => {
    const tesseracts = [[a, b], [c]]
    expect(hexFromBytes(tesseractBytes(MOI, tesseracts))).toBe(
      tesseracts.map((one) => tesseractOf(MOI, one)).join(''),
    )
    expect(
      equalBytes(rootOfTesseracts(MOI, tesseracts), rootOfTesseracts(MOI, [[c], [a, b]])),
    ).toBe(false)
    expect(faultFrom(() => rootOfTesseracts(MOI, []))).toMatchObject({ code: 'batch/wrong-size' })
  })
})

describe('a seal', () => {
  test('signs the root and the time', () => {
    const root = rootOfTesseracts(MOI, [[a]])
    const digest = kramaSealDigest(MOI, { root, time: 7n })
    expect(digest).toEqual(hash(MOI, TAGS.seal, Uint8Array.of(...root, 7, 0, 0, 0, 0, 0, 0, 0)))
    expect(equalBytes(kramaSealDigest(MOI, { root, time: 8n }), digest)).toBe(false)
  })

  test('reads back as it was written', () => {
    const { sealed: of } = seal([[step('a', 1n), step('b', 1n)], [step('c', 4n)]])
    expect(sealed.decode(sealed.encode(of))).toEqual(of)
  })
})
