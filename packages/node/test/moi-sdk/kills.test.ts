/** Five kills; `test/slow/moi-kills.test.ts` has two hundred. */
import { expect, test } from 'vitest'
import { withFolder } from '../store/temporary.ts'
import { killUnderLoad } from './kills.ts'

test(
  'a guardian that is killed five times under load loses and contradicts no receipt',
  { timeout: 600_000 },
  () =>
    withFolder(async (folder) => {
      const { receipts, compared } = await killUnderLoad(folder, { kills: 5, seed: 1 })
      expect(receipts).toBeGreaterThan(12)
      expect(compared).toBeGreaterThan(receipts)
    }),
)
