/** A change of the operators of a shared machine: some leave, some stay, some come. */
import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { terms } from '../../../src/kernel/charter.ts'
import { conflictBetween } from '../../../src/kernel/evidence.ts'
import { AMEND } from '../../../src/kernel/interaction.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { acceptanceFrom, directory } from '../../../src/models/directory/certificate.ts'
import { receiptVote } from '../../../src/models/directory/evidence.ts'
import { type Acceptance, acceptanceVote } from '../../../src/models/rounds/acceptance.ts'
import { beginMember } from '../../../src/models/rounds/member-state.ts'
import { type DirectoryPolicy, directoryTerms } from '../../../src/models/directory/policy.ts'
import { beginFollowing, follow } from '../../../src/models/rounds/agreed-step.ts'
import { takeoverOf } from '../../../src/models/rounds/takeover.ts'
import { candidateOn, createNet, engine, headsOf, paying, town } from './purse.ts'

const { genesis, options } = town
const una = engine.fromSeed('ed25519', new Uint8Array(32).fill(77))
/** North leaves, Una comes in its place; the others sit in other seats than before. */
const [north, east, south, west] = town.policy.operators
if (!north || !east || !south || !west) throw new Error('there are four')
const next: DirectoryPolicy = {
  operators: [west, east, { name: 'una', scheme: 'ed25519', publicKey: una.publicKey }, south],
  threshold: 3,
  faulty: 1,
}
const change = candidateOn(
  genesis,
  [
    {
      machine: genesis.id,
      logic: AMEND,
      argument: terms.encode({ ...genesis.terms, policy: directoryTerms(next) }),
    },
  ],
  [0, 1],
)

const changed = () => {
  const net = createNet()
  net.feed(0, { is: 'candidate', candidate: change })
  net.settle()
  net.wait()
  return net
}

const acceptancesIn = (net: ReturnType<typeof createNet>): readonly Acceptance[] =>
  [...net.states.keys()].flatMap((seat) =>
    net.effects(seat).flatMap((one) => (one.is === 'accept' ? [one.acceptance] : [])),
  )

describe('a change of operators', () => {
  test('is decided by the old ones, and accepted by those of them who stay', () => {
    const net = changed()
    expect(headsOf(net)).toEqual([1n, 1n, 1n, 1n])
    const acceptances = acceptancesIn(net)
    expect(new Set(acceptances.map((one) => one.signer))).toEqual(new Set([0, 1, 3]))
    const step = net.stored[0]?.[0]
    if (!step) throw new Error('the change is certified')
    const verdict = directory.judge({
      terms: { ...genesis.terms, policy: directoryTerms(next) },
      policy: next,
      anchor: {},
      transition: step.transition,
      certificate: acceptanceFrom(acceptances),
      known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
      isAcceptance: true,
    })
    expect(verdict.is).toBe('final')
  })

  test('takes an operator that comes in by a receipt, beside the others', () => {
    const net = changed()
    const step = net.stored[0]?.[0]
    if (!step) throw new Error('the change is certified')
    const digest = statementDigest('classic', receiptVote(step.transition, 9n))
    const signature = engine.sign('ed25519', una.secret, digest)
    const own: Acceptance = { signer: 2, round: 0, cited: 0, time: 9n, signature }
    const judge = (acceptances: readonly Acceptance[]) =>
      directory.judge({
        terms: { ...genesis.terms, policy: directoryTerms(next) },
        policy: next,
        anchor: {},
        transition: step.transition,
        certificate: acceptanceFrom(acceptances),
        known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
        isAcceptance: true,
      }).is
    const others = acceptancesIn(net)
    expect(judge([own, ...others.slice(0, 2)])).toBe('final')
    expect(judge([own, ...others.slice(0, 1)])).toBe('pending')
  })

  test('ends the office of who leaves: it signs no later step', () => {
    const net = changed()
    const machine = net.states[1]?.followed.machine
    if (!machine) throw new Error('there is one')
    net.feed(0, { is: 'candidate', candidate: paying(0, 1n, machine) })
    net.wait()
    expect(net.states[0]?.run.rounds.own).toEqual([])
    expect(net.effects(0).some((one) => one.is === 'sign')).toBe(false)
  })

  test('goes on under the new ones, as soon as a quorum of them takes part', () => {
    const net = changed()
    const machine = net.states[1]?.followed.machine
    const step = net.stored[1]?.[0]
    if (!machine || !step) throw new Error('there is one')
    net.feed(1, { is: 'candidate', candidate: paying(0, 1n, machine) })
    net.settle()
    for (let at = 0; at < 4 && headsOf(net)[1] !== 2n; at++) net.wait()
    expect(headsOf(net).slice(1)).toEqual([2n, 2n, 2n])
    expect(net.stored[1]?.[1]?.candidate.interaction).toEqual(paying(0, 1n, machine).interaction)
  })
})

