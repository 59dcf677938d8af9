/**
 * Rounds: how certifiers agree on one child of a parent when anybody may propose.
 *
 * A round has a lead, who proposes a child. Who has checked it signs a *hold*. Who sees a quorum hold it signs a *commit*,
 * and a quorum of commits on a held child is final. Who waits longer than its patience signs an *abort* of the round
 * instead of a commit. A quorum of such endings, commits or aborts, opens the next round, whose lead proposes the child
 * that a quorum held last, if there is one.
 *
 * Safety. Let a quorum commit to A in round r. Suppose a quorum holds another child in a later round, and let r' be the
 * first such round. Both quorums share a signer that is not faulty; it committed to A in r, and then held B in r'. Its
 * vow (`vow.ts`, rule 4) permits that only for a vote that cites a quorum which held B in a round from r to r' − 1.
 * After r there is none, as r' is the first; in r itself two quorums would share a signer that held or committed to both
 * (rule 1). So no other child is held after r, and none is final; before r the same holds with the names swapped. This
 * needs no clock and no order of messages. Where more than f lie, the chains of the two certificates show who: the
 * signers of r that also held in r' (`evidence.ts`).
 *
 * Liveness. Say messages arrive within some delay from now on, and at least a quorum is honest. Nobody honest waits for
 * ever in a round: it commits, or its patience ends and it aborts; both are endings, endings are sent again, and a quorum
 * of them takes all along. Patience grows with the round, so rounds come that are long enough for a proposal, holds and
 * commits. Highest held quorums are sent with everything, so at the latest one round later every honest lead knows the
 * highest; it proposes that child and cites, and no honest lock refuses it, because every lock is on a quorum held at or
 * before it. Each signer leads every n-th round, so an honest one does.
 *
 * Not promised. Progress with fewer than a quorum; fairness between candidates; an end after `ROUNDS_MAX` rounds. Who
 * decides what a valid child is, and signs, stores and sends, is the shell. Cost: every certifier sends to every other.
 */
import { CASTS_MAX, CHILDREN_MAX, ROUNDS_AHEAD_MAX, ROUNDS_MAX } from '../base/limits.ts'
import {
  type Cast,
  chainOf,
  committedQuorums,
  endsOf,
  heldQuorums,
  isVote,
  sameCast,
} from './cast.ts'
import { missingFrom } from './quorum.ts'
import type { Env, Role } from './role.ts'
import {
  type Decision,
  decisionOf,
  justifiedIn,
  leadAt,
  leadsOf,
  patienceEnd,
  type RoundEngine,
  type RoundInstance,
  roundOf,
  type RoundRules,
  type RoundState,
} from './round-state.ts'
import { type Desire, desiresIn, unjudged } from './round-vote.ts'
import type { Phase, Statement } from './statement.ts'
import { type Transition, transitionId } from './transition.ts'
import type { Millis, Wait } from './verdict.ts'
import { permits, type Vow, vowOf } from './vow.ts'

export type RoundInput =
  /** The shell has executed this child: somebody wishes it, or `check` asked for it. */
  | { readonly is: 'judged'; readonly transition: Transition; readonly isValid: boolean }
  /** What others have sent, each checked by `castFrom`. */
  | { readonly is: 'casts'; readonly casts: readonly Cast[] }
  /** A signature that `sign` asked for. */
  | { readonly is: 'signed'; readonly statement: Statement; readonly signature: Uint8Array }
  /** Nothing but time has passed. */
  | { readonly is: 'tick' }

export type RoundEffect =
  | { readonly is: 'sign'; readonly statement: Statement }
  /** To all other certifiers, once now and again from time to time. */
  | { readonly is: 'send'; readonly casts: readonly Cast[] }
  /** A child that others vote for and that has not been judged here. */
  | { readonly is: 'check'; readonly transition: Transition }
  /** Come back with a tick at this time, if nothing else happens. */
  | { readonly is: 'wake'; readonly at: Millis }

export const ROUND_RULES: RoundRules = {
  permits,
  cite: (held) => (held ? held.round + 1 : 0),
}

