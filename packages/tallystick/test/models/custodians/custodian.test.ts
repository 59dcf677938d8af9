import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { CANDIDATES_PER_PARTY_MAX } from '../../../src/base/limits.ts'
import { interactionId, type Operation } from '../../../src/kernel/interaction.ts'
import { leadsOf } from '../../../src/kernel/round-state.ts'
import { createCustodian, CUSTODIAN_ROUNDS } from '../../../src/models/custodians/custodian.ts'
import {
  beginCustodian,
  custodianFromRecord,
  custodianRecordFrom,
} from '../../../src/models/custodians/custodian-state.ts'
import { checkHeartbeat, freshnessOf } from '../../../src/models/custodians/heartbeat.ts'
import { quorumOf } from '../../../src/models/custodians/policy.ts'
import { beginFollowing, follow } from '../../../src/models/rounds/agreed-step.ts'
import { VOTERS } from '../../../src/sim/custodians-town.ts'
import { candidateFor, createNet, engine, headsOf, town } from './net.ts'

const { genesis, policy } = town
const operationOf = (
  voter: number,
  number = 1n,
  choice = 0,
): { is: 'operation'; operation: Operation } => ({
  is: 'operation',
  operation: town.ballotOf(voter, number, choice),
})
const counts = (net: ReturnType<typeof createNet>): readonly bigint[] =>
  VOTERS.map((name) => town.countOf(net.states[0]?.member.followed.machine ?? genesis, name))

describe('custodians', () => {
  test('certify a ballot that reached one of them, with no consent but the one that it carries', () => {
    const net = createNet()
    net.feed(2, operationOf(0))
    net.settle()
    expect(headsOf(net)).toEqual([1n, 1n, 1n, 1n])
    expect(net.stored[0]?.[0]?.candidate.consents).toEqual([])
  })

  test('certify many ballots one after the other, though each was signed once and sent at once', () => {
    const net = createNet()
    for (const voter of [0, 1, 2]) {
      for (const number of [1n, 2n, 3n]) net.feed(voter, operationOf(voter, number))
    }
    net.settle()
    expect(counts(net)).toEqual([3n, 3n, 3n])
    expect(headsOf(net)).toEqual([9n, 9n, 9n, 9n])
    expect(net.states.map((one) => one.waiting)).toEqual([[], [], [], []])
  })

  test('serve no sender twice in a row while another one waits', () => {
    const net = createNet()
    for (const number of [1n, 2n, 3n]) net.feed(0, operationOf(0, number))
    net.feed(0, operationOf(1))
    net.settle()
    const order = net.stored[0]?.map(
      (one) =>
        town.options.logics
          .get('poll/1')
          ?.carries?.(
            one.candidate.interaction.operations[0]?.argument ?? new Uint8Array(),
            new Uint8Array(),
          )?.by,
    )
    expect(order).toEqual(['ana', 'ben', 'ana', 'ana'])
  })

  test('tell the author of what the rules refuse, and keep what may still be valid later', () => {
    const net = createNet()
    net.feed(0, operationOf(0, 2n))
    net.settle()
    expect(net.states[0]?.waiting.length).toBe(1)
    const forged = town.ballotOf(1, 1n, 4)
    net.feed(0, {
      is: 'operation',
      operation: {
        ...forged,
        argument: forged.argument.with(-1, 1 ^ (forged.argument.at(-1) ?? 0)),
      },
    })
    const told = net.effects(0).filter((one) => one.is === 'reject')
    expect(told.map((one) => [one.by, one.fault.code])).toEqual([['ben', 'consent/bad-signature']])
    net.feed(0, operationOf(0, 1n))
    net.settle()
    expect(counts(net)).toEqual([2n, 0n, 0n])
  })

  test('agree to no step whose time is not theirs, and to one again that a quorum has held', () => {
    const net = createNet()
    const early = candidateFor(town.ballotOf(0, 1n, 0), genesis, net.now() + 100_000n)
    net.feed(0, { is: 'candidate', candidate: early })
    expect(net.states[0]?.member.refusals.at(-1)?.code).toBe('claim/off-clock')
    const right = candidateFor(town.ballotOf(0, 1n, 0), genesis, net.now())
    net.feed(0, { is: 'candidate', candidate: right })
    expect(net.states[0]?.member.run.candidates.length).toBe(1)
  })

  test('go on as they were after a restart from their bytes', () => {
    const net = createNet()
    for (const voter of [0, 1, 2]) net.feed(0, operationOf(voter))
    net.settle()
    const [state] = net.states
    if (!state) throw new Error('there are four')
    const steps = net.stored[0] ?? []
    const stored = steps.reduce((at, one) => {
      const next = follow(town.options, at, one)
      if (isFault(next)) throw next
      return next
    }, beginFollowing(genesis))
    const again = custodianFromRecord(town.options, stored, custodianRecordFrom(state))
    if (isFault(again)) throw again
    expect(again.member.run).toEqual(state.member.run)
    expect(again.member.attested).toBe(state.member.attested)
    expect(again.waiting).toEqual(state.waiting)
  })
})

