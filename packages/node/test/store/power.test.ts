import { describe, expect, test } from 'vitest'
import { cutPower } from './power-sqlite.ts'
import { withFolder } from './temporary.ts'
import { withoutStrace } from './trace.ts'

const missing = withoutStrace()

describe.skipIf(missing !== undefined)(
  `power cuts${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test(
      'of SQLite lose nothing that was acknowledged',
      () =>
        withFolder(async (folder) => {
          const cuts = await cutPower(folder, { mode: 'sqlite', commits: 150, images: 50 })
          expect(cuts.lost).toEqual([])
          expect(cuts.images).toBe(50)
          expect(cuts.said).toBeGreaterThan(100)
        }),
      120_000,
    )

    test.each(['sqlite-off', 'sqlite-normal'])(
      'are seen to lose something where the setting is wrong: %s',
      (mode) =>
        withFolder(async (folder) => {
          const cuts = await cutPower(folder, { mode, commits: 60, images: 16 })
          expect(cuts.lost.some((what) => /\d+ is gone$/.test(what))).toBe(true)
        }),
      120_000,
    )
  },
)
