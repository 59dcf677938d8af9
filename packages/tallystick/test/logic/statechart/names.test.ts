import { describe, expect, it } from 'vitest'
import { DELIVERY_NAMES } from '../../../src/logic/statechart/names.ts'
import { readDefinition } from '../../../src/logic/statechart/read.ts'
import { chartOf, eventOf, movedOf, rejectedOf, send, started } from './charts.ts'

/** As the first library for deliveries publishes it. */
export const DELIVERY = {
  id: 'atob-delivery',
  initial: 'created',
  context: {
    creatorPubKey: 'alice',
    executorPubKey: null,
    receiverPubKey: 'carol',
    inputterPubKey: null,
  },
  states: {
    created: {
      on: {
        ACCEPT: { target: 'accepted', guard: 'isNotCreator', actions: 'assignExecutor' },
        CANCEL: { target: 'canceled', guard: 'isCreator' },
      },
    },
    accepted: {
      on: {
        START_TRANSIT: { target: 'in_transit', guard: 'isExecutor' },
        CANCEL: { target: 'canceled', guard: 'isCreatorOrExecutor' },
      },
    },
    in_transit: {
      on: {
        DELIVER: { target: 'delivered', guard: 'isExecutor' },
        DISPUTE: { target: 'disputed', guard: 'isCreatorOrExecutor' },
      },
    },
    delivered: { on: { CONFIRM_DELIVERY: { target: 'completed', guard: 'isReceiver' } } },
    completed: { type: 'final' },
    canceled: { type: 'final' },
    disputed: {},
  },
}

describe('names', () => {
  it('runs a delivery by the guards that its library names', () => {
    const chart = chartOf(DELIVERY, DELIVERY_NAMES)
    let snapshot = started(chart)
    const step = (type: string, sender: string) => send(chart, snapshot, eventOf(type, { sender }))
    const refused = rejectedOf(step('ACCEPT', 'alice'))
    expect(refused.code).toBe('GUARD_FAILED')
    expect(refused.candidates).toEqual([
      {
        state: 'atob-delivery.created',
        path: '$.states.created.on.ACCEPT',
        why: 'guard',
        detail: 'isNotCreator',
      },
    ])
    for (const [type, sender] of [
      ['ACCEPT', 'bob'],
      ['START_TRANSIT', 'bob'],
      ['DELIVER', 'bob'],
      ['CONFIRM_DELIVERY', 'carol'],
    ] as const)
      snapshot = movedOf(step(type, sender)).snapshot
    expect(snapshot.status).toBe('done')
    expect(snapshot.context['executorPubKey']).toBe('bob')
  })

  it('refuses every name that nobody handed in', () => {
    const read = readDefinition(JSON.stringify(DELIVERY))
    const codes = Array.isArray(read) ? read.map((problem: { code: string }) => problem.code) : []
    expect(codes.filter((code) => code === 'unknown-guard')).toHaveLength(7)
    expect(codes.filter((code) => code === 'unknown-action')).toHaveLength(1)
  })

  it('says that a dispute has no way out and that an offer never expires', () => {
    const { lints } = chartOf(DELIVERY, DELIVERY_NAMES)
    expect(lints.map(({ code, path }) => [code, path])).toEqual([
      ['dead-end', '$.states.disputed'],
      ['never-expires', '$'],
    ])
  })
})
