/** Power cuts of a PostgreSQL server and of the process that writes to it: traced together, cut many times. */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  account,
  findPostgres,
  isRoot,
  SETTINGS,
  startPostgres,
} from '../../../../scripts/postgres.ts'
import { openGuardedPostgres } from '../../src/store/open.ts'
import { bytes, text } from './contract-values.ts'
import { createDisk, writeImage } from './power.ts'
import type { Cuts } from './power-sqlite.ts'
import { readTrace, traced, traceUntil } from './trace.ts'
import { valueOf } from './written.ts'

export const cutPostgres = async (of: {
  readonly commits: number
  readonly images: number
  /** Further words for the tracer: calls that it swallows. */
  readonly planted?: readonly string[]
  readonly onImage?: (done: number, lost: number) => void
}): Promise<Cuts> => {
  // The disk is a simulated one; what is beneath it need not be slow.
  const shared = '/dev/shm'
  const folder = mkdtempSync(join(existsSync(shared) ? shared : tmpdir(), 'tally-cut-'))
  try {
    return await cutIn(folder, of)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const cutIn = async (folder: string, of: Parameters<typeof cutPostgres>[0]): Promise<Cuts> => {
  const traceable = join(folder, 'traced')
  const base = join(folder, 'base')
  mkdirSync(traceable)
  // The server's user has to reach what lies in it.
  chmodSync(folder, 0o755)
  own(folder, folder, traceable)
  await prepare(traceable)
  copy(traceable, base)
  const log = join(folder, 'trace')
  await traceUntil(
    [...traced(log, of.planted), ...session(traceable)],
    of.commits,
    identity() ?? {},
  )
  const calls = readTrace(log, traceable, join(traceable, 'data'))
  const first = calls.findIndex(({ is }) => is === 'said')
  const cuts = Array.from(
    { length: Math.ceil(of.images / 2) },
    () => first + Math.floor(Math.random() * (calls.length - first)),
  ).sort((one, two) => one - two)
  const disk = createDisk(traceable, base)
  const said = new Set<number>()
  const lost: string[] = []
  let images = 0
  for (const [order, call] of calls.entries()) {
    disk.apply(call, order)
    if (call.is === 'said') for (const n of call.numbers) said.add(n)
    for (; cuts[0] === order; cuts.shift())
      for (const kind of ['synced', 'torn'] as const) {
        const target = join(folder, 'image')
        rmSync(target, { recursive: true, force: true })
        copy(base, target)
        writeImage(target, traceable, disk.image(kind), (path) => rmSync(path, { force: true }))
        images += 1
        lost.push(...(await look(target, said)).map((what) => `cut at ${order}, ${kind}: ${what}`))
        of.onImage?.(images, lost.length)
      }
  }
  return { images, lost, syncs: calls.filter(({ is }) => is === 'sync').length, said: said.size }
}

/** A cluster with our tables in it, stopped in order: what is on the disk when the tracing starts. */
const prepare = async (traceable: string): Promise<void> => {
  const server = await startPostgres()
  const store = await openGuardedPostgres({ url: server.url }, join(traceable, 'guarded'), 'vows')
  await store.close()
  await server.stop()
  copy(server.data, join(traceable, 'data'))
  await server.remove()
  own(traceable, traceable)
}

/** The server and, once it answers, the writer, in one shell. */
const session = (traceable: string): readonly string[] => {
  const found = findPostgres()
  if ('missing' in found) throw new Error(found.missing)
  const settings = { ...SETTINGS, unix_socket_directories: traceable }
  const words = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`)
  const url = `postgres://tally@localhost/postgres?host=${encodeURIComponent(traceable)}`
  const writer = `${process.execPath} --no-warnings ${join(import.meta.dirname, 'writer.ts')}`
  const server = `${join(found.bin, 'postgres')} -D ${join(traceable, 'data')} ${words.join(' ')}`
  const isReady = `${join(found.bin, 'pg_isready')} -q -h ${traceable}`
  return [
    'sh',
    '-c',
    `${server} >/dev/null 2>&1 </dev/null & until ${isReady}; do sleep 0.1; done; exec ${writer} postgres '${url}' ${join(traceable, 'guarded')} 0`,
  ]
}

/** Starts a server on an image, which recovers, and looks for everything that was said. */
const look = async (image: string, said: ReadonlySet<number>): Promise<readonly string[]> => {
  const data = join(image, 'data')
  rmSync(join(data, 'postmaster.pid'), { force: true })
  own(image, image)
  chmodSync(data, 0o700)
  const lost: string[] = []
  let server: Awaited<ReturnType<typeof startPostgres>> | undefined
  try {
    server = await startPostgres({ data })
    // The guard is our own process's, and this process runs as somebody else.
    const guarded = join(image, 'guarded')
    if (isRoot()) spawnSync('chown', ['-R', '0:0', guarded])
    const store = await openGuardedPostgres({ url: server.url }, guarded, 'vows')
    try {
      const status = store.status()
      if (status.is !== 'open') lost.push(JSON.stringify(status))
      for (const n of said) {
        const entry = await store.find('vows', bytes(`k${n}`))
        if (entry === undefined || text(entry.value) !== valueOf(n)) lost.push(`${n} is gone`)
      }
    } finally {
      await store.close()
    }
  } catch (error) {
    lost.push(String(error))
  } finally {
    await server?.kill().catch(() => undefined)
    await server?.remove()
  }
  return lost
}

const identity = (): { uid: number; gid: number } | undefined => (isRoot() ? account() : undefined)

const copy = (from: string, to: string): void => {
  const run = spawnSync('cp', ['-a', from, to])
  if (run.status !== 0) throw new Error(`cp: ${run.stderr.toString()}`)
}

/** The server runs as another user where this process is root. */
const own = (deep: string, ...paths: readonly string[]): void => {
  const who = identity()
  if (who === undefined) return
  for (const path of paths) chownSync(path, who.uid, who.gid)
  spawnSync('chown', ['-R', `${who.uid}:${who.gid}`, deep])
}
