import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { faultFrom } from '../../src/base/fault.ts'
import {
  createFile,
  createPrivateFolder,
  readPrivateFile,
  replaceFile,
  withLock,
} from '../../src/cli/durable-file.ts'

const root = mkdtempSync(join(tmpdir(), 'tallystick-files-'))
afterAll(() => rmSync(root, { recursive: true }))

let count = 0
let folder = ''
let path = ''
beforeEach(() => {
  folder = join(root, String(count++))
  createPrivateFolder(folder)
  path = join(folder, 'file')
})

const permissions = (of: string): number => statSync(of).mode & 0o777

describe('a durable file', () => {
  test("is the owner's alone, in a folder that is", () => {
    createFile(path, bytesFromUtf8('one'))
    expect(permissions(path)).toBe(0o600)
    expect(permissions(folder)).toBe(0o700)
    replaceFile(path, bytesFromUtf8('two'), 0o644)
    expect(permissions(path)).toBe(0o644)
  })

  test('replaces what was there and leaves nothing beside it', () => {
    replaceFile(path, bytesFromUtf8('one, which is longer'))
    replaceFile(path, bytesFromUtf8('two'))
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(readdirSync(folder)).toEqual(['file'])
  })

  test('is not created over one that exists', () => {
    createFile(path, bytesFromUtf8('one'))
    expect(() => createFile(path, bytesFromUtf8('two'))).toThrow(/EEXIST/)
    expect(readFileSync(path, 'utf8')).toBe('one')
    expect(readdirSync(folder)).toEqual(['file'])
  })

  test('takes the place of a link and does not write through it', () => {
    const target = join(folder, 'target')
    writeFileSync(target, 'untouched')
    symlinkSync(target, path)
    replaceFile(path, bytesFromUtf8('new'))
    expect(readFileSync(target, 'utf8')).toBe('untouched')
    expect(readFileSync(path, 'utf8')).toBe('new')
  })

  test('a failed write leaves the old file and nothing beside it', () => {
    expect(() => replaceFile(join(folder, 'missing', 'file'), bytesFromUtf8('x'))).toThrow(/ENOENT/)
    createPrivateFolder(join(folder, 'full'))
    writeFileSync(join(folder, 'full', 'inner'), '')
    expect(() => replaceFile(join(folder, 'full'), bytesFromUtf8('x'))).toThrow()
    expect(readdirSync(folder)).toEqual(['full'])
  })
})

describe('reading a private file', () => {
  test('is refused when others may read it, and says what to run', () => {
    replaceFile(path, bytesFromUtf8('secret'))
    expect(readPrivateFile(path, 6)).toEqual(bytesFromUtf8('secret'))
    for (const mode of [0o640, 0o604, 0o620, 0o601]) {
      chmodSync(path, mode)
      const fault = faultFrom(() => readPrivateFile(path, 6))
      expect(fault).toMatchObject({ code: 'keystore/open-to-others' })
      expect(String(fault)).toContain('chmod 600')
    }
    chmodSync(path, 0o400)
    expect(readPrivateFile(path, 6)).toEqual(bytesFromUtf8('secret'))
  })

  test('is refused for a file that is too large and for a folder', () => {
    replaceFile(path, bytesFromUtf8('secret'))
    const wanted = { code: 'keystore/damaged' }
    expect(faultFrom(() => readPrivateFile(path, 5))).toMatchObject(wanted)
    expect(faultFrom(() => readPrivateFile(folder, 5))).toMatchObject(wanted)
  })
})

describe('a lock', () => {
  test('holds while the work runs and is gone after, also when the work fails', () => {
    const inner = withLock(path, () => faultFrom(() => withLock(path, () => 'twice')))
    expect(inner).toMatchObject({ code: 'identity/locked' })
    expect(() =>
      withLock(path, () => {
        throw new Error('work')
      }),
    ).toThrow('work')
    expect(withLock(path, () => 'again')).toBe('again')
    expect(readdirSync(folder)).toEqual([])
  })

  test('of a process that is gone is taken over, and so is one that says nothing', () => {
    const gone = spawnSync(process.execPath, ['--version']).pid
    for (const content of [`${gone}\n`, '', 'x', '-1']) {
      writeFileSync(path, content)
      expect(withLock(path, () => 'mine')).toBe('mine')
    }
    writeFileSync(path, `${process.ppid}\n`)
    expect(faultFrom(() => withLock(path, () => 'mine'))).toMatchObject({ code: 'identity/locked' })
  })
})
