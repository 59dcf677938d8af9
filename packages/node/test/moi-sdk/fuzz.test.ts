/** A guardian under requests that were changed at random; `test/slow/moi-fuzz.test.ts` has a million of them. */
import { expect, test } from 'vitest'
import { fuzz } from './fuzzed.ts'
import { startScene } from './node.ts'

test('four thousand changed requests are answered, and nothing unsigned is executed', async () => {
  const scene = await startScene()
  try {
    const { bad, results, errors, count } = await fuzz(scene.running, { seed: 1, count: 4_000 })
    expect(bad).toEqual([])
    // Not all were broken, and not all were broken in one way.
    expect(results).toBeGreaterThan(count / 20)
    expect(errors.size).toBeGreaterThan(30)
  } finally {
    await scene.close()
  }
})
