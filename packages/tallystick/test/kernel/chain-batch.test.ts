import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBlake3 } from '../../src/base/blake3.ts'
import { concatBytes, equalBytes, hexFromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { hash } from '../../src/base/hash.ts'
import type { SuiteId } from '../../src/base/suite.ts'
import { TAGS } from '../../src/base/tags.ts'
import {
  type BatchPath,
  batchPath,
  batchRoot,
  pathInBatch,
  rootFromPath,
} from '../../src/kernel/chain-batch.ts'
import { le64, PATHS } from './chain-sample.ts'

const SUITES: readonly SuiteId[] = ['quantum', 'classic', 'nostr', 'evm']

const idsOf = (size: number): Uint8Array =>
  concatBytes(
    ...Array.from({ length: size }, (_, at) => hash('quantum', TAGS.transition, le64(BigInt(at)))),
  )

const idAt = (ids: Uint8Array, at: number): Uint8Array => ids.slice(32 * at, 32 * at + 32)

/** The definition, with its recursion: the left part is the largest power of two below the size. */
const topOf = (suite: SuiteId, ids: Uint8Array): Uint8Array => {
  const size = ids.length / 32
  if (size === 1) return hash(suite, TAGS.batchLeaf, ids)
  const left = 32 * 2 ** (Math.ceil(Math.log2(size)) - 1)
  const halves = [topOf(suite, ids.subarray(0, left)), topOf(suite, ids.subarray(left))]
  return hash(suite, TAGS.batchNode, concatBytes(...halves))
}

const rootOf = (suite: SuiteId, ids: Uint8Array): Uint8Array =>
  hash(suite, TAGS.batchRoot, concatBytes(le64(BigInt(ids.length / 32)), topOf(suite, ids)))

const codeOf = (run: () => unknown): string => {
  const fault = faultFrom(run)
  return isFault(fault) ? fault.code : 'fine'
}

/** Whether a path shows that the batch with this root holds the id. */
const shows = (root: Uint8Array, path: BatchPath, id: Uint8Array): boolean => {
  const found = faultFrom(() => rootFromPath('quantum', path, id))
  return !isFault(found) && equalBytes(found, root)
}

describe.each(SUITES)('a batch under %s', (suite) => {
  test('has the root of its definition, at every size up to 70', () => {
    for (let size = 1; size <= 70; size++) {
      expect(hexFromBytes(batchRoot(suite, idsOf(size)))).toBe(
        hexFromBytes(rootOf(suite, idsOf(size))),
      )
    }
  })

  test('shows each of its steps at its place', () => {
    for (const size of [1, 2, 3, 5, 8, 13, 33]) {
      const ids = idsOf(size)
      const root = hexFromBytes(batchRoot(suite, ids))
      for (let at = 0; at < size; at++) {
        const path = pathInBatch(suite, ids, at)
        expect(hexFromBytes(rootFromPath(suite, path, idAt(ids, at)))).toBe(root)
        expect(batchPath.decode(batchPath.encode(path))).toEqual(path)
      }
    }
  })
})

test.each(PATHS)('the %s path joins long batches in pieces, and finds the same root', (path) => {
  const blake3 = createBlake3(path)
  for (const size of [255, 256, 257, 511, 513, 1024, 1300]) {
    const ids = idsOf(size)
    expect(hexFromBytes(batchRoot('quantum', ids, blake3))).toBe(
      hexFromBytes(rootOf('quantum', ids)),
    )
    const at = size - 1
    expect(shows(rootOf('quantum', ids), pathInBatch('quantum', ids, at), idAt(ids, at))).toBe(true)
  }
})

describe('a path', () => {
  const ids = idsOf(21)
  const root = batchRoot('quantum', ids)

  test('shows no other id and no other place', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(20), (at, place, other) => {
        const path = { ...pathInBatch('quantum', ids, at), index: place }
        expect(shows(root, path, idAt(ids, other))).toBe(at === place && at === other)
      }),
      { numRuns: 400 },
    )
  })

  test('fits one size only', () => {
    const path = pathInBatch('quantum', ids, 20)
    for (let size = 1; size < 70; size++) {
      expect(shows(root, { ...path, size }, idAt(ids, 20))).toBe(size === 21)
    }
  })

  test('fails with one sibling changed, left out, doubled or too many', () => {
    const path = pathInBatch('quantum', ids, 6)
    const { siblings } = path
    const id = idAt(ids, 6)
    expect(shows(root, path, id)).toBe(true)
    for (let at = 0; at < siblings.length; at++) {
      const changed = siblings.map((one, place) =>
        place === at ? one.map((byte) => byte ^ 1) : one,
      )
      expect(shows(root, { ...path, siblings: changed }, id)).toBe(false)
      const missing = { ...path, siblings: siblings.toSpliced(at, 1) }
      expect(codeOf(() => rootFromPath('quantum', missing, id))).toBe('batch/wrong-path')
      const extra = { ...path, siblings: siblings.toSpliced(at, 0, siblings[at] ?? id) }
      expect(codeOf(() => rootFromPath('quantum', extra, id))).toBe('batch/wrong-path')
    }
    const short = { ...path, siblings: siblings.with(0, new Uint8Array(31)) }
    expect(codeOf(() => rootFromPath('quantum', short, id))).toBe('codec/wrong-size')
  })

  test('cannot pass a node for a leaf', () => {
    const [left, right] = [idAt(ids, 0), idAt(ids, 1)]
    const node = hash(
      'quantum',
      TAGS.batchNode,
      concatBytes(hash('quantum', TAGS.batchLeaf, left), hash('quantum', TAGS.batchLeaf, right)),
    )
    const shorter = { ...pathInBatch('quantum', ids, 0) }
    const lifted = { size: 11, index: 0, siblings: shorter.siblings.slice(1) }
    expect(shows(root, lifted, node)).toBe(false)
    expect(codeOf(() => rootFromPath('quantum', shorter, concatBytes(left, right)))).toBe(
      'codec/wrong-size',
    )
  })

  test('asks for a place that exists', () => {
    for (const index of [-1, 21, 0.5, Number.NaN]) {
      expect(codeOf(() => pathInBatch('quantum', ids, index))).toBe('batch/wrong-place')
      const path = { ...pathInBatch('quantum', ids, 0), index }
      expect(codeOf(() => rootFromPath('quantum', path, idAt(ids, 0)))).toBe('batch/wrong-place')
    }
  })
})

test('a batch that repeats its end has another root', () => {
  const three = idsOf(3)
  const four = concatBytes(three, idAt(three, 2))
  expect(hexFromBytes(batchRoot('quantum', three))).not.toBe(
    hexFromBytes(batchRoot('quantum', four)),
  )
})

test('a batch has whole ids, at least one and at most 2^20', () => {
  for (const length of [0, 31, 33, 32 * 2 ** 20 + 32]) {
    expect(codeOf(() => batchRoot('quantum', new Uint8Array(length)))).toBe('batch/wrong-size')
  }
  expect(codeOf(() => batchRoot('quantum', new Uint8Array(32)))).toBe('fine')
})
