import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { guardStore, type GuardedStore } from '../../src/store/guard.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { openSqliteStore, STORE_FILE } from '../../src/store/sqlite.ts'
import type { Append, Store } from '../../src/store/store.ts'
import { codeOf, expectChained, readAll, stored } from './contract.ts'
import { append, bytes, unit } from './contract-values.ts'
import { withFolder } from './temporary.ts'

const AREA = 65_536

const openGuarded = async (folder: string): Promise<GuardedStore> =>
  guardStore(await openSqliteStore(folder), {
    path: join(folder, 'guard'),
    journal: 'vows',
    areaBytes: AREA,
  })

const addAll = async (store: Store, keys: readonly string[], size = 5): Promise<void> => {
  await Promise.all(
    keys.map((key) => store.commit(unit([append(key, `${key} `.padEnd(size, 'x'), 7n)]))),
  )
}
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `k${from + at}`)

/** A store of `before` entries is copied, gets more, and is set back to the copy; the guard stays. */
const setBack = async (
  folder: string,
  sizes: { readonly before: number; readonly more: number; readonly bytes?: number },
): Promise<readonly Append[]> => {
  const first = await openGuarded(folder)
  await addAll(first, range(0, sizes.before))
  await first.backup(join(folder, 'copy'))
  await addAll(first, range(sizes.before, sizes.before + sizes.more), sizes.bytes)
  const all = await readAll(first, 'vows')
  await first.close()
  for (const end of ['', '-wal', '-shm'])
    rmSync(join(folder, `${STORE_FILE}${end}`), { force: true })
  copyFileSync(join(folder, 'copy'), join(folder, STORE_FILE))
  return all
}

