/**
 * Connections to PostgreSQL, with what durability and privacy ask of them.
 *
 * TLS. A server that is not on this machine is spoken to over TLS, with its certificate checked against its name: by the
 * system's authorities or by the one that is given. Plain text has to be asked for in words. `sslmode` in the address
 * is not read: most of its values check nothing.
 *
 * Settings. `synchronous_commit`, `fsync` and `full_page_writes` are asked for at the start and again in each commit,
 * because a server's configuration can be changed while it runs. Off means that an acknowledged commit can be lost, so
 * it is refused.
 */
import postgres, { type Options, type ReservedSql, type Sql } from 'postgres'
import { storeError } from './errors.ts'

export type PostgresOptions = {
  /** `postgres://user:password@host:port/database`; `?host=/folder` for a socket. */
  readonly url: string
  /** Name of the schema that holds the tables: letters, digits and underscores. */
  readonly schema?: string
  /** Certificates of the authority that signed the server's, in PEM. */
  readonly authority?: string
  /** Leave out TLS towards another machine, where something else protects the way. */
  readonly plainText?: boolean
  /** Milliseconds for which a commit looks for a server that is gone before it gives up. */
  readonly patienceMs?: number
}

/** A pool of connections that is replaced as a whole when one of its connections was lost. */
export type Client = {
  /** Raises what the loss of a connection raises, as soon as there is one; `isLost` says so to what is still running. */
  readonly run: <Result>(
    work: (sql: Sql, isLost: () => boolean) => Promise<Result>,
  ) => Promise<Result>
  readonly end: () => Promise<void>
}

export type Clients = { readonly writer: Client; readonly reader: Client }

/** Connections for questions. Commits have one of their own, since one batch follows the other. */
const READERS = 4
/** A server that says nothing for this long is taken for gone. */
const CONNECT_SECONDS = 5
/** A transaction whose client has vanished gives back its locks after this. */
const IDLE_MS = 15_000

export const connect = (options: PostgresOptions): Clients => {
  const schema = schemaOf(options)
  const place = placeOf(options)
  const shared: Options<Record<string, never>> = {
    ...place,
    // Lists travel as literals (`postgres-values.ts`); nothing needs to be known of array types.
    fetch_types: false,
    connect_timeout: CONNECT_SECONDS,
    backoff: () => 0.05,
    onnotice: () => undefined,
    connection: {
      application_name: 'tallystick',
      search_path: schema,
      idle_in_transaction_session_timeout: IDLE_MS,
    },
  }
  return {
    writer: createClient((onclose) => postgres({ ...shared, max: 1, max_lifetime: null, onclose })),
    reader: createClient((onclose) =>
      postgres({ ...shared, max: READERS, max_lifetime: null, onclose }),
    ),
  }
}

type Pool = { readonly sql: Sql; readonly lost: Promise<never>; readonly isLost: () => boolean }

/**
 * The driver goes on using a connection that was lost while something was being written to it: what is sent then is
 * never answered, or raises an exception that nobody can catch. So a loss ends the work at hand, nothing more is sent,
 * and a new pool takes the place of the old.
 */
const createClient = (open: (onclose: () => void) => Sql): Client => {
  let isEnded = false
  const start = (): Pool => {
    let isLost = false
    let lose = (): void => undefined
    const lost = new Promise<never>((_, reject) => {
      lose = () => {
        if (isLost) return
        isLost = true
        reject(Object.assign(new Error('the connection was lost'), { code: 'CONNECTION_CLOSED' }))
        sql.end({ timeout: 0 }).catch(() => undefined)
        if (!isEnded) current = start()
      }
    })
    lost.catch(() => undefined)
    const sql = open(() => lose())
    return { sql, lost, isLost: () => isLost }
  }
  let current = start()
  return {
    run: async (work) => {
      const { sql, lost, isLost } = current
      const working = work(sql, isLost)
      working.catch(() => undefined)
      return Promise.race([working, lost])
    },
    end: async () => {
      isEnded = true
      await current.sql.end({ timeout: 5 })
    },
  }
}

/** Pools that have had a connection. */
const warm = new WeakSet<Sql>()

