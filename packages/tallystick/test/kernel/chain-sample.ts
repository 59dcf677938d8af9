/** Flat chains written down a second time, with an independent hash and plain objects, for the tests to compare with. */
import { blake3 as noble } from '@noble/hashes/blake3.js'
import fc from 'fast-check'
import { bytesFromId, idFromHex } from '../../src/base/brand.ts'
import type { Blake3Path } from '../../src/base/blake3.ts'
import { concatBytes, hexFromBytes } from '../../src/base/bytes.ts'
import {
  type ChainHead,
  type Entry,
  headFromTransition,
  RECORD_BYTES,
} from '../../src/kernel/chain-record.ts'
import { genesisTransition } from '../../src/kernel/transition.ts'
import { type Cells, rootFromCells } from '../../src/state/inline.ts'

export const PATHS: readonly Blake3Path[] = ['wasm', 'plain']

export const H = (tag: string, bytes: Uint8Array): Uint8Array =>
  noble(bytes, { context: new TextEncoder().encode(`tallystick/1 ${tag}`) })

export const le64 = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value, true)
  return bytes
}

export const machineOf = (name: number): ChainHead['machine'] =>
  idFromHex(name.toString(16).padStart(64, 'a'))

export const startOf = (cells: Cells, name = 1): ChainHead =>
  headFromTransition('quantum', genesisTransition('quantum', machineOf(name), rootFromCells(cells)))

/** A record as its fields, so that a test can forge any of them and hash what follows from it. */
export type Fields = {
  readonly machine: Uint8Array
  readonly interaction: Uint8Array
  readonly state: Uint8Array
  readonly entropy: Uint8Array
  readonly sequence: bigint
  readonly parent: Uint8Array
  readonly entry: Uint8Array
  readonly id: Uint8Array
}

export const entryBytes = ({ from, to, amount, reference }: Entry): Uint8Array =>
  concatBytes(Uint8Array.of(1, from, to, 0, 0, 0, 0, 0), le64(amount), reference)

export const headerOf = (of: Fields): Uint8Array =>
  concatBytes(of.machine, of.interaction, of.state, of.entropy, le64(of.sequence), of.parent)

export const recordOf = (of: Fields): Uint8Array => concatBytes(headerOf(of), of.entry, of.id)

export const fieldsOfStart = (start: ChainHead): Fields => ({
  machine: bytesFromId(start.machine),
  interaction: new Uint8Array(32),
  state: bytesFromId(start.state),
  entropy: bytesFromId(start.entropy),
  sequence: start.sequence,
  parent: new Uint8Array(32),
  entry: new Uint8Array(56),
  id: bytesFromId(start.id),
})

/** The step after `before`; whatever `forged` names is taken from there, and hashed as if it were right. */
export const nextFields = (before: Fields, entry: Entry, forged: Partial<Fields> = {}): Fields => {
  const view = new DataView(before.state.slice().buffer)
  view.setBigUint64(8 * entry.from, view.getBigUint64(8 * entry.from, true) - entry.amount, true)
  view.setBigUint64(8 * entry.to, view.getBigUint64(8 * entry.to, true) + entry.amount, true)
  const encoded = forged.entry ?? entryBytes(entry)
  const machine = forged.machine ?? before.machine
  const interaction = forged.interaction ?? H('entry', encoded)
  const sequence = forged.sequence ?? before.sequence + 1n
  const fields: Fields = {
    machine,
    interaction,
    state: forged.state ?? new Uint8Array(view.buffer),
    entropy:
      forged.entropy ??
      H('entropy', concatBytes(machine, interaction, le64(sequence), before.entropy)),
    sequence,
    parent: forged.parent ?? before.id,
    entry: encoded,
    id: new Uint8Array(32),
  }
  return { ...fields, id: forged.id ?? H('transition', headerOf(fields)) }
}

export const recordsFrom = (start: ChainHead, entries: readonly Entry[]): Uint8Array => {
  let fields = fieldsOfStart(start)
  return concatBytes(
    ...entries.map((entry) => {
      fields = nextFields(fields, entry)
      return recordOf(fields)
    }),
  )
}

export const headOfFields = (of: Fields): ChainHead => ({
  machine: idFromHex(hexFromBytes(of.machine)),
  sequence: of.sequence,
  state: idFromHex(hexFromBytes(of.state)),
  entropy: idFromHex(hexFromBytes(of.entropy)),
  id: idFromHex(hexFromBytes(of.id)),
})

export const packed = (entries: readonly Entry[]): Uint8Array =>
  concatBytes(...entries.map(entryBytes))

export const recordAt = (records: Uint8Array, at: number): Uint8Array =>
  records.slice(at * RECORD_BYTES, (at + 1) * RECORD_BYTES)

export const move = (from: number, to: number, amount: bigint, seed = 0): Entry => ({
  is: 'move',
  from,
  to,
  amount,
  reference: Uint8Array.from({ length: 40 }, (_, at) => (at * 7 + seed * 13 + 1) & 255),
})

/** Moves that go round and round, and so never run out. */
export const rounds = (count: number, amount = 3_000_000_000n): readonly Entry[] =>
  Array.from({ length: count }, (_, at) =>
    move(at % 4, (at + 1) % 4, amount + BigInt(Math.floor(at / 4) % 5), at),
  )

export const RICH: Cells = [1n << 62n, 1n << 61n, 1n << 33n, 1n << 60n]

/** Amounts around the borders of words and cells. */
export const amount: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: 1n, max: 1n << 33n }),
  fc.constantFrom(1n, 0xffff_ffffn, 1n << 32n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n),
)

export const cellsArbitrary: fc.Arbitrary<Cells> = fc.tuple(amount, amount, amount, amount)

export const entryArbitrary: fc.Arbitrary<Entry> = fc
  .record({
    from: fc.nat(3),
    step: fc.integer({ min: 1, max: 3 }),
    amount,
    reference: fc.uint8Array({ minLength: 40, maxLength: 40 }),
  })
  .map(({ from, step, ...rest }) => ({ is: 'move', from, to: (from + step) % 4, ...rest }))
