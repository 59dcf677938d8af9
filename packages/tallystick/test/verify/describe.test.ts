import { describe, expect, test } from 'vitest'
import { charterFor, history, machineFor, PAIR, reportOn, stepFor, termsFor } from './world.ts'

describe('descriptions', () => {
  test('are the words of the logic, and the terms where they change', () => {
    const { steps, head } = history(1)
    const next = { parties: ['alice', 'carol'] }
    const amend = stepFor({ machine: head, say: '', amend: termsFor(next) })
    const report = reportOn({ charters: [charterFor(PAIR)], steps: [...steps, amend.step] })
    expect(report.machines[0]?.steps.map((one) => one.described)).toEqual([
      ['set n 1'],
      ['change of terms: suite classic, parties alice, carol, policy pact'],
    ])
  })

  test('name a machine by its present parties', () => {
    const charters = [charterFor(PAIR), charterFor({ parties: ['erin'] })]
    const names = reportOn({ charters }).machines.map((one) => one.name)
    expect(names).toEqual(['alice–bob', 'erin'])
    const many = charterFor({ parties: ['ann', 'ben', 'cleo', 'dan', 'eve', 'fay'] })
    expect(reportOn({ charters: [many] }).machines[0]?.name).toBe('ann–ben and 4 others')
    expect(machineFor(PAIR).id).not.toBe(machineFor({ parties: ['erin'] }).id)
  })
})
