import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { openGuardedSqlite } from '../../src/store/open.ts'
import { migrate, MIGRATIONS, VERSION, versionOf } from '../../src/store/sqlite-schema.ts'
import { copyPath } from '../../src/store/sqlite-start.ts'
import { openSqliteStore, STORE_FILE } from '../../src/store/sqlite.ts'
import { codeOf, expectChained, readAll, stored } from './contract.ts'
import { append, bytes, text, unit } from './contract-values.ts'
import { withFolder } from './temporary.ts'

const golden = join(import.meta.dirname, 'golden-1')
const GOLDEN = 40

/** The golden folder was written by version 1 and is never written again. */
const copyGolden = (folder: string): void => {
  mkdirSync(folder, { mode: 0o700 })
  for (const name of [STORE_FILE, 'guard']) copyFileSync(join(golden, name), join(folder, name))
}

const objectsOf = (file: DatabaseSync): unknown =>
  file.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()

describe('a data directory of version 1', () => {
  test('is opened by this program, with all that is in it', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'data')
      copyGolden(path)
      const store = await openGuardedSqlite(path, 'vows')
      expect(store.status()).toEqual({ is: 'open' })
      const entries = await readAll(store, 'vows')
      expect(entries).toHaveLength(GOLDEN)
      expectChained('vows', entries)
      for (const [at, entry] of entries.entries()) expect(text(entry.key)).toBe(`k${at}`)
      expect(text((await store.get('heads', bytes('r3')))?.value ?? bytes(''))).toContain(
        'value 38',
      )
      stored(await store.commit(unit([append('next')])))
      await store.close()
    }))
})

describe('a migration', () => {
  const more = [
    ...MIGRATIONS,
    ['CREATE TABLE two (a)', 'INSERT INTO two VALUES (7)', 'ALTER TABLE two ADD b'],
  ]

  test('that is cut short between any two statements leaves the old file, and can be made again', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.db')
      const first = new DatabaseSync(path)
      migrate(first)
      const before = objectsOf(first)
      first.close()
      const steps: string[] = []
      const probe = new DatabaseSync(':memory:')
      migrate(probe)
      migrate(probe, more, (step) => steps.push(step))
      probe.close()
      expect(steps).toHaveLength(5)
      for (const at of steps.keys()) {
        const file = new DatabaseSync(path)
        let seen = 0
        // Nothing is rolled back by hand: the connection ends as a process would.
        expect(() =>
          migrate(file, more, () => {
            if (seen++ === at) throw new Error('crash')
          }),
        ).toThrow('crash')
        file.close()
        const after = new DatabaseSync(path)
        expect(objectsOf(after)).toEqual(before)
        expect(versionOf(after)).toBe(VERSION)
        after.close()
      }
      const last = new DatabaseSync(path)
      migrate(last, more)
      expect(last.prepare('SELECT a, b FROM two').get()).toEqual({ a: 7, b: null })
      last.close()
    }))

  test('of a newer version is refused, and nothing is written (K4)', () =>
    withFolder(async (folder) => {
      const store = await openSqliteStore(folder)
      await store.commit(unit([append('a')]))
      await store.close()
      const path = join(folder, STORE_FILE)
      const file = new DatabaseSync(path)
      file.exec(`PRAGMA user_version=${VERSION + 1}`)
      file.close()
      const before = readFileSync(path)
      const opening = openSqliteStore(folder)
      await expect(opening).rejects.toThrow(/version 2, and this program knows versions up to 1/)
      expect(readFileSync(path)).toEqual(before)
    }))

  test('is refused for a file of another program', () =>
    withFolder(async (folder) => {
      const path = join(folder, STORE_FILE)
      const file = new DatabaseSync(path)
      file.exec('CREATE TABLE theirs (a)')
      file.close()
      expect(await codeOf(openSqliteStore(folder))).toBe('store/unfit')
    }))

  test('leaves no copy where nothing was migrated', () =>
    withFolder(async (folder) => {
      await openSqliteStore(folder).then((store) => store.close())
      await openSqliteStore(folder).then((store) => store.close())
      expect(existsSync(copyPath(join(folder, STORE_FILE), 1))).toBe(false)
    }))
})
