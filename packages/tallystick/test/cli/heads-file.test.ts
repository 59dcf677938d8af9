import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { readHeads, rememberHeads } from '../../src/cli/heads-file.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { STANDARD_MODELS } from '../../src/verify/standard.ts'
import { verify } from '../../src/verify/verify.ts'
import { EMPTY_BUNDLE, fileFromBundle } from '../../src/verify/bundle.ts'
import { BOTH, charterFor, machineFor, options, PAIR, stepFor } from '../verify/world.ts'
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

  test('knows heads of machines that hash differently from the first one of a step', () => {
    const other = machineFor({ ...PAIR, suite: 'nostr', nonce: 1 })
    const beside = [{ machine: other, access: 'write' }] as const
    const made = stepFor({ machine: machineFor(PAIR), beside, say: 'set a b', certifiedBy: BOTH })
    const charters = [charterFor(PAIR), charterFor({ ...PAIR, suite: 'nostr', nonce: 1 })]
    const file = fileFromBundle({ ...EMPTY_BUNDLE, charters, steps: [made.step] })
    const report = verify(file, options)
    // As if both had been certified: here it only matters whether their headers are found.
    const machines = report.machines.map((one) => ({
      ...one,
      head: {
        id: one.steps[0]?.id ?? one.head.id,
        sequence: 1n,
        standing: 'final',
        grade: 'cosigned',
      } as const,
    }))
    expect(machines).toHaveLength(2)
    expect(rememberHeads(join(folder, 'mixed.json'), file, { ...report, machines })).toBe(2)
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