describe('heartbeats of custodians', () => {
  test('say which step is newest, until a step is under way that they have committed to', () => {
    const net = createNet()
    net.feed(0, operationOf(0))
    net.settle()
    net.wait(0n)
    const beats = [0, 1, 2, 3].flatMap((seat) =>
      net.effects(seat).flatMap((one) => (one.is === 'heartbeat' ? [one.heartbeat] : [])),
    )
    const quorum = quorumOf(policy)
    const machine = net.states[0]?.member.followed.machine
    if (!machine) throw new Error('there is a machine')
    for (const one of beats) expect(checkHeartbeat('classic', quorum, one, engine)).toBeUndefined()
    const head = { machine: machine.id, head: machine.headId }
    const fresh = freshnessOf(quorum, head, beats, { now: net.now(), ageMs: 1000n })
    expect(fresh.is).toBe('fresh')
    const old = freshnessOf(quorum, head, beats, { now: net.now() + 5000n, ageMs: 1000n })
    expect(old).toMatchObject({ is: 'stale-possible' })
    // One that hears of holds commits, and beats no more before the step is certified.
    const alone = createNet()
    alone.down.add(3)
    alone.down.add(2)
    alone.feed(0, operationOf(0))
    alone.settle()
    const state = alone.states[0]
    expect(state?.beat?.sequence).toBe(0n)
  })

  test('are signed with a time that no later commit goes below, also when the clock is put back', () => {
    const role = createCustodian({ ...town.custodianOptions(0), heartbeat: 10n })
    const random = new Uint8Array(32)
    const late = role.step(beginCustodian(genesis), { is: 'tick' }, { now: 5_000_000n, random })
    expect(late.beat?.time).toBe(5_000_000n)
    expect(late.member.attested).toBe(5_000_000n)
    const back = role.step(late, { is: 'tick' }, { now: 1_000_000n, random })
    expect(back.beat).toBe(late.beat)
    const wanted = role.outstanding(late).find((one) => one.is === 'sign-heartbeat')
    if (!wanted) throw new Error('it wants to sign')
    const bad = {
      is: 'signed',
      digest: hexFromBytes(wanted.digest),
      signature: new Uint8Array(64),
    } as const
    expect(role.step(late, bad, { now: 5_000_000n, random }).member.refusals.at(-1)?.code).toBe(
      'member/bad-signature',
    )
  })
})

/** A hundred thousand when there is time. */
const RIVALS = process.env['TALLYSTICK_SLOW'] === '1' ? 100_000 : 10_000

describe('who wins a fork', () => {
  test('is not changed by an author who tries many thousand candidates', () => {
    const leads = leadsOf(
      { suite: 'classic', machine: genesis.id, parent: genesis.headId, sequence: 1n },
      quorumOf(policy),
    )
    const [lead = 0] = leads
    const honest = candidateFor(town.ballotOf(0, 1n, 0))
    const role = createCustodian({ ...town.custodianOptions(lead), heartbeat: 0n })
    const env = { now: town.clockOf(0, 0), random: new Uint8Array(32) }
    let state = role.step(beginCustodian(genesis), { is: 'candidate', candidate: honest }, env)
    const wanted = (): string | undefined => {
      const sign = role.outstanding(state).find((one) => one.is === 'sign')
      return sign?.statement.is === 'vote' ? sign.statement.transition.interaction : undefined
    }
    expect(wanted()).toBe(interactionId(honest.interaction))
    const ballots = Array.from({ length: 128 }, (_, choice) => town.ballotOf(1, 1n, choice))
    const own = interactionId(honest.interaction)
    let lower = 0
    for (let at = 0; at < RIVALS; at++) {
      // Each is valid by itself: another choice, or another time that it claims.
      const operation = ballots[at % 128]
      if (!operation) throw new Error('there are as many')
      const rival = candidateFor(operation, genesis, env.now - 390n + BigInt(at >> 7))
      if (interactionId(rival.interaction) < own) lower += 1
      state = role.step(state, { is: 'candidate', candidate: rival }, env)
    }
    // Many of them would have won where the lowest hash does.
    expect(lower).toBeGreaterThan(RIVALS / 100)
    expect(wanted()).toBe(own)
    expect(state.member.run.candidates.length).toBe(1 + CANDIDATES_PER_PARTY_MAX)
  }, 300_000)
})

describe('custodians, as a model for shared machines', () => {
  test('write rounds as their certificate, and read them out of no other form', () => {
    const net = createNet()
    net.feed(0, operationOf(0))
    net.settle()
    const certificate = net.stored[0]?.[0]?.certificate
    if (!certificate) throw new Error('it was certified')
    const rounds = CUSTODIAN_ROUNDS.roundsIn(certificate)
    expect(rounds && CUSTODIAN_ROUNDS.certificateFrom(rounds)).toEqual(certificate)
    expect(CUSTODIAN_ROUNDS.quorumIn(genesis.terms)?.signers.length).toBe(4)
    expect(CUSTODIAN_ROUNDS.waitsFor?.(genesis.terms, 0)).toBe(0n)
  })
})
