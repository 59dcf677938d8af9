/** Eight kills; `test/slow/moi-kills.test.ts` has two hundred. */
import { expect, test } from 'vitest'
import { withFolder } from '../store/temporary.ts'
import { killUnderLoad } from './kills.ts'

test(
  'a guardian that is killed eight times under load loses and contradicts no receipt',
  { timeout: 600_000 },
  () =>
    withFolder(async (folder) => {
      const { receipts, compared } = await killUnderLoad(folder, { kills: 8, seed: 1 })
      expect(receipts).toBeGreaterThan(20)
      expect(compared).toBeGreaterThan(receipts)
    }),
)
