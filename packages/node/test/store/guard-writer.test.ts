/** The writer of a guard's file, over a file that has no room for a while. */
import { expect, test } from 'vitest'
import type { GuardFile, GuardHead } from '../../src/store/guard-file.ts'
import { createGuardWriter } from '../../src/store/guard-writer.ts'
import type { Entry } from '../../src/store/store.ts'

const headAt = (size: number): GuardHead => ({ size: BigInt(size), chain: new Uint8Array(32) })
/** Counts how often it is looked at. */
let looks = 0
const entryAt = (index: number): Entry => ({
  journal: 'vows',
  get index() {
    looks += 1
    return BigInt(index)
  },
  key: Uint8Array.of(index),
  value: Uint8Array.of(index),
  time: 0n,
  chain: new Uint8Array(32),
})

test('keeps an entry once, however often it is asked for it while there is no room, and writes it when there is', async () => {
  const written: (readonly Entry[])[] = []
  let isFull = true
  const file: GuardFile = {
    found: { head: headAt(0), tail: [] },
    write: (_head, entries) => {
      written.push(entries)
      return isFull
        ? Promise.reject(Object.assign(new Error('no room'), { code: 'ENOSPC' }))
        : Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
  const writer = createGuardWriter(file, headAt(0))
  for (let at = 0; at < 50; at += 1) {
    const entries = [entryAt(0), entryAt(1)]
    looks = 0
    await expect(writer.advance(headAt(2), entries)).rejects.toMatchObject({ code: 'store/full' })
  }
  // The last time as seldom as the first: nothing has piled up.
  expect(looks).toBeLessThan(40)
  expect(writer.status().is).toBe('full')
  isFull = false
  await writer.retry()
  expect(writer.status().is).toBe('open')
  expect(writer.head().size).toBe(2n)
  expect(written.map((one) => one.map(({ index }) => index))).toEqual(
    Array.from({ length: 51 }, () => [0n, 1n]),
  )
})
