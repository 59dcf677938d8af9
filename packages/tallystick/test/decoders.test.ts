/** Every decoder, fed with noise: it gives a value that it writes back as it was, or a fault, and never anything else. */
import { describe, expect, test } from 'vitest'
import { isFault } from '../src/base/fault.ts'
import { createStreams, type Stream } from '../src/sim/random.ts'
import { CODECS } from '../../../scripts/vectors/checks-bytes.ts'
import { jsonFromText } from '../src/forms/strict-json.ts'
import { readChunk } from '../src/forms/chunk.ts'
import { amountFromText } from '../src/logic/amount.ts'

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
    const start = performance.now()
    for (let at = 0; at < 400; at++) {
      const bytes = (at % 2 === 0 ? noise : tame)(random, random.below(600))
      codeOf(() => decode(bytes))
    }
    // A decoder that allocates what a length announces, and not what is there, would take seconds for this.
    expect(performance.now() - start).toBeLessThan(2000)
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
