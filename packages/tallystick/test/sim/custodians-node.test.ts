import { describe, expect, test } from 'vitest'
import {
  createKeeper,
  createVoter,
  performPoll,
  type PollInput,
  type PollShell,
  type PollState,
} from '../../src/sim/custodians-node.ts'
import { createStreams } from '../../src/sim/random.ts'
import type { World } from '../../src/sim/world.ts'
import { town } from '../models/custodians/net.ts'

const random = new Uint8Array(32)
const keeper = createKeeper(town, {}, { name: 'kai', seat: 0, honest: true })
const voter = createVoter(town, 0)
const shell: PollShell = {
  town,
  seats: [undefined, undefined, undefined, 0, 1, 2, 3],
  note: () => undefined,
}
const worldOf = (state: PollState): World<PollState> => ({
  now: 0,
  nodes: Array.from({ length: 7 }, (_, at) => ({
    name: `${at}`,
    honest: true,
    state,
    up: true,
    restores: 0,
  })),
  stream: createStreams(1),
})
const sent: PollInput = {
  is: 'keeper',
  input: { is: 'operation', operation: town.ballotOf(0, 1n, 0) },
}

describe('a voter', () => {
  test('signs a ballot once, sends it to every custodian, and stops when it is counted', () => {
    const voting = voter.step(voter.start(), { is: 'vote', choice: 3 }, 0, random)
    const posts = voter
      .outstanding(voting)
      .flatMap(([, effect]) => performPoll(shell, worldOf(voting), 0, effect))
    expect(posts.map((one) => one.to)).toEqual([3, 4, 5, 6])
    const counted = voter.step(voting, { is: 'counted', counted: 1n }, 0, random)
    expect(voter.outstanding(counted)).toEqual([])
    expect(voter.step(counted, { is: 'garbage' }, 0, random)).toBe(counted)
  })
})

describe('a custodian', () => {
  test('starts again from its bytes as the one that it was', () => {
    const busy = keeper.step(keeper.start(), sent, 0, random)
    const again = keeper.step(busy, { is: 'start' }, 0, random)
    expect(keeper.outstanding(again)).toEqual(keeper.outstanding(busy))
    expect(keeper.wake('restarted').map((one) => one.is)).toEqual(['start', 'nudge'])
  })

  test('sends to the other custodians and not to itself or to voters', () => {
    const busy = keeper.step(keeper.start(), sent, 0, random)
    const posts = keeper
      .outstanding(busy)
      .filter(([, effect]) => effect.of === 'keeper' && effect.effect.is === 'send')
      .flatMap(([, effect]) => performPoll(shell, worldOf(busy), 3, effect))
    expect(posts.map((one) => one.to)).toEqual([4, 5, 6])
  })

  test('is given no steps by who has none', () => {
    const effect = { of: 'keeper', effect: { is: 'ask', from: 1n } } as const
    expect(performPoll(shell, worldOf(keeper.start()), 3, effect)).toEqual([])
  })
})
