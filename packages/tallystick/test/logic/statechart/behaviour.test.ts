import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/forms/strict-json.ts'
import { readActions, readGuard } from '../../../src/logic/statechart/behaviour.ts'
import { NO_NAMES } from '../../../src/logic/statechart/names.ts'
import { createReport } from '../../../src/logic/statechart/report.ts'
import { expr, set } from './charts.ts'

const guard = (json: unknown) => {
  const report = createReport()
  const read = readGuard(report, NO_NAMES, { json: json as Json, path: '$' })
  return { read, problems: report.problems.map(({ code, path }) => `${code} ${path}`) }
}
const actions = (json: unknown) => {
  const report = createReport()
  const read = readActions(report, NO_NAMES, { json: json as Json, path: '$' })
  return { read, problems: report.problems.map(({ code, path }) => `${code} ${path}`) }
}

describe('behaviour', () => {
  it('reads guards of expressions', () => {
    expect(guard(expr('context.n > 2')).problems).toEqual([])
    expect(guard(undefined)).toEqual({ read: undefined, problems: [] })
  })

  it.each([
    [expr('1 + 1'), 'bad-guard $.params.cel'],
    [expr('"yes"'), 'bad-guard $.params.cel'],
    [expr('context.n >'), 'bad-expression $.params.cel'],
    [expr('outside.n > 1'), 'bad-expression $.params.cel'],
    [{ type: 'expr' }, 'wrong-type $.params'],
    [{ type: 'expr', params: { cel: 'true', js: '1' } }, 'unknown-key $.params.js'],
    [{ type: 'stateIn', params: {} }, 'unknown-key $.params'],
    [{ guards: [] }, 'wrong-type $.type'],
    ['isCreator', 'unknown-guard $'],
    [true, 'wrong-type $'],
  ])('refuses the guard %j', (json, problem) => {
    expect(guard(json).problems).toContain(problem)
  })

  it('reads assignments, raised events and effects', () => {
    const { read, problems } = actions([
      set({ n: 'context.n + 1' }),
      { type: 'raise', params: { event: 'NEXT', data: { n: 'context.n' } } },
      { type: 'effect', params: { kind: 'escrow.release' } },
    ])
    expect(problems).toEqual([])
    expect(read.map(({ is }) => is)).toEqual(['assign', 'raise', 'effect'])
  })

  it.each([
    [{ type: 'xstate.assign' }, 'unknown-action $'],
    [{ type: 'sendTo', params: {} }, 'unknown-action $'],
    [{ type: 'raise', params: { event: 'A', delay: 5 } }, 'unknown-key $.params.delay'],
    [{ type: 'raise', params: { event: 'nsm.tick' } }, 'bad-key $.params.event'],
    [{ type: 'raise', params: { event: 'xstate.done.state.a' } }, 'bad-key $.params.event'],
    [{ type: 'raise', params: { event: '*' } }, 'wildcard $.params.event'],
    [{ type: 'assign', params: { set: { n: 1 } } }, 'wrong-type $.params.set.n'],
    [{ type: 'assign', params: {} }, 'wrong-type $.params.set'],
    [{ type: 'effect', params: { kind: '' } }, 'wrong-type $.params.kind'],
    [[set({}), 'log'], 'unknown-action $[1]'],
    [3, 'wrong-type $'],
  ])('refuses the action %j', (json, problem) => {
    expect(actions(json).problems).toContain(problem)
  })
})
