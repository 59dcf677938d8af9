import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { readInputFile } from '../../src/cli/input-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tallystick-input-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('an input file', () => {
  test('of the largest size is read whole, and one byte more is refused unread', () => {
    const path = join(folder, 'file')
    writeFileSync(path, Uint8Array.of(1, 2, 3, 4))
    expect([...readInputFile(path, 4)]).toEqual([1, 2, 3, 4])
    const refused = faultFrom(() => readInputFile(path, 3))
    expect(isFault(refused) && refused.code).toBe('file/too-large')
    truncateSync(path, 2 ** 40)
    const huge = faultFrom(() => readInputFile(path))
    expect(isFault(huge) && huge.code).toBe('file/too-large')
  })

  test('that is a folder or a pipe without a writer is refused at once', () => {
    expect(() => readInputFile(folder)).toThrow('no plain file')
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(() => readInputFile(pipe)).toThrow('no plain file')
  })
})
