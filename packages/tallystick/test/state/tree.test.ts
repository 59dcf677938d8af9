import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { faultFrom } from '../../src/base/fault.ts'
import { STATE_LEAVES_MAX, STATE_VALUE_BYTES_MAX } from '../../src/base/limits.ts'
import type { StateKey } from '../../src/state/keys.ts'
import {
  type Change,
  emptyTree,
  entriesOf,
  read,
  replace,
  rootOf,
  type Tree,
  treeFrom,
} from '../../src/state/tree.ts'
import {
  anyEntries,
  anyKey,
  anyValue,
  honestShape,
  keyPool,
  keyWith,
  numberedKey,
  shapeRoot,
  TEST_SUITES,
  valueOf,
} from './forge.ts'

const anyChange: fc.Arbitrary<Change> = fc.record({
  key: anyKey,
  value: fc.option(anyValue, { nil: undefined }),
})

const oncePerKey = (changes: readonly Change[]): readonly Change[] => [
  ...new Map(changes.map((change) => [change.key, change])).values(),
]

const anyHistory = fc.array(fc.array(anyChange, { maxLength: 6 }).map(oncePerKey), { maxLength: 8 })

const applied = (model: Map<StateKey, Uint8Array>, changes: readonly Change[]): void => {
  for (const { key, value } of changes) {
    if (value === undefined) model.delete(key)
    else model.set(key, value)
  }
}

describe.each(TEST_SUITES)('the state tree under %s', (suite) => {
  test('an empty tree has the zero root', () => {
    expect(rootOf(emptyTree(suite))).toBe(zeroId())
    expect(rootOf(treeFrom(suite, []))).toBe(zeroId())
  })

  test('the root is the one that the format describes', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        expect(rootOf(treeFrom(suite, entries))).toBe(shapeRoot(suite, honestShape(entries)))
      }),
      { numRuns: 60 },
    )
  })

  test('after any history the tree reads like a map and has the root of its content alone', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const model = new Map<StateKey, Uint8Array>()
        let tree = emptyTree(suite)
        for (const changes of history) {
          tree = replace(tree, changes)
          applied(model, changes)
        }
        expect(tree.size).toBe(model.size)
        for (const key of keyPool) expect(read(tree, key)).toEqual(model.get(key))
        expect(new Map(entriesOf(tree))).toEqual(model)
        expect(rootOf(tree)).toBe(rootOf(treeFrom(suite, model)))
      }),
      { numRuns: 80 },
    )
  })

  test('undoing changes restores the earlier root, and the older tree never moves', () => {
    fc.assert(
      fc.property(anyEntries, fc.array(anyChange, { maxLength: 6 }), (entries, raw) => {
        const changes = oncePerKey(raw)
        const before = treeFrom(suite, entries)
        const root = rootOf(before)
        const after = replace(before, changes)
        rootOf(after)
        const undo = changes.map(({ key }): Change => ({ key, value: entries.get(key) }))
        expect(rootOf(replace(after, undo))).toBe(root)
        expect(new Map(entriesOf(before))).toEqual(entries)
      }),
      { numRuns: 60 },
    )
  })

  test('the order of changes does not matter', () => {
    fc.assert(
      fc.property(anyEntries, fc.array(anyChange, { maxLength: 6 }), (entries, raw) => {
        const changes = oncePerKey(raw)
        const before = treeFrom(suite, entries)
        expect(rootOf(replace(before, changes))).toBe(rootOf(replace(before, changes.toReversed())))
      }),
      { numRuns: 40 },
    )
  })
})

