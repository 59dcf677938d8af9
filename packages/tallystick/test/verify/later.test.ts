import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Machine } from '../../src/kernel/execute.ts'
import {
  type Bundle,
  type BundleStep,
  EMPTY_BUNDLE,
  fileFromBundle,
} from '../../src/verify/bundle.ts'
import { jsonFromReport } from '../../src/verify/json.ts'
import type { Report } from '../../src/verify/report.ts'
import { verify } from '../../src/verify/verify.ts'
import { BOTH, history, machineFor, options, OWNED, PAIR, stepFor } from './world.ts'

/** Every step of a report that is final, and what it is in another. */
const fates = (before: Report, after: Report): readonly (string | undefined)[] => {
  const now = new Map(
    after.machines.flatMap((one) => one.steps.map((step) => [step.id, step.standing] as const)),
  )
  return before.machines.flatMap((one) =>
    one.steps.filter((step) => step.standing === 'final').map((step) => now.get(step.id)),
  )
}

const reportOf = (bundle: Partial<Bundle>): Report =>
  verify(fileFromBundle({ ...EMPTY_BUNDLE, ...bundle }), options)

const { steps, head } = history(4)
const owned = machineFor(OWNED)
const told = stepFor({
  machine: owned,
  say: 'set a 1',
  proposedBy: 'alice',
  certifiedBy: ['oda', 'ove'],
})
const known = [head.charter, owned.charter]
const base: Partial<Bundle> = { charters: known, steps: [...steps, told.step] }

const parentAt = (at: number): Machine => history(at).head

/** What else may turn up: later steps, offers nobody took, second children signed by nobody, by some, or by all. */
const more = fc.record({
  at: fc.nat({ max: 4 }),
  word: fc.constantFrom('p', 'q', 'r'),
  signers: fc.constantFrom<readonly string[] | undefined>(undefined, ['alice'], ['bob'], BOTH),
  isOwned: fc.boolean(),
})

const stepOf = (of: typeof more extends fc.Arbitrary<infer T> ? T : never): BundleStep => {
  const say = `set ${of.word} 9`
  if (!of.isOwned) {
    const signed = of.signers ? { certifiedBy: of.signers } : {}
    return stepFor({ machine: parentAt(of.at), say, ...signed }).step
  }
  const outsiders = of.signers?.map((name) => (name === 'alice' ? 'ove' : 'oki'))
  const signed = outsiders ? { certifiedBy: outsiders } : {}
  return stepFor({ machine: owned, say, proposedBy: 'alice', ...signed }).step
}

describe('a report on more', () => {
  test('more branches, offers and evidence turn what was final into nothing but contested', () => {
    const before = reportOf(base)
    expect(before.outcome).toBe('valid')
    const seen = new Set<string | undefined>()
    fc.assert(
      fc.property(fc.uniqueArray(more, { maxLength: 5 }), (extra) => {
        const turnedUp = extra.map(stepOf)
        const after = reportOf({ ...base, steps: [...(base.steps ?? []), ...turnedUp] })
        for (const fate of fates(before, after)) {
          seen.add(fate)
          expect(['final', 'contested']).toContain(fate)
        }
        const convicted = after.convictions.map((one) => one.evidence)
        const again = reportOf({ ...base, evidence: convicted })
        for (const fate of fates(before, again)) expect(['final', 'contested']).toContain(fate)
      }),
      { numRuns: 60 },
    )
    // Both happen, or the property would say little.
    expect(seen).toEqual(new Set(['contested', 'final']))
  })

  test('the same file and arguments give the same report', () => {
    const file = fileFromBundle({ ...EMPTY_BUNDLE, ...base })
    const reports = [file, file.slice(), file].map((one) =>
      JSON.stringify(jsonFromReport(verify(one, options))),
    )
    expect(new Set(reports).size).toBe(1)
    const other = JSON.stringify(jsonFromReport(reportOf({ charters: [machineFor(PAIR).charter] })))
    expect(other).not.toBe(reports[0])
  })
})
