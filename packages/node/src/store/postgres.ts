/**
 * The store in a PostgreSQL database, which several processes may share, on several machines.
 *
 * Safety. `postgres-commit.ts`. A connection that is lost during a commit leaves its outcome open; the batch is then sent
 * again until the database says what became of it. Callers whose commit is given up (`store/unreachable`) ask again with
 * the same keys, and learn what stands there.
 * Liveness. Serialisation failures and deadlocks are sent again. A server that comes back is found again.
 *
 * Not promised. More than the server promises: that its disk keeps what it synced, and that a standby that is promoted
 * has everything, which asks for synchronous replication (`docs/operations.md`).
 */
import { randomBytes } from 'node:crypto'
import type { Sql } from 'postgres'
import { checkedUnit, checkIndex, checkKey, checkName, pageSize } from './bounds.ts'
import { chainNext } from './chain.ts'
import { messageOf, storeError, type StoreError, storeErrorCode } from './errors.ts'
import { commitBatch } from './postgres-commit.ts'
import {
  checkServer,
  type Clients,
  connect,
  type PostgresOptions,
  schemaOf,
  troubleOf,
} from './postgres-connect.ts'
import { createReads, type Reads } from './postgres-read.ts'
import { migratePostgres } from './postgres-schema.ts'
import { createQueue } from './queue.ts'
import type { Outcome, Store, StoreStatus, Unit } from './store.ts'

/** How long a commit looks for a server that is gone. */
const PATIENCE_MS = 20_000
/** Between two tries. */
const PAUSE_MS = 50
/** Entries at the end of each of the longest journals that a start checks. */
const TAIL = 1024
const TAILS = 16
/** Processes that have not committed for this long are forgotten. */
const FORGET = '90 days'

export const openPostgresStore = async (options: PostgresOptions): Promise<Store> => {
  const clients = connect(options)
  try {
    await clients.writer.run(checkServer)
    await migratePostgres(clients.writer, schemaOf(options))
    await clients.reader.run(checkEnds)
    return await start(clients, options.patienceMs ?? PATIENCE_MS)
  } catch (error) {
    await end(clients)
    throw storeErrorCode(error) === undefined ? errorOf(error) : error
  }
}

const start = async (clients: Clients, patienceMs: number): Promise<Store> => {
  const writer = new Uint8Array(randomBytes(16))
  await clients.writer.run(async (sql) => sql`INSERT INTO writer (id, batch) VALUES (${writer}, 0)`)
  await clients.writer.run(
    async (sql) => sql`DELETE FROM writer WHERE seen < now() - ${FORGET}::interval`,
  )
  let status: StoreStatus = { is: 'open' }
  let number = 0n
  const commit = async (units: readonly Unit[]): Promise<readonly Outcome[]> => {
    if (status.is === 'stopped') throw storeError('store/stopped', status.why)
    number += 1n
    const batch = { writer, number, units }
    try {
      const outcomes = await persist(patienceMs, async (decided) =>
        commitBatch(clients.writer, batch, decided),
      )
      status = { is: 'open' }
      return outcomes
    } catch (error) {
      const known = storeErrorCode(error) === undefined ? errorOf(error) : error
      status = statusAfter(known) ?? status
      throw known
    }
  }
  const queue = createQueue(commit)
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await queue.close()
    await clients.writer
      .run(async (sql) => sql`DELETE FROM writer WHERE id = ${writer}`)
      .catch(() => undefined)
    await end(clients)
  }
  return {
    ...readsOf(clients, () => closing !== undefined),
    isShared: true,
    commit: async (unit) => queue.add(checkedUnit(unit)),
    backup: async () => {
      throw storeError(
        'store/unfit',
        'PostgreSQL is copied by pg_dump or pg_basebackup; see docs/operations.md',
      )
    },
    status: () => (closing === undefined ? status : { is: 'stopped', why: 'it was closed' }),
    close: () => (closing ??= close()),
  }
}

