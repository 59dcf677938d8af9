import { describe, expect, it } from 'vitest'
import { rolesReadBy } from '../../../src/logic/statechart/roles.ts'
import { chartOf, expr } from './charts.ts'

const rolesIn = (...cel: readonly string[]): readonly string[] =>
  rolesReadBy(
    chartOf({
      initial: 'open',
      states: { open: { on: { GO: cel.map((one) => ({ guard: expr(one) })) } } },
    }),
  )

describe('the roles that a definition counts on', () => {
  it('are those that its conditions read, each once', () => {
    expect(
      rolesIn(
        'event.sender in machine.roles.player',
        "event.sender == machine.roles['arbiter'][0] || event.sender in machine.roles.player",
      ),
    ).toEqual(['player', 'arbiter'])
  })

  it('are those that its actions read', () => {
    const cel = 'machine.roles.seller[0]'
    const args = { type: 'effect', params: { kind: 'pay', args: { to: cel } } }
    const set = { type: 'assign', params: { set: { of: 'machine.roles.buyer[0]' } } }
    const chart = chartOf({
      initial: 'open',
      context: { of: '' },
      states: { open: { entry: set, on: { GO: { actions: [args] } } } },
    })
    expect(rolesReadBy(chart)).toEqual(['buyer', 'seller'])
  })

  it('are not those that it asks for first', () => {
    expect(rolesIn('has(machine.roles.judge) && event.sender in machine.roles.judge')).toEqual([])
    expect(rolesIn("event.sender in get(machine.roles, 'judge', [])")).toEqual([])
    expect(
      rolesIn('event.sender == machine.creator', 'machine.roles[event.data.role] == []'),
    ).toEqual([])
  })
})
