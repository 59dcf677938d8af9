/** Heads that are answered from memory, over a store that nobody else writes to. */
import { describe, expect, test } from 'vitest'
import { machineId } from 'tallystick/kernel'
import {
  certificateFrom,
  certified,
  directoryCertificate,
  type MachineHead,
  machineHead,
  type Receipt,
} from 'tallystick/models'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import {
  ask,
  bytesOf,
  charterFor,
  openAt,
  refusalOf,
  startsForTests,
  stepsOf,
  submitAt,
} from './town.ts'

const start = startsForTests()

/** One process's own, which counts how often it is read. */
const ownStore = (inner: Store = createMemoryStore()) => {
  const reads = { count: 0 }
  const counted = async <Result>(read: Promise<Result>): Promise<Result> => {
    reads.count += 1
    return read
  }
  const store: Store = {
    ...inner,
    isShared: false,
    find: (journal, key) => counted(inner.find(journal, key)),
    get: (space, key) => counted(inner.get(space, key)),
  }
  return { store, reads }
}

const headAt = async (of: RunningOperator, machine: string): Promise<MachineHead> =>
  machineHead.decode(await bytesOf(await ask(of, `/v1/machines/${machine}`)))

describe('the newest step of a machine', () => {
  test('is shown as soon as it is stored, and is read once', async () => {
    const { store, reads } = ownStore()
    const one = await start({ store })
    const charter = charterFor([one.card])
    const machine = machineId(charter)
    await openAt(one, charter)
    const steps = stepsOf(charter, 40)
    for (const [at, step] of steps.entries()) {
      const [answer] = await submitAt(one, [step])
      const head = await headAt(one, machine)
      expect(head.vowed.submission).toEqual(step)
      expect([answer]).toEqual([{ is: 'receipt', receipt: head.vowed.receipt }])
      const before = reads.count
      expect((await headAt(one, machine)).vowed.submission.transition.sequence).toBe(BigInt(at + 1))
      expect(reads.count).toBe(before)
    }
  })

  test('is the newest across a gap, and after a start', async () => {
    const inner = createMemoryStore()
    const seed = new Uint8Array(32).fill(77)
    const one = await start({ store: ownStore(inner).store, seed })
    const charter = charterFor([one.card])
    const machine = machineId(charter)
    await openAt(one, charter)
    const steps = stepsOf(charter, 9)
    const [first, last] = [steps[0], steps[8]]
    if (!first || !last) throw new Error('there are nine steps')
    await submitAt(one, [first])
    await headAt(one, machine)
    await submitAt(one, [last])
    expect((await headAt(one, machine)).vowed.submission).toEqual(last)
    const again = await start({ store: ownStore(inner).store, seed })
    expect((await headAt(again, machine)).vowed.submission).toEqual(last)
  })

  test('is not shown where the store did not take it', async () => {
    const { store } = ownStore()
    let isFull = false
    const one = await start({
      store: {
        ...store,
        commit: async (unit) => {
          if (isFull) throw Object.assign(new Error('no room'), { code: 'store/full' })
          return store.commit(unit)
        },
      },
    })
    const charter = charterFor([one.card])
    const machine = machineId(charter)
    await openAt(one, charter)
    const [first, second] = stepsOf(charter, 2)
    if (!first || !second) throw new Error('there are two steps')
    await submitAt(one, [first])
    await headAt(one, machine)
    isFull = true
    await expect(submitAt(one, [second])).rejects.toThrow(/later/)
    expect((await headAt(one, machine)).vowed.submission).toEqual(first)
    isFull = false
    await submitAt(one, [second])
    expect((await headAt(one, machine)).vowed.submission).toEqual(second)
  })

  test('is shown with the newest certificate as soon as that is stored', async () => {
    const one = await start({ store: ownStore().store })
    const charter = charterFor([one.card])
    const machine = machineId(charter)
    await openAt(one, charter)
    const given = await submitAt(one, stepsOf(charter, 3))
    expect((await headAt(one, machine)).certified).toBeUndefined()
    for (const at of [2, 1, 3]) {
      const { receipt } = given[at - 1] as { readonly receipt: Receipt }
      const certificate = directoryCertificate.encode(certificateFrom([receipt]))
      const body = certified.encode({ machine, sequence: BigInt(at), certificate })
      expect((await ask(one, '/v1/certificates', { body })).status).toBe(204)
      const shown = (await headAt(one, machine)).certified?.submission.transition.sequence
      expect(shown).toBe(BigInt(Math.max(2, at)))
    }
  })
})

describe('the short way to an answer', () => {
  test('holds the rules of the long one', async () => {
    const reader = { name: 'reader', tier: 'read', token: 'r'.repeat(40) } as const
    const one = await start({
      store: ownStore().store,
      tokens: [{ name: 'local', tier: 'submit', token: 't'.repeat(40) }, reader],
      limits: { budget: 400, budgetPerSecond: 1 },
    })
    const charter = charterFor([one.card])
    const path = `/v1/machines/${machineId(charter)}`
    await openAt(one, charter)
    await submitAt(one, stepsOf(charter, 1))
    const as = (headers: Readonly<Record<string, string>>, of = path): Promise<Response> =>
      ask({ ...one, token: reader.token }, of, { headers })
    expect((await as({})).status).toBe(200)
    expect((await as({})).headers.get('cache-control')).toBe('no-store')
    const other = `/v1/machines/${'0'.repeat(64)}`
    expect(await refusalOf(await as({}, other))).toEqual([404, 'operator/unknown-step'])
    const upper = `/v1/machines/${'A'.repeat(64)}`
    expect(await refusalOf(await as({}, upper))).toEqual([400, 'id/malformed'])
    expect(await refusalOf(await as({ authorization: 'Bearer wrong' }))).toEqual([
      401,
      'request/no-token',
    ])
    const foreign = await as({ origin: 'https://elsewhere.example' })
    expect(await refusalOf(foreign)).toEqual([403, 'request/foreign-origin'])
    const metrics = await (await ask(one, '/metrics')).text().catch(() => '')
    expect(metrics).toMatch(/route="\/v1\/machines\/:id",status="200",operator="[a-z0-9-]*"\} 2/)
    // Two units each: a purse of four hundred is empty after two hundred.
    const statuses = await Promise.all(
      Array.from({ length: 220 }, async () => (await as({})).status),
    )
    expect(statuses).toContain(200)
    expect(statuses).toContain(429)
  })
})
