/**
 * The programs of both packages as JavaScript in few files, for tests that start them: `programPath('tallystick/src/cli/main.ts')`.
 *
 * A process that starts from the sources reads some four hundred files, takes their types away and links them, which costs
 * several times what most commands do then; tests start the command more than a thousand times. The files are made as `build.ts` makes
 * the published ones, but of both packages at once, with all that they use in them, and lie below `tmp/programs` under a
 * name that follows from the sources: a change of any source makes new ones, and so does a change of this file or the lock.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
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

const root = join(import.meta.dirname, '..')
const shelf = join(root, 'tmp/programs')
/** What is started or imported by its path. */
const ENTRIES = [
  'tallystick/src/cli/main.ts',
  'node/src/exports/commands.ts',
  '*/src/*/*-worker.ts',
  'node/src/{bench,commands}/{bench,dev,flood}-{operator,guardian,attacker}.ts',
]
const KEPT_MS = 24 * 60 * 60 * 1000

/** Where the program stands that was made of a source, named from `packages`. It is made where it is missing. */
export const programPath = (source: string): string =>
  join(programsFolder(), 'packages', source.replace(/\.ts$/, '.js'))

/** The environment for it: what one process has compiled the next ones need not. */
export const programEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_COMPILE_CACHE: join(programsFolder(), 'compiled'),
})

let folder: string | undefined

const programsFolder = (): string => {
  folder ??= join(shelf, sourcesName())
  if (existsSync(folder)) return folder
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

/** A source goes on finding its neighbours by the address of its own file, into whatever file it was put. */
const placedIn = (made: string): Plugin => ({
  name: 'placed',
  setup: (building) => {
    building.onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.')) return undefined
      const place = join(made, relative(root, path)).replace(/\.ts$/, '.js')
      const contents = text
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(place).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(place)))
        .replaceAll('import.meta.filename', JSON.stringify(place))
      return { contents, loader: 'ts' }
    })
  },
})

const make = async (made: string): Promise<void> => {
  const { build } = await import('esbuild')
  // Elsewhere first: whoever looks finds all of it or nothing.
  const draft = `${made}.${process.pid}`
  const packages = join(root, 'packages')
  await build({
    entryPoints: globSync(ENTRIES, { cwd: packages }).map((name) => join(packages, name)),
    outbase: root,
    outdir: draft,
    chunkNames: 'chunks/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'es2024',
    charset: 'utf8',
    logLevel: 'error',
    plugins: [placedIn(made)],
    // Some of what is used was written for another module system.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'\nconst require = requireFrom(import.meta.url)",
    },
  })
  // The command asks for the other package by its name; here it is this one's own.
  const manifest = {
    name: '@tallystick/node',
    type: 'module',
    exports: { './commands': './packages/node/src/exports/commands.js' },
  }
  writeFileSync(join(draft, 'package.json'), JSON.stringify(manifest))
  symlinkSync(join(root, 'examples'), join(draft, 'examples'))
  try {
    renameSync(draft, made)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    // Another process was first, and made the same.
    if (!existsSync(made)) throw error
  }
}

/** Takes away what nothing has been made of for a day. */
const tidy = (): void => {
  for (const name of readdirSync(shelf)) {
    const path = join(shelf, name)
    if (Date.now() - statSync(path).mtimeMs > KEPT_MS)
      rmSync(path, { recursive: true, force: true })
  }
}

const [, program, made] = process.argv
if (program === import.meta.filename && made !== undefined) {
  mkdirSync(shelf, { recursive: true })
  tidy()
  await make(made)
}