/** Sends a batch until its outcome is known. */
const persist = async (
  patienceMs: number,
  send: (decided: (outcomes: readonly Outcome[]) => void) => Promise<void>,
): Promise<readonly Outcome[]> => {
  const until = Date.now() + patienceMs
  let outcomes: readonly Outcome[] | undefined
  for (;;) {
    try {
      await send((decided) => {
        outcomes = decided
      })
      if (outcomes === undefined) throw storeError('store/stopped', 'a batch without an outcome')
      return outcomes
    } catch (error) {
      const trouble = storeErrorCode(error) === undefined ? troubleOf(error) : 'failed'
      if ((trouble !== 'again' && trouble !== 'lost') || Date.now() > until) throw error
      // After a lost connection the outcomes stay: if that transaction was committed, they are what it stored.
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

const errorOf = (error: unknown): StoreError => {
  const said = messageOf(error)
  const trouble = troubleOf(error)
  switch (trouble) {
    case 'again':
    case 'lost':
      return storeError('store/unreachable', `PostgreSQL does not answer: ${said}`, error)
    case 'full':
      return storeError('store/full', `PostgreSQL does not write: ${said}`, error)
    case 'damaged':
      return storeError('store/damaged', `PostgreSQL finds damage: ${said}`, error)
    case 'failed':
      return storeError('store/stopped', `PostgreSQL failed: ${said}`, error)
  }
}

const statusAfter = (error: unknown): StoreStatus | undefined => {
  const why = messageOf(error)
  const code = storeErrorCode(error)
  if (code === 'store/full') return { is: 'full', why }
  if (code === 'store/unreachable') return { is: 'unreachable', why }
  return code === 'store/out-of-bounds' ? undefined : { is: 'stopped', why }
}

const readsOf = (clients: Clients, isClosed: () => boolean): Reads => {
  const answer = async <Result>(read: (reads: Reads) => Promise<Result>): Promise<Result> => {
    if (isClosed()) throw storeError('store/closed', 'the store was closed')
    try {
      return await clients.reader.run(async (sql) => read(createReads(sql)))
    } catch (error) {
      throw storeErrorCode(error) === undefined ? errorOf(error) : error
    }
  }
  return {
    find: async (journal, key) => {
      checkName(journal)
      checkKey(key)
      return answer((reads) => reads.find(journal, key))
    },
    read: async (journal, from, limit) => {
      checkName(journal)
      checkIndex(from)
      return answer((reads) => reads.read(journal, from, pageSize(limit)))
    },
    head: async (journal) => {
      checkName(journal)
      return answer((reads) => reads.head(journal))
    },
    get: async (space, key) => {
      checkName(space)
      checkKey(key)
      return answer((reads) => reads.get(space, key))
    },
    scan: async (space, after, limit) => {
      checkName(space)
      if (after !== undefined) checkKey(after)
      return answer((reads) => reads.scan(space, after, pageSize(limit)))
    },
    count: async (space) => {
      checkName(space)
      return answer((reads) => reads.count(space))
    },
  }
}

/** Raises `store/damaged` where the last entries of a journal do not lead to its head. */
const checkEnds = async (sql: Sql): Promise<void> => {
  const reads = createReads(sql)
  const longest = await sql<{ name: string }[]>`
    SELECT name FROM journal ORDER BY size DESC LIMIT ${TAILS}`
  for (const { name } of longest) {
    // The head first: others may append meanwhile, and then the entries go beyond it.
    const head = await reads.head(name)
    const from = head.size > BigInt(TAIL) ? head.size - BigInt(TAIL) : 0n
    let chain: Uint8Array | undefined
    let at = from
    while (at < head.size) {
      const page = await reads.read(name, at, TAIL)
      if (page.length === 0) throw damaged(name, at)
      for (const entry of page.slice(0, Number(head.size - at))) {
        if (chain !== undefined && !equal(chainNext(chain, entry), entry.chain))
          throw damaged(name, at)
        chain = entry.chain
        at += 1n
      }
    }
    if (chain !== undefined && !equal(chain, head.chain)) throw damaged(name, at)
  }
}

const damaged = (journal: string, at: bigint): StoreError =>
  storeError('store/damaged', `${journal} does not hold together at entry ${at}`)

const equal = (one: Uint8Array, two: Uint8Array): boolean => Buffer.compare(one, two) === 0

const end = async (clients: Clients): Promise<void> => {
  await Promise.all([clients.writer.end(), clients.reader.end()])
}
