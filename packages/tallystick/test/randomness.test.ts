/** B13: where randomness comes from, and that two processes of one image do not draw the same. */
import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { describe, expect, test } from 'vitest'
import type { Drawn } from './randomness-image.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** Each line of the packages' sources that is no comment, with its file. */
const lines: readonly (readonly [string, string])[] = globSync('packages/*/src/**/*.ts', {
  cwd: ROOT,
}).flatMap((file) =>
  readFileSync(join(ROOT, file), 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(?:\*|\/\/|\/\*\*)/.test(line))
    .map((line) => [file, line] as const),
)

const filesWith = (pattern: RegExp): readonly string[] => [
  ...new Set(lines.flatMap(([file, line]) => (pattern.test(line) ? [file] : []))),
]

describe('B13: randomness', () => {
  test('comes from the platform alone: whatever else draws numbers decides how long to wait, and no secret', () => {
    const drawing = filesWith(/\brandomBytes\(/)
    expect(drawing.length).toBeGreaterThan(30)
    const importing = filesWith(/from 'node:crypto'|nodeCrypto/)
    expect(drawing.filter((file) => !importing.includes(file))).toEqual([])
    expect(filesWith(/Math\.random/)).toEqual(['packages/node/src/relay/follow.ts'])
    // A pool of numbers drawn in advance would be part of an image.
    expect(filesWith(/randomUUID|pseudoRandomBytes|prng\b/i)).toEqual([])
  })

  test('differs between two processes that are started from one image, and a generator of before does not', () => {
    const folder = mkdtempSync(`${tmpdir()}/tallystick-image-`)
    try {
      const [program, image] = [join(folder, 'image.js'), join(folder, 'image.blob')]
      buildSync({
        entryPoints: [join(import.meta.dirname, 'randomness-image.ts')],
        outfile: program,
        bundle: true,
        platform: 'node',
        format: 'iife',
      })
      execFileSync(process.execPath, ['--snapshot-blob', image, '--build-snapshot', program], {
        stdio: 'pipe',
      })
      const [one, other] = [1, 2].map(
        () =>
          JSON.parse(
            execFileSync(process.execPath, ['--snapshot-blob', image], { encoding: 'utf8' }),
          ) as Drawn,
      )
      if (!one || !other) throw new Error('both have drawn')
      expect([one.before, one.seeded]).toEqual([other.before, other.seeded])
      expect(one.token).not.toBe(other.token)
      expect(one.web).not.toBe(other.web)
      expect(one.publicKey).not.toBe(other.publicKey)
      // The same key over the same message: hedged by what was drawn since.
      expect(one.signature).not.toBe(other.signature)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
