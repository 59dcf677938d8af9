import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import {
  faultLine,
  gradeWords,
  labelOf,
  linesFromReport,
  waitWords,
} from '../../src/verify/words.ts'
import { charterFor, history, machineFor, OWNED, PAIR, reportOn, stepFor } from './world.ts'

describe('reports in words', () => {
  test('say what happened, how final it is and what that rests on', () => {
    const { steps, head } = history(1)
    const offer = stepFor({ machine: head, say: 'set n 2', certifiedBy: ['bob'] })
    const report = reportOn({ charters: [charterFor(PAIR)], steps: [...steps, offer.step] })
    const lines = linesFromReport(report)
    expect(lines[0]).toMatch(/^incomplete: .* \(\d+ bytes\)$/)
    const label = `alice–bob (${head.id.slice(0, 8)})`
    expect(labelOf(report, head.id)).toBe(label)
    expect(lines).toContain(`${label}: network test, suite classic, policy pact`)
    expect(lines).toContain('  step 1: set n 1: final; cosigned by alice, bob')
    expect(lines).toContain('  step 2: set n 2: not yet final; waits for the signature of alice')
    expect(lines).toContain('  head: step 1, final (cosigned); freshness unknown')
  })

  test('say what vouches for the newest step, and what the way to it rested on', () => {
    const { steps } = history(2)
    const report = reportOn({ charters: [charterFor(PAIR)], steps })
    const [machine] = report.machines
    if (!machine) throw new Error('there is a machine')
    expect(gradeWords(machine)).toBe('cosigned')
    const strong = machine.steps.map((one) =>
      one.id === machine.head.id && one.finality
        ? { ...one, finality: { ...one.finality, grade: 'receipted' as const } }
        : one,
    )
    const lines = linesFromReport({ ...report, machines: [{ ...machine, steps: strong }] })
    expect(lines).toContain(
      '  head: step 2, final (receipted, cosigned on the way); freshness unknown',
    )
  })

  test('name who is convicted, of what and with how large a proof', () => {
    const say = (text: string): ReturnType<typeof stepFor> =>
      stepFor({ machine: machineFor(OWNED), say: `set to ${text}`, proposedBy: 'alice' })
    const steps = [say('bob').step, say('carol').step]
    const text = linesFromReport(reportOn({ charters: [charterFor(OWNED)], steps })).join('\n')
    expect(text).toMatch(
      /Convicted:\n {2}alice signed for two different steps at one place: step 1 of alice \(\w+\) \(fork, proof of \d+ bytes\)/,
    )
  })

  test('put the place of a fault in front, as far as it is known', () => {
    const report = reportOn({ charters: [charterFor(PAIR)] })
    const { id } = machineFor(PAIR)
    const label = labelOf(report, id)
    const line = (place: ConstructorParameters<typeof Fault>[2]): string =>
      faultLine(report, new Fault('step/late', 'too late', place))
    expect(line({})).toBe('too late [step/late]')
    expect(line({ machine: id })).toBe(`${label}: too late [step/late]`)
    expect(line({ machine: id, step: 3n, party: 'bob', part: 'acceptance' })).toBe(
      `step 3 of ${label}, party bob, acceptance: too late [step/late]`,
    )
    expect(line({ part: 'fact 2 of the file' })).toBe('fact 2 of the file: too late [step/late]')
  })

  test('have words for everything that can be waited for', () => {
    expect(waitWords({ is: 'signers', names: ['bob', 'carol'] })).toBe(
      'the signature of bob, carol',
    )
    expect(waitWords({ is: 'time', until: 5n })).toBe('1970-01-01 00:00:00 UTC')
    expect(waitWords({ is: 'fact', about: 'a receipt' })).toBe('a receipt')
    expect(waitWords({ is: 'step', sequence: 4n, parent: undefined })).toBe('step 4')
  })
})
