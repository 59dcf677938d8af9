/**
 * The rule of a flat chain: a move takes an amount from one of four cells and adds it to another.
 *
 * Promise. The sum of the four cells never changes, no cell falls below 0 or rises over 2^64 − 1, and what is refused
 * changes nothing. The rule works in place on words of 32 bits; a cell is two words, the low one first.
 */
import { Fault, type FaultPlace } from '../base/fault.ts'
import { CELLS, type Entry, entryFault, MOVE_VERB, REFERENCE_BYTES } from './chain-record.ts'

/** How a move is judged, as a number, because the rule runs millions of times a second. */
export const FINE = 0
export const BAD_ENTRY = 1
export const INSUFFICIENT = 2
export const OVERFLOW = 3

/** An amount on its way from a bigint into two words. */
const amounts = new BigUint64Array(1)
const amountWords = new Int32Array(amounts.buffer)

/**
 * Writes an entry at word `at` of a memory, as the codec `entry` does, or returns why it has no such form. Whether the
 * move is allowed is left to `judgeMove`.
 */
export const writeEntry = (
  memory: { readonly words: Int32Array; readonly bytes: Uint8Array },
  at: number,
  entry: Entry,
): Fault | undefined => {
  const { from, to, amount, reference } = entry
  const isFast =
    (from & 3) === from &&
    (to & 3) === to &&
    typeof amount === 'bigint' &&
    BigInt.asUintN(64, amount) === amount &&
    reference.length === REFERENCE_BYTES
  const fault = isFast ? undefined : entryFault(entry)
  if (fault !== undefined) return fault
  const { words, bytes } = memory
  amounts[0] = amount
  words[at] = MOVE_VERB | (from << 8) | (to << 16)
  words[at + 1] = 0
  words[at + 2] = amountWords[0] ?? 0
  words[at + 3] = amountWords[1] ?? 0
  bytes.set(reference, 4 * (at + 4))
  return undefined
}

/** Judges the entry at word `entry` against the cells at word `state`. Writes nothing. */
export const judgeMove = (words: Int32Array, state: number, entry: number): number => {
  const head = words[entry] ?? 0
  const from = (head >>> 8) & 0xff
  const to = (head >>> 16) & 0xff
  if ((head & 0xff) !== MOVE_VERB || head >>> 24 !== 0 || words[entry + 1] !== 0) return BAD_ENTRY
  if (from >= CELLS || to >= CELLS || from === to) return BAD_ENTRY
  const low = (words[entry + 2] ?? 0) >>> 0
  const high = (words[entry + 3] ?? 0) >>> 0
  if (low === 0 && high === 0) return BAD_ENTRY
  const heldLow = (words[state + 2 * from] ?? 0) >>> 0
  const heldHigh = (words[state + 2 * from + 1] ?? 0) >>> 0
  if (heldHigh < high || (heldHigh === high && heldLow < low)) return INSUFFICIENT
  const sumLow = ((words[state + 2 * to] ?? 0) >>> 0) + low
  const sumHigh = ((words[state + 2 * to + 1] ?? 0) >>> 0) + high + (sumLow > 0xffff_ffff ? 1 : 0)
  return sumHigh > 0xffff_ffff ? OVERFLOW : FINE
}

/** Applies an entry that was judged fine to the cells at word `state`. */
export const applyMove = (words: Int32Array, state: number, entry: number): void => {
  const head = words[entry] ?? 0
  const from = state + 2 * ((head >>> 8) & 0xff)
  const to = state + 2 * ((head >>> 16) & 0xff)
  const low = (words[entry + 2] ?? 0) >>> 0
  const high = words[entry + 3] ?? 0
  const heldLow = (words[from] ?? 0) >>> 0
  words[from] = heldLow - low
  words[from + 1] = (words[from + 1] ?? 0) - high - (heldLow < low ? 1 : 0)
  const sumLow = ((words[to] ?? 0) >>> 0) + low
  words[to] = sumLow
  words[to + 1] = (words[to + 1] ?? 0) + high + (sumLow > 0xffff_ffff ? 1 : 0)
}

/** Whether the cells at word `after` are what the entry, judged fine, makes of those at word `state`. */
export const leadsTo = (
  words: Int32Array,
  state: number,
  entry: number,
  after: number,
): boolean => {
  const head = words[entry] ?? 0
  const from = 2 * ((head >>> 8) & 0xff)
  const to = 2 * ((head >>> 16) & 0xff)
  const low = (words[entry + 2] ?? 0) >>> 0
  const high = words[entry + 3] ?? 0
  const heldLow = (words[state + from] ?? 0) >>> 0
  const heldHigh = (words[state + from + 1] ?? 0) - high - (heldLow < low ? 1 : 0)
  const sumLow = ((words[state + to] ?? 0) >>> 0) + low
  const sumHigh = (words[state + to + 1] ?? 0) + high + (sumLow > 0xffff_ffff ? 1 : 0)
  let wrong = ((words[after + from] ?? 0) ^ (heldLow - low)) | ((words[after + to] ?? 0) ^ sumLow)
  wrong |= (words[after + from + 1] ?? 0) ^ heldHigh
  wrong |= (words[after + to + 1] ?? 0) ^ sumHigh
  for (let cell = 0; cell < 2 * CELLS; cell += 2) {
    if (cell === from || cell === to) continue
    wrong |= (words[state + cell] ?? 0) ^ (words[after + cell] ?? 0)
    wrong |= (words[state + cell + 1] ?? 0) ^ (words[after + cell + 1] ?? 0)
  }
  return wrong === 0
}

/** The fault that a judgement other than `FINE` stands for. `cell` and `amount` are for the reader. */
export const moveFault = (judgement: number, move: string, place: FaultPlace): Fault => {
  if (judgement === INSUFFICIENT) {
    return new Fault('chain/insufficient', `${move}: the cell holds less`, place)
  }
  if (judgement === OVERFLOW) {
    return new Fault('chain/overflow', `${move}: the receiving cell would pass 2^64 − 1`, place)
  }
  return new Fault('chain/bad-entry', `${move}: no such move`, place)
}

/** An entry in words, for messages: whatever it says, also when it is malformed. */
export const moveText = (words: Int32Array, entry: number): string => {
  const head = words[entry] ?? 0
  const amount =
    (BigInt((words[entry + 3] ?? 0) >>> 0) << 32n) | BigInt((words[entry + 2] ?? 0) >>> 0)
  return `verb ${head & 0xff}, ${amount} from cell ${(head >>> 8) & 0xff} to cell ${(head >>> 16) & 0xff}`
}
