import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { createMember } from '../../../src/models/directory/member.ts'
import { outstanding, waitingFor } from '../../../src/models/rounds/member-effects.ts'
import {
  beginMember,
  memberFromRecord,
  recordFrom,
} from '../../../src/models/rounds/member-state.ts'
import { beginFollowing } from '../../../src/models/rounds/agreed-step.ts'
import { certified, createNet, paying, town } from './purse.ts'

const { genesis } = town
const mine = town.memberOptions(0)
const role = createMember(mine)
const env = { now: 1000n, random: new Uint8Array(32) }

describe('an operator', () => {
  test('at rest wants nothing, and after a step sends that', () => {
    expect(outstanding(mine, beginMember(genesis))).toEqual([])
    const step = certified(paying(0))
    const after = role.step(beginMember(genesis), { is: 'certified', step }, env)
    expect(outstanding(mine, after).map((one) => one.is)).toEqual(['keep', 'send'])
    const kept = role.step(after, { is: 'kept', sequence: 1n }, env)
    const [send, ...more] = outstanding(mine, kept)
    expect(more).toEqual([])
    expect(send?.is === 'send' && send.message.newest).toEqual(step)
    expect(send?.is === 'send' && send.to.map((one) => one.name)).toEqual(['east', 'south', 'west'])
  })

  test('sends a candidate that it has found valid, so that it need reach one operator only', () => {
    const state = role.step(beginMember(genesis), { is: 'candidate', candidate: paying(0) }, env)
    const send = outstanding(mine, state).find((one) => one.is === 'send')
    expect(send?.message.candidates).toEqual([paying(0)])
  })

  test('wants the same again after a restart from its bytes, and signs what it had vowed', () => {
    const net = createNet()
    net.down.add(1).add(2).add(3)
    net.feed(0, { is: 'candidate', candidate: paying(0) })
    net.wait()
    const [state] = net.states
    const back = state && memberFromRecord(mine, beginFollowing(genesis), recordFrom(state))
    if (!state || isFault(back) || !back) throw new Error('the bytes read back')
    expect(outstanding(mine, back)).toEqual(outstanding(mine, state))
  })

  test('that is not named watches and signs nothing', () => {
    const stranger = { ...mine, publicKey: new Uint8Array(32) }
    const watcher = createMember(stranger)
    const state = watcher.step(beginMember(genesis), { is: 'candidate', candidate: paying(0) }, env)
    expect(outstanding(stranger, state)).toEqual([])
  })

  test('behind its own record asks for what it lacks and signs nothing', () => {
    const net = createNet()
    net.feed(0, { is: 'candidate', candidate: paying(0) })
    net.settle()
    net.wait()
    const [state] = net.states
    if (!state) throw new Error('there is one')
    const back = memberFromRecord(mine, beginFollowing(genesis), recordFrom(state))
    if (isFault(back)) throw back
    const tried = role.step(back, { is: 'candidate', candidate: paying(1) }, env)
    expect(outstanding(mine, tried)).toEqual([{ is: 'ask', from: 1n }])
    expect(waitingFor(mine, tried)).toMatchObject([{ is: 'step', sequence: 1n }])
    const step = net.stored[0]?.[0]
    const caughtUp = step && role.step(tried, { is: 'certified', step }, env)
    expect(caughtUp?.run).toEqual(state.run)
  })

  test('wants each signature by the digest that its key signs', () => {
    const net = createNet()
    net.down.add(1).add(2).add(3)
    let state = role.step(beginMember(genesis), { is: 'candidate', candidate: paying(0) }, env)
    state = role.step(state, { is: 'tick' }, { ...env, now: 100_000n })
    const wanted = outstanding(mine, state).flatMap((one) => (one.is === 'sign' ? [one] : []))
    expect(wanted.length).toBeGreaterThan(0)
    for (const { digest } of wanted) {
      const signature = new Uint8Array(64)
      const next = role.step(state, { is: 'signed', digest: hexFromBytes(digest), signature }, env)
      expect(next.refusals.at(-1)?.code).toBe('member/bad-signature')
    }
  })
})
