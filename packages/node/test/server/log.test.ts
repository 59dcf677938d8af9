import { describe, expect, test } from 'vitest'
import { idFromBytes, isFault } from 'tallystick/base'
import { machineId, transitionId } from 'tallystick/kernel'
import {
  type Checkpoint,
  checkCheckpoint,
  growthFault,
  inclusionAnswer,
  inclusionFault,
  leafHash,
  logEntries,
  logEntry,
  logNodes,
  mapAnswer,
  mapFault,
  type SignedCheckpoint,
  signedCheckpoint,
  type Submission,
} from 'tallystick/models'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import {
  ask,
  bytesOf,
  charterFor,
  engine,
  openAt,
  refusalOf,
  startsForTests,
  stepsOf,
  submitAt,
} from './town.ts'

const start = startsForTests()

const seed = new Uint8Array(32).fill(77)
/** Nobody hands certificates over here, so that all steps are ahead of the newest one. */
const limits = { checkpointMs: 0, vowsAhead: 1000 }

const checkpointAt = async (of: RunningOperator): Promise<SignedCheckpoint> => {
  const signed = signedCheckpoint.decode(await bytesOf(await ask(of, '/v1/checkpoint')))
  const by = { ...of.card, suite: 'classic' as const }
  expect(checkCheckpoint(by, signed, engine)).toBeUndefined()
  return signed
}

const bytesFrom = (root: Checkpoint['logRoot']): Uint8Array => Buffer.from(root, 'hex')

const served = async (store: Store, count: number) => {
  const one = await start({ store, seed, limits })
  const charter = charterFor([one.card])
  await openAt(one, charter)
  const steps = stepsOf(charter, count)
  for (let at = 0; at < count; at += 64) await submitAt(one, steps.slice(at, at + 64))
  return { one, charter, steps, machine: machineId(charter) }
}

const lastOf = (steps: readonly Submission[]): Submission => {
  const last = steps.at(-1)
  if (!last) throw new Error('there are steps')
  return last
}

