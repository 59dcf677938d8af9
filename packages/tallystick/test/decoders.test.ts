/** Every decoder, fed with noise: it gives a value that it writes back as it was, or a fault, and never anything else. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, concatBytes } from '../src/base/bytes.ts'
import { isFault } from '../src/base/fault.ts'
import { createStreams, type Stream } from '../src/sim/random.ts'
import { CODECS } from '../../../scripts/vectors/checks-bytes.ts'
import { jsonFromText } from '../src/forms/strict-json.ts'
import { readChunk } from '../src/forms/chunk.ts'
import { amountFromText } from '../src/logic/amount.ts'

const VECTORS = join(import.meta.dirname, '../../../vectors')
const EMPTY = new Uint8Array(0)

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
  return 'read'
}

const noise = (random: Stream, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, () => random.below(256))

/** Small numbers where lengths and tags stand, so that noise gets further than the first of them. */
const tame = (random: Stream, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, () => (random.chance(70) ? random.below(3) : random.below(256)))

describe('decoders', () => {
  test.each(Object.keys(CODECS))('of a %s refuse noise with a fault', (name) => {
    const decode = CODECS[name]
    if (!decode) throw new Error('there is a decoder')
    const random = createStreams(41)(name)
    const start = process.threadCpuUsage()
    for (let at = 0; at < 400; at++) {
      const bytes = (at % 2 === 0 ? noise : tame)(random, random.below(600))
      codeOf(() => decode(bytes))
    }
    // A decoder that allocates what a length announces, and not what is there, would take seconds for this.
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(2000)
  })

  test('of lengths far beyond the input do not reserve room for them', () => {
    for (const [name, decode] of Object.entries(CODECS)) {
      const codes = new Set<string>()
      for (let at = 0; at <= 64; at++) {
        const bytes = new Uint8Array(at + 8).fill(1)
        bytes.fill(0xff, at, at + 4)
        codes.add(codeOf(() => decode(bytes)))
      }
      expect([name, codes.has('read') && codes.size === 1]).toEqual([name, false])
    }
  })
})

/** Bytes that each decoder reads, out of the vectors. */
const valid: ReadonlyMap<string, readonly Uint8Array[]> = (() => {
  const found = new Map<string, Uint8Array[]>()
  for (const file of globSync('*.json', { cwd: VECTORS })) {
    const { cases = [] } = JSON.parse(readFileSync(join(VECTORS, file), 'utf8')) as {
      cases?: readonly { check: string; valid: boolean; input: Record<string, unknown> }[]
    }
    for (const { check, valid: isValid, input } of cases) {
      const { type, bytes } = input
      const isOne = check === 'decode' && isValid && typeof type === 'string'
      if (!isOne || typeof bytes !== 'string') continue
      found.set(type, [...(found.get(type) ?? []), bytesFromHex(bytes)])
    }
  }
  return found
})()

/** One thing changed: a length that promises more, a byte, a part left out, doubled or moved. */
const mutant = (random: Stream, from: Uint8Array): Uint8Array => {
  const at = random.below(from.length + 1)
  const end = at + random.below(from.length + 1 - at)
  const kind = random.below(5)
  if (kind === 0) return from.slice(0, at)
  if (kind === 1) return concatBytes(from.subarray(0, end), from.subarray(at))
  if (kind === 2) return concatBytes(from.subarray(0, at), from.subarray(end))
  const bytes = from.slice()
  if (kind === 3) {
    if (at < bytes.length) bytes[at] = random.below(256)
    return bytes
  }
  const huge = [0xffff_ffff, 0x7fff_ffff, 0x0010_0000, 0x0000_ffff, from.length]
  const size = Math.min(4, bytes.length - at)
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, random.pick(huge) ?? 0, true)
  bytes.set(new Uint8Array(view.buffer).subarray(0, size), at)
  return bytes
}