describe('taking over', () => {
  test('conflicts with nothing that an operator has signed in the rounds before', () => {
    // A silent lead makes a later round, in which some have aborted or held before.
    for (const silent of [0, 1, 2, 3]) {
      const net = createNet()
      net.down.add(silent)
      for (const seat of [0, 1, 2, 3]) {
        const candidate = seat === 1 ? paying(1) : change
        net.feed(seat, { is: 'candidate', candidate })
      }
      net.feed((silent + 1) % 4, { is: 'candidate', candidate: change })
      const before = net.states.map((one) => one.run.rounds.own.map((own) => own.statement))
      net.settle()
      for (let at = 0; at < 3; at++) net.wait()
      net.down.clear()
      net.settle()
      for (const [seat, state] of net.states.entries()) {
        if (!state.takeover) continue
        const vote = acceptanceVote(state.takeover.transition, state.takeover.acceptance)
        for (const statement of before[seat] ?? []) {
          expect(conflictBetween('classic', statement, vote)).toBeUndefined()
        }
      }
    }
  })

  test('in spite of another child held before, is a vote in a round that the vows permit', () => {
    const net = changed()
    const step = net.stored[0]?.[0]
    const rival = createNet()
    rival.down.add(0).add(2).add(3)
    rival.feed(1, { is: 'candidate', candidate: paying(1) })
    rival.wait()
    const [, held] = rival.states
    if (!step || !held) throw new Error('the nets have run')
    const after = follow(options, beginFollowing(genesis), step)
    if (isFault(after)) throw after
    const mine = town.memberOptions(1)
    expect(held.run.rounds.own.length).toBeGreaterThan(0)
    const takeover = takeoverOf(mine, held, after.machine.terms, step)
    expect(takeover?.acceptance.signer).toBe(1)
    const vote = takeover && acceptanceVote(takeover.transition, takeover.acceptance)
    for (const { statement } of held.run.rounds.own) {
      expect(vote && conflictBetween('classic', statement, vote)).toBeUndefined()
    }
  })

  test('is nothing for who is not named before or after, nor for a step that keeps the terms', () => {
    const step = changed().stored[0]?.[0]
    if (!step) throw new Error('the change is certified')
    const after = follow(options, beginFollowing(genesis), step)
    if (isFault(after)) throw after
    const fresh = beginMember(genesis)
    const of = (publicKey: Uint8Array, to = after.machine.terms) =>
      takeoverOf({ ...town.memberOptions(0), publicKey }, fresh, to, step)
    expect(of(una.publicKey)).toBeUndefined()
    expect(of(north.publicKey)).toBeUndefined()
    expect(of(south.publicKey, genesis.terms)).toBeUndefined()
    expect(of(south.publicKey)?.acceptance.signer).toBe(3)
    expect(hexFromBytes(of(south.publicKey)?.by.publicKey ?? new Uint8Array())).toBe(
      hexFromBytes(south.publicKey),
    )
  })
})
