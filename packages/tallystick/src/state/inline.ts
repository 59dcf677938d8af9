/**
 * Inline states: a flat chain keeps four counters where other machines keep the root of a tree.
 *
 * Promise. The 32 bytes *are* the state: four unsigned integers of 64 bits, little-endian, one after the other; all
 * zero is the empty state, as it is for a tree. Whether a machine's root is a tree's or inline is fixed by its
 * charter. Nothing in the bytes tells, so neither may be read as the other.
 */
import { bytesFromId, idFromHex, type StateRoot } from '../base/brand.ts'
import { hexFromBytes } from '../base/bytes.ts'
import { type Codec, codecFrom, u64 } from '../base/codec.ts'

export type Cells = readonly [bigint, bigint, bigint, bigint]

/** Four counters as 32 bytes. Raises `codec/integer-out-of-range` for one outside 0 … 2^64 − 1. */
export const cells: Codec<Cells> = codecFrom(
  (writer, value) => {
    for (const cell of value) u64.write(writer, cell)
  },
  (reader) => [reader.u64(), reader.u64(), reader.u64(), reader.u64()],
)

export const rootFromCells = (value: Cells): StateRoot =>
  idFromHex(hexFromBytes(cells.encode(value)))

/** Any root reads as four cells: ask the charter first whether it is inline. */
export const cellsFromRoot = (root: StateRoot): Cells => cells.decode(bytesFromId(root))
