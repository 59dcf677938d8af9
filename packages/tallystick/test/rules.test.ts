/** D8: what a step does is the same on another major version of Node, in another zone, under another language, and in any order of tables. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { expect, test } from 'vitest'

const IS_SLOW = process.env['TALLYSTICK_SLOW'] === '1'
const ROOT = join(import.meta.dirname, '../../..')
const nodes = ['x64', 'arm64']
  .map((arch) =>
    join(ROOT, `node_modules/tallystick-node-24/node_modules/node-linux-${arch}/bin/node`),
  )
  .filter((path) => existsSync(path))

test.each([process.execPath, ...nodes])(
  'rules give what is recorded, with no clock, no randomness, other zones and shuffled tables: %s',
  (node) => {
    const folder = mkdtempSync(`${tmpdir()}/tallystick-rules-`)
    try {
      const program = join(folder, 'rules.mjs')
      buildSync({
        entryPoints: [join(import.meta.dirname, 'rules-print.ts')],
        outfile: program,
        bundle: true,
        platform: 'node',
        format: 'esm',
      })
      const env = {
        ...process.env,
        TZ: 'Asia/Kathmandu',
        LC_ALL: 'tr_TR.UTF-8',
        LANG: 'tr_TR.UTF-8',
      }
      const told = JSON.parse(
        execFileSync(node, [program, join(ROOT, 'vectors'), IS_SLOW ? '50' : '3'], {
          encoding: 'utf8',
          env,
        }),
      ) as {
        version: string
        zone: string
        count: number
        wrong: readonly string[]
        shuffled: readonly string[]
      }
      expect(told.wrong).toEqual([])
      expect(told.shuffled).toEqual([])
      expect(told.count).toBeGreaterThan(150)
      expect(told.zone).toMatch(/^Asia\/Kat[hm]/)
      if (node !== process.execPath) expect(told.version).not.toBe(process.version)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
