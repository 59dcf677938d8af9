import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from 'tallystick/base'
import { fileFromBody } from 'tallystick/verify'
import { readDirectoryFile, writeDirectoryFile } from '../../src/account/directory-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tallystick-directory-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const refusalOf = (path: string): string => {
  try {
    const read = faultFrom(() => readDirectoryFile(path))
    return isFault(read) ? read.message : 'none'
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

const openFile = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  chmodSync(path, 0o644)
  return path
}

describe('a directory file', () => {
  test('is read back as it was written, and refused once others may read it, with the reason', () => {
    const path = join(folder, 'directory.json')
    const operator = { name: 'north', scheme: 'ed25519', publicKey: new Uint8Array(32) } as const
    writeDirectoryFile(path, {
      network: 'dev',
      suite: 'classic',
      policy: { operators: [operator], threshold: 1, faulty: 0 },
      addresses: [{ name: 'north', url: 'http://127.0.0.1:1', token: 't' }],
    })
    expect(readDirectoryFile(path).addresses).toEqual([
      { name: 'north', url: 'http://127.0.0.1:1', token: 't', publicKey: '00'.repeat(32) },
    ])
    chmodSync(path, 0o644)
    expect(refusalOf(path)).toContain('holds tokens of operators')
  })

  test('is told from other files before anything is said of who may read them', () => {
    const bundle = openFile('bob.tally', fileFromBody('bundle', new Uint8Array(8)))
    expect(refusalOf(bundle)).toContain('(bundle), no directory file')
    expect(refusalOf(openFile('a.txt', 'hello'))).toContain('is no directory file')
    expect(refusalOf(openFile('a.json', '{}'))).toContain('is no directory file')
  })
})
