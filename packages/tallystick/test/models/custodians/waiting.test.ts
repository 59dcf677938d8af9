import { describe, expect, test } from 'vitest'
import { WAITING_ATTACHMENT_BYTES_MAX, WAITING_PER_SENDER_MAX } from '../../../src/base/limits.ts'
import type { Operation } from '../../../src/kernel/interaction.ts'
import {
  type CarriedBy,
  inTurn,
  type Supported,
  type Waiting,
  waitingList,
  withWaiting,
} from '../../../src/models/custodians/waiting.ts'
import { carriedIn } from '../../../src/models/rounds/candidate.ts'
import { town } from './net.ts'

const carriedBy: CarriedBy = (operation) =>
  carriedIn(town.options, town.genesis, { operations: [operation] })?.[0]
const bare = (operation: Operation, attachments: readonly Uint8Array[] = []): Supported => ({
  operation,
  premises: [],
  attachments,
})
const listOf = (...operations: readonly Operation[]): readonly Waiting[] =>
  operations.reduce<readonly Waiting[]>((all, one) => withWaiting(all, bare(one), carriedBy), [])
/** With files of a size that a candidate may have. */
const withSmall = (list: readonly Waiting[]): readonly Waiting[] =>
  list.map((one) => ({ ...one, attachments: [new Uint8Array(3)] }))
const senders = (of: readonly Waiting[]): readonly (string | undefined)[] =>
  of.map((one) => carriedBy(one.operation)?.by)

describe('operations that wait', () => {
  test('stand in the order of their arrival, each once', () => {
    const [first, second] = [town.ballotOf(1, 1n, 0), town.ballotOf(0, 1n, 0)]
    const list = listOf(first, second, town.ballotOf(1, 1n, 0))
    expect(list.map((one) => one.operation)).toEqual([first, second])
    expect(waitingList.decode(waitingList.encode(list))).toEqual(list)
  })

  test('leave the turn to others after one was served', () => {
    const list = listOf(town.ballotOf(0, 1n, 0), town.ballotOf(0, 2n, 0), town.ballotOf(2, 1n, 0))
    expect(senders(inTurn(list, undefined, carriedBy))).toEqual(['ana', 'ana', 'cid'])
    expect(senders(inTurn(list, 'ana', carriedBy))).toEqual(['cid', 'ana', 'ana'])
  })

  test('of one sender are so many and no more, and what carries no consent is not taken', () => {
    const many = Array.from({ length: WAITING_PER_SENDER_MAX + 5 }, (_, at) =>
      town.ballotOf(0, BigInt(at + 1), 0),
    )
    const list = listOf(...many)
    expect(list.length).toBe(WAITING_PER_SENDER_MAX)
    expect(withWaiting(list, bare(town.ballotOf(1, 1n, 0)), carriedBy).length).toBe(list.length + 1)
    const alien = bare({ ...town.ballotOf(1, 1n, 0), logic: 7 })
    expect(withWaiting(list, alien, carriedBy)).toBe(list)
  })

  test('of one sender have so many bytes attached and no more', () => {
    const heavy = new Uint8Array(WAITING_ATTACHMENT_BYTES_MAX)
    const list = withWaiting([], bare(town.ballotOf(0, 1n, 0), [heavy]), carriedBy)
    expect(waitingList.decode(waitingList.encode(withSmall(list)))).toEqual(withSmall(list))
    const one = new Uint8Array(1)
    expect(withWaiting(list, bare(town.ballotOf(0, 2n, 0), [one]), carriedBy)).toBe(list)
    expect(withWaiting(list, bare(town.ballotOf(0, 2n, 0)), carriedBy).length).toBe(2)
    expect(withWaiting(list, bare(town.ballotOf(1, 1n, 0), [one]), carriedBy).length).toBe(2)
  })
})
