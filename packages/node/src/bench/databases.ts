/**
 * The same load over SQLite and over PostgreSQL, one after the other in one run. The server is this machine's own or one that
 * `TALLY_POSTGRES` names; a database is made for each operator and dropped afterwards.
 */
import postgres from 'postgres'
import { type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { type Fleet, startFleet } from './fleet.ts'
import { openPayers, quantileOf, runLoad } from './load.ts'
import { createPayer } from './payer.ts'

const PAYERS = 96
const VARIABLE = 'TALLY_POSTGRES'

export const benchDatabases = async ({ rounds }: Rounds): Promise<readonly Figure[]> => {
  const seconds = Math.max(2, Math.min(20, rounds * 2))
  const sqlite = await loadOver('SQLite', await startFleet(), seconds)
  const server = process.env[VARIABLE]
  if (server === undefined) {
    const note = `no PostgreSQL measured: set ${VARIABLE} to the address of a server`
    return sqlite.map((one, at) => (at === 0 ? { ...one, note } : one))
  }
  const address = new URL(server)
  const socket = address.searchParams.get('host')
  address.search = ''
  const sql = postgres(address.href, {
    max: 1,
    onnotice: () => {},
    // A socket's folder stands behind the address, as the server's own tools have it.
    ...(socket === null ? {} : { host: socket }),
  })
  const names = new Map<string, string>()
  try {
    for (const name of ['north', 'east', 'south', 'west']) {
      const database = `tally_bench_${name}_${process.pid}`
      await sql.unsafe(`CREATE DATABASE ${database}`)
      names.set(name, database)
    }
    const databaseOf = (name: string): string => {
      const url = new URL(server)
      url.pathname = `/${names.get(name) ?? ''}`
      return url.href
    }
    const over = await loadOver('PostgreSQL', await startFleet(databaseOf), seconds)
    return [...sqlite, ...over]
  } finally {
    for (const database of names.values()) await sql.unsafe(`DROP DATABASE ${database}`)
    await sql.end()
  }
}

const loadOver = async (
  name: string,
  fleet: Fleet,
  seconds: number,
): Promise<readonly Figure[]> => {
  try {
    const payers = Array.from({ length: PAYERS }, () => createPayer(fleet.policy))
    await openPayers(fleet.members, payers)
    await runLoad({ members: fleet.members, payers, seconds: 2 })
    const { perSecond, latenciesMs } = await runLoad({ members: fleet.members, payers, seconds })
    const p99 = quantileOf(latenciesMs, 0.99)
    return [
      figureFrom({ id: 'D7', name: `certified sends over ${name}`, unit: '1/s' }, [perSecond]),
      figureFrom({ id: 'D7', name: `p99 over ${name}`, unit: 'ms' }, [p99]),
    ]
  } finally {
    await fleet.close()
  }
}