describe('a vow guard', () => {
  test('lets a store that has everything go on', () =>
    withFolder(async (folder) => {
      const one = await openGuarded(folder)
      await addAll(one, range(0, 50))
      await one.close()
      const two = await openGuarded(folder)
      expect(two.status()).toEqual({ is: 'open' })
      expect(await two.lacks()).toBeUndefined()
      expect((await two.commit(unit([append('k7', 'other')]))).is).toBe('taken')
      expect((await two.commit(unit([append('k50')]))).is).toBe('stored')
      await two.close()
    }))

  test('repairs a database that was set back by less than it remembers', () =>
    withFolder(async (folder) => {
      const all = await setBack(folder, { before: 20, more: 300 })
      const store = await openGuarded(folder)
      expect(store.status()).toEqual({ is: 'open' })
      expect(await readAll(store, 'vows')).toEqual(all)
      expect((await store.commit(unit([append('k319', 'a second child')]))).is).toBe('taken')
      await store.close()
    }))

  test('without it, the same database would take a second child', () =>
    withFolder(async (folder) => {
      await setBack(folder, { before: 20, more: 300 })
      const store = await openSqliteStore(folder)
      expect((await store.commit(unit([append('k319', 'a second child')]))).is).toBe('stored')
      await store.close()
    }))

  test('keeps a database quarantined that lacks more, until the entries come from elsewhere', () =>
    withFolder(async (folder) => {
      // Each entry takes a quarter of an area, so that the two areas hold the last eight of them at most.
      const all = await setBack(folder, { before: 3, more: 14, bytes: AREA / 4 - 200 })
      const store = await openGuarded(folder)
      expect(store.status().is).toBe('quarantined')
      expect(await store.lacks()).toEqual({ from: 3n, to: 17n })
      expect(await codeOf(store.commit(unit([append('k16', 'a second child')])))).toBe(
        'store/quarantined',
      )
      // What stands is answered, and read.
      expect((await store.commit(unit([append('k1', 'another')]))).is).toBe('taken')
      expect(await readAll(store, 'vows')).toEqual(all.slice(0, 3))
      // What is not of the guarded journal goes on.
      expect((await store.commit(unit([append('mail', 'x', 0n, 'inbox')]))).is).toBe('stored')
      const rest = all.slice(3)
      const wrong: [string, readonly Append[]][] = [
        ['none', []],
        ['too few', rest.slice(0, 2)],
        ['all but the first', rest.slice(1)],
        ['another order', [...rest.slice(1), ...rest.slice(0, 1)]],
        ['another value', rest.map((e, at) => (at === 4 ? { ...e, value: bytes('no') } : e))],
        ['another time', rest.map((e, at) => (at === 4 ? { ...e, time: e.time + 1n } : e))],
      ]
      for (const [, entries] of wrong) expect((await store.recover(entries)).is).toBe('quarantined')
      expect((await store.head('vows')).size).toBe(3n)
      // The guard has the last ones itself.
      expect(await store.recover(rest.slice(0, -1))).toEqual({ is: 'open' })
      expect(await readAll(store, 'vows')).toEqual(all)
      expect((await store.commit(unit([append('k16', 'a second child')]))).is).toBe('taken')
      expect((await store.commit(unit([append('k17')]))).is).toBe('stored')
      await store.close()
    }))

  test('is given up for what is there, with the records that say what may not be signed, and holds from then on', () =>
    withFolder(async (folder) => {
      await setBack(folder, { before: 3, more: 14, bytes: AREA / 4 - 200 })
      const store = await openGuarded(folder)
      const rule = { space: 'rules', key: bytes('k'), value: bytes('nothing below 17') }
      expect(await store.renounce([rule])).toEqual({ is: 'open' })
      expect((await store.get('rules', bytes('k')))?.value).toEqual(rule.value)
      expect((await store.commit(unit([append('new')]))).is).toBe('stored')
      await store.close()
      const again = await openGuarded(folder)
      expect(again.status()).toEqual({ is: 'open' })
      expect(again.wasSetBack()).toBe(false)
      expect((await again.head('vows')).size).toBe(4n)
      // Where nothing is wrong there is nothing to give up.
      await again.renounce([{ ...rule, value: bytes('other') }])
      expect((await again.get('rules', bytes('k')))?.value).toEqual(rule.value)
      await again.close()
    }))

  test('refuses for ever a database that went on without it', () =>
    withFolder(async (folder) => {
      await setBack(folder, { before: 20, more: 10 })
      const alone = await openSqliteStore(folder)
      await addAll(alone, range(100, 140))
      await alone.close()
      const store = await openGuarded(folder)
      expect(store.status().is).toBe('quarantined')
      expect((await store.renounce([])).is).toBe('quarantined')
      expect(await codeOf(store.commit(unit([append('new')])))).toBe('store/quarantined')
      await store.close()
    }))

  test('that is missing beside entries means quarantine, until others are asked', () =>
    withFolder(async (folder) => {
      const one = await openGuarded(folder)
      await addAll(one, range(0, 5))
      await one.close()
      rmSync(join(folder, 'guard'))
      const two = await openGuarded(folder)
      expect(two.status().is).toBe('quarantined')
      expect(await codeOf(two.commit(unit([append('new')])))).toBe('store/quarantined')
      expect((await two.trust(6n)).is).toBe('quarantined')
      expect(await two.trust(5n)).toEqual({ is: 'open' })
      expect((await two.commit(unit([append('new')]))).is).toBe('stored')
      await two.close()
      const three = await openGuarded(folder)
      expect(three.status()).toEqual({ is: 'open' })
      await three.close()
    }))

  test('notices that the database is gone', () =>
    withFolder(async (folder) => {
      const one = await openGuarded(folder)
      await addAll(one, range(0, 5))
      await one.close()
      for (const end of ['', '-wal', '-shm'])
        rmSync(join(folder, `${STORE_FILE}${end}`), { force: true })
      const two = await openGuarded(folder)
      // Its own entries reach back to the first.
      expect(two.status()).toEqual({ is: 'open' })
      expectChained('vows', await readAll(two, 'vows'))
      expect((await two.head('vows')).size).toBe(5n)
      await two.close()
    }))

  test('survives damage to either slot, and of both says so', () =>
    withFolder(async (folder) => {
      const one = await openGuarded(folder)
      for (const key of range(0, 5)) await addAll(one, [key])
      await one.close()
      const path = join(folder, 'guard')
      const whole = readFileSync(path)
      for (const slots of [[0], [4096], [0, 4096]]) {
        const damaged = Buffer.from(whole)
        for (const at of slots) damaged[at + 60] = 255 - (damaged[at + 60] ?? 0)
        writeFileSync(path, damaged)
        const store = await openGuarded(folder)
        expect(store.status().is).toBe(slots.length === 2 ? 'quarantined' : 'open')
        await store.close()
      }
    }))

  test('of another journal or operator is no guard', () =>
    withFolder(async (folder) => {
      const one = await openGuarded(folder)
      await addAll(one, range(0, 5))
      await one.close()
      const other = join(folder, 'other')
      const two = await openGuarded(other)
      await addAll(two, range(10, 20))
      await two.close()
      cpSync(join(other, 'guard'), join(folder, 'guard'))
      const store = await openGuarded(folder)
      expect(store.status().is).toBe('quarantined')
      await store.close()
    }))

  test('holds every answer back until it has covered the entry', async () =>
    withFolder(async (folder) => {
      const inner = createMemoryStore()
      const path = join(folder, 'guard')
      const store = await guardStore(inner, { path, journal: 'vows' })
      stored(await store.commit(unit([append('a')])))
      // Another process appends beneath; this one must not release the entry before its own guard has it.
      stored(await inner.commit(unit([append('b')])))
      expect((await store.commit(unit([append('b', 'second')]))).is).toBe('taken')
      stored(await inner.commit(unit([append('c')])))
      await store.head('vows')
      const fresh = await guardStore(createMemoryStore(), { path, journal: 'vows' })
      // Three are remembered; of the last, only that it was.
      expect(await fresh.lacks()).toEqual({ from: 0n, to: 3n })
      await store.close()
      await fresh.close()
    }))

  test('is not made anew by a start that was cut short', () =>
    withFolder(async (folder) => {
      writeFileSync(join(folder, 'guard.new'), 'half')
      const store = await openGuarded(folder)
      expect(store.status()).toEqual({ is: 'open' })
      expect(existsSync(join(folder, 'guard.new'))).toBe(false)
      await store.close()
    }))
})
