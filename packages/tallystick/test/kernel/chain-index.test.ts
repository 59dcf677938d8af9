import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { createChain } from '../../src/kernel/chain.ts'
import { checkpointBefore, createSparseIndex, traverse } from '../../src/kernel/chain-index.ts'
import { verifyRange } from '../../src/kernel/chain-verify.ts'
import { RICH, rounds, startOf } from './chain-sample.ts'

test('the checkpoint is the last one strictly before a step, and step 0 for step 0', () => {
  const found = [0, 1, 9, 10, 11, 19, 20, 21].map((step) => checkpointBefore(10, step))
  expect(found).toEqual([0, 0, 0, 0, 10, 10, 10, 20])
  for (let interval = 1; interval < 7; interval++) {
    for (let step = 1; step < 40; step++) {
      const before = Array.from({ length: 40 }, (_, at) => at * interval).filter((at) => at < step)
      expect(checkpointBefore(interval, step)).toBe(Math.max(...before))
    }
  }
})

describe('a sparse index', () => {
  const start = startOf(RICH)
  const chain = createChain({ start })
  const index = createSparseIndex(8)
  index.note(chain.head())
  for (const entry of rounds(30)) {
    chain.append(entry)
    index.note(chain.head())
  }

  test('leads to every step by a walk that verifies', () => {
    for (let step = 0; step <= 30; step++) {
      const { checkpoint, records } = traverse(index, chain, step)
      expect(checkpoint.sequence).toBe(BigInt(checkpointBefore(8, step)))
      const head = verifyRange({ records, anchor: checkpoint })
      expect(!isFault(head) && head.sequence).toBe(BigInt(step))
    }
  })

  test('keeps checkpoints only', () => {
    expect([8, 9, 16, 17, 24, 25].map((step) => index.checkpointFor(step).sequence)).toEqual([
      0n,
      8n,
      8n,
      16n,
      16n,
      24n,
    ])
  })

  test('says when a checkpoint was never noted', () => {
    const empty = createSparseIndex(8)
    const fault = faultFrom(() => empty.checkpointFor(9))
    expect(isFault(fault) && fault.code).toBe('chain/no-checkpoint')
    expect(() => createSparseIndex(0)).toThrow('at least one step')
  })

  test('proves nothing: a forged checkpoint is found out by its successor', () => {
    const { checkpoint, records } = traverse(index, chain, 20)
    const forged = { ...checkpoint, state: startOf([9n, 9n, 9n, 9n]).state }
    expect(isFault(verifyRange({ records, anchor: forged }))).toBe(true)
  })
})