describe('the log of an operator', () => {
  test('grows from checkpoint to checkpoint, and holds every step that has a receipt', async () => {
    const { one, charter, steps, machine } = await served(createMemoryStore(), 5)
    const first = await checkpointAt(one)
    expect(first.checkpoint.size).toBe(5n)
    const more = stepsOf(charter, 9).slice(5)
    await submitAt(one, more)
    const second = await checkpointAt(one)
    const nodes = logNodes.decode(await bytesOf(await ask(one, `/v1/consistency?from=5&to=9`)))
    const growth = {
      from: 5n,
      to: 9n,
      fromRoot: bytesFrom(first.checkpoint.logRoot),
      toRoot: bytesFrom(second.checkpoint.logRoot),
    }
    expect(growthFault(growth, nodes)).toBeUndefined()

    const third = steps[2]
    const path = `/v1/inclusion?machine=${machine}&sequence=3`
    const found = inclusionAnswer.decode(await bytesOf(await ask(one, path)))
    expect(found.entry.child).toBe(third && transitionId('classic', third.transition))
    const inclusion = {
      index: found.index,
      size: found.checkpoint.checkpoint.size,
      root: bytesFrom(found.checkpoint.checkpoint.logRoot),
      leaf: leafHash(logEntry.encode(found.entry)),
      nodes: found.nodes,
    }
    expect(inclusionFault(inclusion)).toBeUndefined()
    const listed = logEntries.decode(await bytesOf(await ask(one, '/v1/log?from=2&limit=3')))
    expect(listed).toHaveLength(3)
    expect(listed).toContainEqual(found.entry)
  })

  test('proves the child of a parent, and that another parent has none', async () => {
    const { one, machine, steps } = await served(createMemoryStore(), 3)
    const last = lastOf(steps).transition
    for (const [parent, sequence, child] of [
      [last.parent, 3n, transitionId('classic', last)],
      [transitionId('classic', last), 4n, undefined],
      [idFromBytes<'transition'>(new Uint8Array(32).fill(5)), 3n, undefined],
    ] as const) {
      const path = `/v1/map?machine=${machine}&sequence=${sequence}&parent=${parent}`
      const found = mapAnswer.decode(await bytesOf(await ask(one, path)))
      expect(found.child).toBe(child)
      const claim = { root: found.checkpoint.checkpoint.mapRoot, parent, child }
      expect(mapFault('classic', claim, found.proof)).toBeUndefined()
    }
  })

  test('is the same after a start, from packs and what came after them', async () => {
    const store = createMemoryStore()
    const { one } = await served(store, 300)
    const before = await checkpointAt(one)
    await one.close()
    expect(await store.scan('log-packs', undefined, 10)).toHaveLength(1)
    const again = await start({ store, seed, limits })
    expect((await checkpointAt(again)).checkpoint).toEqual(before.checkpoint)
  })

  test('shows its last checkpoint at once after a start, and takes in the rest beside', async () => {
    const store = createMemoryStore()
    const { one, charter } = await served(store, 300)
    const before = await checkpointAt(one)
    await submitAt(one, stepsOf(charter, 303).slice(300))
    await one.close()
    // One whose log takes long to read: nothing else may wait for it.
    let goOn: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const slow: Store = {
      ...store,
      scan: async (space, ...page) => {
        if (space === 'log-packs') await held
        return store.scan(space, ...page)
      },
    }
    const again = await start({ store: slow, seed, limits })
    expect((await checkpointAt(again)).checkpoint).toEqual(before.checkpoint)
    await submitAt(again, stepsOf(charter, 304).slice(303))
    goOn()
    const path = `/v1/inclusion?machine=${machineId(charter)}&sequence=304`
    const found = inclusionAnswer.decode(await bytesOf(await ask(again, path)))
    expect(found.checkpoint.checkpoint.size).toBe(304n)
  })

  test('of two processes over one store is one log', async () => {
    const store = createMemoryStore()
    const { one, charter } = await served(store, 10)
    const two = await start({ store, seed, limits })
    expect((await checkpointAt(two)).checkpoint).toEqual((await checkpointAt(one)).checkpoint)
    await submitAt(two, stepsOf(charter, 12).slice(10))
    expect((await checkpointAt(one)).checkpoint).toEqual((await checkpointAt(two)).checkpoint)
    expect((await checkpointAt(one)).checkpoint.size).toBe(12n)
  })

  test('that has lost what was signed for is not started over', async () => {
    const store = createMemoryStore()
    const { one } = await served(store, 4)
    await checkpointAt(one)
    const kept = await store.get('checkpoints', new Uint8Array([0]))
    const older = createMemoryStore()
    await older.commit({
      appends: [],
      puts: [{ space: 'checkpoints', key: new Uint8Array([0]), value: kept?.value }],
    })
    const failed = await start({ store: older, seed }).catch((error: unknown) => error)
    expect(isFault(failed) && failed.code).toBe('operator/lost-vows')
  })

  test('that has other vows than those that were signed for is not started over', async () => {
    const store = createMemoryStore()
    const { one, charter } = await served(store, 4)
    await checkpointAt(one)
    const other = createMemoryStore()
    await served(other, 4)
    for (const key of [0, 1]) {
      const kept = await store.get('checkpoints', new Uint8Array([key]))
      const put = { space: 'checkpoints', key: new Uint8Array([key]), value: kept?.value }
      await other.commit({ appends: [], puts: [put] })
    }
    const failed = await start({ store: other, seed }).catch((error: unknown) => error)
    expect(isFault(failed) && failed.code).toBe('operator/lost-vows')
    // The same vows are not refused.
    await submitAt(await start({ store, seed, limits }), stepsOf(charter, 5).slice(4))
  })

  test('whose checkpoint comes without its chain is compared whole', async () => {
    const store = createMemoryStore()
    const { one } = await served(store, 4)
    const before = await checkpointAt(one)
    const chain = { space: 'checkpoints', key: new Uint8Array([1]) }
    await store.commit({ appends: [], puts: [{ ...chain, value: undefined }] })
    const again = await start({ store, seed, limits })
    expect((await checkpointAt(again)).checkpoint).toEqual(before.checkpoint)
    expect(await store.get(chain.space, chain.key)).toBeDefined()
    const other = createMemoryStore()
    await served(other, 4)
    const kept = await store.get('checkpoints', new Uint8Array([0]))
    const put = { space: 'checkpoints', key: new Uint8Array([0]), value: kept?.value }
    await other.commit({ appends: [], puts: [put] })
    const failed = await start({ store: other, seed }).catch((error: unknown) => error)
    expect(isFault(failed) && failed.code).toBe('operator/lost-vows')
  })

  test('answers no question about what it does not hold', async () => {
    const { one, machine } = await served(createMemoryStore(), 1)
    for (const [path, status, code] of [
      ['/v1/consistency?from=1&to=2', 400, 'log/out-of-range'],
      ['/v1/consistency?from=0&to=1', 400, 'log/out-of-range'],
      ['/v1/consistency?from=1', 400, 'request/bad-query'],
      ['/v1/consistency?from=-1&to=1', 400, 'request/bad-query'],
      [`/v1/inclusion?machine=${machine}&sequence=2`, 404, 'operator/unknown-step'],
      ['/v1/inclusion?machine=x&sequence=1', 400, 'id/malformed'],
    ] as const) {
      expect([path, ...(await refusalOf(await ask(one, path)))]).toEqual([path, status, code])
    }
  })
})
