/** Statecharts that never end, for measurements: each list of events leads back to where it began. */
import type { Value } from '../logic/expression/value.ts'

export type SampleChart = {
  readonly name: string
  readonly json: object
  readonly events: readonly {
    readonly type: string
    readonly sender: string
    readonly data: Value
  }[]
}

const expr = (cel: string): object => ({ type: 'expr', params: { cel } })
const set = (values: Readonly<Record<string, string>>): object => ({
  type: 'assign',
  params: { set: values },
})
const from = (sender: string, type: string, data: Value = {}) => ({ type, sender, data })

const counter: SampleChart = {
  name: 'counter',
  json: {
    id: 'counter',
    initial: 'counting',
    context: { count: 0 },
    states: {
      counting: {
        on: {
          ADD: {
            guard: expr('event.data.by > 0 && context.count < 1000000000'),
            actions: [set({ count: 'context.count + event.data.by' })],
          },
        },
      },
    },
  },
  events: [from('alice', 'ADD', { by: 1 })],
}

const turns: SampleChart = {
  name: 'taking turns',
  json: {
    id: 'turns',
    initial: 'alice',
    context: { players: ['alice', 'bob'], moves: 0 },
    states: {
      alice: {
        on: {
          MOVE: {
            target: 'bob',
            guard: expr('event.sender == context.players[0]'),
            actions: [set({ moves: 'context.moves + 1' })],
          },
        },
      },
      bob: {
        on: {
          MOVE: {
            target: 'alice',
            guard: expr('event.sender == context.players[1]'),
            actions: [set({ moves: 'context.moves + 1' })],
          },
        },
      },
    },
  },
  events: [from('alice', 'MOVE'), from('bob', 'MOVE')],
}

const order: SampleChart = {
  name: 'nested order',
  json: {
    id: 'order',
    initial: 'idle',
    context: { buyer: 'alice', seller: 'bob', round: 0, paid: 0 },
    states: {
      idle: { on: { OPEN: { target: 'open', guard: expr('event.sender == context.buyer') } } },
      open: {
        initial: 'offered',
        entry: [set({ round: 'context.round + 1' })],
        on: { CANCEL: 'idle' },
        states: {
          offered: {
            on: {
              ACCEPT: [
                { target: 'refused', guard: expr('event.data.price > 100') },
                { target: 'agreed', guard: expr('event.sender == context.seller') },
              ],
            },
          },
          refused: {},
          agreed: {
            initial: 'unpaid',
            states: {
              unpaid: {
                on: { PAY: { target: 'paid', actions: [set({ paid: 'event.data.sum' })] } },
              },
              paid: { on: { SHIP: '#order.settled' } },
            },
          },
        },
      },
      settled: {
        entry: [{ type: 'effect', params: { kind: 'release', args: { sum: 'context.paid' } } }],
        on: { AGAIN: 'idle' },
      },
    },
  },
  events: [
    from('alice', 'OPEN'),
    from('bob', 'ACCEPT', { price: 5 }),
    from('alice', 'PAY', { sum: 5 }),
    from('bob', 'SHIP'),
    from('alice', 'AGAIN'),
  ],
}

const player: SampleChart = {
  name: 'regions and history',
  json: {
    id: 'player',
    initial: 'off',
    context: { starts: 0 },
    states: {
      off: { on: { POWER: 'on', RESUME: { target: 'on.back' } } },
      on: {
        type: 'parallel',
        entry: [set({ starts: 'context.starts + 1' })],
        on: { POWER: 'off' },
        states: {
          track: {
            initial: 'paused',
            states: {
              paused: { on: { PLAY: 'playing' } },
              playing: {
                initial: 'slow',
                states: { slow: { on: { FAST: 'quick' } }, quick: { on: { FAST: 'slow' } } },
                on: { STOP: 'paused' },
              },
            },
          },
          volume: {
            initial: 'low',
            states: { low: { on: { LOUD: 'high' } }, high: { on: { LOUD: 'low' } } },
          },
          back: { type: 'history', history: 'deep', target: ['track.paused', 'volume.low'] },
        },
      },
    },
  },
  events: ['POWER', 'PLAY', 'FAST', 'LOUD', 'POWER', 'RESUME', 'STOP', 'LOUD', 'POWER'].map(
    (type) => from('alice', type),
  ),
}

const watcher: SampleChart = {
  name: 'immediate and raised',
  json: {
    id: 'watcher',
    initial: 'low',
    context: { level: 0, alarms: 0 },
    states: {
      low: {
        on: { SET: { actions: [set({ level: 'event.data.to' })] } },
        always: { target: 'high', guard: expr('context.level > 10') },
      },
      high: {
        entry: [set({ alarms: 'context.alarms + 1' })],
        on: { SET: { actions: [set({ level: 'event.data.to' })] } },
        always: { target: 'low', guard: expr('context.level <= 10') },
      },
    },
  },
  events: [12, 14, 3, 2].map((to) => from('alice', 'SET', { to })),
}

export const SAMPLE_CHARTS: readonly SampleChart[] = [counter, turns, order, player, watcher]
