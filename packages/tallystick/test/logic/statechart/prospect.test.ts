import { describe, expect, test } from 'vitest'
import { begin, transition } from '../../../src/logic/statechart/interpret.ts'
import { prospectsIn } from '../../../src/logic/statechart/prospect.ts'
import { isDefinition, readDefinition } from '../../../src/logic/statechart/read.ts'
import type { Moved, Rejected, Snapshot } from '../../../src/logic/statechart/snapshot.ts'
import { COUNTER } from './chart-machine.ts'

const setting = { machine: { roles: { player: ['alice'] } }, verifies: () => false }
const at = { sender: 'alice', id: '', at: 1000, now: 1000, height: 0 }
const chartOf = (source: unknown) => {
  const definition = readDefinition(JSON.stringify(source))
  if (!isDefinition(definition)) throw new Error(JSON.stringify(definition))
  return definition
}
const snapshotOf = (moved: Moved | Rejected): Snapshot => {
  if (moved.is === 'rejected') throw new Error(moved.detail)
  return moved.snapshot
}

describe('what can happen next', () => {
  test('is what the states listen to, with conditions and ends', () => {
    const definition = chartOf(COUNTER)
    const start = snapshotOf(begin(definition, at, setting))
    const [add, stop] = prospectsIn(definition, start)
    expect(add).toMatchObject({ event: 'ADD', targets: [], notBefore: undefined })
    expect(add?.guard).toContain('context.count')
    expect(stop).toMatchObject({ event: 'STOP', guard: undefined, targets: ['counter.stopped'] })
    const event = { ...at, type: 'STOP', data: {} }
    const ended = snapshotOf(transition(definition, start, event, setting))
    expect(prospectsIn(definition, ended)).toEqual([])
  })

  test('is innermost first, and says from when on time alone is enough', () => {
    const definition = chartOf({
      id: 'm',
      initial: 'outer',
      states: {
        outer: {
          initial: 'inner',
          on: { LEAVE: 'gone', NEVER: {} },
          after: { 500: 'gone' },
          states: {
            inner: { on: { STAY: { actions: [{ type: 'effect', params: { kind: 'x' } }] } } },
          },
        },
        gone: { type: 'final' },
      },
    })
    const start = snapshotOf(begin(definition, at, setting))
    expect(prospectsIn(definition, start).map((one) => [one.event, one.notBefore])).toEqual([
      ['STAY', undefined],
      ['LEAVE', undefined],
      ['nsm.tick', 1500],
    ])
  })
})
