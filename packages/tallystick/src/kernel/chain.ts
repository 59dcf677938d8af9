/**
 * Flat chains: the history of a machine whose state is four cells, as fixed-width records in flat buffers.
 *
 * Promise. Every step is validated, hashed and linked as `chain-record.ts` and `transition.ts` say. A refused entry, or
 * a list with one refused entry, changes nothing. Steps are only ever added. What is read is a copy, so nobody changes
 * a history by changing what was read from it.
 *
 * Not promised. A chain knows nothing of consent, certificates or freshness: it is one party's arithmetic until
 * somebody signs its head, or the root of a batch of its steps (`chain-batch.ts`).
 */
import { assert } from '../base/assert.ts'
import { type Blake3, defaultBlake3, onceFor } from '../base/blake3.ts'
import type { Kernel } from '../base/blake3/layout.ts'
import { Fault, type FaultPlace } from '../base/fault.ts'
import { CHAIN_RECORDS_MAX } from '../base/limits.ts'
import { suiteRules } from '../base/suite.ts'
import { rootFromCells } from '../state/inline.ts'
import {
  createGrind,
  createStep,
  type Grind,
  LINK_BYTES,
  LINK_ENTROPY,
  millOf,
} from './chain-mill.ts'
import {
  addRecord,
  addRecords,
  copyIds,
  copyRecords,
  createPages,
  type Pages,
} from './chain-pages.ts'
import {
  CELLS,
  chainRecord,
  type ChainHead,
  type ChainRecord,
  type Entry,
  ENTRY,
  ENTRY_BYTES,
  ENTROPY,
  headFromRecord,
  headFromTransition,
  ID,
  PARENT,
  RECORD_WORDS,
  recordFromHead,
  SEQUENCE,
  STATE,
} from './chain-record.ts'
import { type Charter, machineId } from './charter.ts'
import { genesisTransition } from './transition.ts'
import { applyMove, FINE, judgeMove, moveFault, moveText, writeEntry } from './chain-rule.ts'

export type Chain = {
  /** Adds one step and returns its sequence number. Raises the faults of `chain-rule.ts`, and `chain/full`. */
  readonly append: (entry: Entry) => number
  /** Adds a step for each 56 bytes, or none. Returns the sequence number of the last. Raises what `append` raises. */
  readonly appendMany: (entries: Uint8Array) => number
  /** What the next step builds on. */
  readonly head: () => ChainHead
  /** A step as objects. Raises `chain/unknown-step`. */
  readonly at: (sequence: number) => ChainRecord
  /** The ids of steps `from` to `to` inclusive, 32 bytes each. Raises `chain/unknown-step`. */
  readonly ids: (from: number, to: number) => Uint8Array<ArrayBuffer>
  /** The records of steps `from` to `to` inclusive, 256 bytes each. Raises `chain/unknown-step`. */
  readonly records: (from: number, to: number) => Uint8Array<ArrayBuffer>
}

export type ChainOptions = {
  /** What the first step builds on: a machine's genesis, or a head that was checked before. */
  readonly start: ChainHead
  /** Where to hash; the one shared instance if left out. */
  readonly blake3?: Blake3
  /** Steps to make room for at once; there is more when they are used up. */
  readonly room?: number
}

