import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromId, idFromHex, zeroId } from '../../src/base/brand.ts'
import { concatBytes, hexFromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import type { StateKey } from '../../src/state/keys.ts'
import { type Change, entriesOf, read, replace, rootOf, treeFrom } from '../../src/state/tree.ts'
import { type Footprint, treeFromWitness, witnessOf } from '../../src/state/witness.ts'
import {
  anyEntries,
  anyKey,
  anyValue,
  keyPool,
  keyWith,
  leafHash,
  nodeHash,
  numberedKey,
  TEST_SUITES,
  valueHash,
  valueOf,
  ZERO,
} from './forge.ts'

const anyFootprint: fc.Arbitrary<Footprint> = fc.record({
  reads: fc.array(anyKey, { maxLength: 3 }),
  changes: fc
    .array(fc.record({ key: anyKey, value: fc.option(anyValue, { nil: undefined }) }), {
      maxLength: 8,
    })
    .map((changes): readonly Change[] => [
      ...new Map(changes.map((one) => [one.key, one])).values(),
    ]),
})

describe.each(TEST_SUITES)('a witness under %s', (suite) => {
  test('replays its step as the whole tree would, whatever the step removes', () => {
    fc.assert(
      fc.property(anyEntries, anyFootprint, (entries, footprint) => {
        const whole = treeFrom(suite, entries)
        const part = treeFromWitness(suite, rootOf(whole), witnessOf(whole, footprint))
        expect(rootOf(part)).toBe(rootOf(whole))
        for (const key of footprint.reads) expect(read(part, key)).toEqual(entries.get(key))
        const after = replace(part, footprint.changes)
        expect(rootOf(after)).toBe(rootOf(replace(whole, footprint.changes)))
        for (const { key, value } of footprint.changes) expect(read(after, key)).toEqual(value)
      }),
      { numRuns: 150 },
    )
  })

  test('answers as the whole tree would, or says that it does not know', () => {
    fc.assert(
      fc.property(anyEntries, anyFootprint, (entries, footprint) => {
        const whole = treeFrom(suite, entries)
        const part = treeFromWitness(suite, rootOf(whole), witnessOf(whole, footprint))
        for (const key of keyPool) {
          const answer = faultFrom(() => read(part, key))
          if (isFault(answer)) expect(answer.code).toBe('state/unknown-place')
          else expect(answer).toEqual(entries.get(key))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('with any one byte changed is refused', () => {
    const entries = new Map(
      Array.from({ length: 12 }, (_, n) => [numberedKey(n), valueOf(n)] as const),
    )
    const whole = treeFrom(suite, entries)
    const footprint = {
      reads: [numberedKey(77)],
      changes: [{ key: numberedKey(3), value: undefined }],
    }
    const witness = witnessOf(whole, footprint)
    expect(treeFromWitness(suite, rootOf(whole), witness).size).toBeGreaterThan(0)
    for (let at = 0; at < witness.length; at++) {
      const changed = witness.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(faultFrom(() => treeFromWitness(suite, rootOf(whole), changed))).toBeInstanceOf(Error)
    }
  })
})

describe('a witness', () => {
  const entries = new Map(
    Array.from({ length: 300 }, (_, n) => [numberedKey(n), valueOf(n)] as const),
  )
  const whole = treeFrom('quantum', entries)

  test('is far smaller than the state, and than a proof for each key', () => {
    const reads = Array.from({ length: 16 }, (_, n) => numberedKey(n))
    expect(witnessOf(whole, { reads: [], changes: [] }).length).toBe(33)
    expect(witnessOf(whole, { reads, changes: [] }).length).toBeLessThan(16 * 300)
  })

  test('is not taken for the whole state when that is listed', () => {
    const all = [...entries.keys()]
    const listed = (reads: readonly StateKey[]): unknown =>
      faultFrom(
        () =>
          entriesOf(
            treeFromWitness('quantum', rootOf(whole), witnessOf(whole, { reads, changes: [] })),
          ).length,
      )
    expect(listed(all)).toBe(all.length)
    expect(listed(all.slice(1))).toMatchObject({ code: 'state/unknown-place' })
  })

  test('does not know the value of a leaf that only shows an absence', () => {
    const one = treeFrom('quantum', [[keyWith('0'), valueOf(1)]])
    const part = treeFromWitness(
      'quantum',
      rootOf(one),
      witnessOf(one, { reads: [keyWith('1')], changes: [] }),
    )
    expect(read(part, keyWith('1'))).toBeUndefined()
    expect(faultFrom(() => read(part, keyWith('0')))).toMatchObject({ code: 'state/unknown-place' })
  })

  test('of the empty state shows every absence', () => {
    const empty = treeFromWitness('quantum', zeroId(), Uint8Array.of(0))
    expect(read(empty, keyWith('1'))).toBeUndefined()
    expect(
      faultFrom(() => treeFromWitness('quantum', rootOf(whole), Uint8Array.of(0))),
    ).toMatchObject({
      code: 'proof/wrong-root',
    })
    expect(faultFrom(() => treeFromWitness('quantum', zeroId(), new Uint8Array(0)))).toMatchObject({
      code: 'codec/truncated',
    })
  })
})

describe('a forged witness', () => {
  const key = keyWith('0')
  const other = keyWith('1')
  const leaf = (of: StateKey, n: number): Uint8Array =>
    concatBytes(Uint8Array.of(2), bytesFromId(of), Uint8Array.of(3, 0, 0, 0), valueOf(n))
  const stub = (hash: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(1), hash)
  const nothing = Uint8Array.of(0)
  const branch = (left: Uint8Array, right: Uint8Array): Uint8Array =>
    concatBytes(Uint8Array.of(4), left, right)
  const [keyHash, otherHash] = [
    leafHash('quantum', key, valueOf(1)),
    leafHash('quantum', other, valueOf(2)),
  ]
  const codeUnder = (root: Uint8Array, witness: Uint8Array): unknown => {
    const tree = faultFrom(() => treeFromWitness('quantum', idFromHex(hexFromBytes(root)), witness))
    return isFault(tree) ? tree.code : 'holds'
  }

  test('is refused under any root but its own, and holds under that', () => {
    const root = nodeHash('quantum', keyHash, otherHash)
    expect(codeUnder(root, branch(leaf(key, 1), leaf(other, 2)))).toBe('holds')
    expect(codeUnder(root, branch(leaf(key, 1), stub(otherHash)))).toBe('holds')
    expect(codeUnder(root, branch(leaf(key, 2), leaf(other, 2)))).toBe('proof/wrong-root')
    expect(codeUnder(root, branch(leaf(key, 1), concatBytes(leaf(other, 2), nothing)))).toBe(
      'codec/extended',
    )
  })

  test('cannot put a leaf, or what may be one, beside an empty half', () => {
    for (const half of [leaf(key, 1), stub(keyHash), nothing]) {
      const root = nodeHash('quantum', keyHash, ZERO)
      expect(codeUnder(root, branch(half, nothing))).toBe('witness/not-shallowest')
    }
    for (const half of [leaf(other, 2), stub(otherHash), nothing]) {
      const root = nodeHash('quantum', ZERO, otherHash)
      expect(codeUnder(root, branch(nothing, half))).toBe('witness/not-shallowest')
    }
  })

  test('cannot put a leaf on the path of another key', () => {
    const root = nodeHash('quantum', otherHash, keyHash)
    expect(codeUnder(root, branch(leaf(other, 2), leaf(key, 1)))).toBe('witness/misplaced-leaf')
    const byHash = concatBytes(
      Uint8Array.of(3),
      bytesFromId(other),
      valueHash('quantum', valueOf(2)),
    )
    expect(codeUnder(root, branch(byHash, leaf(key, 1)))).toBe('witness/misplaced-leaf')
  })

  test('cannot hide an empty place in a stub, invent a node, or go deeper than a key', () => {
    expect(codeUnder(nodeHash('quantum', keyHash, ZERO), branch(leaf(key, 1), stub(ZERO)))).toBe(
      'witness/empty-stub',
    )
    expect(codeUnder(keyHash, Uint8Array.of(5))).toBe('witness/unknown-node')
    expect(codeUnder(keyHash, new Uint8Array(300).fill(4))).toBe('witness/too-deep')
  })
})
