/**
 * What a certifier wants to sign next in its round. `round.ts` argues why this is safe and comes to an end; here are the
 * four cases, each with the held quorum it relies on. None is signed unless the vows permit it.
 */
import { type Cast, type Held, isVote } from './cast.ts'
import { leadAt, patienceEnd, type RoundEngine, type RoundState } from './round-state.ts'
import type { Phase, Statement, Vote } from './statement.ts'
import type { Transition } from './transition.ts'
import type { Millis } from './verdict.ts'
import type { VowPhase } from './vow.ts'

/** A statement, and the round of the held quorum that permits it, if it needs one. */
export type Desire = { readonly statement: Statement; readonly heldAt: number | undefined }

/** All wishes for this round that have not been fulfilled, the most useful first. `known` is highest round first. */
export const desiresIn = (
  engine: RoundEngine,
  state: RoundState,
  known: readonly Held[],
  now: Millis,
): readonly Desire[] => [
  ...proposalIn(engine, state, known),
  ...holdIn(engine, state, known),
  ...commitIn(engine, state, known, now),
  ...abortIn(engine, state, now),
]

/** The lead puts forward what a quorum held last, or else the first valid child it knows. */
const proposalIn = (
  engine: RoundEngine,
  state: RoundState,
  known: readonly Held[],
): readonly Desire[] => {
  if (engine.seat !== leadAt(engine, state.round) || has(state, 'propose')) return []
  const top = known[0]
  const child = top
    ? state.judged.find((one) => one.child === top.child)
    : state.judged.find((one) => one.isValid)
  if (!child?.isValid) return []
  return [desireFor(engine, state, { phase: 'propose', of: child.transition, held: top })]
}

/** The first proposal of the lead that is valid and whose citation can be seen. */
const holdIn = (
  engine: RoundEngine,
  state: RoundState,
  known: readonly Held[],
): readonly Desire[] => {
  if (has(state, 'hold') || has(state, 'abort')) return []
  return state.casts.flatMap((cast): readonly Desire[] => {
    const of = cast.statement
    if (of.is !== 'vote' || of.phase !== 'propose' || of.round !== state.round) return []
    if (!isValid(state, cast)) return []
    const held = known.find((one) => one.child === cast.child && one.round === of.cited - 1)
    // A citation of the present round or a later one is nothing that a proposal can rest on.
    if (of.cited > of.round || (of.cited > 0 && !held)) return []
    return [desireFor(engine, state, { phase: 'hold', of: of.transition, held })]
  })
}

/** A child that a quorum holds in this very round. */
const commitIn = (
  engine: RoundEngine,
  state: RoundState,
  known: readonly Held[],
  now: Millis,
): readonly Desire[] => {
  if (has(state, 'commit')) return []
  return known
    .filter((one) => one.round === state.round && one.casts.some((cast) => isValid(state, cast)))
    .map((held) => {
      const wish = desireFor(engine, state, { phase: 'commit', of: held.transition, held })
      const time = attested(engine, now)
      return { ...wish, statement: { ...wish.statement, time } }
    })
}

const abortIn = (engine: RoundEngine, state: RoundState, now: Millis): readonly Desire[] => {
  if (has(state, 'commit') || has(state, 'abort')) return []
  const end = patienceEnd(engine, state)
  if (end === undefined || now < end) return []
  const { machine, parent, sequence } = engine
  const { round } = state
  return [{ statement: { is: 'abort', machine, parent, sequence, round }, heldAt: undefined }]
}

const desireFor = (
  engine: RoundEngine,
  state: RoundState,
  wish: { readonly phase: Phase; readonly of: Transition; readonly held: Held | undefined },
): Desire & { readonly statement: Vote } => {
  const { phase, of: transition, held } = wish
  const cited = engine.cite(held, phase)
  return {
    statement: { is: 'vote', transition, round: state.round, phase, cited, time: 0n },
    heldAt: held?.round,
  }
}

const attested = ({ notBefore }: RoundEngine, now: Millis): Millis => {
  if (notBefore === undefined) return 0n
  return now > notBefore ? now : notBefore
}

const has = (state: RoundState, phase: VowPhase): boolean =>
  state.own.some((one) => one.vow.round === state.round && one.vow.phase === phase)

const isValid = (state: RoundState, cast: Cast): boolean =>
  state.judged.some((one) => one.child === cast.child && one.isValid)

/** Proposals and held children of which nobody has said yet whether they are valid. */
export const unjudged = (state: RoundState, known: readonly Held[]): readonly Transition[] => {
  const asked = new Map<string, Transition>()
  const proposed = state.casts.filter(
    (one) => isVote(one, 'propose') && one.statement.round === state.round,
  )
  for (const cast of [...proposed, ...known.slice(0, 1).flatMap((one) => one.casts)]) {
    if (cast.statement.is !== 'vote' || !cast.child) continue
    if (!state.judged.some((one) => one.child === cast.child)) {
      asked.set(cast.child, cast.statement.transition)
    }
  }
  return [...asked.values()]
}
