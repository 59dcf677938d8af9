import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { readHeads, rememberHeads } from '../../src/cli/heads-file.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { STANDARD_MODELS } from '../../src/verify/standard.ts'
import { verify } from '../../src/verify/verify.ts'
import { dealFile, engine } from './deal.ts'

const folder = mkdtempSync(join(tmpdir(), 'tallystick-heads-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'heads.json')

const remember = (steps: number): number => {
  const file = dealFile(steps)
  const report = verify(file, {
    models: STANDARD_MODELS,
    logics: STANDARD_LOGICS,
    verifier: engine,
  })
  return rememberHeads(path, file, report)
}

describe('a heads file', () => {
  test('keeps the newest head of a machine with its certificate, and only goes forward', () => {
    expect(remember(2)).toBe(1)
    expect(remember(4)).toBe(1)
    expect(remember(4)).toBe(0)
    expect(remember(3)).toBe(0)
    const [head, ...others] = readHeads(path)
    expect(others).toEqual([])
    expect(head?.head.sequence).toBe(4n)
    expect(head?.grade).toBe('cosigned')
    expect(head?.certificate.length).toBeGreaterThan(128)
  })

  test.each([
    ['no JSON', 'heads'],
    ['another format', '{"format":"x","heads":[]}'],
    ['a head that is none', '{"format":"tallystick/1 heads","heads":[{}]}'],
    ['two keys of one name', '{"format":"x","format":"tallystick/1 heads","heads":[]}'],
  ])('that is %s is refused', (_, text) => {
    const bad = join(folder, 'bad.json')
    writeFileSync(bad, text)
    const read = faultFrom(() => readHeads(bad))
    expect(isFault(read) && read.code).toBe('heads/damaged')
  })
})
