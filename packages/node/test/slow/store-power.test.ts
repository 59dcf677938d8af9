/** A thousand images of power cuts each. `TALLYSTICK_IMAGES` changes the number. */
import { describe, expect, test } from 'vitest'
import { withoutPostgres } from '../postgres-server.ts'
import { cutPostgres } from '../store/power-postgres.ts'
import { cutPower } from '../store/power-sqlite.ts'
import { withFolder } from '../store/temporary.ts'
import { withoutStrace } from '../store/trace.ts'

const IMAGES = Number(process.env['TALLYSTICK_IMAGES'] ?? 1000)
/** Each trace has other timings. */
const TRACES = 4
const HOURS = 4 * 3_600_000
const missing = withoutStrace()
const missingToo = missing ?? withoutPostgres()

describe.skipIf(missing !== undefined)(`a thousand power cuts: ${missing ?? 'traced'}`, () => {
  test(
    'of SQLite lose nothing that was acknowledged',
    async () => {
      let images = 0
      for (let trace = 0; trace < TRACES; trace++)
        await withFolder(async (folder) => {
          const cuts = await cutPower(folder, {
            mode: 'sqlite',
            commits: 300,
            images: IMAGES / TRACES,
          })
          images += cuts.images
          expect(cuts.lost).toEqual([])
        })
      console.log(`SQLite: ${images} images`)
      expect(images).toBeGreaterThanOrEqual(IMAGES)
    },
    HOURS,
  )

  test.skipIf(missingToo !== undefined)(
    `of PostgreSQL lose nothing that was acknowledged${missingToo === undefined ? '' : `: ${missingToo}`}`,
    async () => {
      let images = 0
      for (let trace = 0; trace < TRACES; trace++) {
        const cuts = await cutPostgres({
          commits: 300,
          images: IMAGES / TRACES,
          onImage: (done, lost) =>
            console.log(`PostgreSQL, trace ${trace}: ${done} images, ${lost} lost`),
        })
        images += cuts.images
        expect(cuts.lost).toEqual([])
      }
      console.log(`PostgreSQL: ${images} images`)
      expect(images).toBeGreaterThanOrEqual(IMAGES)
    },
    HOURS,
  )

  test.skipIf(missingToo !== undefined)(
    'of PostgreSQL are seen to lose something where syncs of its log do nothing',
    async () => {
      const planted = ['-e', 'inject=fdatasync:retval=0']
      const cuts = await cutPostgres({ commits: 100, images: 6, planted })
      expect(cuts.lost.some((what) => /\d+ is gone$|quarantined/.test(what))).toBe(true)
    },
    HOURS,
  )
})
