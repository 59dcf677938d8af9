/** A million changed requests. `TALLYSTICK_FUZZ` says how many otherwise. */
import { expect, test } from 'vitest'
import { fuzz } from '../moi-sdk/fuzzed.ts'
import { fuzzSigned } from '../moi-sdk/fuzzed-signed.ts'
import { startScene } from '../moi-sdk/node.ts'

const COUNT = Number(process.env['TALLYSTICK_FUZZ'] ?? 1_000_000)
const ROUNDS = 20

test(
  `${COUNT} changed requests are answered, and nothing unsigned is executed`,
  { timeout: 3_600_000 },
  async () => {
    const scene = await startScene()
    const begun = performance.now()
    let [count, results] = [0, 0]
    const kinds = new Set<string>()
    try {
      for (let seed = 2; seed < 2 + ROUNDS; seed += 1) {
        const of = { seed, count: Math.ceil(COUNT / ROUNDS) }
        const fuzzed = await fuzz(scene.running, of)
        expect(fuzzed.bad).toEqual([])
        count += fuzzed.count
        results += fuzzed.results
        for (const one of fuzzed.errors.keys()) kinds.add(one)
      }
    } finally {
      await scene.close()
    }
    const seconds = (performance.now() - begun) / 1000
    console.log(
      `${count} requests in ${seconds.toFixed(0)} s: ${results} results, ${kinds.size} kinds of errors`,
    )
    expect(count).toBeGreaterThanOrEqual(COUNT)
  },
)

test(
  'so are changed interactions that were signed, and no KMOI is lost',
  { timeout: 3_600_000 },
  async () => {
    const scene = await startScene()
    try {
      const fuzzed = await fuzzSigned(scene, { seed: 2, count: Math.ceil(COUNT / 100) })
      console.log({ ...fuzzed, bad: fuzzed.bad.length })
      expect(fuzzed.bad).toEqual([])
    } finally {
      await scene.close()
    }
  },
)
