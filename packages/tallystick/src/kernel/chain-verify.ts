/**
 * Verification of flat chains that somebody else kept.
 *
 * Promise. Records are accepted only if each follows from the one before it: same machine, next sequence, parent equal
 * to the hash of the header before, an entry that the balances allow and that leads to the balances written, and an
 * interaction, an entropy and an id that are the hashes they claim to be. The first is held against an anchor that the
 * caller brings. The first fault is returned with its step, never raised.
 *
 * Not promised. An anchor is taken at its word, and nothing here says that a chain is certified or the newest.
 * Source: `Verify(Si, Sj)` and `V(H, Sn, Sn+1, σ)` of DSM.
 */
import { type Blake3, defaultBlake3, onceFor } from '../base/blake3.ts'
import { bytesFromId } from '../base/brand.ts'
import { u64 } from '../base/codec.ts'
import { Fault, faultFrom, type FaultPlace, isFault } from '../base/fault.ts'
import { type Check, createCheck, type HashedField } from './chain-check.ts'
import { type Mill, millOf, SLOTS } from './chain-mill.ts'
import {
  type ChainHead,
  ENTRY,
  headFromRecord,
  RECORD_BYTES,
  RECORD_WORDS,
  recordFromHead,
  SEQUENCE,
  STATE,
} from './chain-record.ts'
import { FINE, judgeMove, leadsTo, moveFault, moveText } from './chain-rule.ts'

export type ChainRange = {
  /** Whole records, one after the other; they may lie in shared memory. */
  readonly records: Uint8Array
  /** What the first record of the range builds on. */
  readonly anchor: ChainHead
  /** Positions in `records`, from 0: the first record of the range, and the one behind its last. */
  readonly from?: number
  readonly to?: number
}

/** The head that a range leads to, or its first fault. An empty range leads to its anchor. */
export const verifyRange = (
  range: ChainRange,
  blake3: Blake3 = defaultBlake3(),
): ChainHead | Fault => {
  const [verdict = range.anchor] = verifyMany([range], blake3)
  return verdict
}

/** The same for ranges of several chains, which share the lanes. Verdicts in the order of the ranges. */
export const verifyMany = (
  ranges: readonly ChainRange[],
  blake3: Blake3 = defaultBlake3(),
): readonly (ChainHead | Fault)[] => {
  const desk = deskOf(blake3)
  const walks = ranges.map(createWalk)
  let parts: Part[] = []
  let used = 0
  const flush = (): void => {
    desk.check.recompute(used)
    for (const part of parts) judgePart(desk, part)
    parts = []
    used = 0
  }
  for (const walk of walks) {
    while (walk.fault === undefined && walk.at < walk.to) {
      // What a part builds on takes a slot of its own, but before slot 0 there is one for it anyway.
      const first = used === 0 ? 0 : used + 1
      const count = Math.min(SLOTS - first, walk.to - walk.at)
      if (count > 0) {
        load(desk.mill, walk, { first, count })
        parts.push({ walk, first, count })
        used = first + count
      }
      // A range that goes on must know how its part ended, because the next one builds on it.
      if (count <= 0 || walk.at < walk.to) flush()
    }
  }
  if (used > 0) flush()
  return walks.map((walk) => walk.fault ?? headFromRecord(walk.last))
}

/** How far the verification of a range has come. */
type Walk = {
  readonly range: ChainRange
  readonly to: number
  at: number
  /** The last record that was accepted, first the anchor's. A copy, in case the records lie in shared memory. */
  last: Uint8Array
  fault: Fault | undefined
}

const createWalk = (range: ChainRange): Walk => {
  const { records, anchor, from = 0, to = Math.floor(records.length / RECORD_BYTES) } = range
  const walk: Walk = { range, to, at: from, last: recordFromHead(anchor), fault: undefined }
  const whole = records.length % RECORD_BYTES === 0
  const inside = 0 <= from && from <= to && to * RECORD_BYTES <= records.length
  if (!whole || !inside || !Number.isInteger(from) || !Number.isInteger(to)) {
    const message = `records ${from} to ${to} of ${records.length} bytes`
    walk.fault = new Fault('chain/wrong-length', message, { machine: anchor.machine })
  }
  return walk
}

