/** Definitions and surroundings that the tests of statecharts share. */
import { isDefinition, readDefinition } from '../../../src/logic/statechart/read.ts'
import type { Definition } from '../../../src/logic/statechart/chart.ts'
import { begin, transition } from '../../../src/logic/statechart/interpret.ts'
import type { Names } from '../../../src/logic/statechart/names.ts'
import type {
  Moved,
  Rejected,
  Setting,
  Snapshot,
  StatechartEvent,
} from '../../../src/logic/statechart/snapshot.ts'

export const SETTING: Setting = {
  machine: { id: 'm', creator: 'alice', roles: { buyer: 'alice', seller: 'bob' } },
  verifies: () => false,
}

export const ORIGIN: Omit<StatechartEvent, 'type' | 'data'> = {
  sender: 'alice',
  id: 'e0',
  at: 0,
  now: 0,
  height: 0,
}

export const chartOf = (json: object | string, names?: Names): Definition => {
  const read = readDefinition(typeof json === 'string' ? json : JSON.stringify(json), names)
  if (!isDefinition(read)) throw new Error(JSON.stringify(read, null, 1))
  return read
}

export const eventOf = (type: string, more: Partial<StatechartEvent> = {}): StatechartEvent => ({
  ...ORIGIN,
  type,
  id: 'e1',
  height: 1,
  data: {},
  ...more,
})

/** A machine that has begun; the test fails if it does not begin. */
export const started = (definition: Definition, now: number = 0): Snapshot =>
  movedOf(begin(definition, { ...ORIGIN, now }, SETTING)).snapshot

export const send = (
  definition: Definition,
  snapshot: Snapshot,
  event: string | StatechartEvent,
): Moved | Rejected =>
  transition(definition, snapshot, typeof event === 'string' ? eventOf(event) : event, SETTING)

export const movedOf = (outcome: Moved | Rejected): Moved => {
  if (outcome.is === 'moved') return outcome
  throw new Error(`${outcome.code}: ${outcome.detail}`)
}

export const rejectedOf = (outcome: Moved | Rejected): Rejected => {
  if (outcome.is === 'rejected') return outcome
  throw new Error(`accepted: ${JSON.stringify(outcome.snapshot)}`)
}

export const expr = (cel: string): object => ({ type: 'expr', params: { cel } })
export const set = (values: Record<string, string>): object => ({
  type: 'assign',
  params: { set: values },
})

/** Two players who take turns. */
export const COUNTER: object = {
  id: 'counter',
  initial: 'counting',
  context: { count: 0, target: 3 },
  states: {
    counting: {
      on: {
        ADD: [
          {
            guard: expr('context.count + 1 < context.target'),
            actions: [set({ count: 'context.count + 1' })],
          },
          { target: 'full', actions: [set({ count: 'context.count + 1' })] },
        ],
      },
    },
    full: { type: 'final' },
  },
}

/** Two regions, one with a deep history, and a way in and out. */
export const PLAYER: object = {
  id: 'player',
  initial: 'off',
  states: {
    off: { on: { POWER: 'on', RESUME: '#player.on.back' } },
    on: {
      type: 'parallel',
      on: { POWER: 'off' },
      states: {
        track: {
          initial: 'paused',
          states: {
            paused: { on: { PLAY: 'playing' } },
            playing: {
              initial: 'slow',
              states: { slow: { on: { FAST: 'quick' } }, quick: {} },
              on: { STOP: 'paused' },
            },
          },
        },
        volume: { initial: 'low', states: { low: { on: { LOUD: 'high' } }, high: {} } },
        back: { type: 'history', history: 'deep', target: ['track.paused', 'volume.low'] },
      },
    },
  },
}
