/** Changed interactions that their sender signed; `test/slow/moi-fuzz.test.ts` has many more of them. */
import { expect, test } from 'vitest'
import { fuzzSigned } from './fuzzed-signed.ts'
import { startScene } from './node.ts'

test('changed interactions that were signed are refused or have a receipt, and no KMOI is lost', async () => {
  const scene = await startScene()
  try {
    const { bad, refused, done, failed } = await fuzzSigned(scene, { seed: 1, count: 150 })
    expect(bad).toEqual([])
    expect(Math.min(refused, done, failed)).toBeGreaterThan(12)
  } finally {
    await scene.close()
  }
})
