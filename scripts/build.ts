/**
 * Emits `dist` of the published packages: JavaScript in few files, and declarations for the doors.
 *
 * Each door and each program is a file, and what several of them need lies in `chunks`. A process that starts reads some
 * thirty files of ours and not four hundred, which took longer than all that it did afterwards. It is minified, because an
 * installed package has a limit in bytes; the sources are in the repository. Docstrings are in the declarations of what
 * stands behind a door (but for bytes, state tree, simulator and the command). Folders that no door leads to have no
 * declarations: nobody can import them.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { build, type BuildOptions, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
/** Doors whose declarations are published without docstrings, for their size. */
const BARE_DOORS = ['base', 'command', 'shell', 'sim', 'state']

/** What is started or imported by its path, below `src`. */
const ENTRIES = [
  'exports/*.ts',
  'cli/main.ts',
  'commands/dev-guardian.ts',
  '*/*-worker.ts',
  'bench/{bench,flood}-{operator,client,signer,attacker,guardian}.ts',
]

/**
 * What somebody waits for, who starts four operators: each is one file with all that it needs of ours, of both packages. Nothing
 * else of ours is loaded into a process beside it but the command line, to which it hands no more than an exit code.
 */
const WHOLE = ['commands/dev-operator.ts', 'commands/dev-run.ts', 'store/sqlite-worker.ts']
/** But for what it loads while others start. */
const IN_PARTS = ['commands/dev-run.ts']

/** Writes the declarations. */
const declare = (folder: string): void => {
  const project = join(folder, 'tsconfig.build.json')
  const run = spawnSync(process.execPath, [tsc, '-p', project, '--emitDeclarationOnly'], {
    stdio: 'inherit',
  })
  if (run.status !== 0) process.exitCode = run.status ?? 1
}

/**
 * A file that looks for its neighbours by `import.meta.url` goes on finding them: every file of `dist` lies in one folder of
 * it, so the way from any of them to where the source stood is the same.
 */
const placed: Plugin = {
  name: 'placed',
  setup: (building) => {
    const src = building.initialOptions.outbase ?? ''
    building.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const place = relative(src, path).split(sep)
      if (place.length !== 2) throw new Error(`${path} uses import.meta.url in a deeper folder`)
      const own = `../${place.join('/')}`.replace(/\.ts$/, '.js')
      const contents = text.replaceAll(
        'import.meta.url',
        `new URL(${JSON.stringify(own)}, import.meta.url).href`,
      )
      return { contents, loader: 'ts' }
    })
  },
}

/**
 * What comes with Node is asked for by a call. An import would evaluate all that it exports, and `node:http` hands out fetch:
 * whoever serves would wait for a whole client.
 */
