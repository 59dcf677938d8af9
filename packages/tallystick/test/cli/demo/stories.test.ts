import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { programPath } from '../../../../../scripts/programs.ts'
import { bodyFromFile } from '../../../src/verify/file.ts'
import { createNativeEngine } from '../../../src/engine/native.ts'
import { isFault } from '../../../src/base/fault.ts'
import { convict, evidence } from '../../../src/kernel/evidence.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { STANDARD_MODELS } from '../../../src/verify/standard.ts'
import { verify } from '../../../src/verify/verify.ts'

const MAIN = programPath('tallystick/src/cli/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'tally-demo-'))
const checks = {
  models: STANDARD_MODELS,
  logics: STANDARD_LOGICS,
  verifier: createNativeEngine(),
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tally = (...argv: readonly string[]) => {
  const done = spawnSync(process.execPath, [MAIN, ...argv], {
    cwd: folder,
    env: process.env,
    encoding: 'utf8',
  })
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

describe('the supply story', () => {
  const prices = /EUR|0\.84|0\.91|0\.97|1\.02|1\.15/
  const demands = [
    'every custody change: 2 parties',
    'release: 2 of 3',
    'field origin: shown',
    'field temperature: shown',
    'no field price',
    'every step: at least cosigned',
  ]
  const required = demands.flatMap((one) => ['--require', one])

  test('leaves one file that shows no price and meets what the auditor asks for', () => {
    const told = tally('demo', 'supply', '--suite', 'classic', '--whole', 'whole.tally')
    expect(told.code).toBe(0)
    expect(told.out).toContain('2  carrier -> port, with no signal: final for the two')
    expect(told.out).toContain('released by customs alone: refused')
    expect(told.out).not.toMatch(prices)
    const file = readFileSync(join(folder, 'supply.tally'))
    expect(file.toString('latin1')).not.toMatch(prices)
    expect(file.toString('utf16le')).not.toMatch(prices)
    const checked = tally('verify', 'supply.tally', ...required)
    expect(checked.code).toBe(0)
    expect(checked.out).not.toMatch(prices)
    expect(checked.out).toContain('4 custody changes, 1 of them published by another machine')
    expect(checked.out).toContain('price: withheld')
    expect(checked.out).toContain('origin: Huelva, field 7')
  })

  test('keeps the prices from programs as well, and counts what is withheld', () => {
    const { code, out } = tally('verify', 'supply.tally', '--json', ...required)
    expect(code).toBe(0)
    expect(out).not.toMatch(prices)
    expect(out).toContain('withheld are the values of price (4)')
  })

  test('has prices to hide: the same search finds them in what the parties hold', () => {
    const whole = readFileSync(join(folder, 'whole.tally'))
    expect(whole.toString('latin1')).toMatch(prices)
    const checked = tally('verify', 'whole.tally', '--require', 'no field price')
    expect(checked.code).toBe(1)
    expect(checked.out).toMatch(/no field price +no +step 1 of registry–grower and 7 others/)
  })

  test('is no more than it is: the leg without signal is co-signed, and so is what rests on it', () => {
    const checked = tally('verify', 'supply.tally', '--require', 'every step: at least receipted')
    expect(checked.code).toBe(1)
    expect(checked.out).toMatch(/every step: at least receipted +no +step 4/)
  })

  test('is not put together of words that nobody knows', () => {
    const { code, err } = tally('verify', 'supply.tally', '--require', 'every thing: nice')
    expect(code).toBe(3)
    expect(err).toContain('every custody change: N parties')
    expect(tally('verify', 'supply.tally', '--require', '').code).toBe(3)
  })

  test('names the step whose byte was changed', () => {
    const bytes = readFileSync(join(folder, 'supply.tally'))
    const spoiled = join(folder, 'spoiled.tally')
    const at = bytes.length >> 1
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(spoiled, bytes)
    const { code, out } = tally('verify', spoiled, '--require', 'no field price')
    expect(code).toBe(1)
    expect(out).toMatch(/^ +(?:step|party|part) /m)
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