/** A transaction. After an error it is undone, by the server itself where the connection is gone. */
export const transact = async <Result>(
  client: Client,
  run: (tx: ReservedSql) => Promise<Result>,
): Promise<Result> =>
  client.run(async (sql, isLost) => {
    // Of a pool that was never used, the driver hands out no connection: it waits for ever.
    if (!warm.has(sql)) await sql`SELECT 1`
    warm.add(sql)
    const reserved = await sql.reserve()
    // Nothing is sent on a connection that is gone, by whoever still runs.
    const tx = new Proxy(reserved, {
      apply: (target, self, words: Parameters<typeof reserved>) => {
        if (isLost()) throw Object.assign(new Error('lost'), { code: 'CONNECTION_CLOSED' })
        const sent: unknown = Reflect.apply(target, self, words)
        return sent
      },
    })
    try {
      await tx`BEGIN`
      const result = await run(tx)
      await tx`COMMIT`
      reserved.release()
      return result
    } catch (error) {
      if (isLost() || troubleOf(error) === 'lost') throw error
      await tx`ROLLBACK`
      reserved.release()
      throw error
    }
  })

export const schemaOf = (options: PostgresOptions): string => {
  const schema = options.schema ?? 'tallystick'
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(schema))
    throw storeError('store/out-of-bounds', 'a schema is named by letters, digits and underscores')
  return schema
}

type Place = {
  readonly host?: string
  readonly port?: number
  readonly path?: string
  readonly user: string
  readonly pass?: string
  readonly database: string
  readonly ssl: false | { readonly rejectUnauthorized: true; readonly ca?: string }
}

const placeOf = (options: PostgresOptions): Place => {
  const at = new URL(options.url)
  const port = at.port === '' ? 5432 : Number(at.port)
  const user = decodeURIComponent(at.username)
  const password = decodeURIComponent(at.password)
  const who = {
    user: user === '' ? 'tallystick' : user,
    ...(password === '' ? {} : { pass: password }),
    database: decodeURIComponent(at.pathname.slice(1)) || 'tallystick',
  }
  const socket = at.searchParams.get('host')
  if (socket !== null) return { ...who, path: `${socket}/.s.PGSQL.${port}`, ssl: false }
  const host = at.hostname.replaceAll(/[[\]]/g, '')
  const near = host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
  const { authority } = options
  const ssl = {
    rejectUnauthorized: true,
    ...(authority === undefined ? {} : { ca: authority }),
  } as const
  return { ...who, host, port, ssl: near || options.plainText === true ? false : ssl }
}

/** Columns that say how durable a commit on this connection is, for a statement that a commit makes anyway. */
export const DURABILITY: string =
  "current_setting('synchronous_commit') AS synchronous_commit, " +
  "current_setting('fsync', true) AS fsync, current_setting('full_page_writes', true) AS full_page_writes"

/** Raises `store/unfit` where one of them is off. */
export const checkDurability = (row: Readonly<Record<string, unknown>> | undefined): void => {
  for (const name of ['synchronous_commit', 'fsync', 'full_page_writes'])
    if (row?.[name] === 'off')
      throw storeError(
        'store/unfit',
        `PostgreSQL has ${name} off, so that it can lose what it has acknowledged; set it to on`,
      )
}

export const checkServer = async (sql: Sql): Promise<void> => {
  const [row] = await sql.unsafe(`SELECT ${DURABILITY}`)
  checkDurability(row)
}

/** What an error of the driver or the server means. */
export type Trouble = 'again' | 'lost' | 'full' | 'damaged' | 'failed'

export const troubleOf = (error: unknown): Trouble => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // Serialisation failure, deadlock, lock not available.
  if (/^(?:40001|40P01|55P03)$/.test(code)) return 'again'
  // Connection exceptions, shutdowns, and what the driver and the system call a connection that is gone.
  if (/^(?:08|57P0)/.test(code) || /^25P03$/.test(code) || LOST.has(code)) return 'lost'
  // Insufficient resources; a standby, or a server that was made read-only.
  if (/^(?:53|25006)/.test(code)) return 'full'
  if (/^XX00[12]$/.test(code)) return 'damaged'
  return 'failed'
}

const LOST: ReadonlySet<string> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
])
