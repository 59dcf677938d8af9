/**
 * Every bundle of the vectors that is not invalid, damaged in many ways. Nothing throws, nothing that was changed is
 * valid with another meaning, and a step that was final does not become another final step.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bytesFromHex } from '../src/base/bytes.ts'
import { createNativeEngine } from '../src/engine/native.ts'
import { STANDARD_LOGICS } from '../src/logic/registry.ts'
import { createStreams, type Stream } from '../src/sim/random.ts'
import { judgeChains } from '../src/verify/chains.ts'
import { createMemo } from '../src/verify/memo.ts'
import type { Report } from '../src/verify/report.ts'
import type { VerifyOptions } from '../src/verify/run.ts'
import { STANDARD_MODELS } from '../src/verify/standard.ts'
import { verify } from '../src/verify/verify.ts'
import { linesFromReport } from '../src/verify/words.ts'
import type { Area } from '../../../scripts/vectors/case.ts'

const options: VerifyOptions = {
  models: STANDARD_MODELS,
  logics: STANDARD_LOGICS,
  verifier: createMemo(createNativeEngine()),
  chains: judgeChains,
}

const folder = join(import.meta.dirname, '../../../vectors')
const files = ['bundle', 'offline', 'chain', 'record'].flatMap((name) => {
  const area = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Area
  return area.cases.flatMap(({ id, check, valid, input }) =>
    check === 'bundle' && valid && typeof input['file'] === 'string'
      ? [[id, bytesFromHex(input['file'])] as const]
      : [],
  )
})

/** What of a report somebody could rely on: final steps, by machine and number. */
const finalSteps = (report: Report): ReadonlyMap<string, string> =>
  new Map(
    report.machines.flatMap(({ id, steps }) =>
      steps.flatMap((step) =>
        step.standing === 'final'
          ? [[`${id} ${step.sequence}`, `${step.id} ${step.described.join()}`] as const]
          : [],
      ),
    ),
  )

/** Values of fields that are shown, with the step and name they are shown for. */
const shownValues = (report: Report): ReadonlySet<string> =>
  new Set(
    report.machines.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.fields.flatMap(({ name, value }) =>
          value === undefined ? [] : [`${step.id} ${name} ${value}`],
        ),
      ),
    ),
  )

const MUTATIONS: readonly ((file: Uint8Array, random: Stream) => Uint8Array)[] = [
  (file, random) => {
    const at = random.below(file.length)
    return file.with(at, (file[at] ?? 0) ^ (1 << random.below(8)))
  },
  (file, random) => {
    const at = random.below(file.length)
    return file.with(at, random.below(256))
  },
  (file, random) => file.slice(0, random.below(file.length)),
  (file, random) => {
    const [at, size] = [random.below(file.length), 1 + random.below(8)]
    return Uint8Array.from([...file.subarray(0, at), ...file.subarray(at + size)])
  },
  (file, random) => {
    const at = random.below(file.length)
    return Uint8Array.from([...file.subarray(0, at), random.below(256), ...file.subarray(at)])
  },
  // A run of bytes from elsewhere in the same file, as a careless merge would leave it.
  (file, random) => {
    const size = 1 + random.below(64)
    const from = random.below(Math.max(1, file.length - size))
    const mixed = file.slice()
    mixed.set(file.subarray(from, from + size), random.below(Math.max(1, file.length - size)))
    return mixed
  },
]

const MUTANTS = 25

describe('damaged bundles', () => {
  test.each(files)('of %s make nothing else final', (id, file) => {
    const random = createStreams(2026)(id)
    const whole = verify(file, options)
    const before = finalSteps(whole)
    const values = shownValues(whole)
    for (let at = 0; at < MUTANTS * MUTATIONS.length; at++) {
      const mutant = MUTATIONS[at % MUTATIONS.length]?.(file, random) ?? file
      const report = verify(mutant, options)
      expect(linesFromReport(report).length).toBeGreaterThan(0)
      for (const value of shownValues(report))
        expect([id, at, values.has(value)]).toEqual([id, at, true])
      for (const step of report.machines.flatMap((one) => one.steps)) {
        if (step.withheld) expect([id, at, step.standing]).not.toEqual([id, at, 'final'])
      }
      for (const [place, step] of finalSteps(report)) {
        if (before.has(place)) expect([id, at, step]).toEqual([id, at, before.get(place)])
        // A machine with another id is another machine: nobody has signed for it.
        else expect([id, at, place]).toEqual([id, at, 'no final step that was not there before'])
      }
    }
  })

  test('are tried in their thousands', () => {
    expect(files.length * MUTANTS * MUTATIONS.length).toBeGreaterThan(2000)
  })
})
