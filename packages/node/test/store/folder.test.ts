import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openFolder } from '../../src/store/folder.ts'
import { storeErrorCode } from '../../src/store/errors.ts'
import { withFolder } from './temporary.ts'

const codeFrom = (run: () => unknown): string | undefined => {
  try {
    run()
  } catch (error) {
    return storeErrorCode(error) ?? String(error)
  }
  return undefined
}

describe('a data directory', () => {
  test('is open once in one process (K3)', () =>
    withFolder(async (folder) => {
      const release = openFolder(folder)
      expect(codeFrom(() => openFolder(folder))).toBe('store/locked')
      release()
      const again = openFolder(folder)
      again()
    }))

  test('is open in one process at a time, and free when that is killed (K3)', () =>
    withFolder(async (folder) => {
      const path = join(import.meta.dirname, '../../src/store/folder.ts')
      const program = `const { openFolder } = await import(${JSON.stringify(path)}); openFolder(${JSON.stringify(folder)}); console.log('open'); process.kill(process.pid, 'SIGKILL')`
      const words = ['--no-warnings', '--input-type=module', '-e', program]
      const release = openFolder(folder)
      expect(spawnSync(process.execPath, words, { encoding: 'utf8' }).stderr).toContain(
        'another process works in',
      )
      release()
      const alone = spawnSync(process.execPath, words, { encoding: 'utf8' })
      expect(alone.stdout).toBe('open\n')
      expect(alone.signal).toBe('SIGKILL')
      const again = openFolder(folder)
      again()
    }))

  test('is made for its owner alone (K2)', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'new', 'deep')
      openFolder(path)()
      expect(statSync(path).mode & 0o777).toBe(0o700)
    }))

  test('is refused where others can reach into it, and taken when they no longer can (K2)', () =>
    withFolder(async (folder) => {
      for (const mode of [0o750, 0o701, 0o777]) {
        chmodSync(folder, mode)
        expect(codeFrom(() => openFolder(folder))).toBe('store/exposed')
      }
      chmodSync(folder, 0o700)
      openFolder(folder)()
    }))

  test('is refused where it is a link (K1)', () =>
    withFolder(async (folder) => {
      const real = join(folder, 'real')
      mkdirSync(real, { mode: 0o700 })
      symlinkSync(real, join(folder, 'link'))
      expect(codeFrom(() => openFolder(join(folder, 'link')))).toBe('store/exposed')
      openFolder(real)()
    }))

  test.skipIf(process.getuid?.() !== 0)('is refused where it is somebody else’s (K2)', () =>
    withFolder(async (folder) => {
      chownSync(folder, 12_345, 12_345)
      expect(codeFrom(() => openFolder(folder))).toBe('store/exposed')
      chownSync(folder, 0, 0)
      openFolder(folder)()
    }),
  )
})
