/** The private PostgreSQL server of a test file; `undefined`, with the reason said once, where there is none. */
import { afterAll, beforeAll } from 'vitest'
import {
  findPostgres,
  type PostgresOptions,
  type PostgresServer,
  startPostgres,
} from '../../../scripts/postgres.ts'

export type { PostgresServer } from '../../../scripts/postgres.ts'

/** Whether tests that need a server have to be skipped, with the reason for their title. */
export const withoutPostgres = (): string | undefined => {
  const found = findPostgres()
  return 'missing' in found ? found.missing : undefined
}

/** A server for all tests of the suite that calls this. */
export const useServer = (options: PostgresOptions = {}): (() => PostgresServer) => {
  let server: PostgresServer | undefined
  beforeAll(async () => {
    server = await startPostgres(options)
  }, 60_000)
  afterAll(async () => {
    await server?.remove()
  }, 60_000)
  return () => {
    if (server === undefined) throw new Error('the server was not started')
    return server
  }
}
