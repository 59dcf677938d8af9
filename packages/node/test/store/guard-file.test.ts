/** The file of a vow guard by itself. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { guardWrites, openGuardFile } from '../../src/store/guard-file.ts'
import type { Entry } from '../../src/store/store.ts'
import { bytes } from './contract-values.ts'
import { withFolder } from './temporary.ts'

const entry: Entry = {
  journal: 'vows',
  index: 0n,
  key: bytes('key'),
  value: bytes('value of the entry'),
  time: 7n,
  chain: new Uint8Array(32).fill(5),
}

test('a guard is written when it is asked, and only its sync is waited for', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'guard')
    const of = { name: 'vows', start: new Uint8Array(32), areaBytes: 65_536 }
    const file = await openGuardFile(path, of, true)
    const head = { size: 1n, chain: new Uint8Array(32).fill(9) }
    const synced = file.write(head, [entry])
    const stands = readFileSync(path)
    await synced
    await file.close()
    expect(stands.includes('value of the entry')).toBe(true)
    expect(readFileSync(path).equals(stands)).toBe(true)
    const again = await openGuardFile(path, of, false)
    expect(again.found).toMatchObject({ head, tail: [entry] })
    await again.close()
  }))

test('a guard says how often it was written, by whichever process', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'guard')
    const of = { name: 'vows', start: new Uint8Array(32).fill(3), areaBytes: 65_536 }
    for (const isNew of [true, false]) {
      const file = await openGuardFile(path, of, isNew)
      for (let at = 0; at < 5; at++) {
        const before = guardWrites(path)
        await file.write({ size: 1n, chain: new Uint8Array(32) }, [])
        expect(guardWrites(path)).toBe(before + 1)
      }
      await file.close()
    }
    expect(guardWrites(path)).toBe(10)
  }))
