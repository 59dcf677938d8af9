/**
 * The store in one SQLite file in one folder: the default, which needs nothing set up.
 *
 * Commits go to a worker thread. While it syncs one batch, the next collects, so that the number of syncs does not grow
 * with the number of commits. Reads are answered on this thread from a connection of its own, which sees what has been
 * committed and waits for nobody.
 *
 * Safety. A commit resolves after SQLite has synced its log with the settings that `sqlite-file.ts` reads back. An error
 * of the disk leaves open what is stored, so nothing is accepted after it: the next start reads what is there. A large file
 * is read from while its structure is still being looked at, and commits wait for the end of that: nothing is appended to a
 * file that turns out to be damaged.
 * Liveness. A full disk, or one that may not be written to, refuses the batch at hand and nothing else.
 */
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { checkedUnit, checkIndex, checkKey, checkName, pageSize } from './bounds.ts'
import { messageOf, storeError, type StoreError, storeErrorCode } from './errors.ts'
import { openFolder } from './folder.ts'
import { type PackedOutcomes, type PackedUnits, packUnits, unpackOutcomes } from './packed-units.ts'
import { createQueue } from './queue.ts'
import { backUp } from './sqlite-backup.ts'
import { openReader } from './sqlite-file.ts'
import { createReads } from './sqlite-read.ts'
import { type FileOptions, primary } from './sqlite-start.ts'
import type { Outcome, Store, StoreStatus, Unit } from './store.ts'

/** Name of the database within its folder. */
export const STORE_FILE = 'store.db'

export type WriterOrder =
  | { readonly is: 'commit'; readonly units: PackedUnits }
  | { readonly is: 'close' }

export type WriterAnswer =
  | { readonly is: 'committed'; readonly outcomes: PackedOutcomes }
  /** It has opened, or closed. `isLooking`: it goes on to look at the file, and commits nothing before it has. */
  | { readonly is: 'done'; readonly isLooking: boolean }
  /** Of its own accord: the look at the file is over. */
  | { readonly is: 'looked'; readonly damage: string | undefined }
  | {
      readonly is: 'failed'
      readonly code: string | undefined
      readonly sqlite: number | undefined
      readonly message: string
    }

/** What the writing thread is started with. */
export type WriterStart = FileOptions & { readonly path: string }

export const openSqliteStore = async (
  folder: string,
  options: FileOptions = {},
): Promise<Store> => {
  const release = openFolder(folder)
  try {
    return await start({ ...options, path: join(folder, STORE_FILE) }, release)
  } catch (error) {
    release()
    throw error
  }
}

const start = async (of: WriterStart, release: () => void): Promise<Store> => {
  const { path } = of
  const writer = await startWriter(of)
  let reader: DatabaseSync
  try {
    reader = openReader(path)
  } catch (error) {
    await writer.close()
    throw error
  }
  let status: StoreStatus = writer.looked ? { is: 'checking' } : { is: 'open' }
  /** What the look at a large file has found: a unit hears of it whether it came before the end of the look or after. */
  let found: StoreError | undefined
  void writer.looked?.then((error) => {
    found = error
    if (status.is === 'checking')
      status = error === undefined ? { is: 'open' } : { is: 'stopped', why: error.message }
  })
  const commitBatch = async (units: readonly Unit[]): Promise<readonly Outcome[]> => {
    if (found !== undefined) throw found
    if (status.is === 'stopped') throw storeError('store/stopped', status.why)
    const answer = await writer.ask({ is: 'commit', units: packUnits(units) })
    if (answer.is === 'committed') {
      status = { is: 'open' }
      return unpackOutcomes(answer.outcomes, units)
    }
    if (answer.is !== 'failed') throw storeError('store/stopped', 'the writer answered nothing')
    const error = errorOf(answer)
    if (error.code === 'store/full') status = { is: 'full', why: error.message }
    if (error.code === 'store/stopped' || error.code === 'store/damaged')
      status = { is: 'stopped', why: error.message }
    throw error
  }
  const queue = createQueue(commitBatch)
  const closeAll = async (): Promise<void> => {
    await queue.close()
    // The writer last, because whoever is last moves the log into the file.
    reader.close()
    await writer.close()
    release()
  }
  let closing: Promise<void> | undefined
  return {
    ...readsOf(reader),
    // Its folder is locked for this process.
    isShared: false,
    commit: (unit) => {
      try {
        return queue.add(checkedUnit(unit))
      } catch (error) {
        return Promise.reject(error)
      }
    },
    backup: (to) => backUp(path, to),
    status: () => (closing === undefined ? status : { is: 'stopped', why: 'it was closed' }),
    close: () => (closing ??= closeAll()),
  }
}

