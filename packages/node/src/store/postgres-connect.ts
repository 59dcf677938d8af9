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
import postgres, { type Options, type Sql } from 'postgres'
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

export type Clients = { readonly writer: Sql; readonly reader: Sql }

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
    writer: postgres({ ...shared, max: 1, max_lifetime: null }),
    reader: postgres({ ...shared, max: READERS }),
  }
}

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
