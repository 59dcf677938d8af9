/**
 * Records of a flat chain: one step in four whole blocks of 64 bytes.
 *
 * | bytes | field | |
 * |---|---|---|
 * | 0–167 | header | as in `transition.ts`; its state field holds four cells |
 * | 168–223 | entry | what was done, see below |
 * | 224–255 | id | H('tallystick/1 transition', header) |
 *
 * The header's interaction is H('tallystick/1 entry', entry). An entry has 56 bytes:
 *
 * | bytes | field | |
 * |---|---|---|
 * | 0 | verb | 1: move an amount from one cell to another; no other is known |
 * | 1, 2 | from, to | numbers of cells |
 * | 3–7 | | zero |
 * | 8–15 | amount | u64, not 0 |
 * | 16–55 | reference | free, for example the hash of an invoice |
 *
 * Promise. Reading a record checks its form only. Whether it follows from the step before it is the business of
 * `chain-verify.ts`.
 */
import {
  bytesFromId,
  type Entropy,
  type MachineId,
  type StateRoot,
  type TransitionId,
} from '../base/brand.ts'
import { type Codec, codecFrom, id, struct, u64, U64_MAX } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import type { SuiteId } from '../base/suite.ts'
import { type Transition, transition, transitionId } from './transition.ts'

export const RECORD_BYTES = 256
export const ENTRY_BYTES = 56
export const REFERENCE_BYTES = 40

/** Where the fields of a record begin, in words of 32 bits. */
export const RECORD_WORDS = 64
export const INTERACTION = 8
export const STATE = 16
export const ENTROPY = 24
export const SEQUENCE = 32
export const PARENT = 34
export const ENTRY = 42
export const ID = 56

/** The verb of an entry that moves an amount. */
export const MOVE_VERB = 1
export const CELLS = 4

/** What one step of a flat chain does. */
export type Entry = {
  readonly is: 'move'
  readonly from: number
  readonly to: number
  /** 1 … 2^64 − 1. */
  readonly amount: bigint
  /** 40 bytes. */
  readonly reference: Uint8Array
}

/** One step as objects. Changing them changes no chain. */
export type ChainRecord = {
  readonly transition: Transition
  readonly entry: Entry
  readonly id: TransitionId
}

/** What the next step of a chain builds on, and all that a verifier has to know of the steps before. */
export type ChainHead = {
  readonly machine: MachineId
  readonly sequence: bigint
  readonly state: StateRoot
  readonly entropy: Entropy
  readonly id: TransitionId
}

/** An entry. Raises `chain/bad-entry`, which no balance can cure. */
export const entry: Codec<Entry> = codecFrom(
  (writer, value) => {
    const fault = entryFault(value)
    if (fault) throw fault
    writer.u32(firstWord(value))
    writer.u32(0)
    writer.u64(value.amount)
    writer.raw(value.reference)
  },
  (reader) => {
    const first = reader.u32()
    const second = reader.u32()
    const [from, to] = [(first >>> 8) & 0xff, (first >>> 16) & 0xff]
    const amount = reader.u64()
    const value: Entry = { is: 'move', from, to, amount, reference: reader.raw(REFERENCE_BYTES) }
    if (first !== firstWord(value) || second !== 0) {
      throw new Fault('chain/bad-entry', `an entry does not begin with ${first} and ${second}`)
    }
    const fault = entryFault(value)
    if (fault) throw fault
    return value
  },
)

const firstWord = (of: Entry): number => MOVE_VERB | (of.from << 8) | (of.to << 16)

const isCell = (cell: number): boolean => Number.isInteger(cell) && cell >= 0 && cell < CELLS

/** What is wrong with an entry whatever the balances are. */
export const entryFault = ({ from, to, amount, reference }: Entry): Fault | undefined => {
  if (!isCell(from) || !isCell(to) || from === to) {
    return new Fault('chain/bad-entry', `no move goes from cell ${from} to cell ${to}`)
  }
  if (typeof amount !== 'bigint' || amount <= 0n || amount > U64_MAX) {
    return new Fault('chain/bad-entry', `no move is over ${String(amount)}`)
  }
  if (reference.length !== REFERENCE_BYTES) {
    return new Fault(
      'chain/bad-entry',
      `a reference has ${REFERENCE_BYTES} bytes, not ${reference.length}`,
    )
  }
  return undefined
}

/** A record's three parts. Raises the faults of their codecs; what its hashes say is not looked at. */
export const chainRecord: Codec<ChainRecord> = struct<ChainRecord>({
  transition,
  entry,
  id: id<'transition'>(),
})

/** A head, 136 bytes: machine, sequence, state, entropy, id. */
export const chainHead: Codec<ChainHead> = struct<ChainHead>({
  machine: id<'machine'>(),
  sequence: u64,
  state: id<'state-root'>(),
  entropy: id<'entropy'>(),
  id: id<'transition'>(),
})

/** The head that a transition is, for example a machine's genesis. */
export const headFromTransition = (suite: SuiteId, of: Transition): ChainHead => ({
  machine: of.machine,
  sequence: of.sequence,
  state: of.state,
  entropy: of.entropy,
  id: transitionId(suite, of),
})

/** The head that a record says it is. Trust it as far as the record was checked. */
export const headFromRecord = (bytes: Uint8Array): ChainHead => {
  if (bytes.length !== RECORD_BYTES) {
    throw new Fault('chain/wrong-length', `a record has ${RECORD_BYTES} bytes, not ${bytes.length}`)
  }
  const { machine, sequence, state, entropy } = transition.decode(bytes.slice(0, 4 * ENTRY))
  return { machine, sequence, state, entropy, id: transitionIdField.decode(bytes.slice(4 * ID)) }
}

const transitionIdField = id<'transition'>()

/** A record that holds what the next one refers to, and zeros elsewhere: it stands before the first of a chain. */
export const recordFromHead = (head: ChainHead): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(RECORD_BYTES)
  bytes.set(bytesFromId(head.machine), 0)
  bytes.set(bytesFromId(head.state), 4 * STATE)
  bytes.set(bytesFromId(head.entropy), 4 * ENTROPY)
  bytes.set(u64.encode(head.sequence), 4 * SEQUENCE)
  bytes.set(bytesFromId(head.id), 4 * ID)
  return bytes
}
