import { describe, expect, test } from 'vitest'
import {
  createDesk,
  createHolder,
  performShared,
  type SharedInput,
  type SharedShell,
  type SharedState,
} from '../../src/sim/shared-node.ts'
import { createStreams } from '../../src/sim/random.ts'
import type { World } from '../../src/sim/world.ts'
import { paying, town } from '../models/rounds/purse.ts'

const random = new Uint8Array(32)
const desk = createDesk(town, {}, { name: 'north', seat: 0, honest: true })
const holder = createHolder(town, 0)
const shell: SharedShell = {
  town,
  seats: [undefined, undefined, 0, 1, 2, 3],
  note: () => undefined,
}
const worldOf = (state: SharedState): World<SharedState> => ({
  now: 0,
  nodes: Array.from({ length: 6 }, (_, at) => ({
    name: `${at}`,
    honest: true,
    state,
    up: true,
    restores: 0,
  })),
  stream: createStreams(1),
})

const wish: SharedInput = {
  is: 'holder',
  input: { is: 'wish', wish: { operations: [town.payment(0, 1n)], beside: [], consents: [] } },
}

describe('a holder', () => {
  test('signs by itself, then applies at every operator', () => {
    const wishing = holder.step(holder.start(), wish, 0, random)
    const [[, sign] = []] = holder.outstanding(wishing)
    if (!sign) throw new Error('it has to sign')
    const [answer] = performShared(shell, worldOf(wishing), 0, sign)
    expect(answer?.by).toBe('local')
    const signed = answer ? holder.step(wishing, answer.input, 0, random) : wishing
    const posts = holder
      .outstanding(signed)
      .flatMap(([, effect]) => performShared(shell, worldOf(signed), 0, effect))
    expect(posts.map((one) => [one.to, one.label])).toEqual([
      [2, 'candidate'],
      [3, 'candidate'],
      [4, 'candidate'],
      [5, 'candidate'],
    ])
  })

  test('sends again with every nudge, and is deaf to what is not for it', () => {
    const wishing = holder.step(holder.start(), wish, 0, random)
    const nudged = holder.step(wishing, { is: 'nudge' }, 0, random)
    expect(nudged).toMatchObject({ nudges: 1 })
    expect(holder.step(nudged, { is: 'garbage' }, 0, random)).toBe(nudged)
  })
})

describe('an operator', () => {
  test('starts again from its bytes as the one that it was', () => {
    const input: SharedInput = {
      is: 'member',
      input: { is: 'candidate', candidate: paying(0) },
    }
    const busy = desk.step(desk.start(), input, 0, random)
    const again = desk.step(busy, { is: 'start' }, 0, random)
    expect(again.is === 'member' && busy.is === 'member' && again.state.run).toEqual(
      busy.is === 'member' && busy.state.run,
    )
    expect(desk.outstanding(again)).toEqual(desk.outstanding(busy))
    expect(desk.wake('restarted').map((one) => one.is)).toEqual(['start', 'nudge'])
  })

  test('sends to the other operators and not to itself or to holders', () => {
    const input: SharedInput = {
      is: 'member',
      input: { is: 'candidate', candidate: paying(0) },
    }
    const busy = desk.step(desk.start(), input, 0, random)
    const posts = desk
      .outstanding(busy)
      .filter(([, { effect }]) => effect.is === 'send')
      .flatMap(([, effect]) => performShared(shell, worldOf(busy), 2, effect))
    expect(posts.map((one) => one.to)).toEqual([3, 4, 5])
  })

  test('is given no steps by who has none', () => {
    const start = desk.start()
    const effect = { of: 'member', effect: { is: 'ask', from: 1n } } as const
    expect(performShared(shell, worldOf(start), 2, effect)).toEqual([])
  })
})
