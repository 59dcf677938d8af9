import { randomFillSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createFairQueue } from '../../src/server/fair-queue.ts'
import { createToken } from '../../src/server/start-operator.ts'
import { createPayer } from '../../src/bench/payer.ts'
import { openAt, startTest, submitAt } from './town.ts'

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

describe('a fair queue', () => {
  test('serves the lines in turn, so that a flood waits behind itself', async () => {
    const queue = createFairQueue({ running: 1, waiting: 100, waitingEach: 50 })
    const served: string[] = []
    const work = (line: string): Promise<unknown> =>
      queue.run(line, async () => {
        await pause()
        served.push(line)
      })
    const all = [...Array.from({ length: 20 }, () => work('flood')), work('honest'), work('other')]
    await Promise.all(all)
    expect(served).toHaveLength(22)
    expect(served.indexOf('honest')).toBeLessThanOrEqual(3)
    expect(served.indexOf('other')).toBeLessThanOrEqual(4)
    expect(queue.waiting()).toBe(0)
  })

  test('refuses at once what is beyond the caps, of one line and of all', async () => {
    const queue = createFairQueue({ running: 1, waiting: 3, waitingEach: 2 })
    const work = (line: string): Promise<string | undefined> =>
      queue.run(line, async () => {
        await pause()
        return 'done'
      })
    const given = await Promise.all(['a', 'a', 'a', 'a', 'b', 'c'].map(work))
    expect(given).toEqual(['done', 'done', 'done', undefined, 'done', undefined])
    expect(await work('c')).toBe('done')
  })

  test('goes on after work that fails', async () => {
    const queue = createFairQueue({ running: 1, waiting: 3, waitingEach: 3 })
    const failing = queue.run('a', () => Promise.reject(new Error('bad')))
    const next = queue.run('a', async () => 'done')
    await expect(failing).rejects.toThrow('bad')
    expect(await next).toBe('done')
  })
})

test('F1: lets a flood of bad post-quantum signatures pass while an honest owner is served', async () => {
  const [honest, hostile] = [createToken('honest'), createToken('hostile')]
  const one = await startTest({
    suite: 'quantum',
    tokens: [honest, hostile],
    limits: { badSignatureCost: 0, badSignatures: 1_000_000, checksWaitingEach: 32 },
  })
  try {
    const operators = [one.card]
    const payers = [0, 1].map(() => createPayer({ operators, threshold: 1, faulty: 0 }, 'quantum'))
    const [good, bad] = payers
    if (!good || !bad) throw new Error('there are two')
    for (const { charter } of payers) await openAt(one, charter)
    const step = bad.next()
    const forged = () => ({ ...step, proposal: randomFillSync(new Uint8Array(2420)) })
    let isOver = false
    const kinds = new Map<string, number>()
    const flood = async (): Promise<void> => {
      while (!isOver) {
        const list = Array.from({ length: 32 }, forged)
        const given = await submitAt({ ...one, token: hostile.token }, list)
        for (const answer of given) {
          const kind = answer.is === 'refused' ? answer.code : answer.is
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        }
      }
    }
    const floods = [flood(), flood(), flood(), flood()]
    const tookMs: number[] = []
    for (let at = 0; at < 15; at++) {
      const next = good.next()
      const startMs = performance.now()
      expect(await submitAt(one, [next])).toMatchObject([{ is: 'receipt' }])
      good.settle()
      tookMs.push(performance.now() - startMs)
    }
    isOver = true
    await Promise.all(floods)
    // Both sides of the cap were reached: some were looked at, and more than may wait were turned away unseen.
    expect(kinds.get('operator/not-the-owner')).toBeGreaterThan(50)
    expect(kinds.get('request/overloaded')).toBeGreaterThan(0)
    expect(kinds.get('receipt')).toBeUndefined()
    expect(Math.max(...tookMs)).toBeLessThan(3000)
  } finally {
    await one.close()
  }
})
