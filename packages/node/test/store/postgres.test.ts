import postgres from 'postgres'
import { describe, test } from 'vitest'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { useServer, withoutPostgres } from '../postgres-server.ts'
import { describeStore } from './contract.ts'

const missing = withoutPostgres()

if (missing === undefined) {
  describe('with a PostgreSQL server', () => {
    const server = useServer()

    describeStore('PostgreSQL', async () => {
      const sql = postgres({ host: server().folder, user: 'tally', database: 'postgres' })
      return {
        open: () => openPostgresStore({ url: server().url }),
        durable: true,
        reset: async () => {
          await sql`TRUNCATE tallystick.entry, tallystick.journal, tallystick.record`
        },
        remove: async () => sql.end(),
      }
    })
  })
} else test.skip(`PostgreSQL: ${missing}`, () => undefined)
