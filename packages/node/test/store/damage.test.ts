/** Files that are not what was written (K8): repaired, or the store stops; never silent. */
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test, vi } from 'vitest'
import { storeErrorCode } from '../../src/store/errors.ts'
import { createReads } from '../../src/store/sqlite-read.ts'
import { checkWhole, openStoreFile } from '../../src/store/sqlite-start.ts'
import { openSqliteStore, STORE_FILE } from '../../src/store/sqlite.ts'
import { openGuardedSqlite } from '../../src/store/open.ts'
import { append, unit } from './contract-values.ts'
import { withFolder } from './temporary.ts'
import { unitFor } from './written.ts'

const PAGE = 4096
const COUNT = 400

const fill = async (folder: string, from = 0, count = COUNT): Promise<void> => {
  const store = await openGuardedSqlite(folder, 'vows')
  await Promise.all(Array.from({ length: count }, (_, at) => store.commit(unitFor(from + at))))
  await store.close()
}

/** Opens a damaged file as a start does, and looks at everything; undefined if nothing was found. */
const findingOf = (path: string): string | undefined => {
  try {
    const { file } = openStoreFile(path)
    try {
      checkWhole(file)
      if (createReads(file).head('vows').size !== BigInt(COUNT)) return 'lags'
    } finally {
      file.close()
    }
  } catch (error) {
    return storeErrorCode(error) ?? String(error)
  }
  return undefined
}

/** What all entries, bodies and records of a file are. */
const contentOf = (path: string): string => {
  const { file } = openStoreFile(path)
  const reads = createReads(file)
  const entries = Array.from({ length: COUNT }, (_, at) => reads.read('vows', BigInt(at), 1))
  const content = JSON.stringify([entries, reads.scan('heads', undefined, 100)], (_, value) =>
    typeof value === 'bigint' ? String(value) : (value as unknown),
  )
  file.close()
  return content
}

const random = (below: number): number => Math.floor(Math.random() * below)

type Damage = readonly [what: string, change: (bytes: Buffer) => Buffer]
const damages: readonly Damage[] = [
  [
    'one bit is flipped',
    (b) => {
      const at = random(b.length)
      b[at] = (b[at] ?? 0) ^ (1 << random(8))
      return b
    },
  ],
  ['a page is zeroed', (b) => b.fill(0, ...pageOf(random(b.length / PAGE)))],
  [
    'two pages are swapped',
    (b) => {
      const [one, two] = [random(b.length / PAGE), random(b.length / PAGE)]
      const kept = Buffer.from(b.subarray(...pageOf(one)))
      b.copy(b, one * PAGE, ...pageOf(two))
      kept.copy(b, two * PAGE)
      return b
    },
  ],
  ['the end is cut off', (b) => b.subarray(0, random(b.length))],
]
const pageOf = (page: number): [number, number] => [page * PAGE, (page + 1) * PAGE]

describe('a database in which', () => {
  test.each(damages)(
    '%s is stopped, or reads as if nothing were',
    async (_, change) =>
      withFolder(async (folder) => {
        await fill(folder)
        const path = join(folder, STORE_FILE)
        const whole = readFileSync(path)
        const content = contentOf(path)
        let found = 0
        for (let round = 0; round < 40; round++) {
          for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
          writeFileSync(path, change(Buffer.from(whole)))
          const finding = findingOf(path)
          if (finding !== undefined) found += 1
          // What was not found has to lie where nothing is kept: free space, or a page swapped with itself.
          else expect(contentOf(path)).toBe(content)
        }
        expect(found).toBeGreaterThan(10)
      }),
    60_000,
  )
})

