/** What a BLAKE3 kernel does at most: compressions in a row, and four lanes of them, with nothing around. */
import type { Blake3 } from '../base/blake3.ts'
import { BLOCK_BYTES, CV_BYTES } from '../base/blake3/layout.ts'
import type { Case } from './harness.ts'

const ROW_ITEMS = 256
const LANE_ITEMS = 16

/** One compression after the other, each from the result of the one before. */
export const rowLimit = (name: string, blake3: Blake3, count: number): Case => {
  const out = blake3.reserve(CV_BYTES)
  const block = blake3.reserve(BLOCK_BYTES)
  const job = blake3.job({ cv: out, out, block, length: BLOCK_BYTES })
  return {
    name,
    count,
    run: () => {
      // In pieces, as it is called in earnest: one endless call would be compiled anew each time.
      for (let done = 0; done < count; done += ROW_ITEMS) {
        blake3.kernel.row(job, Math.min(ROW_ITEMS, count - done))
      }
    },
  }
}

/** Independent compressions, four at a time. */
export const laneLimit = (name: string, blake3: Blake3, count: number): Case => {
  const cv = blake3.reserve(CV_BYTES)
  const out = blake3.reserve(LANE_ITEMS * CV_BYTES)
  const block = blake3.reserve(LANE_ITEMS * BLOCK_BYTES)
  const strides = { blockStride: BLOCK_BYTES, outStride: CV_BYTES }
  const job = blake3.job({ cv, out, block, ...strides, length: BLOCK_BYTES })
  return {
    name,
    count,
    run: () => {
      for (let done = 0; done < count; done += LANE_ITEMS) blake3.kernel.four(job, LANE_ITEMS)
    },
  }
}
