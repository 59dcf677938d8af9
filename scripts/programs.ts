/**
 * The programs of both packages, each as one script, for tests that start them: `programPath('tallystick/src/cli/main.ts')`.
 *
 * A process that starts from the sources reads some four hundred files, takes their types away and links them, which costs
 * several times what most commands do then; tests start the command more than a thousand times. So each program is put
 * together with all that it uses of both packages and their libraries; what the sources load when it is asked for is
 * still evaluated only then, and once. Beside it lies what V8 has compiled of it. Node's own compile cache keeps only
 * functions that run at once, which in such a script are none; here it is written when the first process ends, and for
 * the command by trial runs. They lie below `tmp/programs` under a name that follows from the sources: a change of any
 * source makes new ones, and so does a change of this file or the lock. The newest few stay, and what was in use within the hour; of what
 * Node has compiled (`vitest.config.ts`) as much as some runs of all tests leave.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'
import { tidyShelf, useOnShelf } from './shelf.ts'

const root = join(import.meta.dirname, '..')
const shelf = join(root, 'tmp/programs')
const COMMAND = 'tallystick/src/cli/main.ts'
/** What is started by its path. */
const ENTRIES = [
  COMMAND,
  '*/src/*/*-worker.ts',
  'node/src/{bench,commands}/{bench,dev,flood}-{operator,guardian,attacker}.ts',
]
const HOUR_MS = 60 * 60 * 1000
const PROGRAMS = { count: 3, usedMs: HOUR_MS }
const compiled = join(root, 'tmp/compiled')
/** One folder for each version of Node, with a file for each script. */
const COMPILED_VERSIONS = { count: 2, usedMs: 24 * HOUR_MS }
const COMPILED = { count: 4096, usedMs: HOUR_MS }
/** A run of all tests takes less than an hour; with the slow ones more, so that it says again that it is there. */
const USE_MS = HOUR_MS / 6

/** Where the program stands that was made of a source, named from `packages`. It is made where it is missing. */
export const programPath = (source: string): string =>
  join(programsFolder(), 'packages', source.replace(/\.ts$/, '.js'))

let folder: string | undefined
let usedAt = 0

const programsFolder = (): string => {
  folder ??= join(shelf, sourcesName())
  if (Date.now() - usedAt < USE_MS) return folder
  usedAt = Date.now()
  if (useOnShelf(folder)) return folder
  // In a process of its own, because a test file that is imported cannot wait.
  const made = spawnSync(process.execPath, [import.meta.filename, folder], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`the programs could not be made: ${made.stderr}`)
  return folder
}

/** Follows from names, sizes and times, which is quicker to find out than from what is written there. */
const sourcesName = (): string => {
  const hash = createHash('sha256').update(process.version)
  const sources = globSync(['packages/*/src/**/*.{ts,json}', 'packages/*/package.json'], {
    cwd: root,
  })
  for (const name of [...sources, 'package-lock.json', 'scripts/programs.ts'].sort()) {
    const { size, mtimeMs } = statSync(join(root, name))
    hash.update(`${name} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

/** Sources as they are needed in a script of their own, that stands at another place. */
const adapted = (made: string): Plugin => ({
  name: 'adapted',
  setup: (building) => {
    building.onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, ({ path }) => {
      const place = join(made, relative(root, path)).replace(/\.ts$/, '.js')
      const contents = readFileSync(path, 'utf8')
        .replace(/^#!.*/, '')
        // A source goes on finding its neighbours by the address of its own file.
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(place).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(place)))
        .replaceAll('import.meta.filename', JSON.stringify(place))
        // The command asks for the other package by a name that bundlers do not follow; here it is part of it.
        .replace('await import(specifier)', `await import('@tallystick/node/commands')`)
        // A script waits for nothing at its top. Who has loaded it can wait for it, and have it run again.
        .replace(
          /^(?:process\.exitCode = |if \(.*\) )?await .+$/m,
          'exports.ran = (exports.run = async () => {\n$&\n})()',
        )
      return { contents, loader: 'ts' }
    })
  },
})

const WHOLE = '.whole.js'

/**
 * Starts a program from its script and what was compiled of it before. What this process compiles is kept where nothing
 * is there yet, or where it was asked to.
 */
const launcherOf = (program: string): string => `'use strict'
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { constants, Script } = require('node:vm')
const { threadId } = require('node:worker_threads')
const filename = __filename.replace(/\\.js$/, ${JSON.stringify(WHOLE)})
const kept = filename + '.compiled'
const cachedData = existsSync(kept) ? readFileSync(kept) : undefined
// Only ASCII is in it, which takes half the memory and is read as it is.
const source = '(function (require, module, exports) {' + readFileSync(filename, 'latin1') + '\\n})'
const script = new Script(source, {
  filename,
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
})
if (!cachedData || script.cachedDataRejected || process.env.KEEP_COMPILED === ${JSON.stringify(program)})
  process.on('exit', () => {
    const draft = kept + process.pid + '.' + threadId
    writeFileSync(draft, script.createCachedData())
    renameSync(draft, kept)
  })
script.runInThisContext()(require, module, exports)
`

const make = async (made: string): Promise<void> => {
  const { build } = await import('esbuild')
  // Elsewhere first: whoever looks finds all of it or nothing.
  const draft = `${made}.${process.pid}`
  const packages = join(root, 'packages')
  const entries = globSync(ENTRIES, { cwd: packages })
  await build({
    entryPoints: entries.map((name) => join(packages, name)),
    outbase: root,
    outdir: draft,
    outExtension: { '.js': WHOLE },
    bundle: true,
    // Only so are libraries evaluated no sooner than a module that uses them.
    format: 'cjs',
    platform: 'node',
    target: 'es2024',
    charset: 'ascii',
    minify: true,
    logLevel: 'error',
    plugins: [adapted(made)],
  })
  for (const name of entries) {
    const launcher = join(draft, 'packages', name.replace(/\.ts$/, '.js'))
    writeFileSync(launcher, launcherOf(name))
  }
  writeFileSync(join(draft, 'package.json'), '{ "type": "commonjs" }')
  symlinkSync(join(root, 'examples'), join(draft, 'examples'))
  tryOut(draft)
  try {
    renameSync(draft, made)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    // Another process was first, and made the same.
    if (!existsSync(made)) throw error
  }
}

/** What most tests have the command do, for what is compiled then. */
const tryOut = (draft: string): void => {
  const command = join(draft, 'packages', COMMAND.replace(/\.ts$/, '.js'))
  for (const words of ['account --help', 'demo market -o market.tally', 'verify market.tally']) {
    const run = spawnSync(process.execPath, [command, ...words.split(' ')], {
      cwd: draft,
      env: { ...process.env, KEEP_COMPILED: COMMAND },
      encoding: 'utf8',
    })
    if (run.status !== 0) throw new Error(`tally ${words} ended with ${run.status}: ${run.stderr}`)
  }
}

const tidy = (): void => {
  tidyShelf(shelf, PROGRAMS)
  tidyShelf(compiled, COMPILED_VERSIONS)
  for (const version of globSync('*/', { cwd: compiled })) {
    tidyShelf(join(compiled, version), COMPILED)
  }
}

const [, program, made] = process.argv
if (program === import.meta.filename && made !== undefined) {
  mkdirSync(shelf, { recursive: true })
  tidy()
  await make(made)
}
