import { describe, expect, test } from 'vitest'
import { CANDIDATES_PER_PARTY_MAX } from '../../../src/base/limits.ts'
import { isFault } from '../../../src/base/fault.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { interactionId } from '../../../src/kernel/interaction.ts'
import { leadsOf } from '../../../src/kernel/round-state.ts'
import { statementDigest, type Vote } from '../../../src/kernel/statement.ts'
import { transitionId } from '../../../src/kernel/transition.ts'
import { tryCandidate } from '../../../src/models/rounds/candidate.ts'
import { directory, directoryCertificate } from '../../../src/models/directory/certificate.ts'
import { quorumOf } from '../../../src/models/directory/policy.ts'
import { OPERATORS } from '../../../src/sim/shared-town.ts'
import { certified, createNet, engine, headsOf, paying, town } from './purse.ts'

const { genesis, policy } = town
const leads = leadsOf(
  { suite: 'classic', machine: genesis.id, parent: genesis.headId, sequence: 1n },
  quorumOf(policy),
)
const [lead = 0, second = 0] = leads

describe('operators on a shared machine', () => {
  test('certify a payment that reached one of them, and attest a time', () => {
    const net = createNet()
    net.feed(second, { is: 'candidate', candidate: paying(0) })
    net.settle()
    expect(headsOf(net)).toEqual([1n, 1n, 1n, 1n])
    const step = net.stored[0]?.[0]
    expect(step?.candidate.interaction).toEqual(paying(0).interaction)
    const verdict =
      step &&
      directory.judge({
        terms: genesis.terms,
        policy,
        anchor: {},
        transition: step.transition,
        certificate: directoryCertificate.decode(step.certificate),
        known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
      })
    expect(verdict).toMatchObject({
      is: 'final',
      finality: { grade: 'receipted', reach: 'anyone', since: 1000n },
    })
  })

  test('do not freeze over two payments at once: one is next, the other may be made again', () => {
    const net = createNet()
    const [alices, bobs] = [paying(0), paying(1, 2n)]
    for (const seat of [0, 1]) net.feed(seat, { is: 'candidate', candidate: alices })
    for (const seat of [2, 3]) net.feed(seat, { is: 'candidate', candidate: bobs })
    net.settle()
    expect(headsOf(net)).toEqual([1n, 1n, 1n, 1n])
    const ids = net.states.map((one) => one.followed.machine.headId)
    expect(new Set(ids).size).toBe(1)
    const again = net.states[0]?.followed.machine
    if (!again) throw new Error('there is a machine')
    const winner = net.stored[0]?.[0]?.candidate.interaction
    const loser = winner && interactionId(winner) === interactionId(alices.interaction) ? 1 : 0
    net.feed(0, { is: 'candidate', candidate: paying(loser, 3n, again) })
    net.settle()
    expect(headsOf(net)).toEqual([2n, 2n, 2n, 2n])
  })

  test('go on without a silent lead, in a later round', () => {
    const net = createNet()
    net.down.add(lead)
    for (const seat of [0, 1, 2, 3]) net.feed(seat, { is: 'candidate', candidate: paying(0) })
    net.settle()
    const waiting = headsOf(net)
    expect(waiting).toEqual([0n, 0n, 0n, 0n])
    net.wait()
    expect(headsOf(net).filter((one) => one === 1n).length).toBe(3)
    const step = net.stored[second]?.[0]
    const shown = step && directoryCertificate.decode(step.certificate)
    expect(shown?.is === 'rounds' && shown.rounds.round).toBe(1)
    net.down.delete(lead)
    net.settle()
    expect(headsOf(net)).toEqual([1n, 1n, 1n, 1n])
  })

  test('wait without a quorum, and say for whom', () => {
    const net = createNet()
    net.down.add(lead).add(second)
    for (const seat of [0, 1, 2, 3]) net.feed(seat, { is: 'candidate', candidate: paying(0) })
    net.wait()
    net.wait()
    expect(headsOf(net)).toEqual([0n, 0n, 0n, 0n])
    net.down.clear()
    net.settle()
    net.wait()
    expect(headsOf(net)).toEqual([1n, 1n, 1n, 1n])
  })
})

const proposal = (seat: number, child = childOf(paying(0))): Vote => ({
  is: 'vote',
  transition: child,
  round: 0,
  phase: 'propose',
  cited: 0,
  time: 0n,
})

const childOf = (of: ReturnType<typeof paying>) => {
  const after = tryCandidate(town.options, genesis, of)
  if (isFault(after)) throw after
  return after.head
}

