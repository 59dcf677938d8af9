import { describe, expect, test } from 'vitest'
import { faultFrom } from '../../src/base/fault.ts'
import { stateHashes } from '../../src/state/hashes.ts'
import {
  createBranch,
  createLeaf,
  endsOf,
  hashOf,
  leafOf,
  type Node,
  withLeaf,
  withoutKey,
} from '../../src/state/node.ts'
import { keyWith, leafHash, valueOf, ZERO } from './forge.ts'

const hashes = stateHashes('quantum')
const a = keyWith('000')
const b = keyWith('001')
const c = keyWith('1')
const grown = (...keys: readonly (typeof a)[]): Node =>
  keys.reduce<Node>((node, key, at) => withLeaf(node, createLeaf(key, valueOf(at)), 0), undefined)
const stub = (node: Node): Node => ({ is: 'stub', hash: hashOf(hashes, node) })

describe('a node', () => {
  test('is nothing, the one leaf, or a branch, by what lies below it', () => {
    expect(hashOf(hashes, undefined)).toEqual(ZERO)
    expect(grown(a)).toMatchObject({ is: 'leaf', key: a })
    expect(hashOf(hashes, grown(a))).toEqual(leafHash('quantum', a, valueOf(0)))
    expect(grown(a, c)).toMatchObject({ is: 'branch', left: { key: a }, right: { key: c } })
    expect(grown(a, b)).toMatchObject({
      is: 'branch',
      left: { left: { left: { key: a }, right: { key: b } }, right: undefined },
      right: undefined,
    })
  })

  test('moves a leaf up through every empty half when it is left alone', () => {
    expect(withoutKey(grown(a, b), b, 0)).toMatchObject({ is: 'leaf', key: a })
    expect(withoutKey(grown(a, b, c), b, 0)).toMatchObject({ left: { key: a }, right: { key: c } })
    expect(withoutKey(grown(a, b, c), c, 0)).toMatchObject({
      left: { is: 'branch' },
      right: undefined,
    })
    expect(withoutKey(grown(a), a, 0)).toBeUndefined()
  })

  test('is shared where a change does not reach', () => {
    const before = grown(a, b, c)
    const after = withLeaf(before, createLeaf(c, valueOf(9)), 0)
    expect(before?.is === 'branch' && after?.is === 'branch' && before.left === after.left).toBe(
      true,
    )
    expect(withoutKey(before, keyWith('01'), 0)).toBe(before)
  })

  test('lists its leaves from left to right', () => {
    expect(endsOf(grown(c, b, a))).toMatchObject([{ key: a }, { key: b }, { key: c }])
    expect(endsOf(undefined)).toEqual([])
  })
})

describe('a stub', () => {
  const whole = grown(a, b, c)
  const left = whole?.is === 'branch' ? whole.left : undefined
  const right = whole?.is === 'branch' ? whole.right : undefined
  const partial = createBranch(stub(left), right)

  test('hashes as what it stands for', () => {
    expect(hashOf(hashes, partial)).toEqual(hashOf(hashes, whole))
  })

  test('is listed where its leaves would be', () => {
    expect(endsOf(partial)).toMatchObject([{ is: 'stub' }, { key: c }])
  })

  test('is never looked through', () => {
    const code = { code: 'state/unknown-place' }
    expect(leafOf(partial, c)?.key).toBe(c)
    expect(faultFrom(() => leafOf(partial, a))).toMatchObject(code)
    expect(faultFrom(() => withLeaf(partial, createLeaf(a, valueOf(1)), 0))).toMatchObject(code)
    expect(faultFrom(() => withoutKey(partial, a, 0))).toMatchObject(code)
  })

  test('does not move up, since it may or may not be a leaf', () => {
    expect(faultFrom(() => withoutKey(partial, c, 0))).toMatchObject({
      code: 'state/unknown-neighbour',
    })
    expect(withoutKey(createBranch(left, right), c, 0)).toMatchObject({ is: 'branch' })
  })
})
