import { describe, expect, test } from 'vitest'
import { SHARED_STEPS_MAX } from '../../../src/base/limits.ts'
import type { Machine } from '../../../src/kernel/execute.ts'
import { beginMember, type MemberState } from '../../../src/models/rounds/member-state.ts'
import { fed, officeOf, seatIn } from '../../../src/models/rounds/office.ts'
import { certified, paying, town } from './purse.ts'

const { genesis, policy } = town
const mine = town.memberOptions(2)

describe('an office', () => {
  test('is under the newest step that is known, with a time not before its own', () => {
    const state = beginMember(genesis, 77n)
    const office = officeOf(mine, state)
    expect(office?.instance).toMatchObject({ parent: genesis.headId, sequence: 1n, seat: 2 })
    expect(office?.instance.notBefore).toBe(77n)
    expect(officeOf(mine, state)).toBe(office)
  })

  test('is not there on an owned machine', () => {
    const owned: Machine = {
      ...genesis,
      terms: { ...genesis.terms, turn: { is: 'owner', party: 0 } },
    }
    expect(officeOf(mine, beginMember(owned))).toBeUndefined()
    expect(seatIn(policy.operators, new Uint8Array(32))).toBe(-1)
  })

  test('is not there for vows about another place', () => {
    const state = beginMember(genesis)
    const ahead: MemberState = { ...state, run: { ...state.run, sequence: 2n } }
    expect(officeOf(mine, ahead)).toBeUndefined()
    expect(fed(mine, ahead, { is: 'tick' }, { now: 1n, random: new Uint8Array(32) })).toBe(ahead)
  })

  test('is left while the shell has not stored what was certified', () => {
    const step = certified(paying(0))
    const full = Array.from({ length: SHARED_STEPS_MAX }, () => step)
    expect(officeOf(mine, { ...beginMember(genesis), unkept: full })).toBeUndefined()
    expect(officeOf(mine, { ...beginMember(genesis), unkept: full.slice(1) })).toBeDefined()
  })
})