export const createChain = ({
  start,
  blake3 = defaultBlake3(),
  room = 63,
}: ChainOptions): Chain => {
  assert(Number.isInteger(room) && room >= 0, 'there is room for a whole number of steps')
  const press = pressOf(blake3)
  const first = Number(start.sequence)
  const pages = createPages(1 + room)
  // Record 0 stands for the start, so that every step has a record before it.
  addRecord(pages, new Int32Array(recordFromHead(start).buffer))
  const place = (ahead: number): FaultPlace => ({
    machine: start.machine,
    step: first + pages.count - 1 + ahead,
  })
  const checkRoom = (count: number): void => {
    const records = pages.count + count
    if (records > CHAIN_RECORDS_MAX || first + records > Number.MAX_SAFE_INTEGER) {
      throw new Fault('chain/full', `${records} records do not fit`, place(1))
    }
  }
  const position = (sequence: number): number => {
    const at = sequence - first
    if (Number.isInteger(at) && at >= 1 && at < pages.count) return at
    const message = `of steps ${first + 1} to ${first + pages.count - 1}, none is ${sequence}`
    throw new Fault('chain/unknown-step', message, { machine: start.machine })
  }
  const records: Chain['records'] = (from, to) => {
    const at = position(from)
    return copyRecords(pages, at, Math.max(at, position(to) + 1))
  }
  return {
    append: (entry) => {
      checkRoom(1)
      appendOne(press, pages, entry, place)
      return first + pages.count - 1
    },
    appendMany: (entries) => {
      if (entries.length % ENTRY_BYTES !== 0) {
        const message = `${entries.length} bytes are no whole number of entries`
        throw new Fault('chain/wrong-length', message, place(1))
      }
      checkRoom(entries.length / ENTRY_BYTES)
      appendList(press, pages, entries, place)
      return first + pages.count - 1
    },
    head: () => headFromRecord(copyRecords(pages, pages.count - 1, pages.count)),
    at: (sequence) => chainRecord.decode(records(sequence, sequence)),
    ids: (from, to) => {
      const at = position(from)
      return copyIds(pages, at, Math.max(at, position(to) + 1))
    },
    records,
  }
}

/**
 * What the chain of a machine begins with. Raises `chain/wrong-suite` for a suite whose hash is not BLAKE3, `chain/no-cells`
 * for a machine whose state is no four cells.
 */
export const startOfChain = (charter: Charter): ChainHead => {
  const { state, terms } = charter
  const machine = machineId(charter)
  if (suiteRules(terms.suite).hash !== 'blake3') {
    throw new Fault('chain/wrong-suite', `no flat chain is hashed under ${terms.suite}`, {
      machine,
    })
  }
  if (state.is !== 'cells' || state.cells.length !== CELLS) {
    throw new Fault('chain/no-cells', `the charter gives the machine no ${CELLS} cells`, {
      machine,
    })
  }
  const [a = 0n, b = 0n, c = 0n, d = 0n] = state.cells
  const genesis = genesisTransition(terms.suite, machine, rootFromCells([a, b, c, d]))
  return headFromTransition(terms.suite, genesis)
}

/** What all chains of an instance append with. */
type Press = {
  readonly kernel: Kernel
  /** Word of slot 0 and of its link. */
  readonly slot: number
  readonly link: number
  readonly step: () => void
  readonly grind: Grind<Feed>
  /** The kernel's words when `record` was made, and the record in slot 0: to make it each time would cost more. */
  words: Int32Array<ArrayBuffer>
  record: Int32Array
}

const pressOf: (blake3: Blake3) => Press = onceFor((blake3) => {
  const mill = millOf(blake3)
  return {
    kernel: blake3.kernel,
    slot: mill.slots >>> 2,
    link: mill.links >>> 2,
    step: createStep(mill),
    grind: createGrind(mill, { fill, take }),
    words: new Int32Array(0),
    record: new Int32Array(0),
  }
})

/** The record in slot 0. A memory that has grown has other words. */
const recordIn = (press: Press, words: Int32Array<ArrayBuffer>): Int32Array => {
  if (press.words !== words) {
    press.words = words
    press.record = words.subarray(press.slot, press.slot + RECORD_WORDS)
  }
  return press.record
}

type PlaceAhead = (ahead: number) => FaultPlace

