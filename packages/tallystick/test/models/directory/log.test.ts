import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import {
  createLog,
  LOG_ENTRY_BYTES,
  LOG_TILE_BYTES,
  logEntry,
  type OperatorLog,
} from '../../../src/models/directory/log.ts'
import { leafHash, nodeHash } from '../../../src/models/directory/log-proof.ts'
import { entryBytes, entryOf } from './entries.ts'

/** RFC 6962 word for word. */
const naiveRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  if (leaves.length === 0) return new Uint8Array(createHash('sha256').digest())
  const [first] = leaves
  if (leaves.length === 1 && first) return first
  let half = 1
  while (2 * half < leaves.length) half *= 2
  return nodeHash(naiveRoot(leaves.slice(0, half)), naiveRoot(leaves.slice(half)))
}

const filled = (log: OperatorLog, from: number, to: number): OperatorLog => {
  for (let at = from; at < to; at++) log.append(entryBytes(at))
  return log
}

const native = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest())

describe('a log', () => {
  test('has the root of RFC 6962 at every size, now and later', () => {
    const leaves = Array.from({ length: 40 }, (_, at) => leafHash(entryBytes(at)))
    const log = createLog()
    for (let size = 0; size <= 40; size++) {
      expect(log.root()).toEqual(naiveRoot(leaves.slice(0, size)))
      if (size < 40) log.append(entryBytes(size))
    }
    for (let size = 0; size <= 40; size++) {
      expect(log.root(size)).toEqual(naiveRoot(leaves.slice(0, size)))
    }
  })

  test('has the known root of nothing', () => {
    expect(hexFromBytes(createLog().root())).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
  })

  test('is the same with the runtime’s own SHA-256', () => {
    expect(filled(createLog(native), 0, 300).root()).toEqual(filled(createLog(), 0, 300).root())
  })

  test('hands out what nobody can change it by', () => {
    const log = filled(createLog(), 0, 9)
    const before = log.root()
    for (const node of [log.leafAt(0), log.root(8), ...log.inclusion(3), ...log.prefix(8)]) {
      node.fill(0)
    }
    expect(log.root()).toEqual(before)
  })

  test('asserts that what is asked for is there', () => {
    const log = filled(createLog(), 0, 3)
    expect(() => log.root(4)).toThrow(/to come/)
    expect(() => log.inclusion(3)).toThrow(/are there/)
    expect(() => log.prefix(0)).toThrow(/prefix/)
    expect(() => log.tile(0)).toThrow(/complete/)
  })

  test('takes 64 bytes for an entry', () => {
    const log = createLog(native)
    const leaf = new Uint8Array(32)
    for (let at = 0; at < 131_072; at++) log.appendHash(leaf)
    expect(log.memoryBytes() / 131_072).toBeLessThan(72)
  })
})

describe('a log restored from its tiles', () => {
  const size = 256 * 9 + 37
  const log = filled(createLog(native), 0, size)
  const tiles = Array.from({ length: log.tileCount() }, (_, index) => log.tile(index))
  const rest = Array.from({ length: 37 }, (_, at) => log.leafAt(9 * 256 + at))
  const restored = (leaves: readonly Uint8Array[], sha256?: typeof native): OperatorLog => {
    const back = createLog(sha256)
    for (const tile of tiles) back.appendTile(tile)
    for (const leaf of leaves) back.appendHash(leaf)
    return back
  }

  test('is the log that made them', () => {
    const back = restored(rest, native)
    expect(back.size()).toBe(size)
    for (const at of [1, 255, 256, 257, 2048, 2304, size])
      expect(back.root(at)).toEqual(log.root(at))
    expect(back.inclusion(1000)).toEqual(log.inclusion(1000))
    expect(back.prefix(1500)).toEqual(log.prefix(1500))
    expect(filled(back, size, size + 300).root()).toEqual(
      filled(restored(rest), size, size + 300).root(),
    )
  })

  test('hashes nothing below its tiles again', () => {
    let hashed = 0
    restored([], (bytes) => {
      hashed += 1
      return native(bytes)
    })
    expect(hashed).toBe(7)
  })

  test('refuses a tile of another size', () => {
    const short = faultFrom(() => createLog().appendTile(new Uint8Array(LOG_TILE_BYTES - 1)))
    expect(isFault(short) && short.code).toBe('log/wrong-tile')
  })
})

test('an entry has 112 bytes and one spelling', () => {
  const bytes = entryBytes(5)
  expect(bytes).toHaveLength(LOG_ENTRY_BYTES)
  expect(logEntry.decode(bytes)).toEqual(entryOf(5))
  for (let at = 0; at < bytes.length; at++) {
    expect(() => logEntry.decode(bytes.subarray(0, at))).toThrow(/wanted/)
  }
})
