/** Two hundred kills. `TALLYSTICK_KILLS` says how many otherwise. */
import { expect, test } from 'vitest'
import { killUnderLoad } from '../moi-sdk/kills.ts'
import { withFolder } from '../store/temporary.ts'

const KILLS = Number(process.env['TALLYSTICK_KILLS'] ?? 200)

test(
  `a guardian that is killed ${KILLS} times under load loses and contradicts no receipt`,
  { timeout: 3_600_000 },
  () =>
    withFolder(async (folder) => {
      const told = await killUnderLoad(folder, { kills: KILLS, seed: 2 })
      console.log(told)
      expect(told.receipts).toBeGreaterThan(KILLS)
    }),
)
