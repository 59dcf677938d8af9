/**
 * A program of the tests with all that it uses, as one file. A process that is killed and started over and over would spend
 * most of its time on reading several hundred sources.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const WORKER = join(import.meta.dirname, '../src/store/sqlite-worker.ts')

/** Writes it into a folder, beside the thread that a store starts, and returns where. */
export const bundleInto = async (folder: string, source: string): Promise<string> => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  await build({
    entryPoints: { program: source, 'sqlite-worker': WORKER },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2024',
    logLevel: 'error',
    // Some of what is used was written for another module system.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'\nconst require = requireFrom(import.meta.url)",
    },
  })
  return join(folder, 'program.js')
}