/** Records of one range in consecutive slots. */
type Part = { readonly walk: Walk; readonly first: number; readonly count: number }

const load = (
  { blake3, slots }: Mill,
  walk: Walk,
  { first, count }: Pick<Part, 'first' | 'count'>,
): void => {
  const { bytes } = blake3.kernel
  const end = walk.at + count
  const part = walk.range.records.subarray(walk.at * RECORD_BYTES, end * RECORD_BYTES)
  bytes.set(walk.last, slots + (first - 1) * RECORD_BYTES)
  bytes.set(part, slots + first * RECORD_BYTES)
  walk.at = end
}

const judgePart = (desk: Desk, { walk, first, count }: Part): void => {
  const { mill, check } = desk
  const { bytes, words } = mill.blake3.kernel
  let fine = HASHED_FIELDS.every((field) => check.holds(field, first, count))
  for (let slot = first; fine && slot < first + count; slot++) {
    const record = (mill.slots >>> 2) + slot * RECORD_WORDS
    fine = isNext(words, record) && follows(words, record)
  }
  if (!fine) walk.fault = firstFault(desk, { walk, first, count })
  const last = mill.slots + (first + count - 1) * RECORD_BYTES
  walk.last = bytes.slice(last, last + RECORD_BYTES)
}

const HASHED_FIELDS: readonly HashedField[] = ['machine', 'link', 'interaction', 'entropy', 'id']

/** Whether the sequence is that of the slot before, plus one. */
const isNext = (words: Int32Array, record: number): boolean => {
  const before = record - RECORD_WORDS + SEQUENCE
  const low = ((words[before] ?? 0) + 1) | 0
  const high = ((words[before + 1] ?? 0) + (low === 0 ? 1 : 0)) | 0
  // Behind the last sequence number there is none.
  if (low === 0 && high === 0) return false
  return words[record + SEQUENCE] === low && words[record + SEQUENCE + 1] === high
}

/** Whether the entry leads from the balances of the slot before to those that are written. */
const follows = (words: Int32Array, record: number): boolean => {
  const before = record - RECORD_WORDS + STATE
  if (judgeMove(words, before, record + ENTRY) !== FINE) return false
  return leadsTo(words, before, record + ENTRY, record + STATE)
}

/** Goes slot by slot and field by field through a part that does not hold. */
const firstFault = (desk: Desk, { walk, first, count }: Part): Fault => {
  const { machine } = walk.range.anchor
  const { kernel } = desk.mill.blake3
  for (let slot = first; slot < first + count; slot++) {
    const before = desk.mill.slots + (slot - 1) * RECORD_BYTES + 4 * SEQUENCE
    const step = u64.decode(kernel.bytes.slice(before, before + 8)) + 1n
    const fault = slotFault(desk, slot, { machine, step })
    if (fault !== undefined) return fault
  }
  throw new Error('assertion failed: a part that does not hold has a slot that does not')
}

const slotFault = ({ mill, check }: Desk, slot: number, place: FaultPlace): Fault | undefined => {
  const { words } = mill.blake3.kernel
  const record = (mill.slots >>> 2) + slot * RECORD_WORDS
  const holds = (field: HashedField): boolean => check.holds(field, slot, 1)
  if (!holds('machine')) {
    return new Fault('transition/wrong-machine', 'another machine than the step before', place)
  }
  if (!isNext(words, record)) {
    return new Fault('transition/wrong-sequence', 'not the sequence after the step before', place)
  }
  if (!holds('link')) {
    return new Fault('transition/wrong-parent', 'the parent is not the step before', place)
  }
  const judgement = judgeMove(words, record - RECORD_WORDS + STATE, record + ENTRY)
  if (judgement !== FINE) return moveFault(judgement, moveText(words, record + ENTRY), place)
  if (!follows(words, record)) {
    const message = `${moveText(words, record + ENTRY)} does not lead to the balances written`
    return new Fault('chain/wrong-state', message, place)
  }
  if (!holds('interaction')) {
    return new Fault(
      'chain/wrong-interaction',
      'the interaction is not the hash of the entry',
      place,
    )
  }
  if (!holds('entropy')) {
    return new Fault(
      'transition/wrong-entropy',
      'entropy does not follow from the step before',
      place,
    )
  }
  if (!holds('id'))
    return new Fault('chain/wrong-id', 'the id is not the hash of the header', place)
  return undefined
}

