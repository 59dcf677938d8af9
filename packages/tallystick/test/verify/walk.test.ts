import { describe, expect, test } from 'vitest'
import { type BundleStep } from '../../src/verify/bundle.ts'
import { type Report } from '../../src/verify/report.ts'
import { linesFromReport } from '../../src/verify/words.ts'
import { charterFor, history, machineFor, PAIR, reportOn, standingsOf } from './world.ts'

describe('a changed step', () => {
  const { steps, head } = history(3)
  const charters = [charterFor(PAIR)]
  type WrittenLeg = Extract<BundleStep['legs'][number], { is: 'written' }>
  const changed = (
    at: number,
    change: (leg: WrittenLeg, step: BundleStep) => Partial<BundleStep>,
  ): Report =>
    reportOn({
      charters,
      steps: steps.map((step, index) => {
        const [leg] = step.legs
        if (index !== at || leg?.is !== 'written') return step
        return { ...step, ...change(leg, step) }
      }),
    })
  const only = (report: Report): { code: string; step: unknown; party: string | undefined } => {
    expect(report.faults).toHaveLength(1)
    const [fault] = report.faults
    return { code: fault?.code ?? '', step: fault?.place.step, party: fault?.place.party }
  }

  test('is told by step and party where a signature was touched', () => {
    const report = changed(1, (leg) => {
      const certificate = leg.certificate.slice()
      const last = certificate.length - 1
      certificate[last] = (certificate[last] ?? 0) ^ 1
      return { legs: [{ ...leg, certificate }] }
    })
    expect(report.outcome).toBe('invalid')
    expect(only(report)).toEqual({ code: 'test/bad-signature', step: 2n, party: 'bob' })
    expect(standingsOf(report, head)).toEqual(['final', 'refused', 'unchecked'])
    const line = linesFromReport(report).find((one) => one.includes('[test/bad-signature]'))
    expect(line).toMatch(/step 2 of alice–bob \([0-9a-f]{8}\), party bob/)
  })

  test('is told where its operation, header or legs were touched', () => {
    const said = changed(1, (_, step) => ({
      interaction: {
        ...step.interaction,
        operations: step.interaction.operations.map((one) => ({
          ...one,
          argument: one.argument.with(0, 83),
        })),
      },
    }))
    expect(only(said).code).toBe('transition/wrong-interaction')
    const header = (more: Partial<WrittenLeg['transition']>): Report =>
      changed(1, (leg) => ({ legs: [{ ...leg, transition: { ...leg.transition, ...more } }] }))
    expect(only(header({ state: head.head.state })).code).toBe('transition/wrong-state')
    expect(only(header({ sequence: 9n })).code).toBe('transition/wrong-sequence')
    expect(only(header({ entropy: head.head.entropy })).code).toBe('transition/wrong-entropy')
    const other = machineFor({ parties: ['carol', 'dave'] })
    expect(only(header({ machine: other.id })).code).toBe('transition/wrong-machine')
    expect(only(changed(1, () => ({ legs: [] }))).code).toBe('bundle/other-legs')
    const read = changed(1, (leg) => ({ legs: [{ is: 'read', at: leg.transition.parent }] }))
    expect(only(read).code).toBe('bundle/other-legs')
  })

  test('does not pass with an acceptance that nothing asks for', () => {
    const report = changed(2, (leg) => ({ legs: [{ ...leg, accepted: leg.certificate }] }))
    expect(only(report).code).toBe('bundle/stray-acceptance')
  })
})
