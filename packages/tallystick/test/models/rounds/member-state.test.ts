import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import {
  beginMember,
  isInPlace,
  memberFromRecord,
  memberMessage,
  type MemberState,
  recordFrom,
} from '../../../src/models/rounds/member-state.ts'
import { beginFollowing, follow, type Followed } from '../../../src/models/rounds/agreed-step.ts'
import { createNet, paying, town } from './purse.ts'

const { genesis, options } = town

const read = (stored: Followed, state: MemberState): MemberState => {
  const back = memberFromRecord(options, stored, recordFrom(state))
  if (isFault(back)) throw back
  return back
}

/** One operator in the middle of a round, and one after it. */
const busy = createNet()
busy.down.add(0).add(1)
busy.feed(2, { is: 'candidate', candidate: paying(0) })
busy.feed(3, { is: 'candidate', candidate: paying(0) })
busy.wait()
const [, , middle] = busy.states
const done = createNet()
done.feed(2, { is: 'candidate', candidate: paying(0) })
done.settle()
done.wait()
const [after] = done.states
const [step] = done.stored[0] ?? []
if (!middle || !after || !step) throw new Error('the nets have run')

describe('the record of an operator', () => {
  test('holds vows, statements and candidates: read back it is the same operator', () => {
    const back = read(beginFollowing(genesis), middle)
    expect(back.run).toEqual(middle.run)
    expect(back.run.rounds.own.length).toBeGreaterThan(0)
    expect(isInPlace(back)).toBe(true)
  })

  test('holds steps that were not stored yet, and goes on from them', () => {
    const state: MemberState = { ...after, unkept: [step] }
    const back = read(beginFollowing(genesis), state)
    expect(back.followed.machine.headId).toBe(after.followed.machine.headId)
    expect(back.unkept).toEqual([step])
  })

  test('ahead of the stored steps gives an operator that is not in place', () => {
    const back = read(beginFollowing(genesis), after)
    expect(isInPlace(back)).toBe(false)
    expect(back.followed.machine.head.sequence).toBe(0n)
    expect(back.run.sequence).toBe(2n)
  })

  test('behind the stored steps gives way to them', () => {
    const stored = follow(options, beginFollowing(genesis), step)
    if (isFault(stored)) throw stored
    const back = read(stored, middle)
    expect(back.run).toEqual(beginMember(stored.machine).run)
  })

  test('under another parent than the stored steps lead to is refused', () => {
    const other = createNet()
    other.feed(0, { is: 'candidate', candidate: paying(1) })
    other.settle()
    other.wait()
    const [rival] = other.states
    if (!rival) throw new Error('the net has run')
    const stored = follow(options, beginFollowing(genesis), step)
    if (isFault(stored)) throw stored
    const back = memberFromRecord(options, stored, recordFrom(rival))
    expect(isFault(back) && back.code).toBe('member/other-record')
  })
})

test('a message reads back from its bytes', () => {
  for (const one of busy.effects(2)) {
    if (one.is !== 'send') continue
    expect(memberMessage.decode(memberMessage.encode(one.message))).toEqual(one.message)
    expect(one.message.casts.length).toBeGreaterThan(0)
  }
  const empty = { machine: genesis.id, newest: step, casts: [], candidates: [] }
  expect(memberMessage.decode(memberMessage.encode(empty))).toEqual(empty)
})