type Desk = {
  readonly mill: Mill
  readonly check: Check
}

const deskOf: (blake3: Blake3) => Desk = onceFor((blake3) => {
  const mill = millOf(blake3)
  return { mill, check: createCheck(mill) }
})

/**
 * `Verify(Si, Sj)`: whether the parent in each record is the hash of the header before it, and nothing else. The
 * first record of `records` is Si, the last is Sj. Returns the first fault.
 */
export const verifyLinks = (
  records: Uint8Array,
  blake3: Blake3 = defaultBlake3(),
): Fault | undefined => {
  const { mill, check } = deskOf(blake3)
  if (records.length % RECORD_BYTES !== 0) {
    return new Fault('chain/wrong-length', `${records.length} bytes are no whole records`)
  }
  const count = records.length / RECORD_BYTES
  // Neighbouring parts share a record, so that no link between them is left out.
  for (let from = 0; from + 1 < count; from += SLOTS - 1) {
    const size = Math.min(SLOTS, count - from)
    const part = records.subarray(from * RECORD_BYTES, (from + size) * RECORD_BYTES)
    mill.blake3.kernel.bytes.set(part, mill.slots)
    check.recomputeIds(size)
    if (check.holds('parent', 1, size - 1)) continue
    for (let slot = 1; slot < size; slot++) {
      if (check.holds('parent', slot, 1)) continue
      const { machine, sequence } = headFromRecord(
        part.slice(slot * RECORD_BYTES, (slot + 1) * RECORD_BYTES),
      )
      const place = { machine, step: sequence }
      return new Fault(
        'transition/wrong-parent',
        'the parent is not the hash of the step before',
        place,
      )
    }
  }
  return undefined
}

/** One step with the signature that authorises it. */
export type SignedStep = {
  /** The record of Sn, or of a genesis as `recordFromHead` makes it. */
  readonly parent: Uint8Array
  /** The record of Sn+1. */
  readonly child: Uint8Array
  readonly signature: Uint8Array
  /** Whether `signature` is one over these 32 bytes, the id of Sn+1, by a key that may sign. */
  readonly verify: (id: Uint8Array, signature: Uint8Array) => boolean
}

/**
 * `V(H, Sn, Sn+1, σ)`: whether Sn is complete, Sn+1 is what the entry makes of it, and the signature authorises it. Returns
 * the first fault, `chain/bad-signature` last.
 */
export const verifyStep = (
  { parent, child, signature, verify }: SignedStep,
  blake3: Blake3 = defaultBlake3(),
): Fault | undefined => {
  const anchor = faultFrom(() => headFromRecord(parent))
  if (isFault(anchor)) return anchor
  const { mill, check } = deskOf(blake3)
  mill.blake3.kernel.bytes.set(parent, mill.slots)
  check.recomputeIds(1)
  if (!check.holds('id', 0, 1)) {
    const place = { machine: anchor.machine, step: anchor.sequence }
    return new Fault('chain/wrong-id', 'the id is not the hash of the header', place)
  }
  const head =
    child.length === RECORD_BYTES
      ? verifyRange({ records: child, anchor }, blake3)
      : new Fault('chain/wrong-length', `a record has ${RECORD_BYTES} bytes, not ${child.length}`)
  if (isFault(head)) return head
  if (verify(bytesFromId(head.id), signature)) return undefined
  const place = { machine: head.machine, step: head.sequence }
  return new Fault('chain/bad-signature', 'the signature does not authorise the step', place)
}
