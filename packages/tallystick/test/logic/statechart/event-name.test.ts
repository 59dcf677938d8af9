import { describe, expect, it } from 'vitest'
import { checkEventName, isReservedEvent, TICK } from '../../../src/logic/statechart/event-name.ts'
import { createReport } from '../../../src/logic/statechart/report.ts'

const codesFor = (name: string, isRaised = false): readonly string[] => {
  const report = createReport()
  checkEventName(report, name, { path: '$', isRaised })
  return report.problems.map(({ code }) => code)
}

describe('event-name', () => {
  it('keeps the names of XState and of the profile', () => {
    for (const name of ['xstate.init', 'xstate', 'done.state.a', 'error.x', 'nsm.other'])
      expect(isReservedEvent(name), name).toBe(true)
    for (const name of [TICK, 'DONE', 'done_at', 'xstates', 'nsmx']) {
      expect(isReservedEvent(name), name).toBe(false)
      expect(codesFor(name), name).toEqual([])
    }
  })

  it('refuses wildcards by their own code', () => {
    expect(codesFor('*')).toEqual(['wildcard'])
    expect(codesFor('pay.*')).toEqual(['wildcard'])
    expect(codesFor('pay.x')).toEqual([])
  })

  it('lets nobody raise the tick', () => {
    expect(codesFor(TICK, true)).toEqual(['bad-key'])
  })
})
