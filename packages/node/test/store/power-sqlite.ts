/** Power cuts of a process that writes an SQLite store: traced once, cut many times. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chainStart } from '../../src/store/chain.ts'
import { openGuardFile } from '../../src/store/guard-file.ts'
import { createReads } from '../../src/store/sqlite-read.ts'
import { checkWhole, openStoreFile } from '../../src/store/sqlite-start.ts'
import { bytes, text } from './contract-values.ts'
import { createDisk, writeImage } from './power.ts'
import { readTrace, traced, traceUntil } from './trace.ts'
import { valueOf } from './written.ts'

export type Cuts = {
  readonly images: number
  readonly lost: readonly string[]
  readonly syncs: number
  readonly said: number
}

export const cutPower = async (
  folder: string,
  of: { readonly mode: string; readonly commits: number; readonly images: number },
): Promise<Cuts> => {
  const data = join(folder, 'data')
  const log = join(folder, 'trace')
  mkdirSync(data, { mode: 0o700 })
  const writer = join(import.meta.dirname, 'writer.ts')
  const command = [process.execPath, '--no-warnings', writer, of.mode, '-', data, '0']
  await traceUntil([...traced(log), ...command], of.commits)
  const calls = readTrace(log, data)
  const first = calls.findIndex(({ is }) => is === 'said')
  const cuts = Array.from(
    { length: Math.ceil(of.images / 2) },
    () => first + Math.floor(Math.random() * (calls.length - first)),
  ).sort((one, two) => one - two)
  const disk = createDisk(data, undefined)
  const said = new Set<number>()
  const lost: string[] = []
  const target = join(folder, 'image')
  let images = 0
  for (const [order, call] of calls.entries()) {
    disk.apply(call, order)
    if (call.is === 'said') for (const n of call.numbers) said.add(n)
    for (; cuts[0] === order; cuts.shift())
      for (const kind of ['synced', 'torn'] as const) {
        rmSync(target, { recursive: true, force: true })
        mkdirSync(target, { mode: 0o700 })
        writeImage(target, data, disk.image(kind), (path) => rmSync(path, { force: true }))
        images += 1
        lost.push(...(await look(target, said)).map((what) => `cut at ${order}, ${kind}: ${what}`))
      }
  }
  return { images, lost, syncs: calls.filter(({ is }) => is === 'sync').length, said: said.size }
}

/** What an image lacks. */
const look = async (folder: string, said: ReadonlySet<number>): Promise<readonly string[]> => {
  const lost: string[] = []
  try {
    const { file } = openStoreFile(join(folder, 'store.db'))
    try {
      checkWhole(file)
      const reads = createReads(file)
      for (const n of said) {
        const entry = reads.find('vows', bytes(`k${n}`))
        if (entry === undefined || text(entry.value) !== valueOf(n)) lost.push(`${n} is gone`)
      }
      lost.push(...(await lookAtGuard(folder, reads)))
    } finally {
      file.close()
    }
  } catch (error) {
    lost.push(String(error))
  }
  return lost
}

/** The guard never knows more than the database has; of the two it is synced last. */
const lookAtGuard = async (
  folder: string,
  reads: ReturnType<typeof createReads>,
): Promise<readonly string[]> => {
  const place = { name: 'vows', start: chainStart('vows'), areaBytes: 65_536 }
  const guard = await openGuardFile(join(folder, 'guard'), place, false).catch(() => undefined)
  if (guard === undefined) return []
  const { head } = guard.found
  await guard.close()
  if (head === undefined) return ['the guard is damaged']
  if (head.size === 0n) return []
  const [last] = reads.read('vows', head.size - 1n, 1)
  return last !== undefined && Buffer.compare(last.chain, head.chain) === 0
    ? []
    : [`the guard remembers ${head.size} entries, the journal has ${reads.head('vows').size}`]
}
