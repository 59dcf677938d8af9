/** Stand-ins at work: five custodians, four of whom decide, and two who help out when too many are silent. */
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import type { Charter } from '../../../src/kernel/charter.ts'
import { openMachine } from '../../../src/kernel/execute.ts'
import {
  type CustodianPolicy,
  custodianTerms,
  policyOf,
} from '../../../src/models/custodians/policy.ts'
import {
  custodianFromRecord,
  custodianRecordFrom,
} from '../../../src/models/custodians/custodian-state.ts'
import { beginFollowing } from '../../../src/models/rounds/agreed-step.ts'
import { custodianCertificate } from '../../../src/models/custodians/certificate.ts'
import { POLL_LOGICS } from '../../../src/sim/custodians-town.ts'
import { ballot, ballotDigest } from '../../../src/sim/poll-logic.ts'
import { createNet, engine, headsOf, town } from './net.ts'

const FIVE = ['v', 'w', 'x', 'y', 'z']
const HELP = ['sue', 'sam']
const AFTER = 50_000n
const pairs = new Map(
  [...FIVE, ...HELP].map((name, at) => [
    name,
    engine.fromSeed('ed25519', new Uint8Array(32).fill(100 + at)),
  ]),
)
const keyOf = (name: string): Uint8Array => pairs.get(name)?.publicKey ?? new Uint8Array(32)
const sign = (name: string, digest: Uint8Array): Uint8Array =>
  engine.sign('ed25519', pairs.get(name)?.secret ?? new Uint8Array(32), digest)
const signer = (name: string) => ({ name, scheme: 'ed25519' as const, publicKey: keyOf(name) })

const policy: CustodianPolicy = {
  ...policyOf(FIVE.map(signer), 4),
  faulty: 1,
  escalation: {
    after: AFTER,
    standIns: HELP.map(signer),
    threshold: 2,
    faulty: 1,
    custodians: 3,
  },
}
const charter: Charter = {
  ...town.charter,
  terms: { ...town.charter.terms, policy: custodianTerms(policy) },
}
const opened = openMachine(charter, POLL_LOGICS)
if (isFault(opened)) throw opened
const machine = opened

const ballotOf = (voter: string, number: bigint) => {
  const said = { machine: machine.id, voter, number, choice: 1 }
  const signature = town.signFor(voter, ballotDigest(said))
  return { machine: machine.id, logic: 0, argument: ballot.encode({ ...said, at: 0n, signature }) }
}
const netWith = (silent: readonly number[]) => {
  const names = [...FIVE, ...HELP]
  const net = createNet({ machine, names, sign, keyOf, change: { heartbeat: 0n } })
  for (const one of silent) net.down.add(one)
  net.feed(0, { is: 'operation', operation: ballotOf('ana', 1n) })
  net.settle()
  return net
}
const signersOf = (net: ReturnType<typeof netWith>): readonly number[] => {
  const step = net.stored[0]?.[0]
  const shown = step && custodianCertificate.decode(step.certificate)
  return shown?.is === 'rounds' ? shown.rounds.commits.map((one) => one.signer) : []
}

describe('stand-ins', () => {
  test('stay out of what custodians can do without them, and follow all the same', () => {
    const net = netWith([4])
    for (let at = 0; at < 6; at++) net.wait(1000n)
    expect(headsOf(net).slice(0, 4)).toEqual([1n, 1n, 1n, 1n])
    expect(headsOf(net).slice(5)).toEqual([1n, 1n])
    expect(signersOf(net).filter((one) => one >= 5)).toEqual([])
    expect(net.states[5]?.member.run.rounds.own).toEqual([])
  })

  test('wait while two of five are silent, and then go on with the other three', () => {
    const net = netWith([3, 4])
    for (let at = 0; at < 4; at++) net.wait(10_000n)
    expect(headsOf(net)).toEqual([0n, 0n, 0n, 0n, 0n, 0n, 0n])
    for (let at = 0; at < 12 && headsOf(net)[0] === 0n; at++) net.wait(10_000n)
    expect(headsOf(net).slice(0, 3)).toEqual([1n, 1n, 1n])
    expect(signersOf(net)).toEqual([0, 1, 2, 5, 6])
    expect(machine.head.sequence).toBe(0n)
  })

  test('cannot go on with two of five, as the three others may have agreed already', () => {
    const net = netWith([2, 3, 4])
    for (let at = 0; at < 30; at++) net.wait(10_000n)
    expect(headsOf(net)).toEqual([0n, 0n, 0n, 0n, 0n, 0n, 0n])
  })

  test('remember over a restart since when they wait', () => {
    const net = netWith([3, 4])
    net.wait(20_000n)
    const [state] = net.states.slice(5)
    if (!state) throw new Error('there are stand-ins')
    expect(state.member.run.waitsSince).toBeDefined()
    const record = custodianRecordFrom(state)
    const again = custodianFromRecord(town.options, beginFollowing(machine), record)
    if (isFault(again)) throw again
    expect(again.member.run).toEqual(state.member.run)
    expect(again.member.run.isCalled).toBe(false)
  })
})
