/**
 * A private PostgreSQL server for tests: its own data directory, its own socket, gone when its owner is.
 *
 * `node scripts/postgres.ts` starts one and prints its address until it is interrupted. Nothing is installed: where there
 * are no binaries, `findPostgres` says so, and tests are skipped with that message. PostgreSQL refuses to run as root, so
 * that root starts it as the user `postgres`, or `nobody` where there is none.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type PostgresServer = {
  /** Address, with a database that nobody else uses. */
  readonly url: string
  readonly folder: string
  readonly data: string
  readonly bin: string
  /** Process id of the postmaster. */
  readonly pid: () => number
  /** Starts it again after it was stopped or killed. */
  readonly start: () => Promise<void>
  /** The same with further settings, for this once. */
  readonly startAs: (settings: Readonly<Record<string, string>>) => Promise<void>
  readonly isUp: () => Promise<boolean>
  /** Ends it at once and as a crash would, all of its processes. */
  readonly kill: () => Promise<void>
  /** Ends it in order, and leaves its data. */
  readonly stop: () => Promise<void>
  readonly remove: () => Promise<void>
}

export type PostgresOptions = {
  /** Settings beside the usual ones, as in `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>
  /** A data directory that exists already; the caller removes it. */
  readonly data?: string
}

/** Folder of the binaries, or why there is none. */
export const findPostgres = (): { readonly bin: string } | { readonly missing: string } => {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((one, two) => Number(two) - Number(one))
    : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ]
  const bin = folders.find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  )
  if (bin === undefined)
    return { missing: 'no PostgreSQL here: install the package postgresql to run this' }
  if (isRoot() && account() === undefined)
    return { missing: 'PostgreSQL refuses root, and there is neither a user postgres nor nobody' }
  return { bin }
}

export const startPostgres = async (options: PostgresOptions = {}): Promise<PostgresServer> => {
  const found = findPostgres()
  if ('missing' in found) throw new Error(found.missing)
  const { bin } = found
  // Short, because the path of a socket has to fit 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'tally-pg-'))
  const data = options.data ?? join(folder, 'data')
  const identity = isRoot() ? account() : undefined
  if (identity !== undefined) chownSync(folder, identity.uid, identity.gid)
  chmodSync(folder, 0o700)
  if (options.data === undefined) createCluster(bin, data, identity)
  let child: ChildProcess | undefined
  const pid = (): number =>
    Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
  const startAs = async (more: Readonly<Record<string, string>>): Promise<void> => {
    const settings = { ...SETTINGS, unix_socket_directories: folder, ...options.settings, ...more }
    const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const command = [join(bin, 'postgres'), '-D', data, ...words]
    // The shell ends the server when whoever started it is gone and its input closes.
    child = spawn('sh', ['-c', WATCH, 'sh', ...command], {
      ...identity,
      cwd: folder,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    await ready(child, bin, folder, identity)
  }
  const start = (): Promise<void> => startAs({})
  const kill = async (): Promise<void> => {
    const main = pid()
    const all = descendants(main)
    for (const each of [main, ...all]) tryKill(each, 'SIGKILL')
    child?.stdin?.end()
    await gone([main, ...all])
  }
  const stop = async (): Promise<void> => {
    child?.stdin?.end()
    if (existsSync(join(data, 'postmaster.pid'))) await gone([pid()])
  }
  await start()
  return {
    url: `postgres://tally@localhost/postgres?host=${encodeURIComponent(folder)}`,
    folder,
    data,
    bin,
    pid,
    start,
    startAs,
    isUp: async () => isReady(bin, folder, identity),
    kill,
    stop,
    remove: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A data directory. Its log has small segments, so that a copy of it is quickly made. */
const createCluster = (bin: string, data: string, identity: Identity): void => {
  const words = ['-U', 'tally', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '-k']
  const run = spawnSync(join(bin, 'initdb'), ['-D', data, ...words, '--wal-segsize=1'], {
    ...identity,
    cwd: dirname(data),
    encoding: 'utf8',
  })
  if (run.status !== 0) throw new Error(`initdb: ${run.stderr}`)
}

/** Small, and as durable as the default. */
export const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  shared_buffers: '32MB',
  min_wal_size: '2MB',
  max_connections: '40',
  log_min_messages: 'fatal',
}

const WATCH = '"$@" </dev/null & server=$!; cat >/dev/null; kill -INT $server; wait $server'

const ready = async (
  child: ChildProcess,
  bin: string,
  folder: string,
  identity: Identity,
): Promise<void> => {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-4000)
  })
  for (let tries = 0; tries < 300; tries++) {
    if (isReady(bin, folder, identity)) return
    if (child.exitCode !== null) break
    await pause(100)
  }
  throw new Error(`PostgreSQL did not start: ${said}`)
}

type Identity = { readonly uid: number; readonly gid: number } | undefined

const isReady = (bin: string, folder: string, identity: Identity): boolean =>
  spawnSync(join(bin, 'pg_isready'), ['-q', '-h', folder], { ...identity }).status === 0

export const isRoot = (): boolean => process.getuid?.() === 0

/** Who the server runs as when root starts it. */
export const account = (): { uid: number; gid: number } | undefined => {
  const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : []
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}

/** Processes that another started, and theirs. */
export const descendants = (pid: number): readonly number[] => {
  const answer = spawnSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const pairs = answer.stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = (parent: number): number[] =>
    pairs.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []))
  return below(pid)
}

const tryKill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}

const gone = async (pids: readonly number[]): Promise<void> => {
  for (let tries = 0; tries < 600 && pids.some(isAlive); tries++) await pause(20)
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

if (process.argv[1] === import.meta.filename) {
  const server = await startPostgres()
  console.log(server.url)
  process.once('SIGINT', () => void server.remove())
}
