import { randomFillSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createKeyPreparation, createNativeEngine } from 'tallystick/engine-native'
import { createFairQueue } from '../../src/server/fair-queue.ts'
import { createToken } from '../../src/server/start-operator.ts'
import { createPayer } from '../../src/bench/payer.ts'
import { openAt, startTest, submitAt } from './town.ts'
import { eachTurnDuring, turnP99During } from './turns.ts'

const IS_SLOW = process.env['TALLYSTICK_SLOW'] === '1'

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

test('F1: checks Ed25519 signatures here, so many in a turn of the loop however many are asked for', async () => {
  const engine = createNativeEngine()
  const { publicKey, secret } = engine.fromSeed('ed25519', new Uint8Array(32).fill(7))
  const key = createKeyPreparation(engine)('ed25519', publicKey)
  if (!key) throw new Error('a fresh key is accepted')
  const signature = engine.sign('ed25519', secret, new Uint8Array(32))
  const count = IS_SLOW ? 50_000 : 2000
  let done = 0
  const all = Array.from({ length: count }, async (_, at) => {
    const isGood = await key.verify(new Uint8Array(32).fill(at % 2), signature)
    done += 1
    return isGood
  })
  const counts: number[] = []
  await eachTurnDuring(Promise.all(all), () => {
    counts.push(done)
    done = 0
  })
  expect(Math.max(...counts)).toBeLessThanOrEqual(64)
  expect((await Promise.all(all)).filter(Boolean)).toHaveLength(count / 2)
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
    const serve = async (): Promise<void> => {
      for (let at = 0; at < (IS_SLOW ? 250 : 15); at++) {
        const next = good.next()
        const startMs = performance.now()
        expect(await submitAt(one, [next])).toMatchObject([{ is: 'receipt' }])
        good.settle()
        tookMs.push(performance.now() - startMs)
      }
      isOver = true
      await Promise.all(floods)
    }
    const stallMs = await turnP99During(serve())
    // Those who flood and who are served are in this thread too.
    expect(stallMs).toBeLessThanOrEqual(20)
    // Both sides of the cap were reached: some were looked at, and more than may wait were turned away unseen.
    expect(kinds.get('operator/not-the-owner')).toBeGreaterThan(50)
    expect(kinds.get('request/overloaded')).toBeGreaterThan(0)
    expect(kinds.get('receipt')).toBeUndefined()
    expect(Math.max(...tookMs)).toBeLessThan(3000)
  } finally {
    await one.close()
  }
})
