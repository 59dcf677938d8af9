/**
 * The mill: where the steps of flat chains are hashed, in the memory of a BLAKE3 instance. All chains of an instance
 * share it, and leave nothing in it that a later one relies on.
 *
 * It has `SLOTS` slots for records in a row, and one before them for the record that the first one builds on. A step
 * takes six compressions: one for its entry, two for its entropy, three for its header. Only the second of the entropy
 * and the last of the header depend on the step before, because the layout puts sequence and links last. So the other
 * four run four lanes at a time; the two that remain run side by side, the entropies of one batch beside the ids of
 * the batch before it. In a chain that is complete already nothing waits for anything (`chain-check.ts`).
 */
import { assert } from '../base/assert.ts'
import { type Blake3, type Job, onceFor } from '../base/blake3.ts'
import {
  BLOCK_BYTES,
  CHUNK_END,
  CHUNK_START,
  CV_BYTES,
  DERIVE_KEY_MATERIAL,
  MOVE,
  ROOT,
} from '../base/blake3/layout.ts'
import { TAGS } from '../base/tags.ts'
import {
  ENTROPY,
  ENTRY,
  ENTRY_BYTES,
  ID,
  INTERACTION,
  PARENT,
  RECORD_BYTES,
} from './chain-record.ts'

/** Records of one batch. Two batches, and what belongs to them, fit the nearest cache. */
const BATCH = 32
export const SLOTS: number = 2 * BATCH

/** A link is the block that the entropy of a step ends with: its sequence and the entropy before it. */
export const LINK_BYTES = 64
/** Where the entropy begins in a link. */
export const LINK_ENTROPY = 8
/** Bytes that count in the last block of an entropy, and in that of a header: a u64 and 32 bytes. */
const TAIL_BYTES = 40

export type Mill = {
  readonly blake3: Blake3
  /** Address of slot 0. */
  readonly slots: number
  /** Address of the link of slot 0. */
  readonly links: number
  /** Addresses of a chaining value for each slot. */
  readonly interactions: number
  readonly entropies: number
  readonly headers: number
}

/** The mill of an instance. */
export const millOf: (blake3: Blake3) => Mill = onceFor((blake3) => ({
  blake3,
  slots: blake3.reserve((SLOTS + 2) * RECORD_BYTES) + RECORD_BYTES,
  links: blake3.reserve((SLOTS + 1) * LINK_BYTES),
  interactions: blake3.reserve(SLOTS * CV_BYTES),
  entropies: blake3.reserve(SLOTS * CV_BYTES),
  headers: blake3.reserve(SLOTS * CV_BYTES),
}))

export type Compressions = {
  readonly [
    Name in 'entry' | 'entropyStart' | 'entropyEnd' | 'headerStart' | 'headerMiddle' | 'headerEnd'
  ]: Job
}

/**
 * The six compressions of the slots from `first` on. Results go to where the next compression or the next step reads
 * them: entropies into the link after, ids into the parent field after.
 */
export const compressions = (mill: Mill, first: number): Compressions => {
  const { blake3 } = mill
  const slot = mill.slots + first * RECORD_BYTES
  const link = mill.links + first * LINK_BYTES
  const entropy = mill.entropies + first * CV_BYTES
  const header = mill.headers + first * CV_BYTES
  const flags = DERIVE_KEY_MATERIAL
  const start = { length: BLOCK_BYTES, flags: flags | CHUNK_START, outStride: CV_BYTES }
  const end = { length: TAIL_BYTES, flags: flags | CHUNK_END | ROOT, cvStride: CV_BYTES }
  const records = { blockStride: RECORD_BYTES }
  return {
    entry: {
      ...records,
      cv: blake3.keyAt(TAGS.entry),
      block: slot + 4 * ENTRY,
      length: ENTRY_BYTES,
      flags: start.flags | end.flags,
      out: slot + 4 * INTERACTION,
      outStride: RECORD_BYTES,
    },
    entropyStart: {
      ...records,
      ...start,
      cv: blake3.keyAt(TAGS.entropy),
      block: slot,
      out: entropy,
    },
    entropyEnd: {
      ...end,
      cv: entropy,
      block: link,
      blockStride: LINK_BYTES,
      out: link + LINK_BYTES + LINK_ENTROPY,
      outStride: LINK_BYTES,
    },
    headerStart: {
      ...records,
      ...start,
      cv: blake3.keyAt(TAGS.transition),
      block: slot,
      out: header,
    },
    headerMiddle: {
      ...records,
      ...start,
      flags,
      cv: header,
      cvStride: CV_BYTES,
      block: slot + BLOCK_BYTES,
      out: header,
    },
    headerEnd: {
      ...records,
      ...end,
      cv: header,
      block: slot + 2 * BLOCK_BYTES,
      out: slot + RECORD_BYTES + 4 * PARENT,
      outStride: RECORD_BYTES,
    },
  }
}

