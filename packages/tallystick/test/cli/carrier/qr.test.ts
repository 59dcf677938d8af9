import jsqr from 'jsqr'
import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import {
  type Pixels,
  pixelsFromText,
  qrTextsFromFile,
  svgFromText,
  terminalFromText,
  textFromPixels,
} from '../../../src/cli/carrier/qr.ts'
import { bytesFromChunks } from '../../../src/forms/chunk.ts'
import { createStreams } from '../../../src/sim/random.ts'

const file = createStreams(5)('file')
const bytes = Uint8Array.from({ length: 1100 }, () => file.below(256))
const texts = qrTextsFromFile(bytes)

/** Another decoder than the one that belongs to our encoder. */
const readWithJsqr = (pixels: Pixels): string | undefined =>
  jsqr.default(new Uint8ClampedArray(pixels.data), pixels.width, pixels.height)?.data

/** Through the format that a screenshot has. */
const throughPng = ({ width, height, data }: Pixels): Pixels => {
  const png = new PNG({ width, height })
  png.data = Buffer.from(data)
  const read = PNG.sync.read(PNG.sync.write(png))
  return { width: read.width, height: read.height, data: new Uint8Array(read.data) }
}

const turned = ({ width, height, data }: Pixels): Pixels => {
  const out = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4
      out.set(data.subarray(from, from + 4), (x * height + (height - 1 - y)) * 4)
    }
  }
  return { width: height, height: width, data: out }
}

/** By a factor that is no whole number, each pixel taken from the nearest. */
const scaled = ({ width, height, data }: Pixels, factor: number): Pixels => {
  const [w, h] = [Math.round(width * factor), Math.round(height * factor)]
  const out = new Uint8Array(w * h * 4)
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * 4
      out.set(data.subarray(from, from + 4), (y * w + x) * 4)
    }
  }
  return { width: w, height: h, data: out }
}

/** Greys instead of black and white, and a few pixels that are plainly wrong. */
const noisy = ({ width, height, data }: Pixels, seed: number): Pixels => {
  const stream = createStreams(seed)('noise')
  const out = Uint8Array.from(data)
  for (let at = 0; at < out.length; at += 4) {
    const wrong = stream.below(1000) === 0
    const light = (out[at] ?? 0) > 127 !== wrong
    const grey = light ? 200 + stream.below(56) : stream.below(70)
    out.fill(grey, at, at + 3)
  }
  return { width, height, data: out }
}

const treatments: readonly (readonly [string, (pixels: Pixels, at: number) => Pixels])[] = [
  ['as they are', (pixels) => pixels],
  ['through a PNG file', (pixels) => throughPng(pixels)],
  ['turned by 90°', (pixels) => turned(pixels)],
  ['turned by 180°', (pixels) => turned(turned(pixels))],
  ['turned by 270°', (pixels) => turned(turned(turned(pixels)))],
  ['scaled by 1.3', (pixels) => scaled(pixels, 1.3)],
  ['scaled by 0.75', (pixels) => scaled(pixels, 0.75)],
  ['with noise', (pixels, at) => noisy(pixels, at)],
  ['scaled, turned and noisy', (pixels, at) => noisy(turned(scaled(pixels, 1.3)), at)],
]

describe('QR codes of a file', () => {
  test('are a few, each small enough for a camera', () => {
    expect(texts).toHaveLength(3)
    for (const text of texts) expect(pixelsFromText(text, 1).width).toBeLessThanOrEqual(81 + 8)
  })

  describe.each(treatments)('%s', (_, treat) => {
    test('are read back by an independent decoder', () => {
      const read = texts.map((text, at) => readWithJsqr(treat(pixelsFromText(text, 6), at)) ?? '')
      expect(bytesFromChunks(read)).toEqual(bytes)
    })

    test('are read back by our own', () => {
      const read = texts.map((text, at) => textFromPixels(treat(pixelsFromText(text, 6), at)) ?? '')
      expect(bytesFromChunks([...read].reverse())).toEqual(bytes)
    })
  })

  test('are not found where there is none', () => {
    const blank = { width: 200, height: 200, data: new Uint8Array(200 * 200 * 4).fill(255) }
    expect(textFromPixels(blank)).toBeUndefined()
  })

  test('can be shown in a terminal and in a page', () => {
    const [text = ''] = texts
    const lines = terminalFromText(text).trimEnd().split('\n')
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
    expect(svgFromText(text)).toMatch(/^<svg/)
  })
})
