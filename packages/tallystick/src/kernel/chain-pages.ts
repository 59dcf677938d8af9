/**
 * Pages: the records of one chain in flat buffers that never move. Each page is twice as long as the one before it, so
 * short chains stay small, long ones have few pages, and nothing is copied to make room.
 */
import { assert } from '../base/assert.ts'
import { ID, RECORD_BYTES, RECORD_WORDS } from './chain-record.ts'

/**
 * An object and functions on it, no object with functions in it: code that the runtime made fast for one chain would be
 * thrown away with that chain.
 */
export type Pages = {
  readonly capacity: number
  readonly all: Int32Array<ArrayBuffer>[]
  count: number
  /** The page of the last record, and the word behind that record. */
  page: Int32Array<ArrayBuffer>
  end: number
}

/** The first page has room for `capacity` records and is asked for at once, so that no step waits for it. */
export const createPages = (capacity: number): Pages => {
  // Written once, or the platform would hand the memory out bit by bit, at the price of a hash each time.
  const page = new Int32Array(RECORD_WORDS * capacity).fill(0)
  return { capacity, all: [page], count: 0, page, end: 0 }
}

/** Adds one record of 64 words. */
export const addRecord = (pages: Pages, record: Int32Array): void => {
  if (pages.end === pages.page.length) turnPage(pages)
  pages.page.set(record, pages.end)
  pages.end += RECORD_WORDS
  pages.count++
}

/** Adds records that lie in `words` one after the other from word `at` on. */
export const addRecords = (
  pages: Pages,
  words: Int32Array<ArrayBuffer>,
  at: number,
  count: number,
): void => {
  let from = at
  const to = at + count * RECORD_WORDS
  while (from < to) {
    if (pages.end === pages.page.length) turnPage(pages)
    const size = Math.min(to - from, pages.page.length - pages.end)
    pages.page.set(words.subarray(from, from + size), pages.end)
    pages.end += size
    from += size
  }
  pages.count += count
}

const turnPage = (pages: Pages): void => {
  pages.page = new Int32Array(RECORD_WORDS * pages.capacity * 2 ** pages.all.length)
  pages.end = 0
  pages.all.push(pages.page)
}

/** A copy of the bytes of records `from` to `to` − 1. */
export const copyRecords = (pages: Pages, from: number, to: number): Uint8Array<ArrayBuffer> => {
  const slices = slicesOf(pages, from, to)
  const bytes = new Uint8Array((to - from) * RECORD_BYTES)
  let done = 0
  for (const { page, start, size } of slices) {
    bytes.set(new Uint8Array(page.buffer, start * RECORD_BYTES, size * RECORD_BYTES), done)
    done += size * RECORD_BYTES
  }
  return bytes
}

const ID_WORDS = 8

/** A copy of the ids of records `from` to `to` − 1. */
export const copyIds = (pages: Pages, from: number, to: number): Uint8Array<ArrayBuffer> => {
  const slices = slicesOf(pages, from, to)
  const words = new Int32Array((to - from) * ID_WORDS)
  let done = 0
  for (const { page, start, size } of slices) {
    const end = (start + size) * RECORD_WORDS
    for (let id = start * RECORD_WORDS + ID; id < end; id += RECORD_WORDS) {
      for (let word = 0; word < ID_WORDS; word++) words[done++] = page[id + word] ?? 0
    }
  }
  return new Uint8Array(words.buffer)
}

/** Some records that are on one page. */
type Slice = {
  readonly page: Int32Array<ArrayBuffer>
  readonly start: number
  readonly size: number
}

const slicesOf = (pages: Pages, from: number, to: number): readonly Slice[] => {
  assert(from >= 0 && from <= to && to <= pages.count, 'only what was added can be read')
  const slices: Slice[] = []
  let before = 0
  for (const page of pages.all) {
    const after = before + page.length / RECORD_WORDS
    const [start, end] = [Math.max(from, before), Math.min(to, after)]
    if (start < end) slices.push({ page, start: start - before, size: end - start })
    before = after
  }
  return slices
}
