/** Places for machines, over a store that has some already, and over lives of processes. */
import { describe, expect, test } from 'vitest'
import { isFault } from 'tallystick/base'
import { createMachineRoom, type MachineRoom } from '../../src/server/machine-room.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { withFolder } from '../store/temporary.ts'

const SPACE = 'charters'

/** Opens as many as there is room for, of so many. */
const fill = async (room: MachineRoom, store: Store, wanted: readonly number[]) => {
  let opened = 0
  for (const at of wanted) {
    try {
      await room.take()
    } catch (error) {
      if (isFault(error) && error.code === 'operator/too-many') continue
      throw error
    }
    await store.commit({ appends: [], puts: [charter(at)] })
    opened += 1
  }
  return opened
}

const charter = (at: number) => ({ space: SPACE, key: Uint8Array.of(at), value: new Uint8Array(3) })
const upTo = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, at) => from + at)

describe('room for machines', () => {
  test('counts those that were in the store before there was a count', async () => {
    const store = createMemoryStore()
    await store.commit({ appends: [], puts: upTo(0, 30).map(charter) })
    const room = createMachineRoom(store, SPACE, 50)
    expect(await fill(room, store, upTo(30, 60))).toBe(20)
    await expect(room.take()).rejects.toMatchObject({ code: 'operator/too-many' })
  })

  test('is not opened again by a count that was too low', async () => {
    const store = createMemoryStore()
    expect(await fill(createMachineRoom(store, SPACE, 100), store, [0])).toBe(1)
    // As an earlier version stored them, which had not counted.
    await store.commit({ appends: [], puts: upTo(1, 99).map(charter) })
    expect(await fill(createMachineRoom(store, SPACE, 100), store, upTo(99, 110))).toBe(1)
  })

  test('of two processes over one store is one room', async () => {
    const store = createMemoryStore()
    const [one, two] = [createMachineRoom(store, SPACE, 70), createMachineRoom(store, SPACE, 70)]
    await one.take()
    // The first has set 64 aside, and not filled them.
    expect(await fill(two, store, upTo(1, 20))).toBe(6)
    expect(await fill(one, store, upTo(20, 100))).toBe(63)
  })

  test('loses no places of a process that has ended where only one can be over the store', () =>
    withFolder(async (folder) => {
      let opened = 0
      for (const life of upTo(0, 5)) {
        const store = await openSqliteStore(folder)
        const room = createMachineRoom(store, SPACE, 70)
        opened += await fill(room, store, upTo(opened, opened + (life < 4 ? 3 : 100)))
        await store.close()
      }
      expect(opened).toBe(70)
    }))
})
