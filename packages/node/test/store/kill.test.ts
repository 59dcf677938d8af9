/** Some kills; `test/slow/store-kills.test.ts` has a thousand. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openGuardedPostgres, openGuardedSqlite } from '../../src/store/open.ts'
import { useServer, withoutPostgres } from '../postgres-server.ts'
import { killOften } from './killing.ts'
import { withFolder } from './temporary.ts'

const missing = withoutPostgres()

describe('a writing process that is killed', () => {
  test(
    'loses nothing that it acknowledged to SQLite',
    () =>
      withFolder(async (folder) => {
        const killed = await killOften({
          mode: 'sqlite',
          place: '',
          folder,
          kills: 10,
          withinMs: 100,
          open: () => openGuardedSqlite(folder, 'vows'),
        })
        expect(killed.lost).toEqual([])
        expect(killed.acknowledged).toBeGreaterThan(10)
      }),
    120_000,
  )
})

if (missing === undefined) {
  describe('a writing process that is killed, over PostgreSQL', () => {
    const server = useServer()

    test(
      'loses nothing that it acknowledged, though the server crashes too now and then',
      () =>
        withFolder(async (folder) => {
          const { url } = server()
          const killed = await killOften({
            mode: 'postgres',
            place: url,
            folder: join(folder, 'guarded'),
            kills: 6,
            withinMs: 100,
            open: () => openGuardedPostgres({ url }, join(folder, 'guarded'), 'vows'),
            alsoKill: async (round) => {
              if (round % 3 === 2) await server().kill()
            },
            before: async () => {
              if (!(await server().isUp())) await server().start()
            },
          })
          expect(killed.lost).toEqual([])
          expect(killed.acknowledged).toBeGreaterThan(6)
        }),
      120_000,
    )
  })
} else test.skip(`PostgreSQL: ${missing}`, () => undefined)
