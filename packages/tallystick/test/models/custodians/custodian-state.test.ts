import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import {
  beginCustodian,
  custodianFromRecord,
  custodianRecordFrom,
} from '../../../src/models/custodians/custodian-state.ts'
import { beginFollowing } from '../../../src/models/rounds/agreed-step.ts'
import { createNet, town } from './net.ts'

describe("a custodian's record", () => {
  test('gives the same custodian again, with what waits and what it has attested', () => {
    const net = createNet()
    net.down.add(1)
    net.down.add(2)
    for (const number of [1n, 2n]) {
      net.feed(0, { is: 'operation', operation: town.ballotOf(0, number, 0) })
    }
    const [state] = net.states
    if (!state) throw new Error('there are four')
    const again = custodianFromRecord(
      town.options,
      beginFollowing(town.genesis),
      custodianRecordFrom(state),
    )
    if (isFault(again)) throw again
    expect(again.waiting.length).toBe(2)
    expect(again.beat).toEqual(state.beat)
    expect(again.member.run).toEqual(state.member.run)
    expect(again.member.attested).toBe(state.member.attested)
    expect(again.member.attested).toBeGreaterThan(0n)
  })

  test('is refused where its vows are about another history', () => {
    const net = createNet()
    net.feed(0, { is: 'operation', operation: town.ballotOf(0, 1n, 0) })
    const [state] = net.states
    if (!state) throw new Error('there are four')
    const run = { ...state.member.run, parent: town.genesis.id as never }
    const record = custodianRecordFrom({ ...state, member: { ...state.member, run } })
    const read = custodianFromRecord(town.options, beginFollowing(town.genesis), record)
    expect(isFault(read) && read.code).toBe('member/other-record')
    expect(beginCustodian(town.genesis, 5n).member.followed.since).toBe(5n)
  })
})
