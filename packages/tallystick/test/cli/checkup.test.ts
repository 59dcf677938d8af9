import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkup, runtime } from '../../src/cli/checkup.ts'

describe('a check-up', () => {
  test.each([
    ['26.10.0', 'good'],
    ['24.11.0', 'good'],
    ['24.10.9', 'broken'],
    ['20.19.4', 'broken'],
    ['25.0.0', 'good'],
  ])('finds Node %s %s', (version, standing) => {
    const found = runtime(version)
    expect(found.standing).toBe(standing)
    expect(found.fix === undefined).toBe(standing === 'good')
  })

  test('looks at everything here and leaves nothing behind', () => {
    const home = mkdtempSync(join(tmpdir(), 'tallystick-checkup-'))
    const looked: string[] = []
    const findings = checkup(home, (what) => looked.push(what))
    expect(findings.map((one) => one.what)).toEqual(looked)
    expect(findings.filter((one) => one.standing === 'broken')).toEqual([])
    expect(findings.find((one) => one.what === 'disk')?.says).toContain(home)
    expect(readdirSync(home)).toEqual([])
    rmSync(home, { recursive: true })
  })
})
