import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idFromHex, type TransitionId } from '../../../src/base/brand.ts'
import { concatBytes } from '../../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import type { SuiteId } from '../../../src/base/suite.ts'
import { type LogEntry, logEntry } from '../../../src/models/directory/log.ts'
import {
  type ChildMap,
  childTreesRoot,
  createChildMap,
  emptyChildTrees,
  mapFault,
  mapProof,
  proveInChildTrees,
  withChildren,
} from '../../../src/models/directory/map.ts'
import { anId } from '../../kernel/sample.ts'
import { entryBytes, entryOf } from './entries.ts'

const entries = Array.from({ length: 60 }, (_, at) => entryOf(at))
const trees = withChildren(emptyChildTrees('quantum'), entries)
const root = childTreesRoot(trees)
const present = entryOf(7)
const absent = { parent: anId<'transition'>('nobody’s parent') }

/** Filled in pieces, as from packs. */
const filledMap = (suite: SuiteId, of: readonly LogEntry[]): ChildMap => {
  const map = createChildMap(suite)
  const filling = map.fill(of.length)
  for (let at = 0; at < of.length; at += 7) {
    filling.take(concatBytes(...of.slice(at, at + 7).map((one) => logEntry.encode(one))))
  }
  while (filling.build());
  return map
}

describe('a map', () => {
  test('holds each child under its parent, and says so', () => {
    for (const { parent, child } of entries) {
      const proof = proveInChildTrees(trees, { parent })
      expect(mapFault('quantum', { root, parent, child }, proof)).toBeUndefined()
    }
  })

  test('says that it has nothing under other parents', () => {
    const proof = proveInChildTrees(trees, absent)
    expect(mapFault('quantum', { root, ...absent, child: undefined }, proof)).toBeUndefined()
  })

  test('has one root, however it was filled', () => {
    for (const suite of ['quantum', 'nostr'] as const) {
      const whole = childTreesRoot(withChildren(emptyChildTrees(suite), entries))
      const loaded = filledMap(suite, entries)
      const grown = createChildMap(suite)
      for (const one of entries.toReversed()) grown.add(one)
      expect([loaded.root(), grown.root()]).toEqual([whole, whole])
      expect([loaded.size(), grown.size()]).toEqual([60, 60])
      expect(loaded.prove(present)).toEqual(grown.prove(present))
    }
  })

  test('proves the same in memory and in trees that never change', () => {
    const map = filledMap('quantum', entries)
    for (const place of [present, absent]) {
      expect(map.prove(place)).toEqual(proveInChildTrees(trees, place))
    }
  })

  test('is provably empty at first', () => {
    const map = createChildMap('classic')
    const claim = { root: map.root(), ...absent, child: undefined }
    expect(mapFault('classic', claim, map.prove(absent))).toBeUndefined()
    expect(map.root()).toBe(childTreesRoot(emptyChildTrees('classic')))
  })

  test('is filled with more entries than were expected, or fewer', () => {
    for (const expected of [0, 1, 1000]) {
      const map = createChildMap('quantum')
      const filling = map.fill(expected)
      filling.take(concatBytes(...entries.map((one) => logEntry.encode(one))))
      while (filling.build());
      expect(map.root()).toBe(root)
    }
  })

  test('refuses two children of one parent, and bytes that are no entry', () => {
    const codeOf = (run: () => void): unknown => {
      const fault = faultFrom(run)
      return isFault(fault) && fault.code
    }
    const rival = { ...present, child: anId<'transition'>('rival') }
    expect(codeOf(() => filledMap('quantum', [present, rival]))).toBe('state/key-twice')
    const short = entryBytes(7).subarray(1)
    expect(codeOf(() => createChildMap('quantum').fill(1).take(short))).toBe('log/wrong-entry')
  })
})

describe('a proof of a map', () => {
  const proof = proveInChildTrees(trees, present)
  const claim = { root, parent: present.parent, child: present.child }

  test('passes for one answer only', () => {
    expect(mapFault('quantum', claim, proof)).toBeUndefined()
    const other: TransitionId = anId('other child')
    expect(mapFault('quantum', { ...claim, child: other }, proof)?.code).toBe('proof/wrong-root')
    expect(mapFault('quantum', { ...claim, child: undefined }, proof)?.code).toBe(
      'proof/other-claim',
    )
    expect(mapFault('quantum', { ...claim, ...absent }, proof)).toBeDefined()
  })

  test('passes for no other root, and not in another suite', () => {
    const more = withChildren(trees, [entryOf(61)])
    expect(mapFault('quantum', { ...claim, root: childTreesRoot(more) }, proof)?.code).toBe(
      'map/wrong-root',
    )
    expect(mapFault('nostr', claim, proof)?.code).toBe('map/wrong-root')
  })

  test('says nothing of a parent in another tree than its own', () => {
    // C10: an absence shown where the key does not belong.
    const proofs = entries.map((one) => proveInChildTrees(trees, one))
    for (const wrong of proofs.filter((_, at) => at !== 7)) {
      expect(mapFault('quantum', { ...claim, child: undefined }, wrong)).toBeDefined()
    }
  })

  test('has one spelling, and every byte of it counts', () => {
    const bytes = mapProof.encode(proof)
    expect(mapProof.decode(bytes)).toEqual(proof)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const fault = faultFrom(() => {
          const changed = mapProof.decode(bytes.with(at, (bytes[at] ?? 0) ^ change))
          return mapFault('quantum', claim, changed)
        })
        expect(isFault(fault)).toBe(true)
      }),
    )
  })

  test('is refused whole where a root is missing', () => {
    const short = { ...proof, roots: proof.roots.subarray(32) }
    expect(mapFault('quantum', claim, short)?.code).toBe('map/wrong-root')
  })
})

test('a present child is never shown absent, in any map of up to sixteen', () => {
  // C10, by brute force.
  for (let count = 1; count <= 16; count++) {
    const small = withChildren(emptyChildTrees('classic'), entries.slice(0, count))
    const smallRoot = childTreesRoot(small)
    const proofs = [...entries.slice(0, 20), absent].map((one) => proveInChildTrees(small, one))
    for (const { parent } of entries.slice(0, count)) {
      const claim = { root: smallRoot, parent, child: undefined }
      expect(proofs.filter((one) => !mapFault('classic', claim, one))).toEqual([])
    }
  }
})

test('a key is the parent’s id', () => {
  const lone = withChildren(emptyChildTrees('classic'), [present])
  const { proof } = proveInChildTrees(lone, {
    parent: idFromHex(`${present.parent.slice(0, 62)}ff`),
  })
  expect(proof.terminal.is === 'other' || proof.terminal.is === 'void').toBe(true)
})