describe('a file that is large', () => {
  const opened = (folder: string) => openSqliteStore(folder, { laterBytes: 0 })

  test('is read from before its structure was looked at, and written to afterwards', () =>
    withFolder(async (folder) => {
      await fill(folder)
      const store = await opened(folder)
      expect(store.status()).toEqual({ is: 'checking' })
      expect((await store.head('vows')).size).toBe(BigInt(COUNT))
      expect((await store.commit(unitFor(COUNT))).is).toBe('stored')
      expect(store.status()).toEqual({ is: 'open' })
      await store.close()
    }))

  test('takes nothing if its structure is damaged', () =>
    withFolder(async (folder) => {
      await fill(folder)
      const path = join(folder, STORE_FILE)
      const page = rootPageOf(path, 'entry_key')
      const bytes = readFileSync(path)
      // An index that finds nothing: every second child would look like a first.
      writeFileSync(path, bytes.fill(0, ...pageOf(page - 1)))
      const store = await opened(folder)
      const refused = await store.commit(unitFor(3)).catch((error: unknown) => error)
      expect(storeErrorCode(refused)).toBe('store/damaged')
      expect(store.status().is).toBe('stopped')
      expect(readFileSync(path)).toEqual(bytes)
      await store.close()
    }))

  test('says that it is damaged, though nobody writes', () =>
    withFolder(async (folder) => {
      await fill(folder)
      const path = join(folder, STORE_FILE)
      const page = rootPageOf(path, 'entry_key')
      writeFileSync(path, readFileSync(path).fill(0, ...pageOf(page - 1)))
      const store = await opened(folder)
      await vi.waitFor(() => expect(store.status().is).toBe('stopped'), { timeout: 10_000 })
      // The same is said to who writes later, so that it does not matter which was quicker.
      const refused = await store.commit(unitFor(3)).catch((error: unknown) => error)
      expect(storeErrorCode(refused)).toBe('store/damaged')
      await store.close()
    }))
})

const rootPageOf = (path: string, name: string): number => {
  const file = new DatabaseSync(path, { readOnly: true })
  const row = file.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(name)
  file.close()
  return Number(row?.['rootpage'])
}

describe('an old file beside a new one', () => {
  test('a database without its log has its last entries from the guard', () =>
    withFolder(async (folder) => {
      await fill(folder)
      const path = join(folder, STORE_FILE)
      copyFileSync(path, join(folder, 'old'))
      await fill(folder, COUNT, 50)
      copyFileSync(join(folder, 'old'), path)
      for (const end of ['-wal', '-shm']) if (existsSync(`${path}${end}`)) rmSync(`${path}${end}`)
      const store = await openGuardedSqlite(folder, 'vows')
      expect(store.status()).toEqual({ is: 'open' })
      expect((await store.head('vows')).size).toBe(BigInt(COUNT + 50))
      expect((await store.commit(unit([append('k420', 'a second child')]))).is).toBe('taken')
      await store.close()
    }))

  test('a guard that is older than the database goes on from there', () =>
    withFolder(async (folder) => {
      await fill(folder)
      copyFileSync(join(folder, 'guard'), join(folder, 'old'))
      await fill(folder, COUNT, 50)
      copyFileSync(join(folder, 'old'), join(folder, 'guard'))
      const store = await openGuardedSqlite(folder, 'vows')
      expect(store.status()).toEqual({ is: 'open' })
      await store.close()
    }))

  test('a damaged log loses nothing that the guard remembers', () =>
    withFolder(async (folder) => {
      const store = await openGuardedSqlite(folder, 'vows')
      await Promise.all(Array.from({ length: 100 }, (_, at) => store.commit(unitFor(at))))
      const path = join(folder, STORE_FILE)
      const copy = join(folder, 'copy')
      await import('node:fs').then(({ mkdirSync }) => mkdirSync(copy, { mode: 0o700 }))
      for (const name of [STORE_FILE, `${STORE_FILE}-wal`, 'guard'])
        copyFileSync(join(folder, name), join(copy, name))
      await store.close()
      const log = readFileSync(join(copy, `${STORE_FILE}-wal`))
      // SQLite ends the log at the first frame whose sum is wrong, and says nothing.
      log[Math.floor(log.length / 2)] = 255 - (log[Math.floor(log.length / 2)] ?? 0)
      writeFileSync(join(copy, `${STORE_FILE}-wal`), log)
      expect(existsSync(path)).toBe(true)
      const again = await openGuardedSqlite(copy, 'vows')
      expect(again.status()).toEqual({ is: 'open' })
      expect((await again.head('vows')).size).toBe(100n)
      await again.close()
    }))
})
