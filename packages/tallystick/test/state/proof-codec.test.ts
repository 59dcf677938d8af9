import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromId } from '../../src/base/brand.ts'
import { concatBytes } from '../../src/base/bytes.ts'
import { faultFrom } from '../../src/base/fault.ts'
import type { Proof } from '../../src/state/proof.ts'
import { proof } from '../../src/state/proof-codec.ts'
import { anyKey, keyWith, ZERO } from './forge.ts'

const anyHash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes.some((byte) => byte !== 0))

const anyProof: fc.Arbitrary<Proof> = fc.record({
  siblings: fc.array(fc.option(anyHash, { nil: undefined }), { maxLength: 20 }),
  terminal: fc.oneof(
    fc.constantFrom({ is: 'own' } as const, { is: 'void' } as const),
    fc.record({ is: fc.constant('other' as const), key: anyKey, valueHash: anyHash }),
    fc.record({ is: fc.constant('gap' as const), left: anyHash, right: anyHash }),
  ),
})

const ONE = new Uint8Array(32).fill(1)
const TWO = new Uint8Array(32).fill(2)
const codeOf = (...parts: readonly Uint8Array[]): unknown =>
  faultFrom(() => proof.decode(concatBytes(...parts)))

describe('the bytes of a state proof', () => {
  test('go both ways', () => {
    fc.assert(
      fc.property(anyProof, (value) => {
        expect(proof.decode(proof.encode(value))).toEqual(value)
      }),
    )
  })

  test('have one spelling: whatever decodes encodes to itself', () => {
    const anySmall = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.uint8Array({ maxLength: 140 }))
    fc.assert(
      fc.property(anySmall, ([depth, rest]) => {
        const wire = concatBytes(Uint8Array.of(depth, 0), rest)
        const value = faultFrom(() => proof.decode(wire))
        if (value instanceof Error) return
        expect(proof.encode(value)).toEqual(wire)
      }),
      { numRuns: 2000 },
    )
  })

  test('are the table of the format', () => {
    const value: Proof = {
      siblings: [ONE, undefined, TWO],
      terminal: { is: 'other', key: keyWith('1'), valueHash: TWO },
    }
    const wire = [
      Uint8Array.of(3, 0, 0b1010_0000),
      ONE,
      TWO,
      Uint8Array.of(1),
      bytesFromId(keyWith('1')),
      TWO,
    ]
    expect(proof.encode(value)).toEqual(concatBytes(...wire))
    expect(proof.encode({ siblings: [], terminal: { is: 'void' } })).toEqual(Uint8Array.of(0, 0, 3))
  })

  test('refuse an unused bit', () => {
    expect(codeOf(Uint8Array.of(1, 0, 0b1000_0000), ONE, Uint8Array.of(0))).toMatchObject({
      siblings: [ONE],
    })
    expect(codeOf(Uint8Array.of(1, 0, 0b1000_0001), ONE, Uint8Array.of(0))).toMatchObject({
      code: 'proof/stray-bit',
    })
  })

  test('refuse a sibling of zeros, and a proof with one sibling too few or too many', () => {
    const head = Uint8Array.of(1, 0, 0b1000_0000)
    expect(codeOf(head, ZERO, Uint8Array.of(0))).toMatchObject({ code: 'proof/wrong-sibling' })
    expect(codeOf(head, Uint8Array.of(0))).toMatchObject({ code: 'codec/truncated' })
    expect(codeOf(head, ONE)).toMatchObject({ code: 'codec/truncated' })
    expect(codeOf(head, ONE, Uint8Array.of(0), ONE)).toMatchObject({ code: 'codec/extended' })
    expect(codeOf(Uint8Array.of(1, 0, 0), ONE, Uint8Array.of(0))).toMatchObject({
      code: /^codec\//,
    })
  })

  test('refuse a depth above 256 and an unknown terminal, and nothing at all', () => {
    const full = concatBytes(...Array.from({ length: 256 }, () => ONE), Uint8Array.of(0))
    expect(codeOf(Uint8Array.of(0, 1), new Uint8Array(32).fill(255), full)).toHaveProperty(
      'siblings.length',
      256,
    )
    expect(codeOf(Uint8Array.of(1, 1), new Uint8Array(33).fill(255), full)).toMatchObject({
      code: 'proof/too-deep',
    })
    expect(codeOf(Uint8Array.of(255, 255))).toMatchObject({ code: 'proof/too-deep' })
    expect(codeOf(Uint8Array.of(0, 0, 4))).toMatchObject({ code: 'codec/unknown-case' })
    expect(codeOf()).toMatchObject({ code: 'codec/truncated' })
  })

  test('are not made of what could not be read back', () => {
    const made = (siblings: Proof['siblings']): unknown =>
      faultFrom(() => proof.encode({ siblings, terminal: { is: 'own' } }).length)
    expect(made([ONE])).toBe(36)
    expect(made([ZERO])).toMatchObject({ code: 'proof/wrong-sibling' })
    expect(made([ONE.subarray(1)])).toMatchObject({ code: 'codec/wrong-size' })
    expect(made(Array.from({ length: 257 }, () => undefined))).toMatchObject({
      code: 'proof/too-deep',
    })
  })
})
