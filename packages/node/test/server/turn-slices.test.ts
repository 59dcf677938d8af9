import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTurnSlices } from '../../src/server/turn-slices.ts'

test('so many slices are taken in one turn of the loop, and all of them in the order in which they were asked for', async () => {
  const slice = createTurnSlices(3)
  const done: number[] = []
  const all = Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      await slice()
      done.push(at)
    }),
  )
  const counts: number[] = []
  // The first three were taken in the turn of whoever asked.
  await nextTurn()
  expect(done).toHaveLength(6)
  for (let before = 6; done.length < 20; before = done.length) {
    await nextTurn()
    counts.push(done.length - before)
  }
  await all
  expect(counts).toEqual([3, 3, 3, 3, 2])
  expect(done).toEqual(Array.from({ length: 20 }, (_, at) => at))
})

test('who asks now and then never waits', async () => {
  const slice = createTurnSlices(1)
  for (let at = 0; at < 5; at++) {
    let isThere = false
    void slice().then(() => {
      isThere = true
    })
    await Promise.resolve()
    await Promise.resolve()
    expect(isThere).toBe(true)
    await nextTurn()
  }
})