/**
 * Completes slot 0: its machine, state, sequence, parent and entry are written, and its link. One step after the
 * other; for many, `createGrind`.
 */
export const createStep = (mill: Mill): (() => void) => {
  const { job, kernel } = mill.blake3
  const jobs = compressions(mill, 0)
  const entry = job(jobs.entry)
  const entropyStart = job(jobs.entropyStart)
  const entropyEnd = job({ ...jobs.entropyEnd, out: mill.slots + 4 * ENTROPY })
  const headerStart = job(jobs.headerStart)
  const headerMiddle = job(jobs.headerMiddle)
  const headerEnd = job({ ...jobs.headerEnd, out: mill.slots + 4 * ID })
  return () => {
    kernel.row(entry, 1)
    kernel.row(entropyStart, 1)
    kernel.row(entropyEnd, 1)
    kernel.row(headerStart, 1)
    kernel.row(headerMiddle, 1)
    kernel.row(headerEnd, 1)
  }
}

/**
 * Completes many steps of one feed. `fill` writes machine, state, sequence and entry of some slots and the sequences of
 * their links; `take` fetches complete records. Slot 0's parent and the entropy of its link are written beforehand.
 * Both come once and for all, since functions made for each list would cost the runtime's fast code each time.
 */
export type Grind<Feed> = (feed: Feed, count: number) => void

export type GrindWith<Feed> = {
  readonly fill: (feed: Feed, slot: number, count: number) => void
  readonly take: (feed: Feed, slot: number, count: number) => void
}

export const createGrind = <Feed>(mill: Mill, { fill, take }: GrindWith<Feed>): Grind<Feed> => {
  const { job, kernel } = mill.blake3
  const halves = [createHalf(mill, 0), createHalf(mill, BATCH)]
  // The last of the second half is followed by the first of the first half.
  const carryEntropy = job({
    cv: mill.links + SLOTS * LINK_BYTES + LINK_ENTROPY,
    out: mill.links + LINK_ENTROPY,
    mode: MOVE,
  })
  const carryId = job({
    cv: mill.slots + SLOTS * RECORD_BYTES + 4 * PARENT,
    out: mill.slots + 4 * PARENT,
    mode: MOVE,
  })
  return (feed, count) => {
    let before: { readonly half: Half; readonly size: number } | undefined
    const finish = (): void => {
      if (before === undefined) return
      if (before.half.first !== 0) kernel.row(carryId, 1)
      before.half.finish(before.size)
      take(feed, before.half.first, before.size)
    }
    for (let done = 0; done < count; done += BATCH) {
      const half = halves[(done / BATCH) % 2]
      assert(half !== undefined, 'there are two halves')
      const size = Math.min(BATCH, count - done)
      fill(feed, half.first, size)
      half.prepare(size)
      if (before?.size === size) kernel.pair(half.evolve, before.half.link, size)
      else {
        if (before !== undefined) kernel.row(before.half.link, before.size)
        kernel.row(half.evolve, size)
      }
      if (half.first !== 0) kernel.row(carryEntropy, 1)
      half.cover(size)
      finish()
      before = { half, size }
    }
    if (before !== undefined) kernel.row(before.half.link, before.size)
    finish()
  }
}

type Half = {
  readonly first: number
  /** Interactions, and entropies up to their links. */
  readonly prepare: (count: number) => void
  /** The chain of entropies. */
  readonly evolve: number
  /** Entropies into the records, and headers up to their links. */
  readonly cover: (count: number) => void
  /** The chain of ids. */
  readonly link: number
  /** Ids into the records. */
  readonly finish: (count: number) => void
}

const createHalf = (mill: Mill, first: number): Half => {
  const { each, job } = mill.blake3
  const jobs = compressions(mill, first)
  const entry = job(jobs.entry)
  const entropyStart = job(jobs.entropyStart)
  const headerStart = job(jobs.headerStart)
  const headerMiddle = job(jobs.headerMiddle)
  const slot = mill.slots + first * RECORD_BYTES
  const moved = (from: Job, out: number): number =>
    job({ cv: from.out, cvStride: from.outStride ?? 0, out, outStride: RECORD_BYTES, mode: MOVE })
  const entropies = moved(jobs.entropyEnd, slot + 4 * ENTROPY)
  const ids = moved(jobs.headerEnd, slot + 4 * ID)
  return {
    first,
    prepare: (count) => {
      each(entry, count)
      each(entropyStart, count)
    },
    evolve: job(jobs.entropyEnd),
    cover: (count) => {
      each(entropies, count)
      each(headerStart, count)
      each(headerMiddle, count)
    },
    link: job(jobs.headerEnd),
    finish: (count) => {
      each(ids, count)
    },
  }
}