const called: Plugin = {
  name: 'called',
  setup: (building) => {
    building.onResolve({ filter: /^node:/ }, ({ path }) => ({
      path,
      namespace: 'called',
      sideEffects: false,
    }))
    building.onLoad({ filter: /^node:/, namespace: 'called' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

/** Libraries are loaded at the first use of any of their names: of five kinds of signatures most processes use one. */
const later: Plugin = {
  name: 'later',
  setup: (building) => {
    building.onResolve({ filter: /^(?:@[a-z-]+\/)?[a-z]/ }, ({ path, kind }) => {
      const isOurs = /^tallystick(?:\/|$)/.test(path)
      if (isOurs || kind !== 'import-statement') return undefined
      return { path, namespace: 'later', sideEffects: false }
    })
    building.onLoad({ filter: /./, namespace: 'later' }, async ({ path }) => {
      const library: unknown = await import(path)
      const names = Object.keys(library ?? {}).filter((name) => name !== 'default')
      const getters = names.map((name) => `get ${name}() { return load().${name} }`)
      return {
        contents: `
          let loaded
          const load = () => (loaded ??= requireLibrary(${JSON.stringify(path)}))
          module.exports = (...given) => load().default(...given)
          Object.defineProperties(module.exports, Object.getOwnPropertyDescriptors({ ${getters.join()} }))`,
      }
    })
  },
}

/** Modules of the language too are loaded so; what they hand out is the same as by an import. */
const REQUIRE = `const requireLibrary = process.getBuiltinModule('node:module').createRequire(import.meta.url)`

/** A whole program is no part of what asks for it. Each file of `dist` lies in one folder of it. */
const apart: Plugin = {
  name: 'apart',
  setup: (building) => {
    const src = building.initialOptions.outbase ?? ''
    building.onResolve({ filter: /\.ts$/ }, ({ path, kind, resolveDir }) => {
      const name = relative(src, join(resolveDir, path)).split(sep).join('/')
      if (kind !== 'dynamic-import' || !WHOLE.includes(name)) return undefined
      return { path: `../${name.replace(/\.ts$/, '.js')}`, external: true }
    })
  },
}

const OPTIONS = {
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'neutral',
  target: 'es2024',
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'error',
  plugins: [placed, called],
} satisfies BuildOptions

const bundle = async (folder: string): Promise<void> => {
  const src = join(folder, 'src')
  const common = { ...OPTIONS, outbase: src, outdir: join(folder, 'dist') }
  const found = (patterns: readonly string[]): string[] =>
    globSync(patterns, { cwd: src }).map((name) => join(src, name))
  await build({
    ...common,
    entryPoints: found(ENTRIES).filter((path) => !found(WHOLE).includes(path)),
    plugins: [...OPTIONS.plugins, apart],
    chunkNames: 'chunks/[hash]',
    splitting: true,
    // Named in full: the compiler's paths lead to the other package's sources, and these would be copied.
    external: ['tallystick', 'tallystick/*'],
  })
  // Here they are copied on purpose: nothing else of ours is loaded into such a process.
  for (const name of WHOLE) {
    await build({
      ...common,
      entryPoints: found([name]),
      plugins: [...OPTIONS.plugins, later],
      banner: { js: REQUIRE },
      splitting: IN_PARTS.includes(name),
      chunkNames: 'chunks/[hash]',
    })
  }
}

/** The declarations that a declaration names, and those that they name. */
const reachable = (path: string, found: Set<string>): void => {
  if (found.has(path) || !existsSync(path)) return
  found.add(path)
  for (const [, to = ''] of readFileSync(path, 'utf8').matchAll(/['"](\.[^'"]+)\.[jt]s['"]/g)) {
    reachable(join(dirname(path), `${to}.d.ts`), found)
  }
}

/** Takes away declarations behind no door, and docstrings where a door is published without. */
const trimDeclarations = (dist: string): void => {
  const doors = globSync('exports/*.d.ts', { cwd: dist }).map((name) => join(dist, name))
  const kept = new Set<string>()
  for (const door of doors) reachable(door, kept)
  const documented = new Set(
    doors
      .filter((door) => !BARE_DOORS.some((name) => door.endsWith(`exports/${name}.d.ts`)))
      .flatMap((door) => [
        door,
        ...[...readFileSync(door, 'utf8').matchAll(/from '(\.\.\/[^']+)\.[jt]s'/g)].map(
          ([, to = '']) => join(dirname(door), `${to}.d.ts`),
        ),
      ]),
  )
  for (const name of globSync('**/*.d.ts', { cwd: dist })) {
    const path = join(dist, name)
    if (!kept.has(path)) rmSync(path)
    else if (!documented.has(path)) {
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/\/\*\*[\s\S]*?\*\/\s*/g, ''))
    }
  }
}

for (const name of ['tallystick', 'node']) {
  const folder = join(root, 'packages', name)
  const dist = join(folder, 'dist')
  // A file whose source is gone must not be published.
  rmSync(dist, { recursive: true, force: true })
  declare(folder)
  await bundle(folder)
  trimDeclarations(dist)
}
/** Definitions that come with the command (`cli/templates.ts`). */
const templates = join(root, 'packages/tallystick/dist/templates')
mkdirSync(templates, { recursive: true })
for (const name of globSync('*.json', { cwd: join(root, 'examples/statecharts') })) {
  if (name.endsWith('.plays.json')) continue
  copyFileSync(join(root, 'examples/statecharts', name), join(templates, name))
}
const command = join(root, 'packages/tallystick/dist/cli/main.js')
if (existsSync(command)) chmodSync(command, 0o755)
