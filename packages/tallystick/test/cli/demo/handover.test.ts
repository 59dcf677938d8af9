import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { programPath } from '../../../../../scripts/programs.ts'
import { createNativeEngine } from '../../../src/engine/native.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { bundleFromFile, fileFromBundle } from '../../../src/verify/bundle.ts'
import { STANDARD_MODELS } from '../../../src/verify/standard.ts'
import { verify } from '../../../src/verify/verify.ts'

const MAIN = programPath('tallystick/src/cli/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'tally-handover-'))
const checks = {
  models: STANDARD_MODELS,
  logics: STANDARD_LOGICS,
  verifier: createNativeEngine(),
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['quantum', 'classic'])('the hand-over story in suite %s', (suite) => {
  const file = join(folder, `handover-${suite}.tally`)

  test('takes one machine through three ways to agree, and ends with a valid file', () => {
    const argv = [MAIN, '--json', 'demo', 'handover', '--suite', suite, '-o', file]
    const done = spawnSync(process.execPath, argv, {
      cwd: folder,
      env: process.env,
      encoding: 'utf8',
    })
    expect(done.stderr).toBe('')
    expect(done.status).toBe(0)
    const told: unknown = JSON.parse(done.stdout)
    expect(told).toMatchObject({
      movedToDirectory: true,
      accepted: 4,
      certified: 2,
      oldOneSigned: false,
      returned: true,
      balances: { alice: '65', bob: '135' },
      outcome: 'valid',
      steps: 8,
    })
    const report = verify(readFileSync(file), checks)
    expect(report.outcome).toBe('valid')
    const own = report.machines[0]?.steps.map((one) => one.finality?.grade)
    expect(own).toEqual([
      'cosigned',
      'cosigned',
      'receipted',
      'receipted',
      'receipted',
      'receipted',
      'cosigned',
      'cosigned',
    ])
  })

  test('is not valid without any one of its acceptances', () => {
    const bundle = bundleFromFile(readFileSync(file))
    const changes = bundle.steps.flatMap((step, at) => {
      const [leg] = step.legs
      return leg?.is === 'written' && leg.accepted.length > 0 ? [{ at, leg }] : []
    })
    expect(changes.map((one) => one.at)).toEqual([1, 4, 6])
    for (const { at, leg } of changes) {
      const bare = { ...leg, accepted: new Uint8Array(0) }
      const steps = bundle.steps.map((step, index) =>
        index === at ? { ...step, legs: [bare] } : step,
      )
      const report = verify(fileFromBundle({ ...bundle, steps }), checks)
      expect(report.outcome).toBe('incomplete')
    }
  })
})
