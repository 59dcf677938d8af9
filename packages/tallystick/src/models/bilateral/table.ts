/**
 * A table: two parties in one process, and messages handed from one to the other at once. For examples, tests and tools
 * that act for both sides.
 *
 * Promise. What either side wants done is done in the order in which it was wanted, until neither wants anything new.
 * States are changed by the roles alone.
 *
 * Not promised. Durability: a shell that deals with somebody else stores each state before it performs an effect.
 */
import { assert } from '../../base/assert.ts'
import { TABLE_INPUTS_MAX } from '../../base/limits.ts'
import type { Env } from '../../kernel/role.ts'
import { message } from './message.ts'
import type { Party } from './party.ts'
import type { PartyEffect, PartyInput, PartyState } from './state.ts'

/** Everything but messages, which the table itself hands over. */
export type Question = Exclude<PartyEffect, { readonly is: 'send' }>

export type Seat = {
  readonly party: Party
  readonly state: PartyState
  /** What its shell answers: a signature, its human's word, a proof; undefined for nothing. */
  readonly answer: (question: Question) => PartyInput | undefined
}

export type Seats = readonly [Seat, Seat]

/** Gives `input` to the seat at position `by`, and both what follows from it. Returns the seats as they are then. */
export const talkAtTable = (
  seats: Seats,
  start: { readonly by: 0 | 1; readonly input: PartyInput },
  env: Env,
): Seats => {
  let [first, second] = seats
  const performed = [new Set<string>(), new Set<string>()] as const
  const post: { readonly to: number; readonly input: PartyInput }[] = [
    { to: start.by, input: start.input },
  ]
  for (let at = 0; at < post.length; at++) {
    assert(at < TABLE_INPUTS_MAX, 'two parties that answer each other come to an end')
    const next = post[at]
    if (!next) break
    const { to, input } = next
    const seat = to === 0 ? first : second
    const state = seat.party.step(seat.state, input, env)
    if (to === 0) first = { ...first, state }
    else second = { ...second, state }
    for (const effect of seat.party.outstanding(state)) {
      const done = performed[to === 0 ? 0 : 1]
      if (done.has(effect.id)) continue
      done.add(effect.id)
      const answer = answerTo(seat, effect)
      if (answer) post.push({ to: effect.is === 'send' ? effect.to : to, input: answer })
    }
  }
  return [first, second]
}

const answerTo = (seat: Seat, effect: PartyEffect): PartyInput | undefined =>
  effect.is === 'send'
    ? { is: 'message', bytes: message.encode(effect.message) }
    : seat.answer(effect)