describe('a state tree', () => {
  const tree: Tree = treeFrom('quantum', [
    [keyWith('0'), valueOf(1)],
    [keyWith('1'), valueOf(2)],
  ])

  test('three leaves and the same with one of them twice are told apart or refused (CVE-2012-2459)', () => {
    const three = [numberedKey(1), numberedKey(2), numberedKey(3)].map(
      (key) => [key, valueOf(1)] as const,
    )
    const last = three[2] ?? [numberedKey(3), valueOf(1)]
    expect(faultFrom(() => treeFrom('quantum', [...three, last]))).toMatchObject({
      code: 'state/key-twice',
    })
    const four = [...three, [numberedKey(4), valueOf(1)] as const]
    expect(rootOf(treeFrom('quantum', four))).not.toBe(rootOf(treeFrom('quantum', three)))
  })

  test('an empty value, a zero byte and absence are three states', () => {
    const roots = [new Uint8Array(0), Uint8Array.of(0), undefined].map((value) =>
      rootOf(replace(tree, [{ key: keyWith('01'), value }])),
    )
    expect(new Set(roots).size).toBe(3)
    expect(
      read(replace(tree, [{ key: keyWith('01'), value: new Uint8Array(0) }]), keyWith('01')),
    ).toEqual(new Uint8Array(0))
  })

  test('removing what is not there changes nothing', () => {
    expect(replace(tree, [{ key: keyWith('01'), value: undefined }]).top).toBe(tree.top)
  })

  test('refuses two changes of one key', () => {
    const twice = [valueOf(1), undefined].map((value) => ({ key: keyWith('01'), value }))
    expect(faultFrom(() => replace(tree, twice))).toMatchObject({ code: 'state/key-twice' })
    expect(rootOf(replace(tree, twice.slice(0, 1)))).not.toBe(rootOf(tree))
  })

  test('takes the longest value and refuses one byte more', () => {
    const set = (size: number): unknown =>
      faultFrom(() => replace(tree, [{ key: keyWith('0'), value: new Uint8Array(size) }]).size)
    expect(set(STATE_VALUE_BYTES_MAX)).toBe(2)
    expect(set(STATE_VALUE_BYTES_MAX + 1)).toMatchObject({ code: 'state/value-too-long' })
  })

  test('holds as many keys as the limit says, and not one more', () => {
    const full: Tree = { ...tree, size: STATE_LEAVES_MAX }
    const added = { key: keyWith('01'), value: valueOf(1) }
    expect(replace({ ...tree, size: STATE_LEAVES_MAX - 1 }, [added]).size).toBe(STATE_LEAVES_MAX)
    expect(faultFrom(() => replace(full, [added]))).toMatchObject({ code: 'state/too-many-leaves' })
    expect(replace(full, [added, { key: keyWith('0'), value: undefined }]).size).toBe(
      STATE_LEAVES_MAX,
    )
    function* endless(): Generator<readonly [StateKey, Uint8Array]> {
      const entry = [keyWith('0'), new Uint8Array(0)] as const
      while (true) yield entry
    }
    expect(faultFrom(() => treeFrom('quantum', endless()))).toMatchObject({
      code: 'state/too-many-leaves',
    })
  })

  test('is not reached by writing to bytes that went in or came out', () => {
    const value = valueOf(9)
    const root = rootOf(treeFrom('quantum', [[keyWith('0'), valueOf(9)]]))
    const copy = treeFrom('quantum', [[keyWith('0'), value]])
    value.fill(255)
    read(copy, keyWith('0'))?.fill(255)
    for (const [, bytes] of entriesOf(copy)) bytes.fill(255)
    expect(rootOf(copy)).toBe(root)
    expect(read(copy, keyWith('0'))).toEqual(valueOf(9))
  })

  test('keeps apart two keys that differ in their last bit', () => {
    const near = keyWith(`${'0'.repeat(255)}1`)
    const deep = replace(tree, [{ key: near, value: valueOf(3) }])
    expect(read(deep, near)).toEqual(valueOf(3))
    expect(read(deep, keyWith('0'))).toEqual(valueOf(1))
    expect(rootOf(replace(deep, [{ key: near, value: undefined }]))).toBe(rootOf(tree))
  })
})
