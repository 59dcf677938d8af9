import { describe, expect, test } from 'vitest'
import { untilStored } from '../../src/guardian/until-stored.ts'
import { storeError, type StoreErrorCode } from '../../src/store/errors.ts'

const failing = (code: StoreErrorCode, times: number) => {
  let count = 0
  return {
    count: () => count,
    write: async (): Promise<string> => {
      count += 1
      if (count <= times) throw storeError(code, 'not now')
      return 'written'
    },
  }
}

const never = { isStopping: () => false, onTrouble: () => undefined }

describe('A write that waits for its store', () => {
  test.each(['store/full', 'store/unreachable', 'store/busy'] as const)(
    'is made again after %s, and tells of each time',
    async (code) => {
      const { write, count } = failing(code, 2)
      const told: unknown[] = []
      const done = await untilStored(write, { ...never, onTrouble: (error) => told.push(error) })
      expect(done).toBe('written')
      expect(count()).toBe(3)
      expect(told).toHaveLength(2)
    },
  )

  test.each(['store/stopped', 'store/damaged', 'store/quarantined'] as const)(
    'is given up after %s, which does not pass',
    async (code) => {
      const { write, count } = failing(code, 1)
      await expect(untilStored(write, never)).rejects.toMatchObject({ code })
      expect(count()).toBe(1)
    },
  )

  test('is given up after what no store has raised', async () => {
    await expect(untilStored(() => Promise.reject(new Error('else')), never)).rejects.toThrow(
      'else',
    )
  })

  test('is given up when whoever waits is told to stop', async () => {
    const { write, count } = failing('store/full', 100)
    const done = untilStored(write, { ...never, isStopping: () => count() >= 2 })
    await expect(done).rejects.toMatchObject({ code: 'store/full' })
    expect(count()).toBe(2)
  })

  test('says which time was the first, and once when it is over, and how', async () => {
    const told: unknown[] = []
    const patience = {
      isStopping: () => false,
      onTrouble: (_: unknown, isFirst: boolean) => told.push(isFirst),
      onOver: (isStored: boolean) => told.push(isStored ? 'stored' : 'given up'),
    }
    await untilStored(failing('store/full', 2).write, patience)
    expect(told.splice(0)).toEqual([true, false, 'stored'])
    await untilStored(failing('store/full', 0).write, patience)
    expect(told).toEqual([])
    const { write, count } = failing('store/full', 100)
    const stopping = { ...patience, isStopping: () => count() >= 2 }
    await expect(untilStored(write, stopping)).rejects.toMatchObject({ code: 'store/full' })
    expect(told).toEqual([true, 'given up'])
  })
})
