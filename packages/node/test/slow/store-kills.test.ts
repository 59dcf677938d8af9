/** A thousand kills each. `TALLYSTICK_KILLS` changes the number. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openGuardedPostgres, openGuardedSqlite } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { useServer, withoutPostgres } from '../postgres-server.ts'
import { killOften } from '../store/killing.ts'
import { withFolder } from '../store/temporary.ts'

const KILLS = Number(process.env['TALLYSTICK_KILLS'] ?? 1000)
const HOURS = 4 * 3_600_000
const missing = withoutPostgres()

describe('a writing process that is killed a thousand times', () => {
  test(
    'loses nothing that it acknowledged to SQLite',
    () =>
      withFolder(async (folder) => {
        const open = (): Promise<Store> => openGuardedSqlite(folder, 'vows')
        const killed = await killOften({
          mode: 'sqlite',
          place: '',
          folder,
          kills: KILLS,
          withinMs: 60,
          open,
        })
        console.log(
          `SQLite: ${KILLS} kills, ${killed.acknowledged} acknowledged, ${killed.found} found`,
        )
        expect(killed.lost).toEqual([])
        expect(killed.acknowledged).toBeGreaterThan(KILLS)
      }),
    HOURS,
  )
})

if (missing === undefined) {
  describe('the same over PostgreSQL', () => {
    const server = useServer()

    test(
      'loses nothing that it acknowledged, though each fourth time the server crashes too',
      () =>
        withFolder(async (folder) => {
          const { url } = server()
          const guarded = join(folder, 'guarded')
          let crashes = 0
          const killed = await killOften({
            mode: 'postgres',
            place: url,
            folder: guarded,
            kills: KILLS,
            withinMs: 60,
            open: () => openGuardedPostgres({ url }, guarded, 'vows'),
            alsoKill: async (round) => {
              if (round % 4 !== 3) return
              crashes += 1
              await server().kill()
            },
            before: async () => {
              if (!(await server().isUp())) await server().start()
            },
          })
          console.log(
            `PostgreSQL: ${KILLS} kills, ${crashes} of them of the server too, ${killed.acknowledged} acknowledged, ${killed.found} found`,
          )
          expect(killed.lost).toEqual([])
          expect(killed.acknowledged).toBeGreaterThan(KILLS)
        }),
      HOURS,
    )
  })
} else test.skip(`PostgreSQL: ${missing}`, () => undefined)
