import { configure, type LogRecord, reset } from '@logtape/logtape'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createJsonSink,
  createOperatorLogger,
  lineFromRecord,
  LOG_CATEGORY,
} from '../../src/server/log.ts'
import { createToken, type RunningOperator } from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { ask, charterFor, openAt, startTest, stepsOf, submitAt } from './town.ts'

const lines: string[] = []
const running: RunningOperator[] = []
beforeEach(async () => {
  lines.length = 0
  await configure({
    reset: true,
    sinks: { lines: createJsonSink((line) => lines.push(line)) },
    loggers: [
      { category: [...LOG_CATEGORY], sinks: ['lines'], lowestLevel: 'debug' },
      { category: ['logtape', 'meta'], sinks: [], lowestLevel: 'error' },
    ],
  })
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()))
  await reset()
})

const record = (properties: Record<string, unknown>): LogRecord => ({
  category: [...LOG_CATEGORY],
  level: 'info',
  message: ['told'],
  rawMessage: 'told',
  timestamp: 0,
  properties,
})

describe('F12: a line of the log', () => {
  test('is one line of JSON, whatever its values are', () => {
    const evil = 'a\nb\u001b[2Jc\u0085d\u2028e\u202ef\u{e0001}g\ud800'
    const line = lineFromRecord(record({ evil, count: 3n, nested: { not: 'this' } }))
    expect(line).toMatch(/^[\x20-\x7e]+\n$/)
    expect(JSON.parse(line)).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      event: 'told',
      evil,
      count: '3',
    })
  })

  test('cannot be given another time, level or event by a value, and is cut', () => {
    const line = lineFromRecord(record({ level: 'error', event: 'x', long: 'y'.repeat(5000) }))
    expect(JSON.parse(line)).toMatchObject({ level: 'info', event: 'told' })
    expect(line.length).toBeLessThan(700)
  })

  test('is left out and counted when there are too many of its kind in a second', () => {
    let nowMs = 0
    const log = createOperatorLogger({ operator: 'x', linesPerSecond: 3, clockMs: () => nowMs })
    for (let at = 0; at < 10; at++) log('info', 'often')
    log('info', 'seldom')
    nowMs = 1000
    log('info', 'often')
    const events = lines.map((line) => JSON.parse(line) as { event: string; leftOut?: number })
    expect(events.map(({ event }) => event)).toEqual(['often', 'often', 'often', 'seldom', 'often'])
    expect(events.at(-1)?.leftOut).toBe(7)
  })
})

describe('L2, F11: what an operator tells about itself', () => {
  test('L2: holds no token and no key, in log, metrics and answers', async () => {
    const seed = new Uint8Array(32).fill(0xc5)
    const token = { ...createToken('canary'), token: 'canary-'.padEnd(40, 'z') }
    const one = await startTest({ seed, tokens: [token] })
    running.push(one)
    const charter = charterFor([one.card])
    await openAt(one, charter)
    await submitAt(one, stepsOf(charter, 1))
    const texts: string[] = []
    for (const path of ['/metrics', '/v1/nowhere', '/v1/log?from=x', '/healthz', '/readyz']) {
      texts.push(await (await ask(one, path)).text())
      texts.push(await (await ask({ ...one, token: 'canary-wrong' }, path)).text())
    }
    texts.push(...lines)
    expect(lines.length).toBeGreaterThan(2)
    for (const text of texts) {
      expect(text).not.toContain('canary-')
      expect(text).not.toContain('c5c5c5')
    }
  })

  test('F11: a store that fails is a failed request, told without its path, and nothing more', async () => {
    const store = createMemoryStore()
    let isBroken = false
    const one = await startTest({
      store: {
        ...store,
        find: (journal, key) =>
          isBroken ? Promise.reject(new Error('/secret/path broke')) : store.find(journal, key),
        commit: (unit) =>
          isBroken
            ? Promise.reject(Object.assign(new Error('no space'), { code: 'store/full' }))
            : store.commit(unit),
      },
    })
    running.push(one)
    const charter = charterFor([one.card])
    await openAt(one, charter)
    const steps = stepsOf(charter, 1)
    isBroken = true
    const read = await ask(one, `/v1/inclusion?machine=${steps[0]?.transition.machine}&sequence=1`)
    expect([read.status, await read.text()]).toEqual([
      500,
      expect.not.stringMatching(/secret|path|\.ts|at /),
    ])
    await expect(submitAt(one, steps)).rejects.toThrow('request/failed')
    expect(lines.join('')).toContain('/secret/path broke')
    isBroken = false
    expect(await submitAt(one, steps)).toMatchObject([{ is: 'receipt' }])
  })
})

test('an operator is not ready when its store is not, and says so', async () => {
  const store = createMemoryStore()
  let status: ReturnType<typeof store.status> = { is: 'open' }
  const one = await startTest({ store: { ...store, status: () => status } })
  running.push(one)
  const ready = async () => {
    const response = await fetch(`${one.url}/readyz`)
    return [response.status, await response.text()]
  }
  expect(await ready()).toEqual([200, 'ready\n'])
  for (const is of ['quarantined', 'full', 'stopped'] as const) {
    status = { is, why: 'a reason with /a/path' }
    expect(await ready()).toEqual([503, `${is}\n`])
  }
})

test('an operator shows its last checkpoint and loads its log only when its store takes vows', async () => {
  const inner = createMemoryStore()
  const seed = new Uint8Array(32).fill(9)
  const before = await startTest({ store: inner, seed })
  const charter = charterFor([before.card])
  await openAt(before, charter)
  await submitAt(before, stepsOf(charter, 3))
  expect((await ask(before, '/v1/checkpoint')).status).toBe(200)
  await before.close()
  let status: ReturnType<typeof inner.status> = { is: 'checking' }
  const one = await startTest({ store: { ...inner, status: () => status }, seed })
  running.push(one)
  expect((await ask(one, '/v1/checkpoint')).status).toBe(200)
  // Long enough for three entries.
  await new Promise((resolve) => {
    setTimeout(resolve, 100)
  })
  expect(one.operator.vowLog.size()).toBe(0)
  status = { is: 'open' }
  await expect.poll(() => one.operator.vowLog.size()).toBe(3)
})
