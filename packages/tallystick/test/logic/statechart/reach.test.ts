import { describe, expect, it } from 'vitest'
import { reachedStates } from '../../../src/logic/statechart/reach.ts'
import { chartOf, PLAYER } from './charts.ts'

describe('reach', () => {
  it('comes to every state of a machine that leaves none out', () => {
    const { states } = chartOf(PLAYER)
    const reached = reachedStates(states)
    const missed = states.filter(({ at }) => !reached.has(at)).map(({ key }) => key)
    // Nobody stands in a history state.
    expect(missed).toEqual(['back'])
  })

  it('does not come to what no transition enters', () => {
    const { states } = chartOf({ initial: 'a', states: { a: { on: { X: 'a' } }, b: {} } })
    expect([...reachedStates(states)]).toEqual([0, 1])
  })
})
