/** What is particular to PostgreSQL: several processes, lost connections, settings, migrations. */
import postgres, { type Sql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { connect } from '../../src/store/postgres-connect.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { migratePostgres, POSTGRES_MIGRATIONS } from '../../src/store/postgres-schema.ts'
import { useServer, withoutPostgres } from '../postgres-server.ts'
import { codeOf, expectChained, readAll, stored } from './contract.ts'
import { append, bytes, put, unit } from './contract-values.ts'

const missing = withoutPostgres()

const suite = (): void => {
  const server = useServer()
  const admin = async (run: (sql: Sql) => Promise<unknown>): Promise<void> => {
    const sql = postgres({
      host: server().folder,
      user: 'tally',
      database: 'postgres',
      onnotice: () => undefined,
    })
    try {
      await run(sql)
    } finally {
      await sql.end()
    }
  }

  test('two processes never store two entries under one key, and their journal has no gap', async () => {
    const options = { url: server().url, schema: 'race' }
    const [one, two] = await Promise.all([openPostgresStore(options), openPostgresStore(options)])
    const keys = Array.from({ length: 150 }, (_, at) => `k${at}`)
    const outcomes = await Promise.all(
      keys.flatMap((key) => [
        one.commit(unit([append(key, `one ${key}`, 5n)], [put('count', key)])),
        two.commit(unit([append(key, `two ${key}`, 3n)], [put('count', key)])),
      ]),
    )
    expect(outcomes.filter(({ is }) => is === 'stored')).toHaveLength(150)
    expect(outcomes.filter(({ is }) => is === 'taken')).toHaveLength(150)
    const entries = await readAll(one, 'vows')
    expect(entries).toHaveLength(150)
    expectChained('vows', entries)
    expect(await two.get('heads', bytes('count'))).toMatchObject({ version: 150n })
    for (const outcome of outcomes)
      if (outcome.is === 'taken')
        expect(entries.find(({ index }) => index === outcome.entry.index)).toEqual(outcome.entry)
    await Promise.all([one.close(), two.close()])
  })

  test('two processes that make one record at once both count', async () => {
    const options = { url: server().url, schema: 'records' }
    const [one, two] = await Promise.all([openPostgresStore(options), openPostgresStore(options)])
    for (let round = 0; round < 10; round++) {
      const results = await Promise.all(
        [one, two].map((store) => store.commit(unit([], [put(`r${round}`, 'x', 0n)]))),
      )
      expect(results.map(({ is }) => is).sort()).toEqual(['stale', 'stored'])
    }
    await Promise.all([one.close(), two.close()])
  })

  test('a connection that is cut at any moment leaves each entry once, and commits go on', async () => {
    const options = { url: server().url, schema: 'cut', patienceMs: 60_000 }
    const store = await openPostgresStore(options)
    let cutting = true
    const cut = admin(async (sql) => {
      for (let cuts = 0; cutting && cuts < 12; cuts++) {
        await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tallystick'`
        await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200))
      }
    })
    const outcomes: string[] = []
    const work = Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        for (let n = 0; n < 25; n++)
          outcomes.push((await store.commit(unit([append(`${worker}.${n}`)], [put('n', 'x')]))).is)
      }),
    )
    await work.finally(() => {
      cutting = false
    })
    await cut
    // Each key was asked for once: an entry that was stored twice, or taken from itself, would show.
    expect(outcomes.every((is) => is === 'stored')).toBe(true)
    const entries = await readAll(store, 'vows')
    expect(entries).toHaveLength(200)
    expectChained('vows', entries)
    expect((await store.get('heads', bytes('n')))?.version).toBe(200n)
    await store.close()
  }, 60_000)

  test('a database that is gone is told apart, and found again', async () => {
    const store = await openPostgresStore({ url: server().url, schema: 'gone', patienceMs: 300 })
    stored(await store.commit(unit([append('a')])))
    await server().kill()
    expect(await codeOf(store.commit(unit([append('b')])))).toBe('store/unreachable')
    expect(store.status().is).toBe('unreachable')
    await server().start()
    expect(['stored', 'taken']).toContain((await store.commit(unit([append('b')]))).is)
    expect(store.status()).toEqual({ is: 'open' })
    await store.close()
  }, 60_000)

  test.each(['synchronous_commit', 'fsync', 'full_page_writes'])(
    'a server with %s off is refused, at the start and while it runs',
    async (name) => {
      const options = { url: server().url, schema: 'settings' }
      const store = await openPostgresStore(options)
      stored(await store.commit(unit([append(`${name} before`)])))
      await server().stop()
      await server().startAs({ [name]: 'off' })
      expect(await codeOf(openPostgresStore(options))).toBe('store/unfit')
      expect(await codeOf(store.commit(unit([append(`${name} after`)])))).toBe('store/unfit')
      await server().stop()
      await server().start()
      const again = await openPostgresStore(options)
      expect(await again.find('vows', bytes(`${name} after`))).toBeUndefined()
      await Promise.all([store.close(), again.close()])
    },
    60_000,
  )

  test('a migration that is cut short between any two statements leaves nothing, and can be made again', async () => {
    const steps: string[] = []
    const { writer, reader } = connect({ url: server().url, schema: 'migrated' })
    await migratePostgres(writer, 'migrated', POSTGRES_MIGRATIONS, (step) => steps.push(step))
    await admin((sql) => sql`DROP SCHEMA migrated CASCADE`)
    for (const at of steps.keys()) {
      let seen = 0
      await expect(
        migratePostgres(writer, 'migrated', POSTGRES_MIGRATIONS, () => {
          if (seen++ === at) throw new Error('crash')
        }),
      ).rejects.toThrow('crash')
      expect(
        await writer.run(async (sql) => sql`SELECT 1 FROM pg_namespace WHERE nspname = 'migrated'`),
      ).toHaveLength(0)
    }
    await Promise.all([writer.end(), reader.end()])
    const store = await openPostgresStore({ url: server().url, schema: 'migrated' })
    stored(await store.commit(unit([append('a')])))
    await admin((sql) => sql`UPDATE migrated.version SET version = 2`)
    expect(await codeOf(openPostgresStore({ url: server().url, schema: 'migrated' }))).toBe(
      'store/newer',
    )
    await store.close()
  })

  test('an entry that was changed in the database is found at the next start', async () => {
    const options = { url: server().url, schema: 'changed' }
    const store = await openPostgresStore(options)
    for (let n = 0; n < 5; n++) stored(await store.commit(unit([append(`${n}`)])))
    await store.close()
    await admin((sql) => sql`UPDATE changed.entry SET value = 'other' WHERE index = 3`)
    expect(await codeOf(openPostgresStore(options))).toBe('store/damaged')
  })

  test('names of schemas are letters, digits and underscores', async () => {
    for (const schema of ['', 'a b', 'a;drop', 'A', '1a', 'x'.repeat(49), '"'])
      expect(await codeOf(openPostgresStore({ url: server().url, schema }))).toBe(
        'store/out-of-bounds',
      )
  })
}

if (missing === undefined) describe('PostgreSQL', suite)
else test.skip(`PostgreSQL: ${missing}`, () => undefined)
