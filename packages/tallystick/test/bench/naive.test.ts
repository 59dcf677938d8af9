import { expect, test } from 'vitest'
import { createNaiveChain } from '../../src/bench/naive.ts'
import { entryAt, ENTRY_COUNT, samplePacked, sampleStart } from '../../src/bench/sample.ts'
import { createChain } from '../../src/kernel/chain.ts'

test('the naive way does the whole work of a step, and finds the same records', () => {
  const [chain, naive] = [createChain({ start: sampleStart }), createNaiveChain(sampleStart)]
  for (let at = 0; at < 64; at++) {
    const step = chain.append(entryAt(at))
    expect(naive.append(entryAt(at)).record).toEqual(chain.records(step, step))
  }
  expect(() => naive.append({ ...entryAt(0), amount: 1n << 63n })).toThrow('no such move')
})

test('the sample never runs out of balance, however often it comes round', () => {
  const chain = createChain({ start: sampleStart })
  for (let round = 0; round < 5; round++) chain.appendMany(samplePacked)
  expect(chain.head().sequence).toBe(BigInt(5 * ENTRY_COUNT))
  expect(chain.head().state).toBe(sampleStart.state)
})
