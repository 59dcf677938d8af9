/** How signatures are handed out to threads. */
import { describe, expect, test } from 'vitest'
import { createLaneKept } from '../../src/guardian/lane-kept.ts'
import { CHECK_BYTES, type GoodSignature } from '../../src/guardian/lane-order.ts'
import { createLaneQueue } from '../../src/guardian/lane-queue.ts'
import type { LaneThread } from '../../src/guardian/lane-thread.ts'

const check: GoodSignature = {
  publicKey: new Uint8Array(33),
  digest: new Uint8Array(32),
  signature: new Uint8Array(CHECK_BYTES - 65),
}

/** Sizes of the orders that so many threads are given for so many signatures at once; all are found good. */
const ordersFor = async (threads: number, signatures: number): Promise<readonly number[]> => {
  const sizes: number[] = []
  const start = (): LaneThread => ({
    kept: createLaneKept(),
    ask: (order) => {
      const count = order.is === 'check' ? order.checks.length / CHECK_BYTES : 0
      sizes.push(count)
      return Promise.resolve({ is: 'checked', good: new Uint8Array(count).fill(1) })
    },
    close: () => Promise.resolve(),
  })
  const queue = createLaneQueue({ threads, start, onLost: () => undefined })
  const found = await queue.check(Array.from({ length: signatures }, () => check))
  await queue.close()
  expect(found).toEqual(Array.from({ length: signatures }, () => true))
  return sizes
}

describe('Signatures that wait', () => {
  test('are shared between two threads, which have enough while the main one executes', async () => {
    expect(await ordersFor(2, 60)).toEqual([30, 15, 12, 3])
  })

  test('go in orders that end, however many there are', async () => {
    expect(Math.max(...(await ordersFor(2, 1000)))).toBe(48)
  })

  test('go to one thread where they are few', async () => {
    expect(await ordersFor(2, 12)).toEqual([12])
  })

  test('go in small orders where batches wait for the same threads', async () => {
    expect(await ordersFor(3, 60)).toEqual([12, 12, 12, 12, 12])
  })
})