/** The role of a certifier at one parent; `decisionOf` its state says what is final. */
export const createRounds = (
  instance: RoundInstance,
  rules: RoundRules = ROUND_RULES,
): Role<RoundState, RoundInput, RoundEffect> => {
  const engine: RoundEngine = {
    ...instance,
    ...rules,
    leads: leadsOf(instance, instance.quorum),
  }
  // What one state wants is asked several times by whoever runs the role, and takes every statement into account.
  const effects = new WeakMap<RoundState, readonly RoundEffect[]>()
  return {
    step: (state, input, env) => advance(engine, absorb(engine, state, input), env),
    outstanding: (state) => {
      const known = effects.get(state) ?? outstanding(engine, state)
      effects.set(state, known)
      return known
    },
    waitingFor: (state) => waitingFor(engine, state),
  }
}

const absorb = (engine: RoundEngine, state: RoundState, input: RoundInput): RoundState => {
  switch (input.is) {
    case 'judged': {
      const child = transitionId(engine.suite, input.transition)
      const isKnown = state.judged.some((one) => one.child === child)
      if (isKnown || state.judged.length >= CHILDREN_MAX) return state
      const { transition, isValid } = input
      return { ...state, judged: [...state.judged, { child, transition, isValid }] }
    }
    case 'casts':
      return absorbCasts(engine, state, input.casts)
    case 'signed':
      return absorbSignature(engine, state, input)
    case 'tick':
      return state
  }
}

/**
 * Keeps what others say, within bounds: two conflicting votes of a signer for each round and phase, which is what
 * evidence needs, and no vote more than two rounds ahead. What is a quorum by itself is kept beyond these bounds, because
 * honest signers must be able to catch up.
 */
const absorbCasts = (
  engine: RoundEngine,
  state: RoundState,
  offered: readonly Cast[],
): RoundState => {
  const kept = [...state.casts]
  const rest: Cast[] = []
  for (const cast of offered) {
    if (isFromWrongLead(engine, cast) || kept.some((one) => sameCast(one, cast))) continue
    const isAhead = cast.statement.round > state.round + ROUNDS_AHEAD_MAX
    const isFull = kept.filter((one) => isLike(one, cast)).length >= 2
    if (kept.length >= CASTS_MAX) break
    if (isAhead || isFull) rest.push(cast)
    else kept.push(cast)
  }
  if (rest.length > 0) {
    kept.push(...inQuorums(engine, offered, rest).slice(0, CASTS_MAX - kept.length))
  }
  return kept.length === state.casts.length ? state : { ...state, casts: kept }
}

/** Those of `rest` that belong to a quorum which `offered` shows on its own. */
const inQuorums = (
  engine: RoundEngine,
  offered: readonly Cast[],
  rest: readonly Cast[],
): readonly Cast[] => {
  const rounds = new Set(rest.map((one) => one.statement.round))
  const shown = [
    ...heldQuorums(engine.quorum, offered).map((one) => one.casts),
    ...committedQuorums(engine.quorum, offered).map((one) => one.casts),
    ...[...rounds].map((round) => endsOf(engine.quorum, offered, round) ?? []),
  ].flat()
  return rest.filter((one, at) => shown.includes(one) && rest.indexOf(one) === at)
}

const isFromWrongLead = (engine: RoundEngine, cast: Cast): boolean =>
  isVote(cast, 'propose') && cast.signer !== leadAt(engine, cast.statement.round)

const isLike = (a: Cast, b: Cast): boolean =>
  a.signer === b.signer &&
  a.statement.round === b.statement.round &&
  phaseOf(a.statement) === phaseOf(b.statement)

const phaseOf = (of: Statement): Phase | 'abort' => (of.is === 'vote' ? of.phase : 'abort')

const absorbSignature = (
  engine: RoundEngine,
  state: RoundState,
  input: Extract<RoundInput, { is: 'signed' }>,
): RoundState => {
  const vow = vowOf(engine.suite, input.statement)
  const at = state.own.findIndex((one) => !one.isSigned && isSame(one.vow, vow))
  const mine = state.own[at]
  if (!mine || engine.seat === undefined) return state
  const { statement } = mine
  const cast = { signer: engine.seat, statement, signature: input.signature, child: vow.child }
  // After a crash the own signature may come back from others before it is made again.
  const isKnown = state.casts.some((one) => sameCast(one, cast))
  return {
    ...state,
    own: state.own.with(at, { ...mine, isSigned: true }),
    casts: isKnown ? state.casts : [...state.casts, cast],
  }
}

const isSame = (a: Vow, b: Vow): boolean =>
  a.round === b.round && a.phase === b.phase && a.child === b.child

