import { describe, expect, test } from 'vitest'
import { createBlake3 } from '../../src/base/blake3.ts'
import {
  compressions,
  createGrind,
  createStep,
  LINK_BYTES,
  LINK_ENTROPY,
  millOf,
  SLOTS,
} from '../../src/kernel/chain-mill.ts'
import { recordFromHead } from '../../src/kernel/chain-record.ts'
import {
  fieldsOfStart,
  PATHS,
  recordAt,
  recordsFrom,
  RICH,
  rounds,
  startOf,
} from './chain-sample.ts'

describe.each(PATHS)('the mill on the %s path', (path) => {
  const blake3 = createBlake3(path)
  const mill = millOf(blake3)
  const start = startOf(RICH)
  const records = recordsFrom(start, rounds(150))
  const { bytes } = blake3.kernel
  /** Writes what a caller has to write of a step: all but interaction, entropy, parent and id. */
  const fill = (slot: number, record: Uint8Array): void => {
    const at = mill.slots + slot * 256
    for (const [from, to] of [
      [0, 32],
      [64, 96],
      [128, 136],
      [168, 224],
    ] as const) {
      bytes.set(record.subarray(from, to), at + from)
    }
    bytes.set(record.subarray(128, 136), mill.links + slot * LINK_BYTES)
  }
  const begin = (): void => {
    bytes.fill(0xee, mill.slots, mill.slots + SLOTS * 256)
    bytes.set(fieldsOfStart(start).id, mill.slots + 136)
    bytes.set(fieldsOfStart(start).entropy, mill.links + LINK_ENTROPY)
  }

  test('belongs to its instance', () => {
    expect(millOf(blake3)).toBe(mill)
    expect(millOf(createBlake3(path))).not.toBe(mill)
  })

  test('completes one step in slot 0', () => {
    begin()
    fill(0, recordAt(records, 0))
    createStep(mill)()
    expect(bytes.slice(mill.slots, mill.slots + 256)).toEqual(recordAt(records, 0))
  })

  test.each([1, 31, 32, 33, 64, 65, 100, 150])(
    'grinds %i steps, whatever lay in the slots',
    (count) => {
      begin()
      type Feed = { filled: number; readonly taken: Uint8Array[] }
      const feed: Feed = { filled: 0, taken: [] }
      const grind = createGrind<Feed>(mill, {
        fill: (of, slot, size) => {
          for (let at = 0; at < size; at++) fill(slot + at, recordAt(records, of.filled++))
        },
        take: ({ taken }, slot, size) => {
          for (let at = 0; at < size; at++) {
            const from = mill.slots + (slot + at) * 256
            taken.push(bytes.slice(from, from + 256))
          }
        },
      })
      grind(feed, count)
      expect(feed.taken).toEqual(Array.from({ length: count }, (_, at) => recordAt(records, at)))
    },
  )

  test('takes the six compressions that a step is made of', () => {
    expect(Object.keys(compressions(mill, 0))).toEqual([
      'entry',
      'entropyStart',
      'entropyEnd',
      'headerStart',
      'headerMiddle',
      'headerEnd',
    ])
    expect(recordFromHead(start).length).toBe(256)
  })
})
