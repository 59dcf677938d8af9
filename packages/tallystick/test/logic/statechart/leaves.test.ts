import { describe, expect, test } from 'vitest'
import { STATE_VALUE_BYTES_MAX } from '../../../src/base/limits.ts'
import type { Path } from '../../../src/kernel/logic.ts'
import {
  changesTo,
  contextPath,
  effectsPath,
  type Head,
  headFrom,
  jsonAt,
  type LeafChange,
  snapshotFrom,
} from '../../../src/logic/statechart/leaves.ts'
import type { Snapshot } from '../../../src/logic/statechart/snapshot.ts'

type Leaves = ReadonlyMap<string, Uint8Array>

const nameOf = (path: Path): string => path.join('/')
const reading =
  (leaves: Leaves) =>
  (path: Path): Uint8Array | undefined =>
    leaves.get(nameOf(path))
const withChanges = (leaves: Leaves, changes: readonly LeafChange[]): Leaves => {
  const next = new Map(leaves)
  for (const { path, value } of changes) {
    if (value) next.set(nameOf(path), value)
    else next.delete(nameOf(path))
  }
  return next
}

const HEAD: Head = { at: 5, height: 1, input: 'ab' }
const SMALL: Snapshot = {
  status: 'active',
  value: 'open',
  historyValue: {},
  context: { a: 1, b: { c: [1, 2] } },
  entered: {},
}
const FULL: Snapshot = {
  status: 'done',
  value: { left: { deep: 'x' }, right: 'y' },
  historyValue: { 'm.hist': [{ id: 'm.a' }, { id: 'm.b' }] },
  context: { a: 'x'.repeat(3 * STATE_VALUE_BYTES_MAX), z: null },
  entered: { 'm.a': 12 },
  output: { won: 'alice' },
}
const NONE: Leaves = new Map()
const after = (snapshot: Snapshot, head = HEAD) => ({ snapshot, head, effects: [] })

describe('a snapshot in leaves', () => {
  test('comes back as it was', () => {
    for (const one of [SMALL, FULL]) {
      const leaves = withChanges(NONE, changesTo(reading(NONE), undefined, after(one)))
      expect(snapshotFrom(reading(leaves))).toEqual(one)
      expect(headFrom(reading(leaves))).toEqual(HEAD)
    }
  })

  test('is left behind without a trace', () => {
    const small = withChanges(NONE, changesTo(reading(NONE), undefined, after(SMALL)))
    const full = withChanges(small, changesTo(reading(small), SMALL, after(FULL)))
    const back = withChanges(full, changesTo(reading(full), FULL, after(SMALL)))
    expect(back).toEqual(small)
  })

  test('is written where it differs and nowhere else', () => {
    const small = withChanges(NONE, changesTo(reading(NONE), undefined, after(SMALL)))
    expect(changesTo(reading(small), SMALL, after(SMALL))).toEqual([])
    const next: Snapshot = { ...SMALL, context: { ...SMALL.context, a: 2 } }
    const changes = changesTo(reading(small), SMALL, after(next))
    expect(changes.map((one) => one.path)).toEqual([contextPath('a')])
  })

  test('keeps what a step asks of the world, under its height', () => {
    const effects = [{ kind: 'pay', args: { to: 'bob' } }]
    const changes = changesTo(reading(NONE), undefined, { ...after(SMALL), effects })
    const leaves = withChanges(NONE, changes)
    expect(jsonAt(reading(leaves), effectsPath(1))).toEqual(effects)
    expect(jsonAt(reading(leaves), effectsPath(2))).toBeUndefined()
  })

  test('that nobody wrote is a mistake of ours', () => {
    expect(() => snapshotFrom(reading(NONE))).toThrow(/assertion/)
    expect(() => headFrom(reading(NONE))).toThrow(/assertion/)
  })
})