/** Takes one step after the other until there is none left: into a later round, or a vow. */
const advance = (engine: RoundEngine, start: RoundState, env: Env): RoundState => {
  let state = start
  // Every pass but the last takes a vow or enters a later round, and there are only so many of both.
  for (let pass = 0; pass < ROUNDS_MAX * 8; pass++) {
    const next = progress(engine, state, env.now)
    if (next === state) break
    state = next
  }
  return state
}

const progress = (engine: RoundEngine, state: RoundState, now: Millis): RoundState => {
  if (decisionOf(engine.quorum, state)) return state
  const round = roundOf(engine.quorum, state)
  if (round > state.round) return { ...state, round, since: now }
  if (state.since === undefined) {
    const isBusy = state.casts.length > 0 || state.judged.some((one) => one.isValid)
    return isBusy ? { ...state, since: now } : state
  }
  if (engine.seat === undefined) return state
  const known = justifiedIn(engine.quorum, state.casts)
  for (const wish of desiresIn(engine, state, known, now)) {
    const next = vowed(engine, state, wish)
    if (next) return next
  }
  return state
}

/** The state with the vow for a statement, if the vows taken so far permit it. */
const vowed = (engine: RoundEngine, state: RoundState, wish: Desire): RoundState | undefined => {
  const { statement, heldAt } = wish
  const vow = vowOf(engine.suite, statement)
  const taken = state.own.map((one) => one.vow)
  if (!engine.permits(taken, vow, { released: NONE, heldAt })) return undefined
  return { ...state, own: [...state.own, { statement, vow, isSigned: false }] }
}

/** An abort by one certifier of many releases nobody; held quorums do. */
const NONE: ReadonlySet<number> = new Set()

const outstanding = (engine: RoundEngine, state: RoundState): readonly RoundEffect[] => {
  const effects: RoundEffect[] = []
  for (const one of state.own) {
    if (!one.isSigned) effects.push({ is: 'sign', statement: one.statement })
  }
  const decision = decisionOf(engine.quorum, state)
  const known = justifiedIn(engine.quorum, state.casts)
  if (!decision) {
    for (const one of unjudged(state, known)) effects.push({ is: 'check', transition: one })
    const at = patienceEnd(engine, state)
    const isOver = state.own.some(
      (one) => one.vow.round === state.round && ['commit', 'abort'].includes(one.vow.phase),
    )
    if (at !== undefined && engine.seat !== undefined && !isOver) effects.push({ is: 'wake', at })
  }
  const casts = decision ? chainCasts(decision) : sendable(engine, state)
  if (engine.seat !== undefined && casts.length > 0) effects.push({ is: 'send', casts })
  return effects
}

const chainCasts = (decision: Decision): readonly Cast[] => [
  ...decision.casts,
  ...decision.chain.flatMap((one) => one.casts),
]

/**
 * What lets others catch up: how the round before ended, the highest held quorum with its chain, the lead's proposal, and
 * the own statements of this round and the own latest commit.
 */
const sendable = (engine: RoundEngine, state: RoundState): readonly Cast[] => {
  const { quorum, seat } = engine
  const held = heldQuorums(quorum, state.casts)
  const top = held.find((one) => chainOf(held, one))
  const own = state.casts.filter((one) => one.signer === seat)
  const lastCommit = own.filter((one) => isVote(one, 'commit')).at(-1)
  const sent = new Set<Cast>([
    ...(endsOf(quorum, state.casts, state.round - 1) ?? []),
    ...((top && chainOf(held, top)) ?? []).flatMap((one) => one.casts),
    ...state.casts.filter((one) => isVote(one, 'propose') && one.statement.round === state.round),
    ...(lastCommit ? [lastCommit] : []),
    ...own.filter((one) => one.statement.round === state.round),
  ])
  return [...sent]
}

const waitingFor = (engine: RoundEngine, state: RoundState): readonly Wait[] => {
  if (decisionOf(engine.quorum, state)) return []
  if (state.since === undefined) {
    return [{ is: 'step', sequence: engine.sequence, parent: engine.parent }]
  }
  const ended = state.casts.filter(
    (one) => one.statement.round === state.round && (!one.child || isVote(one, 'commit')),
  )
  const names = missingFrom(
    engine.quorum,
    ended.map((one) => one.signer),
  )
  return [{ is: 'signers', names }]
}