const castOf = (seat: number, statement: Vote) => ({
  signer: seat,
  statement,
  signature: town.signFor(OPERATORS[seat] ?? '', statementDigest('classic', statement)),
})

const message = (casts: readonly ReturnType<typeof castOf>[]) => ({
  is: 'message' as const,
  message: { machine: genesis.id, newest: undefined, casts, candidates: [paying(0)] },
})

describe('an honest operator', () => {
  test('votes for no child that the rules do not lead to, whoever proposes it', () => {
    const net = createNet()
    const { state: _, ...rest } = childOf(paying(0))
    const bogus = { ...rest, state: genesis.head.state }
    net.feed(second, message([castOf(lead, proposal(lead, bogus))]))
    expect(net.states[second]?.run.rounds.own).toEqual([])
    net.feed(second, message([castOf(lead, proposal(lead))]))
    expect(net.states[second]?.run.rounds.own.map((one) => one.vow.phase)).toEqual(['hold'])
  })

  test('holds one of two proposals of a lying lead, and keeps both as evidence', () => {
    const net = createNet()
    const other = childOf(paying(1))
    net.feed(second, message([castOf(lead, proposal(lead)), castOf(lead, proposal(lead, other))]))
    expect(net.states[second]?.run.rounds.own.length).toBe(1)
    const [fork] = net.states[second]?.forks ?? []
    const conviction = fork && convict(fork, engine)
    expect(conviction).toMatchObject({ kind: 'fork', machine: genesis.id })
    expect(net.effects(second).some((one) => one.is === 'accuse')).toBe(true)
  })

  test('takes no statement whose signature does not hold, and no message of another machine', () => {
    const net = createNet()
    const forged = { ...castOf(lead, proposal(lead)), signature: new Uint8Array(64) }
    net.feed(second, message([forged]))
    expect(net.states[second]?.run.rounds.casts).toEqual([])
    const other = { machine: genesis.headId as never, newest: undefined, casts: [], candidates: [] }
    net.feed(second, { is: 'message', message: other })
    expect(net.states[second]?.refusals.at(-1)?.code).toBe('member/other-machine')
  })

  test('refuses the candidates of a party beyond its share, and those of others are taken still', () => {
    const net = createNet()
    net.down.add(lead)
    const seat = second
    for (let amount = 1; amount <= CANDIDATES_PER_PARTY_MAX + 1; amount++) {
      net.feed(seat, { is: 'candidate', candidate: paying(0, BigInt(amount)) })
    }
    expect(net.states[seat]?.refusals.map((one) => one.code)).toEqual(['candidate/too-many'])
    net.feed(seat, { is: 'candidate', candidate: paying(1) })
    expect(net.states[seat]?.run.candidates.length).toBe(CANDIDATES_PER_PARTY_MAX + 1)
  })

  test('goes on with a certified step that it was shown, and asks for those it lacks', () => {
    const step = certified(paying(0))
    const net = createNet()
    net.feed(0, { is: 'certified', step })
    expect(headsOf(net)[0]).toBe(1n)
    const ahead = { ...step, transition: { ...step.transition, sequence: 5n } }
    net.feed(1, { is: 'certified', step: ahead })
    expect(net.effects(1)).toContainEqual({ is: 'ask', from: 1n })
    net.feed(1, { is: 'tick' })
    expect(net.effects(1)).not.toContainEqual({ is: 'ask', from: 1n })
  })

  test('refuses a step whose certificate is of another', () => {
    const [one, other] = [certified(paying(0)), certified(paying(1))]
    const net = createNet()
    net.feed(0, { is: 'certified', step: { ...one, certificate: other.certificate } })
    expect(headsOf(net)[0]).toBe(0n)
    expect(net.states[0]?.refusals.at(-1)?.code).toBe('cast/bad-signature')
  })

  test('keeps two certified children of one parent as evidence against those who signed both', () => {
    const [one, other] = [certified(paying(0)), certified(paying(1))]
    const net = createNet()
    net.feed(0, { is: 'certified', step: one })
    net.feed(0, { is: 'certified', step: other })
    const guilty = net.states[0]?.forks ?? []
    expect(guilty.length).toBeGreaterThanOrEqual(2)
    for (const fork of guilty) expect(isFault(convict(fork, engine))).toBe(false)
    expect(net.states[0]?.followed.machine.headId).toBe(transitionId('classic', one.transition))
  })

  test('signs nothing with another key, and nothing that is not asked for', () => {
    const net = createNet()
    const before = net.states[0]
    net.feed(0, { is: 'signed', digest: '00', signature: new Uint8Array(64) })
    expect(net.states[0]).toBe(before)
  })
})