/** Bytes that decoding reserves beyond its input: buffers, and what stands in lists. */
const reservedBy = (decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): number => {
  const before = process.memoryUsage()
  let kept: unknown
  codeOf(() => (kept = decode(bytes)))
  const after = process.memoryUsage()
  void kept
  const heap = after.heapUsed - before.heapUsed
  const buffers = after.arrayBuffers - before.arrayBuffers
  return Math.max(0, heap) + Math.max(0, buffers)
}

/** A million in a run of the slow tests. */
const COUNT = process.env['TALLYSTICK_SLOW'] === '1' ? 1_000_000 : 8000

describe('E5: lengths in what was valid', () => {
  test(`${COUNT} mutants of valid bytes are refused with a fault, or read and written again as they are`, () => {
    const random = createStreams(47)('mutants')
    const names = [...valid.keys()]
    expect(names.length).toBeGreaterThan(20)
    const codes = new Map<string, number>()
    const each = Math.ceil(COUNT / names.length)
    for (const name of names) {
      const decode = CODECS[name]
      if (!decode) throw new Error(`no decoder of a ${name}`)
      for (let at = 0; at < each; at++) {
        // The table of codecs writes again what it has read, and throws where that differs.
        const code = codeOf(() =>
          decode(mutant(random, random.pick(valid.get(name) ?? []) ?? EMPTY)),
        )
        codes.set(code, (codes.get(code) ?? 0) + 1)
      }
    }
    for (const code of ['read', 'codec/truncated', 'codec/extended', 'codec/too-long']) {
      expect([code, (codes.get(code) ?? 0) > COUNT / 200]).toEqual([code, true])
    }
  })

  test('E7: nothing that a valid one begins with is valid itself', () => {
    for (const [name, examples] of valid) {
      const decode = CODECS[name]
      for (const from of decode ? examples.slice(0, 4) : []) {
        for (let at = 0; at < from.length; at += Math.max(1, Math.floor(from.length / 200))) {
          const code = codeOf(() => decode?.(from.subarray(0, at)))
          expect([name, at, code === 'read']).toEqual([name, at, false])
        }
      }
    }
  })

  test('reserve no more than the input is worth, wherever a length of four gigabytes is put', () => {
    const budget = 4_000_000
    // What would be seen of a decoder that takes a length at its word.
    const trusting = (bytes: Uint8Array): unknown =>
      new Uint8Array(new DataView(bytes.buffer).getUint32(0, true))
    expect(reservedBy(trusting, Uint8Array.of(0, 0, 0, 8))).toBeGreaterThan(budget)
    for (const [name, examples] of valid) {
      const decode = CODECS[name]
      const from = examples.toSorted((a, b) => b.length - a.length)[0]
      if (!decode || !from) throw new Error(`no decoder of a ${name}`)
      for (let at = 0; at + 4 <= from.length; at += Math.max(1, Math.floor(from.length / 64))) {
        const bytes = from.slice()
        bytes.fill(0xff, at, at + 4)
        expect([name, at, reservedBy(decode, bytes) < budget]).toEqual([name, at, true])
      }
    }
  })
})

describe('readers of texts', () => {
  const random = createStreams(43)('texts')
  const letters = '{}[]":,\\u0123456789eE+-.tfn \u00e9\ud83d/TLY%'
  const text = (): string =>
    Array.from({ length: random.below(40) }, () =>
      letters.charAt(random.below(letters.length)),
    ).join('')

  test('refuse noise with a fault', () => {
    const codes = new Set<string>()
    for (let at = 0; at < 4000; at++) {
      const one = text()
      codes.add(codeOf(() => jsonFromText(one)))
      codes.add(codeOf(() => amountFromText(one, 2)))
      codes.add(codeOf(() => readChunk(`TLY1${one}`)))
    }
    expect(
      [...codes].every((code) => code === 'read' || /^(?:json|amount|chunk)\//.test(code)),
    ).toBe(true)
  })
})
