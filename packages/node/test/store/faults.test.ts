/** Disks that are full, read-only or broken. */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { GuardedStore } from '../../src/store/guard.ts'
import { openGuardedSqlite } from '../../src/store/open.ts'
import type { Unit } from '../../src/store/store.ts'
import { codeOf, expectChained, readAll } from './contract.ts'
import { append, bytes, unit } from './contract-values.ts'
import { noDisk, withDisk } from './small-disk.ts'
import { withFolder } from './temporary.ts'
import { withoutStrace } from './trace.ts'

const large = (n: number): Unit => unit([append(`k${n}`, 'x'.repeat(40_000))])

/** Commits until one is refused, and says which and how. */
const fill = async (store: GuardedStore): Promise<{ stored: number; code: string }> => {
  for (let n = 0; n < 1000; n++) {
    const code = await codeOf(store.commit(large(n)))
    if (code !== undefined) return { stored: n, code }
  }
  throw new Error('the disk was not filled')
}

describe.skipIf(noDisk !== '')(`a disk${noDisk}`, () => {
  test('that is full: commits are refused, reads answered, and with space it goes on', () =>
    withDisk('3m', async (folder, disk) => {
      const store = await openGuardedSqlite(folder, 'vows')
      const filler = join(disk, 'filler')
      writeFileSync(filler, Buffer.alloc(1_000_000))
      const { stored, code } = await fill(store)
      expect(code).toBe('store/full')
      expect(store.status().is).toBe('full')
      expect(stored).toBeGreaterThan(3)
      expect((await store.find('vows', bytes(`k${stored - 1}`)))?.index).toBe(BigInt(stored - 1))
      expect(await codeOf(store.commit(large(stored)))).toBe('store/full')
      rmSync(filler)
      const again = await store.commit(large(stored))
      // It may stand already, if only the guard found no room.
      expect(['stored', 'taken']).toContain(again.is)
      expect(store.status().is).toBe('open')
      const entries = await readAll(store, 'vows')
      expect(entries.length).toBe(stored + 1)
      expectChained('vows', entries)
      await store.close()
      const reopened = await openGuardedSqlite(folder, 'vows')
      expect(reopened.status().is).toBe('open')
      await reopened.close()
    }))
})

const missing = withoutStrace()

/** A first run makes the files, so that the tracer knows them by their names. */
const prepare = async (folder: string): Promise<void> => {
  const store = await openGuardedSqlite(folder, 'vows')
  await store.commit(unit([append('first')]))
  await store.close()
  writeFileSync(join(folder, 'store.db-wal'), '')
}

/** Twenty commits under a tracer that makes calls on these paths fail. It counts for each thread. */
const run = (
  folder: string,
  paths: readonly string[],
  inject: readonly string[],
): readonly string[] => {
  const tracer = ['-f', '-qq', '-o', '/dev/null', ...paths.flatMap((path) => ['-P', path])]
  const faulty = join(import.meta.dirname, 'faulty.ts')
  const program = [process.execPath, '--no-warnings', faulty, folder, '20']
  const answer = spawnSync('strace', [...tracer, ...inject, ...program], {
    encoding: 'utf8',
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
  })
  return answer.stdout.trim().split('\n')
}

describe.skipIf(missing !== undefined)(
  `calls that fail${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test('because the disk may not be written to refuse commits for that while, and no read', () =>
      withFolder(async (folder) => {
        await prepare(folder)
        const paths = [join(folder, 'store.db-wal'), join(folder, 'store.db.probe')]
        // Each commit writes some pages; five writes fail, and so does every look at why.
        const lines = run(folder, paths, [
          '-e',
          'inject=pwrite64:error=EROFS:when=60..64',
          '-e',
          'inject=openat:error=EROFS:when=2+',
        ])
        expect(lines.filter((line) => line.endsWith('store/full full read'))).toHaveLength(5)
        expect(lines.filter((line) => line.endsWith('stored open read'))).toHaveLength(15)
        expect(lines.at(-1)).toMatch(/stored open read$/)
        const store = await openGuardedSqlite(folder, 'vows')
        expect(store.status().is).toBe('open')
        expect((await store.head('vows')).size).toBe(16n)
        await store.close()
      }))

    test.each([
      ['of the database', 'store.db-wal'],
      ['of the guard', 'guard'],
    ])('in a sync %s end all commits until a new start, and no read', (_, name) =>
      withFolder(async (folder) => {
        await prepare(folder)
        const lines = run(
          folder,
          [join(folder, name)],
          ['-e', 'inject=fdatasync,fsync:error=EIO:when=6'],
        )
        expect(lines).toHaveLength(20)
        const failed = lines.findIndex((line) => line.includes('store/stopped'))
        expect(failed).toBeGreaterThan(0)
        for (const [at, line] of lines.entries())
          expect(line).toMatch(at < failed ? /stored open read$/ : /store\/stopped stopped read$/)
        const store = await openGuardedSqlite(folder, 'vows')
        expect(store.status().is).toBe('open')
        // What was acknowledged is there; the one that failed may be.
        const size = Number((await store.head('vows')).size)
        expect([failed + 1, failed + 2]).toContain(size)
        await store.close()
      }),
    )
  },
)
