import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { faultFrom } from '../../src/base/fault.ts'
import { cells, type Cells, cellsFromRoot, rootFromCells } from '../../src/state/inline.ts'

const anyCell = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const anyCells: fc.Arbitrary<Cells> = fc.tuple(anyCell, anyCell, anyCell, anyCell)

describe('an inline state', () => {
  test('goes both ways between four counters and a root', () => {
    fc.assert(
      fc.property(anyCells, (value) => {
        expect(cellsFromRoot(rootFromCells(value))).toEqual(value)
        expect(cells.decode(cells.encode(value))).toEqual(value)
      }),
    )
  })

  test('is four little-endian integers, and all zero when empty', () => {
    expect(rootFromCells([1n, 0x0203n, 0n, 2n ** 63n])).toBe(
      `01${'00'.repeat(7)}0302${'00'.repeat(6)}${'00'.repeat(8)}${'00'.repeat(7)}80`,
    )
    expect(rootFromCells([0n, 0n, 0n, 0n])).toBe(zeroId())
  })

  test('refuses a counter below zero or above 64 bits', () => {
    const made = (cell: bigint): unknown => faultFrom(() => rootFromCells([0n, cell, 0n, 0n]))
    expect(made(2n ** 64n - 1n)).toHaveLength(64)
    expect(made(2n ** 64n)).toMatchObject({ code: 'codec/integer-out-of-range' })
    expect(made(-1n)).toMatchObject({ code: 'codec/integer-out-of-range' })
  })

  test('refuses 31 and 33 bytes', () => {
    expect(faultFrom(() => cells.decode(new Uint8Array(31)))).toMatchObject({
      code: 'codec/truncated',
    })
    expect(faultFrom(() => cells.decode(new Uint8Array(33)))).toMatchObject({
      code: 'codec/extended',
    })
  })
})
