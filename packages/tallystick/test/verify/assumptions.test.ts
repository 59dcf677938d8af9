import { describe, expect, test } from 'vitest'
import { charterFor, history, machineFor, OWNED, PAIR, reportOn, stepFor } from './world.ts'

const textOf = (report: ReturnType<typeof reportOn>, is: string): string =>
  report.assumptions
    .filter((one) => one.is === is)
    .map((one) => one.text)
    .join('\n')

describe('assumptions', () => {
  test('of co-signed steps name the parties, the schemes and the lack of a clock', () => {
    const report = reportOn({ charters: [charterFor(PAIR)], steps: history(1).steps })
    expect(textOf(report, 'keys')).toContain('alice and bob')
    expect(textOf(report, 'cryptography')).toContain('ed25519')
    expect(textOf(report, 'cryptography')).toContain('blake3')
    expect(textOf(report, 'reach')).toContain('nobody but the parties is protected')
    expect(textOf(report, 'undo')).toContain('at least 2 of alice and bob')
    expect(textOf(report, 'clock')).toContain('no step attests a time')
  })

  test('of vouched steps name the vouchers as the clock', () => {
    const made = stepFor({
      machine: machineFor(OWNED),
      say: 'set a b',
      proposedBy: 'alice',
      certifiedBy: ['oda', 'oki'],
      time: 12n,
    })
    const report = reportOn({ charters: [charterFor(OWNED)], steps: [made.step] })
    expect(textOf(report, 'clock')).toContain('oda and oki')
    expect(textOf(report, 'reach')).toContain('anyone is protected')
  })

  test('of a machine without final steps say nothing about undoing', () => {
    const report = reportOn({ charters: [charterFor(PAIR)] })
    expect(report.assumptions.map((one) => one.is)).toEqual(['keys', 'cryptography', 'freshness'])
  })
})
