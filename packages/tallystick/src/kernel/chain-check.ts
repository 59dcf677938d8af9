/**
 * Records that are complete already, checked in the mill (`chain-mill.ts`). Every hash of a stored chain can be worked
 * out from what is written, so all six compressions of a step run four lanes at a time, and steps of several chains can
 * share the lanes: each is held against the slot before it.
 */
import { CHECK, CV_BYTES, MOVE } from '../base/blake3/layout.ts'
import { compressions, LINK_BYTES, LINK_ENTROPY, type Mill } from './chain-mill.ts'
import { ENTROPY, ID, INTERACTION, PARENT, RECORD_BYTES, SEQUENCE } from './chain-record.ts'

export type Check = {
  /** Works out what the hashes of slots 0 to `count` − 1 should be. */
  readonly recompute: (count: number) => void
  /** Works out the ids alone. */
  readonly recomputeIds: (count: number) => void
  /** Whether a field of so many slots from `first` on is what was worked out, or what the slot before says. */
  readonly holds: (field: HashedField, first: number, count: number) => boolean
}

/**
 * `machine` and `link`: same machine, and parent equal to the id that the slot before bears. `parent`: equal to the id
 * that was worked out for the slot before, so not for slot 0. The others: equal to what was worked out for the slot.
 */
export type HashedField = 'machine' | 'link' | 'parent' | 'interaction' | 'entropy' | 'id'

export const createCheck = (mill: Mill): Check => {
  const { each, job, kernel } = mill.blake3
  const { slots, links, interactions, entropies, headers } = mill
  const jobs = compressions(mill, 0)
  const before = slots - RECORD_BYTES
  const intoLinks = { cvStride: RECORD_BYTES, outStride: LINK_BYTES, mode: MOVE }
  const others = [
    { ...jobs.entry, out: interactions, outStride: CV_BYTES },
    // The sequence, and over the bytes that come along behind it the entropy before.
    { ...intoLinks, cv: slots + 4 * SEQUENCE, out: links },
    { ...intoLinks, cv: before + 4 * ENTROPY, out: links + LINK_ENTROPY },
    jobs.entropyStart,
    { ...jobs.entropyEnd, out: entropies, outStride: CV_BYTES },
  ].map(job)
  const ids = [
    jobs.headerStart,
    jobs.headerMiddle,
    { ...jobs.headerEnd, out: headers, outStride: CV_BYTES },
  ].map(job)
  const run = (list: readonly number[], count: number): void => {
    for (const address of list) each(address, count)
  }
  const written = { cvStride: RECORD_BYTES, outStride: RECORD_BYTES, mode: MOVE | CHECK }
  const worked = { ...written, cvStride: CV_BYTES }
  const comparisons: Readonly<Record<HashedField, number>> = {
    machine: job({ ...written, cv: before, out: slots }),
    link: job({ ...written, cv: before + 4 * ID, out: slots + 4 * PARENT }),
    parent: job({ ...worked, cv: headers - CV_BYTES, out: slots + 4 * PARENT }),
    interaction: job({ ...worked, cv: interactions, out: slots + 4 * INTERACTION }),
    entropy: job({ ...worked, cv: entropies, out: slots + 4 * ENTROPY }),
    id: job({ ...worked, cv: headers, out: slots + 4 * ID }),
  }
  /** Moves a comparison to other slots. */
  const shift = (comparison: number, by: number): void => {
    const { words } = kernel
    for (const field of [comparison >>> 2, (comparison >>> 2) + 4]) {
      words[field] = (words[field] ?? 0) + by * (words[field + 1] ?? 0)
    }
  }
  return {
    recompute: (count) => {
      run(others, count)
      run(ids, count)
    },
    recomputeIds: (count) => run(ids, count),
    holds: (field, first, count) => {
      const comparison = comparisons[field]
      if (first !== 0) shift(comparison, first)
      const same = each(comparison, count) === 0
      if (first !== 0) shift(comparison, -first)
      return same
    },
  }
}