const appendOne = (press: Press, pages: Pages, entry: Entry, place: PlaceAhead): void => {
  const { kernel, slot } = press
  const { words } = kernel
  const { page } = pages
  const last = pages.end - RECORD_WORDS
  const fault = writeEntry(kernel, slot + ENTRY, entry)
  if (fault !== undefined) throw fault.at(place(1))
  for (let at = 0; at < 8; at++) words[slot + STATE + at] = page[last + STATE + at] ?? 0
  const judgement = judgeMove(words, slot + STATE, slot + ENTRY)
  if (judgement !== FINE) throw moveFault(judgement, moveText(words, slot + ENTRY), place(1))
  applyMove(words, slot + STATE, slot + ENTRY)
  const low = ((page[last + SEQUENCE] ?? 0) + 1) | 0
  const high = (page[last + SEQUENCE + 1] ?? 0) + (low === 0 ? 1 : 0)
  for (let at = 0; at < 8; at++) words[slot + at] = page[last + at] ?? 0
  words[slot + SEQUENCE] = low
  words[slot + SEQUENCE + 1] = high
  linkUp(press, page, last)
  words[press.link] = low
  words[press.link + 1] = high
  press.step()
  addRecord(pages, recordIn(press, words))
}

/** Writes into slot 0 and its link what they take over from the record before. */
const linkUp = ({ kernel, slot, link }: Press, page: Int32Array, last: number): void => {
  const { words } = kernel
  const entropy = link + (LINK_ENTROPY >>> 2)
  for (let at = 0; at < 8; at++) {
    words[slot + PARENT + at] = page[last + ID + at] ?? 0
    words[entropy + at] = page[last + ENTROPY + at] ?? 0
  }
}

const appendList = (press: Press, pages: Pages, entries: Uint8Array, place: PlaceAhead): void => {
  const count = entries.length / ENTRY_BYTES
  const { page } = pages
  const last = pages.end - RECORD_WORDS
  // A copy: what was judged is what is written, also if the caller's memory is shared. Behind it the cells.
  const list = new Int32Array(count * ENTRY_WORDS + 8)
  new Uint8Array(list.buffer).set(entries)
  const state = count * ENTRY_WORDS
  const cells = page.slice(last + STATE, last + STATE + 8)
  list.set(cells, state)
  for (let at = 0, entry = 0; at < count; at++, entry += ENTRY_WORDS) {
    const judgement = judgeMove(list, state, entry)
    if (judgement !== FINE) throw moveFault(judgement, moveText(list, entry), place(at + 1))
    applyMove(list, state, entry)
  }
  list.set(cells, state)
  linkUp(press, page, last)
  const feed = {
    press,
    pages,
    machine: page.slice(last, last + 8),
    list,
    state,
    entry: 0,
    low: page[last + SEQUENCE] ?? 0,
    high: page[last + SEQUENCE + 1] ?? 0,
  }
  press.grind(feed, count)
}

/** A list of entries on its way through the mill. */
type Feed = {
  readonly press: Press
  readonly pages: Pages
  readonly machine: Int32Array
  /** The entries, and from word `state` on the cells before the next of them, which begins at word `entry`. */
  readonly list: Int32Array
  readonly state: number
  entry: number
  /** The sequence before. */
  low: number
  high: number
}

const fill = (feed: Feed, slot: number, count: number): void => {
  const { press, machine, list, state } = feed
  const { words } = press.kernel
  for (let at = slot; at < slot + count; at++) {
    const record = press.slot + at * RECORD_WORDS
    const link = press.link + at * (LINK_BYTES >>> 2)
    applyMove(list, state, feed.entry)
    feed.low = (feed.low + 1) | 0
    if (feed.low === 0) feed.high++
    for (let word = 0; word < 8; word++) {
      words[record + word] = machine[word] ?? 0
      words[record + STATE + word] = list[state + word] ?? 0
    }
    words[record + SEQUENCE] = feed.low
    words[record + SEQUENCE + 1] = feed.high
    words[link] = feed.low
    words[link + 1] = feed.high
    for (let word = 0; word < ENTRY_WORDS; word++) {
      words[record + ENTRY + word] = list[feed.entry + word] ?? 0
    }
    feed.entry += ENTRY_WORDS
  }
}

const take = ({ press, pages }: Feed, slot: number, count: number): void =>
  addRecords(pages, press.kernel.words, press.slot + slot * RECORD_WORDS, count)

const ENTRY_WORDS = ENTRY_BYTES >>> 2
