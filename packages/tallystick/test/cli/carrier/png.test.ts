import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { PICTURE_PIXELS_MAX } from '../../../src/base/limits.ts'
import { isPng, pixelsFromPng, pngFromPixels } from '../../../src/cli/carrier/png.ts'
import type { Pixels } from '../../../src/cli/carrier/qr.ts'
import { createStreams } from '../../../src/sim/random.ts'

const stream = createStreams(7)('picture')

/** Random greys, opaque. */
const greys = (width: number, height: number): Pixels => {
  const data = new Uint8Array(width * height * 4).fill(255)
  for (let at = 0; at < data.length; at += 4) data.fill(stream.below(256), at, at + 3)
  return { width, height, data }
}

const codeOf = (bytes: Uint8Array): string => {
  const read = faultFrom(() => pixelsFromPng(bytes))
  return isFault(read) ? read.code : 'read'
}

const colourType = { grey: 0, rgb: 2, greyAlpha: 4, rgba: 6 } as const

/** Written by another library, in one of its kinds and with one of its filters. */
const foreign = (of: Pixels, kind: keyof typeof colourType, filterType: number): Uint8Array => {
  const png = new PNG({ width: of.width, height: of.height })
  png.data = Buffer.from(of.data)
  return new Uint8Array(PNG.sync.write(png, { colorType: colourType[kind], filterType }))
}

describe('a PNG picture', () => {
  test('comes back as the pixels it was made of, and others read it too', () => {
    for (const [width, height] of [
      [1, 1],
      [3, 7],
      [64, 5],
    ] as const) {
      const picture = greys(width, height)
      const bytes = pngFromPixels(picture)
      expect(isPng(bytes)).toBe(true)
      expect(pixelsFromPng(bytes)).toEqual(picture)
      const read = PNG.sync.read(Buffer.from(bytes))
      expect(new Uint8Array(read.data)).toEqual(picture.data)
    }
  })

  test.each(['grey', 'rgb', 'greyAlpha', 'rgba'] as const)(
    'of another writer is read as %s, with every filter',
    (kind) => {
      const picture = greys(13, 9)
      for (const filter of [0, 1, 2, 3, 4]) {
        expect(pixelsFromPng(foreign(picture, kind, filter))).toEqual(picture)
      }
    },
  )

  test('that is seen through stands on white paper', () => {
    const picture = { width: 1, height: 1, data: Uint8Array.of(0, 0, 0, 0) }
    expect(pixelsFromPng(foreign(picture, 'rgba', 0)).data).toEqual(new Uint8Array(4).fill(255))
  })

  test('cut anywhere, or changed in any byte of what counts, is refused', () => {
    const bytes = pngFromPixels(greys(6, 6))
    for (let size = 0; size < bytes.length; size++) {
      expect(codeOf(bytes.subarray(0, size))).toMatch(/^picture\//)
    }
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect([at, codeOf(changed)]).toEqual([at, expect.stringMatching(/^picture\//)])
    }
    expect(codeOf(bytes)).toBe('read')
  })

  test('that states more pixels than are looked at is refused before it is unpacked', () => {
    const side = Math.floor(Math.sqrt(PICTURE_PIXELS_MAX)) + 1
    const png = new PNG({ width: 1, height: 1 })
    const bytes = new Uint8Array(PNG.sync.write(png))
    const huge = pngFromPixels({ width: side, height: 0, data: new Uint8Array(0) })
    expect(codeOf(bytes)).toBe('read')
    expect(codeOf(huge)).toBe('picture/damaged')
    const wide = pngFromPixels({
      width: PICTURE_PIXELS_MAX + 1,
      height: 1,
      data: new Uint8Array(4),
    })
    expect(codeOf(wide)).toBe('picture/too-large')
  })
})
