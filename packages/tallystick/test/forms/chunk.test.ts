import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { CHUNK_BYTES_MAX, CHUNKS_MAX } from '../../src/base/limits.ts'
import {
  base45FromBytes,
  bytesFromBase45,
  bytesFromChunks,
  chunksFromBytes,
  gather,
  missingChunks,
  readChunk,
} from '../../src/forms/chunk.ts'

const codeOf = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'none'
}

const whole = Uint8Array.from({ length: 100 }, (_, at) => at)
const other = Uint8Array.from({ length: 100 }, (_, at) => 255 - at)
const chunks = chunksFromBytes(whole, 30)

describe('base45', () => {
  test.each([
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
  ])('writes %s as the examples of RFC 9285 do', (text, written) => {
    expect(base45FromBytes(bytesFromUtf8(text))).toBe(written)
    expect(bytesFromBase45(written)).toEqual(bytesFromUtf8(text))
  })

  test.each([
    ['GGW', 'a value of 65,536'],
    ['::', 'a value above one byte'],
    ['BB8A', 'a lonely character'],
    ['bb8', 'a small letter'],
  ])('refuses %s: %s', (text) => {
    expect(codeOf(() => bytesFromBase45(text))).toBe('chunk/malformed')
  })

  test('has one spelling for every bytes, read back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const text = base45FromBytes(bytes)
        expect(bytesFromBase45(text)).toEqual(bytes)
        expect(text).toMatch(/^[0-9A-Z $%*+\-./:]*$/)
      }),
    )
  })
})

describe('chunks', () => {
  test('in any order and with repeats give back the whole', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500 }),
        fc.integer({ min: 1, max: 90 }),
        fc.infiniteStream(fc.nat()),
        (bytes, share, picks) => {
          const all = chunksFromBytes(bytes, share)
          const shuffled = [...all, ...all]
            .map((text) => ({ text, at: Number(picks.next().value) }))
            .sort((a, b) => a.at - b.at)
            .map((one) => one.text)
          expect(bytesFromChunks(shuffled)).toEqual(bytes)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('say which are missing, and nothing comes of them until none is', () => {
    const [first = '', , third = ''] = chunks
    const gathered = gather(gather(undefined, readChunk(third)), readChunk(first))
    expect(missingChunks(gathered)).toEqual([2, 4])
    expect(codeOf(() => bytesFromChunks(chunks.slice(1)))).toBe('chunk/incomplete')
    expect(codeOf(() => bytesFromChunks([]))).toBe('chunk/incomplete')
    expect(bytesFromChunks(chunks)).toEqual(whole)
  })

  test('of two wholes are told apart, also with as many chunks', () => {
    const others = chunksFromBytes(other, 30)
    expect(codeOf(() => bytesFromChunks([...chunks.slice(0, 3), ...others.slice(3)]))).toBe(
      'chunk/other-whole',
    )
    expect(codeOf(() => bytesFromChunks([...chunks.slice(0, 3), ...chunks.slice(3)]))).toBe('none')
    const finer = chunksFromBytes(whole, 20)
    expect(codeOf(() => bytesFromChunks([...chunks.slice(0, 3), ...finer.slice(3)]))).toBe(
      'chunk/other-whole',
    )
  })

  test('that contradict each other or the digest are refused', () => {
    const forged = (chunks[0] ?? '').slice(0, -3) + '000'
    expect(codeOf(() => bytesFromChunks([...chunks, forged]))).toBe('chunk/contradiction')
    expect(codeOf(() => bytesFromChunks([forged, ...chunks.slice(1)]))).toBe('chunk/wrong-digest')
    expect(codeOf(() => bytesFromChunks([chunks[0] ?? '', ...chunks.slice(1)]))).toBe('none')
  })

  test.each([
    ['HELLO', 'chunk/not-a-chunk'],
    ['TLY2', 'chunk/not-a-chunk'],
    [(chunks[0] ?? '').replace('1/4:', '0/4:'), 'chunk/malformed'],
    [(chunks[0] ?? '').replace('1/4:', '5/4:'), 'chunk/malformed'],
    [(chunks[0] ?? '').replace('1/4:', '01/4:'), 'chunk/malformed'],
    [(chunks[0] ?? '').replace('1/4:', `1/${CHUNKS_MAX + 1}:`), 'chunk/malformed'],
    [(chunks[0] ?? '').replace('1/4:', '1/4'), 'chunk/malformed'],
    [(chunks[0] ?? '').toLowerCase(), 'chunk/not-a-chunk'],
    [chunks[0] ?? '', 'none'],
  ])('reads %s as %s', (text, code) => {
    expect(codeOf(() => readChunk(text))).toBe(code)
  })

  test('hold the most that is allowed and not more', () => {
    const most = new Uint8Array(CHUNKS_MAX)
    expect(chunksFromBytes(most, 1)).toHaveLength(CHUNKS_MAX)
    expect(codeOf(() => chunksFromBytes(new Uint8Array(CHUNKS_MAX + 1), 1))).toBe('chunk/too-large')
    const [big = ''] = chunksFromBytes(new Uint8Array(CHUNK_BYTES_MAX), CHUNK_BYTES_MAX)
    expect(readChunk(big).share).toHaveLength(CHUNK_BYTES_MAX)
    expect(codeOf(() => readChunk(`${big}00`))).toBe('chunk/malformed')
  })
})
