/** Which units share a batch, over an engine that only notes what it is given. */
import { expect, test } from 'vitest'
import { createQueue } from '../../src/store/queue.ts'
import type { Outcome, Unit } from '../../src/store/store.ts'

const STORED: Outcome = { is: 'stored', entries: [] }

const unitOf = (number: number): Unit => ({
  appends: [],
  puts: [{ space: 'numbers', key: Uint8Array.of(number), value: undefined }],
})

const noting = () => {
  const batches: number[][] = []
  const commit = async (units: readonly Unit[]): Promise<readonly Outcome[]> => {
    batches.push(units.map(({ puts }) => puts[0]?.key[0] ?? Number.NaN))
    return units.map(() => STORED)
  }
  return { batches, queue: createQueue(commit) }
}

test('puts into one batch what comes in one turn of the event loop, however many promises lie between', async () => {
  const { batches, queue } = noting()
  const outcomes: Promise<Outcome>[] = []
  for (let number = 0; number < 5; number++) {
    outcomes.push(queue.add(unitOf(number)))
    for (let promise = 0; promise < 20; promise++) await Promise.resolve()
  }
  expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => STORED))
  expect(batches).toEqual([[0, 1, 2, 3, 4]])
})

test('puts into the next batch what comes because of the outcomes of one', async () => {
  const { batches, queue } = noting()
  const twice = async (number: number): Promise<void> => {
    await queue.add(unitOf(number))
    for (let promise = 0; promise < number; promise++) await Promise.resolve()
    await queue.add(unitOf(number + 10))
  }
  await Promise.all([1, 2, 3].map(twice))
  expect(batches).toEqual([
    [1, 2, 3],
    [11, 12, 13],
  ])
})

test('commits what waits before it is closed, and takes nothing more', async () => {
  const { batches, queue } = noting()
  const outcome = queue.add(unitOf(1))
  await queue.close()
  expect(batches).toEqual([[1]])
  expect(await outcome).toEqual(STORED)
  await expect(queue.add(unitOf(2))).rejects.toMatchObject({ code: 'store/closed' })
})