const readsOf = (
  reader: DatabaseSync,
): Pick<Store, 'find' | 'read' | 'head' | 'get' | 'scan' | 'count'> => {
  const reads = createReads(reader)
  const answer = <Result>(read: () => Result): Result => {
    if (!reader.isOpen) throw storeError('store/closed', 'the store was closed')
    try {
      return read()
    } catch (error) {
      throw storeErrorCode(error) === undefined ? readError(error) : error
    }
  }
  return {
    find: async (journal, key) => {
      checkName(journal)
      checkKey(key)
      return answer(() => reads.find(journal, key))
    },
    read: async (journal, from, limit) => {
      checkName(journal)
      checkIndex(from)
      return answer(() => reads.read(journal, from, pageSize(limit)))
    },
    head: async (journal) => {
      checkName(journal)
      return answer(() => reads.head(journal))
    },
    get: async (space, key) => {
      checkName(space)
      checkKey(key)
      return answer(() => reads.get(space, key))
    },
    scan: async (space, after, limit) => {
      checkName(space)
      if (after !== undefined) checkKey(after)
      return answer(() => reads.scan(space, after, pageSize(limit)))
    },
    count: async (space) => {
      checkName(space)
      return answer(() => reads.count(space))
    },
  }
}

const readError = (error: unknown): StoreError =>
  storeError('store/damaged', `SQLite could not read: ${messageOf(error)}`, error)

type WriterThread = {
  /** That the file is damaged, or the thread gone, when the look at a large file is over; missing where it was looked at before. */
  readonly looked: Promise<StoreError | undefined> | undefined
  readonly ask: (order: WriterOrder) => Promise<WriterAnswer>
  readonly close: () => Promise<void>
}

/** One order at a time; the queue sees to that. */
const startWriter = async (of: WriterStart): Promise<WriterThread> => {
  // Sources run as they are; what is installed is JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./sqlite-worker.${extension}`, import.meta.url), {
    workerData: of,
    // Flags of the process need not fit a thread that only writes.
    execArgv: [],
  })
  let settle: (answer: WriterAnswer) => void = () => undefined
  const answered = (): Promise<WriterAnswer> =>
    new Promise((resolve) => {
      settle = resolve
    })
  let endLook: (error: StoreError | undefined) => void = () => undefined
  const looked = new Promise<StoreError | undefined>((resolve) => {
    endLook = resolve
  })
  const lost = (why: string): void => {
    endLook(storeError('store/stopped', why))
    settle({ is: 'failed', code: 'store/stopped', sqlite: undefined, message: why })
  }
  let gone = false
  worker.on('message', (answer: WriterAnswer) => {
    if (answer.is === 'looked') {
      const { damage } = answer
      endLook(damage === undefined ? undefined : storeError('store/damaged', damage))
    } else settle(answer)
  })
  worker.on('error', (error) => lost(`the writing thread failed: ${messageOf(error)}`))
  worker.on('exit', () => {
    gone = true
    lost('the writing thread is gone')
  })
  const first = await answered()
  if (first.is === 'failed') throw errorOf(first)
  const ask = (order: WriterOrder): Promise<WriterAnswer> => {
    const answer = answered()
    if (gone) lost('the writing thread is gone')
    else worker.postMessage(order, order.is === 'commit' ? [order.units.bytes.buffer] : [])
    return answer
  }
  return {
    looked: first.is === 'done' && first.isLooking ? looked : undefined,
    ask,
    close: async () => {
      await ask({ is: 'close' })
      await worker.terminate()
    },
  }
}

/** What a failure of the writer means for whoever waits for the batch. */
const errorOf = (answer: Extract<WriterAnswer, { is: 'failed' }>): StoreError => {
  const { code, message } = answer
  for (const known of KNOWN) if (code === known) return storeError(known, message)
  const kind = primary(answer.sqlite) ?? 0
  if (SPACE.has(kind)) return storeError('store/full', `SQLite cannot write: ${message}`)
  if (DAMAGED.has(kind)) return storeError('store/damaged', `SQLite finds damage: ${message}`)
  return storeError('store/stopped', `the disk or the writer failed: ${message}`)
}

const KNOWN = [
  'store/out-of-bounds',
  'store/full',
  'store/stopped',
  'store/damaged',
  'store/newer',
  'store/unfit',
] as const
/** SQLITE_FULL and SQLITE_READONLY. */
const SPACE: ReadonlySet<number> = new Set([13, 8])
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED: ReadonlySet<number> = new Set([11, 26])
