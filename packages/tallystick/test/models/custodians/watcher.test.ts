import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import type { OfferedCast } from '../../../src/kernel/cast.ts'
import { interactionId } from '../../../src/kernel/interaction.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import { type Statement, statementDigest, type Vote } from '../../../src/kernel/statement.ts'
import { custodianEvidence } from '../../../src/models/custodians/evidence.ts'
import { heartbeatDigest, type SignedHeartbeat } from '../../../src/models/custodians/heartbeat.ts'
import {
  beginWatcher,
  createWatcher,
  type WatcherEffect,
  type WatcherInput,
} from '../../../src/models/custodians/watcher.ts'
import { KEEPERS } from '../../../src/sim/custodians-town.ts'
import { candidateFor, createNet, headsOf, START, town } from './net.ts'

const { genesis } = town
const options = { ...town.watcherOptions, ageMs: 1000n, silenceMs: 500n }
const watcher = createWatcher(options)
const random = new Uint8Array(32)

const watching = (...inputs: readonly (WatcherInput | bigint)[]) => {
  let now = START
  let state = beginWatcher(genesis)
  for (const one of inputs) {
    if (typeof one === 'bigint') now = one
    else state = watcher.step(state, one, { now, random })
  }
  return { state, effects: watcher.outstanding(state) }
}
const kinds = (of: readonly WatcherEffect[]): readonly string[] => of.map((one) => one.is)

const castBy = (
  signer: number,
  more: Partial<Vote> & { readonly transition: Transition },
): OfferedCast => {
  const statement: Statement = { is: 'vote', round: 0, phase: 'hold', cited: 0, time: 0n, ...more }
  const digest = statementDigest('classic', statement)
  return { signer, statement, signature: town.signFor(KEEPERS[signer] ?? '', digest) }
}
const said = (casts: readonly OfferedCast[], candidates = [] as never[]): WatcherInput => ({
  is: 'message',
  message: { machine: genesis.id, newest: undefined, casts, candidates },
})
const child: Transition = { ...genesis.head, sequence: 1n, parent: genesis.headId }
const rival: Transition = { ...child, interaction: genesis.id as never }

/** Two ballots certified, with all that the custodians sent on the way. */
const history = () => {
  const net = createNet({ change: { heartbeat: 1n } })
  for (const number of [1n, 2n]) {
    net.feed(0, { is: 'operation', operation: town.ballotOf(0, number, 0) })
  }
  net.settle()
  net.wait(10n)
  expect(headsOf(net)).toEqual([2n, 2n, 2n, 2n])
  return net
}

describe('a watcher', () => {
  test('follows, keeps every step whole, and accuses nobody who kept the rules', () => {
    const net = history()
    const steps = net.stored[0] ?? []
    const messages = [0, 1, 2, 3].flatMap((seat) =>
      net.effects(seat).flatMap((one): readonly WatcherInput[] => {
        if (one.is === 'send') return [{ is: 'message', message: one.message }]
        return one.is === 'heartbeat' ? [{ is: 'heartbeat', heartbeat: one.heartbeat }] : []
      }),
    )
    const { state, effects } = watching(
      ...steps.map((step): WatcherInput => ({ is: 'certified', step })),
      ...messages,
      START + 100n,
      { is: 'tick' },
    )
    expect(state.followed.machine.head.sequence).toBe(2n)
    expect(kinds(effects)).toEqual(['keep', 'keep'])
    expect(state.freshness).toMatchObject({ is: 'fresh' })
    const kept = watcher.step(state, { is: 'kept', sequence: 2n }, { now: START, random })
    expect(kinds(watcher.outstanding(kept))).toEqual([])
  })

  test('asks for what it lacks, and takes no step that does not follow', () => {
    const steps = history().stored[0] ?? []
    const [first, second] = steps
    if (!first || !second) throw new Error('there are two')
    const { effects } = watching({ is: 'certified', step: second })
    expect(effects).toContainEqual({ is: 'ask', from: 1n })
    const bad = { ...first, certificate: second.certificate }
    const { state } = watching({ is: 'certified', step: bad })
    expect(state.refusals.length).toBe(1)
    expect(state.followed.machine.headId).toBe(genesis.headId)
  })

  test('accuses whoever signs two children, in however many messages and rounds', () => {
    const { state, effects } = watching(
      said([castBy(1, { transition: child })]),
      said([castBy(2, { transition: child })]),
      said([castBy(1, { transition: rival })]),
    )
    expect(kinds(effects)).toEqual(['accuse', 'alert-stale'])
    const [fork] = state.forks
    const liar = town.policy.custodians[1]?.publicKey ?? random
    expect(fork && hexFromBytes(fork.publicKey)).toBe(hexFromBytes(liar))
  })

  test('takes no forged statement for anybody’s', () => {
    const forged = { ...castBy(2, { transition: rival }), signer: 1 }
    const { state } = watching(said([castBy(1, { transition: child }), forged]))
    expect(state.forks).toEqual([])
    expect([...state.casts.values()].flat().length).toBe(1)
  })

  test('denounces a time that ran backwards, and a heartbeat that hides a commit', () => {
    const later: Transition = { ...child, sequence: 2n }
    const commit = { phase: 'commit', cited: 1 } as const
    const beat = { machine: genesis.id, head: genesis.headId, sequence: 0n, time: 5001n }
    const heartbeat: SignedHeartbeat = {
      signer: 0,
      beat,
      signature: town.signFor(KEEPERS[0], heartbeatDigest('classic', beat)),
    }
    const { state } = watching(
      said([castBy(0, { transition: child, ...commit, time: 5000n })]),
      said([castBy(0, { transition: later, ...commit, time: 4999n })]),
      { is: 'heartbeat', heartbeat },
    )
    const found = state.lies.map((one) => custodianEvidence.decode(one).lie.is)
    expect(found).toEqual(['decreasing-time', 'stale-heartbeat'])
  })

  test('denounces a vote for a step that the rules do not lead to', () => {
    const candidate = candidateFor(town.ballotOf(0, 9n, 0))
    const interaction = interactionId(candidate.interaction)
    const vote = castBy(3, { transition: { ...child, interaction } })
    const message = {
      machine: genesis.id,
      newest: undefined,
      casts: [vote],
      candidates: [candidate],
    }
    const { state, effects } = watching({ is: 'message', message })
    expect(kinds(effects)).toContain('denounce-by-rules')
    expect(state.invalid[0]?.lie.is).toBe('invalid-step')
  })

  test('alerts when what waits is not certified for too long, and when nobody says what is newest', () => {
    const candidate = candidateFor(town.ballotOf(0, 1n, 0))
    const message = { machine: genesis.id, newest: undefined, casts: [], candidates: [candidate] }
    const early = watching({ is: 'message', message }, START + 499n, { is: 'tick' })
    expect(kinds(early.effects)).toEqual(['alert-stale'])
    const late = watching({ is: 'message', message }, START + 500n, { is: 'tick' })
    expect(late.effects).toContainEqual({ is: 'alert-silence', since: START })
  })
})
