import { describe, expect, it } from 'vitest'
import {
  checkName,
  createReport,
  itemPath,
  knownKeys,
  listAt,
  objectAt,
  textAt,
} from '../../../src/logic/statechart/report.ts'

describe('report', () => {
  it('goes on after a problem', () => {
    const report = createReport()
    expect(objectAt(report, 3, '$.a')).toEqual({})
    expect(textAt(report, '', '$.b')).toBe('')
    expect(report.problems.map(({ code, path }) => [code, path])).toEqual([
      ['wrong-type', '$.a'],
      ['wrong-type', '$.b'],
    ])
  })

  it('takes one thing for a list of it, without an index in its path', () => {
    expect(listAt('a').map(([, at]) => itemPath('$.on', at))).toEqual(['$.on'])
    expect(listAt(['a', 'b']).map(([, at]) => itemPath('$.on', at))).toEqual(['$.on[0]', '$.on[1]'])
    expect(listAt(undefined)).toEqual([])
  })

  it('names every key that it does not know, and what to write instead', () => {
    const report = createReport()
    const object = { states: {}, invoke: {}, colour: 1 }
    knownKeys(report, { object, path: '$', allowed: new Set(['states']), where: 'a state' })
    expect(report.problems.map(({ path }) => path)).toEqual(['$.invoke', '$.colour'])
    expect(report.problems[0]?.fix).toContain('event instead')
  })

  it.each([
    ['12', 'state'],
    ['-1', 'event'],
    ['__proto__', 'state'],
    ['constructor', 'event'],
    ['a.b', 'state'],
    ['a\\b', 'event'],
    ['#a', 'state'],
    ['a\u0007', 'event'],
    ['x'.repeat(129), 'state'],
    ['', 'state'],
  ] as const)('refuses %j as the name of a %s', (name, what) => {
    const report = createReport()
    checkName(report, name, { path: '$', what })
    expect(report.problems.map(({ code }) => code)).toEqual(['bad-key'])
  })

  it('takes ordinary names, and points in those of events and ids', () => {
    const report = createReport()
    for (const name of ['open', 'in_transit', 'Offen', 'x'.repeat(128)])
      checkName(report, name, { path: '$', what: 'state' })
    checkName(report, 'order.paid', { path: '$', what: 'event' })
    checkName(report, 'shop.order', { path: '$', what: 'id' })
    expect(report.problems).toEqual([])
  })
})
