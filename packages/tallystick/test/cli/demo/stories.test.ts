import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bodyFromFile } from '../../../src/verify/file.ts'
import { createNativeEngine } from '../../../src/engine/native.ts'
import { isFault } from '../../../src/base/fault.ts'
import { convict, evidence } from '../../../src/kernel/evidence.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { STANDARD_MODELS } from '../../../src/verify/standard.ts'
import { verify } from '../../../src/verify/verify.ts'

const MAIN = new URL('../../../src/cli/main.ts', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'tally-demo-'))
const checks = {
  models: STANDARD_MODELS,
  logics: STANDARD_LOGICS,
  verifier: createNativeEngine(),
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tally = (...argv: readonly string[]) => {
  const done = spawnSync(process.execPath, [MAIN, ...argv], { cwd: folder, encoding: 'utf8' })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

describe.each(['quantum', 'classic'])('the market story in suite %s', (suite) => {
  test('ends with a file that is valid from beginning to end', () => {
    const file = `market-${suite}.tally`
    const { code, out } = tally('demo', 'market', '--suite', suite, '-o', file)
    expect(code).toBe(0)
    expect(out).toContain('provisional (mode M2)')
    expect(out).toContain(`next: tally verify ${file}`)
    const report = verify(readFileSync(join(folder, file)), checks)
    expect(report.outcome).toBe('valid')
    expect(report.machines.map((one) => one.name)).toContain('alice–bob')
  })

  test('a byte changed in the file is found, with step and party or machine', () => {
    const bytes = readFileSync(join(folder, `market-${suite}.tally`))
    const at = Math.floor(bytes.length * 0.9)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    const report = verify(bytes, checks)
    expect(report.outcome).not.toBe('valid')
    expect(report.faults[0]?.place.step ?? report.faults[0]?.place.machine).toBeDefined()
  })
})

describe('the cheat', () => {
  test('is convicted by her own signatures, and nobody else is', () => {
    const { code, out } = tally('--json', 'demo', 'market', '--cheat', '--suite', 'classic')
    expect(code).toBe(0)
    const told: unknown = JSON.parse(out)
    expect(told).toMatchObject({ caught: 'alice', proofFile: 'cheat-proof.tally' })
    const report = verify(readFileSync(join(folder, 'cheat.tally')), checks)
    expect(report.outcome).toBe('invalid')
    expect(report.convictions.map((one) => one.name)).toEqual(['alice'])
  })

  test('leaves a proof of less than a kilobyte that stands on its own', () => {
    const file = readFileSync(join(folder, 'cheat-proof.tally'))
    expect(file.length).toBeLessThan(1024)
    const conviction = convict(evidence.decode(bodyFromFile('evidence', file)), checks.verifier)
    expect(isFault(conviction)).toBe(false)
    file[file.length - 1] = (file[file.length - 1] ?? 0) ^ 1
    writeFileSync(join(folder, 'bent.tally'), file)
    const bent = convict(evidence.decode(bodyFromFile('evidence', file)), checks.verifier)
    expect(isFault(bent) && bent.code).toBe('evidence/bad-signature')
  })
})

describe('the agents story', () => {
  test('pays, divides and gives back, and its file is valid', () => {
    const { code, out } = tally('demo', 'agents', '--suite', 'classic')
    expect(code).toBe(0)
    expect(out).toContain('In the end client has 330 CRED, worker has 170 CRED.')
    expect(verify(readFileSync(join(folder, 'agents.tally')), checks).outcome).toBe('valid')
  })
})
