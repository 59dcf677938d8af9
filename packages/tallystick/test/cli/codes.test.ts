import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { pngFromPixels } from '../../src/cli/carrier/png.ts'
import { pixelsFromText } from '../../src/cli/carrier/qr.ts'
import { filesFromPictures, type Picture, showCodes } from '../../src/cli/codes.ts'
import { createOutput } from '../../src/cli/print.ts'

const folder = mkdtempSync(join(tmpdir(), 'tallystick-codes-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Silent, as nobody reads it. */
const output = { ...createOutput({ json: true }), finish: () => undefined }

/** A file of so many bytes as pictures, in the order of their names. */
const picturesOf = async (name: string, size: number): Promise<readonly Picture[]> => {
  const path = join(folder, `${name}.tally`)
  writeFileSync(
    path,
    Uint8Array.from({ length: size }, (_, at) => (at * 31 + size) % 256),
  )
  await showCodes(output, [path], { qr: join(folder, name) })
  return readdirSync(join(folder, name))
    .filter((one) => one.endsWith('.png'))
    .map((one) => ({
      path: one,
      bytes: new Uint8Array(readFileSync(join(folder, name, one))),
    }))
}

const codeOf = (pictures: readonly Picture[]): string => {
  const read = faultFrom(() => filesFromPictures(pictures))
  return isFault(read) ? read.code : 'read'
}

describe('pictures of codes', () => {
  test('give back the files they were made of, mixed and in any order', async () => {
    const first = await picturesOf('first', 900)
    const second = await picturesOf('second', 100)
    expect([first.length, second.length]).toEqual([3, 1])
    const files = filesFromPictures([...second, ...first.toReversed(), ...second])
    expect(files.map((one) => one.length).toSorted((a, b) => a - b)).toEqual([100, 900])
    expect(files.find((one) => one.length === 900)).toEqual(
      new Uint8Array(readFileSync(join(folder, 'first.tally'))),
    )
    expect(codeOf(first.slice(1))).toBe('chunk/incomplete')
  })

  test('are refused where there is no code, or one of something else', () => {
    const blank = { width: 40, height: 40, data: new Uint8Array(6400).fill(255) }
    expect(codeOf([{ path: 'a', bytes: pngFromPixels(blank) }])).toBe('picture/no-code')
    const other = pngFromPixels(pixelsFromText('https://example.org'))
    expect(codeOf([{ path: 'a', bytes: other }])).toBe('chunk/not-a-chunk')
  })
})
