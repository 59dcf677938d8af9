import { describe, expect, it } from 'vitest'
import { isDefinition, readDefinition } from '../../../src/logic/statechart/read.ts'
import { chartOf } from './charts.ts'

const machine = (state: object): object => ({
  id: 'm',
  initial: 'a',
  states: { a: state, b: {}, c: {} },
})
const codesOf = (json: object): readonly string[] => {
  const read = readDefinition(JSON.stringify(json))
  return isDefinition(read) ? [] : read.map(({ code, path }) => `${code} ${path}`)
}

describe('arrows', () => {
  it('reads a text, an object and a list as transitions', () => {
    const { states } = chartOf(
      machine({ on: { X: 'b', Y: { target: 'c', reenter: true }, Z: [{ target: 'b' }, 'c'] } }),
    )
    const on = states[1]?.on
    expect(on?.get('X')?.map(({ targets, path }) => [targets, path])).toEqual([
      [[2], '$.states.a.on.X'],
    ])
    expect(on?.get('Y')?.[0]?.isReentering).toBe(true)
    expect(on?.get('Z')?.map(({ path }) => path)).toEqual([
      '$.states.a.on.Z[0]',
      '$.states.a.on.Z[1]',
    ])
  })

  it('sorts what comes after a time by that time', () => {
    const { states } = chartOf(machine({ after: { 2000: 'b', 300: 'c' } }))
    expect(states[1]?.after.map(({ delayMs, targets }) => [delayMs, targets])).toEqual([
      [300, [3]],
      [2000, [2]],
    ])
  })

  it.each([
    [{ on: { X: 'd' } }, 'bad-target $.states.a.on.X'],
    [{ on: { X: { target: ['b', 'c'] } } }, 'bad-target $.states.a.on.X.target'],
    [{ on: { X: { target: [] } } }, 'bad-target $.states.a.on.X.target'],
    [{ on: { X: { target: 5 } } }, 'bad-target $.states.a.on.X.target'],
    [{ on: { X: { reenter: 1 } } }, 'wrong-type $.states.a.on.X.reenter'],
    [{ on: { X: { cond: 'x' } } }, 'unknown-key $.states.a.on.X.cond'],
    [{ on: { '*': 'b' } }, 'wildcard $.states.a.on["*"]'],
    [{ on: { '5': 'b' } }, 'bad-key $.states.a.on["5"]'],
    [{ on: [] }, 'wrong-type $.states.a.on'],
    [{ after: { soon: 'b' } }, 'bad-after $.states.a.after.soon'],
    [{ after: { '010': 'b' } }, 'bad-after $.states.a.after["010"]'],
    [{ after: { '4294967295': 'b' } }, 'bad-after $.states.a.after["4294967295"]'],
    [{ tags: [1] }, 'wrong-type $.states.a.tags[0]'],
    [{ description: 1 }, 'wrong-type $.states.a.description'],
    [{ meta: 1 }, 'wrong-type $.states.a.meta'],
  ])('refuses %j', (state, problem) => {
    expect(codesOf(machine(state))).toEqual([problem])
  })

  it('takes the largest delay', () => {
    expect(codesOf(machine({ after: { 4294967294: 'b' } }))).toEqual([])
  })
})
