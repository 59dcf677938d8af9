import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { takeLock } from '../../../src/cli/desk/lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'tally-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'lock')

const isLocked = (): boolean => {
  const result = faultFrom(() => takeLock(path))
  if (!isFault(result)) result()
  return isFault(result) && result.code === 'desk/locked'
}

/** The number of a process that has ended. */
const gone = (): number => spawnSync(process.execPath, ['-e', '']).pid

describe('a lock', () => {
  test('is held until it is given back', () => {
    const release = takeLock(path)
    expect(isLocked()).toBe(true)
    release()
    expect(isLocked()).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  test('of a process that is gone is taken over', () => {
    writeFileSync(path, `${gone()} abc\n`)
    expect(isLocked()).toBe(false)
    writeFileSync(path, `${process.pid} abc\n`)
    expect(isLocked()).toBe(true)
    rmSync(path)
  })

  test('is taken over by one at a time, also when one of them died doing so', () => {
    writeFileSync(path, `${gone()} abc\n`)
    writeFileSync(`${path}.turn`, `${process.pid} def\n`)
    expect(isLocked()).toBe(true)
    writeFileSync(`${path}.turn`, `${gone()} def\n`)
    expect(isLocked()).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  test('given back twice does not take away the lock of the next', () => {
    const release = takeLock(path)
    release()
    const next = takeLock(path)
    release()
    expect(existsSync(path)).toBe(true)
    next()
  })
})
