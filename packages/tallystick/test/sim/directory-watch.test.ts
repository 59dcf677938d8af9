import { describe, expect, test } from 'vitest'
import { idFromBytes } from '../../src/base/brand.ts'
import type { LogRoot } from '../../src/models/directory/checkpoint.ts'
import { receiptVote } from '../../src/models/directory/evidence.ts'
import { createDirectoryTown } from '../../src/sim/directory-town.ts'
import {
  createDirectoryWatch,
  isOneStory,
  rivalsOf,
  watchSigned,
} from '../../src/sim/directory-watch.ts'
import { beginOperator } from '../../src/models/directory/operator.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import { anId, aTransition } from '../kernel/sample.ts'

const town = createDirectoryTown(createTokenEngine(), 'ed25519')
const rootOf = (fill: number): LogRoot => idFromBytes(new Uint8Array(32).fill(fill))
const node = (honest: boolean) => ({
  name: 'operator-1',
  honest,
  state: {
    is: 'desk',
    seat: 1,
    operator: beginOperator(),
    asked: new Map(),
    questions: [],
  } as const,
  up: true,
  restores: 0,
})

describe('the watch', () => {
  const left = aTransition({ interaction: anId('left') })
  const right = aTransition({ interaction: anId('right') })

  test('notices two children signed by somebody honest, and forgives liars', () => {
    for (const honest of [true, false]) {
      const watch = createDirectoryWatch(town)
      watchSigned(watch, node(honest), receiptVote(left, 5n))
      watchSigned(watch, node(honest), receiptVote(left, 5n))
      expect(watch.broken).toBeUndefined()
      watchSigned(watch, node(honest), receiptVote(right, 6n))
      expect(watch.broken).toBe(honest ? 'operator-1 signed a fork' : undefined)
    }
  })

  test('calls two children rivals when each has enough receipts', () => {
    const watch = createDirectoryWatch(town)
    const [one, other] = [anId<'transition'>('one'), anId<'transition'>('other')]
    const receipts = (count: number) =>
      Array.from({ length: count }, (_, operator) => ({
        operator,
        time: 1n,
        signature: new Uint8Array(64),
      }))
    watch.children.set(left.parent, new Set([one, other]))
    watch.receipted.set(one, { transition: left, receipts: receipts(3) })
    watch.receipted.set(other, { transition: right, receipts: receipts(2) })
    expect(rivalsOf(watch)).toEqual([])
    watch.receipted.set(other, { transition: right, receipts: receipts(3) })
    expect(rivalsOf(watch)).toHaveLength(1)
  })

  test('tells one story from two', () => {
    const watch = createDirectoryWatch(town)
    const [a, b, c] = [anId<'transition'>('a'), anId<'transition'>('b'), anId<'transition'>('c')]
    watch.books.set(rootOf(1), [a, b])
    watch.books.set(rootOf(2), [a, b, c])
    watch.books.set(rootOf(3), [a, c])
    expect(isOneStory(watch, rootOf(1), rootOf(2))).toBe(true)
    expect(isOneStory(watch, rootOf(2), rootOf(1))).toBe(true)
    expect(isOneStory(watch, rootOf(1), rootOf(3))).toBe(false)
  })
})
