/**
 * The `watcher`: somebody who follows a machine of custodians without being one, as a sans-IO role. It replays every certified step
 * and keeps it whole, compares what custodians sign, and says so when they lie or fall silent.
 *
 * Promise. Of all that it is shown, two statements of one key that convict are found while the step that they are about is among
 * the last `WATCHED_STEPS_MAX`, also where they were never in one message and where rounds have gone on. What it holds against a
 * key has been judged here first, so it accuses nobody who keeps the rules.
 *
 * Not promised. That it is shown everything: who hides a statement from every watcher is not found by watching. An alert
 * is no evidence. Silence may be the network's.
 */
import { equalBytes, hexFromBytes } from '../../base/bytes.ts'
import { type Fault, faultFrom, isFault } from '../../base/fault.ts'
import {
  EVIDENCE_KEPT_MAX,
  REFUSALS_MAX,
  SHARED_STEPS_MAX,
  WATCHED_BEATS_MAX,
  WATCHED_STEPS_MAX,
} from '../../base/limits.ts'
import { type Cast, castFrom, type OfferedCast } from '../../kernel/cast.ts'
import { conflictBetween, type Evidence } from '../../kernel/evidence.ts'
import type { Machine } from '../../kernel/execute.ts'
import type { Quorum } from '../../kernel/quorum.ts'
import type { Role } from '../../kernel/role.ts'
import { positionOf } from '../../kernel/statement.ts'
import type { Millis, Wait } from '../../kernel/verdict.ts'
import {
  type AgreedStep,
  beginFollowing,
  follow,
  type Followed,
  rivalryOf,
} from '../rounds/agreed-step.ts'
import type { CandidateOptions } from '../rounds/candidate.ts'
import type { MemberMessage } from '../rounds/member-state.ts'
import { isSaidAlready } from '../rounds/said.ts'
import { custodianEvidence, type CustodianLie, convictCustodian, isLie } from './evidence.ts'
import { checkHeartbeat, type Freshness, freshnessOf, type SignedHeartbeat } from './heartbeat.ts'
import { CUSTODIANS, policyIn, quorumOf } from './policy.ts'
import { invalidVotes } from './replayed.ts'
import type { RuleEvidence } from './rule-evidence.ts'

export type WatcherOptions = CandidateOptions & {
  /** How old a quorum of heartbeats may be before a newer step is possible. */
  readonly ageMs: Millis
  /** How long candidates may wait before custodians count as silent. */
  readonly silenceMs: Millis
}

type Watched = {
  readonly cast: Cast
  readonly publicKey: Uint8Array
  readonly scheme: Quorum['signers'][number]['scheme']
}

export type WatcherState = {
  readonly followed: Followed
  /** By key and number of the step. */
  readonly casts: ReadonlyMap<string, readonly Watched[]>
  /** By key, newest last. */
  readonly beats: ReadonlyMap<string, readonly SignedHeartbeat[]>
  readonly unkept: readonly AgreedStep[]
  readonly heardOf: bigint
  /** When something first waited at this head; missing while nothing does. */
  readonly waitsSince: Millis | undefined
  readonly freshness: Freshness | undefined
  readonly isSilent: boolean
  /** Against keys of this machine, one of each kind for each; bounded. */
  readonly forks: readonly Evidence[]
  readonly lies: readonly Uint8Array[]
  readonly invalid: readonly RuleEvidence[]
  readonly refusals: readonly Fault[]
}

export type WatcherInput =
  | { readonly is: 'message'; readonly message: MemberMessage }
  | { readonly is: 'certified'; readonly step: AgreedStep }
  | { readonly is: 'heartbeat'; readonly heartbeat: SignedHeartbeat }
  | { readonly is: 'kept'; readonly sequence: bigint }
  | { readonly is: 'tick' }

export type WatcherEffect =
  /** Store the whole step, then say so. */
  | { readonly is: 'keep'; readonly step: AgreedStep }
  | { readonly is: 'ask'; readonly from: bigint }
  | { readonly is: 'accuse'; readonly evidence: Evidence }
  /** A lie that only this model recognises, in its bytes. */
  | { readonly is: 'denounce'; readonly proof: Uint8Array }
  | { readonly is: 'denounce-by-rules'; readonly evidence: RuleEvidence }
  /** Something waits and nothing is certified. */
  | { readonly is: 'alert-silence'; readonly since: Millis }
  /** There may be a newer step than the one that is followed. */
  | { readonly is: 'alert-stale'; readonly missing: readonly string[] }

export const beginWatcher = (machine: Machine, since?: Millis): WatcherState => ({
  followed: beginFollowing(machine, since),
  casts: new Map(),
  beats: new Map(),
  unkept: [],
  heardOf: 0n,
  waitsSince: undefined,
  freshness: undefined,
  isSilent: false,
  forks: [],
  lies: [],
  invalid: [],
  refusals: [],
})

export const createWatcher = (
  options: WatcherOptions,
): Role<WatcherState, WatcherInput, WatcherEffect> => ({
  step: (state, input, env) => {
    const next = faultFrom(() => absorb(options, state, input, env.now))
    return isFault(next) ? refused(state, next) : looked(options, next, env.now)
  },
  outstanding,
  waitingFor: ({ followed: { machine }, heardOf }): readonly Wait[] =>
    heardOf > machine.head.sequence + 1n
      ? [{ is: 'step', sequence: machine.head.sequence + 1n, parent: machine.headId }]
      : [],
})

const refused = (state: WatcherState, fault: Fault): WatcherState => ({
  ...state,
  refusals: [...state.refusals, fault].slice(-REFUSALS_MAX),
})

const absorb = (
  options: WatcherOptions,
  state: WatcherState,
  input: WatcherInput,
  now: Millis,
): WatcherState => {
  switch (input.is) {
    case 'message':
      return withMessage(options, state, input.message, now)
    case 'certified':
      return withStep(options, state, input.step)
    case 'heartbeat':
      return withBeat(options, state, input.heartbeat)
    case 'kept':
      return {
        ...state,
        unkept: state.unkept.filter((one) => one.transition.sequence > input.sequence),
      }
    case 'tick':
      return { ...state, heardOf: 0n }
  }
}

const withMessage = (
  options: WatcherOptions,
  state: WatcherState,
  message: MemberMessage,
  now: Millis,
): WatcherState => {
  if (message.machine !== state.followed.machine.id) return state
  const caughtUp = message.newest ? withStep(options, state, message.newest) : state
  const heard = message.casts.reduce((next, one) => withCast(options, next, one), caughtUp)
  const { machine } = heard.followed
  const found = invalidVotes(options, machine, message)
  const invalid = [...heard.invalid]
  for (const one of found) {
    const isKnown = invalid.some((had) => equalBytes(had.publicKey, one.publicKey))
    if (!isKnown && invalid.length < EVIDENCE_KEPT_MAX) invalid.push(one)
  }
  const isWaiting = message.candidates.some((one) =>
    one.interaction.legs.some((leg) => leg.parent === machine.headId),
  )
  return { ...heard, invalid, waitsSince: heard.waitsSince ?? (isWaiting ? now : undefined) }
}

const withStep = (options: WatcherOptions, state: WatcherState, step: AgreedStep): WatcherState => {
  const { head } = state.followed.machine
  const { sequence } = step.transition
  if (sequence > head.sequence + 1n) return { ...state, heardOf: sequence }
  if (sequence <= head.sequence) {
    return rivalryOf(options, state.followed, step).reduce(
      (next, one) => withFork(next, one),
      state,
    )
  }
  const followed = follow(options, state.followed, step)
  if (isFault(followed)) return refused(state, followed)
  if (state.unkept.length >= SHARED_STEPS_MAX) return state
  const oldest = sequence - BigInt(WATCHED_STEPS_MAX)
  return {
    ...state,
    followed,
    unkept: [...state.unkept, step],
    waitsSince: undefined,
    casts: new Map([...state.casts].filter(([, [one]]) => one && sequenceOf(one.cast) > oldest)),
  }
}

const sequenceOf = (of: OfferedCast): bigint => positionOf(of.statement).sequence

/** Those who decide now, and those who decided the newest step. */
const quorumsOf = ({ machine, newest }: Followed): readonly Quorum[] =>
  [machine.terms, ...(newest && newest.terms !== machine.terms ? [newest.terms] : [])].flatMap(
    ({ policy }) => (policy.kind === CUSTODIANS ? [quorumOf(policyIn({ policy }))] : []),
  )

const withCast = (
  options: WatcherOptions,
  state: WatcherState,
  offered: OfferedCast,
): WatcherState => {
  const { machine } = state.followed
  const { suite } = machine.terms
  const place = { suite, ...positionOf(offered.statement) }
  if (place.machine !== machine.id) return state
  if (place.sequence + BigInt(WATCHED_STEPS_MAX) <= machine.head.sequence) return state
  for (const quorum of quorumsOf(state.followed)) {
    const by = quorum.signers[offered.signer]
    if (!by) continue
    const key = hexFromBytes(by.publicKey)
    const name = `${key} ${place.sequence}`
    const known = state.casts.get(name) ?? []
    if (known.some(({ cast }) => isSaid(cast, offered))) return state
    const cast = castFrom({ ...place, suite }, quorum, offered, options.verifier)
    if (isFault(cast)) continue
    if (known.length >= EVIDENCE_KEPT_MAX * 4) return state
    const { scheme, publicKey } = by
    const watched: Watched = { cast, scheme, publicKey }
    const casts = new Map(state.casts).set(name, [...known, watched])
    return compared(options, { ...state, casts }, watched, known)
  }
  return state
}

/** One child of two parents would pass for one statement if only interaction and state were compared. */
const isSaid = (had: Cast, offered: OfferedCast): boolean =>
  positionOf(had.statement).parent === positionOf(offered.statement).parent &&
  isSaidAlready(had, offered)

const compared = (
  options: WatcherOptions,
  state: WatcherState,
  { cast, scheme, publicKey }: Watched,
  known: readonly Watched[],
): WatcherState => {
  const { suite } = state.followed.machine.terms
  let next = state
  for (const { cast: other } of known) {
    if (!conflictBetween(suite, other.statement, cast.statement)) continue
    const [first, second] = [other, cast].map(({ statement, signature }) => ({
      statement,
      signature,
    }))
    if (first && second) next = withFork(next, { suite, scheme, publicKey, first, second })
  }
  if (cast.statement.is !== 'vote' || cast.statement.phase !== 'commit') return next
  const key = hexFromBytes(publicKey)
  const by = { scheme, publicKey }
  for (const [name, others] of state.casts) {
    if (!name.startsWith(key)) continue
    for (const { cast: first } of others) {
      next = withLie(options, next, by, { is: 'decreasing-time', first, second: cast })
    }
  }
  for (const beat of state.beats.get(key) ?? []) {
    next = withLie(options, next, by, { is: 'stale-heartbeat', commit: cast, beat })
  }
  return next
}

const withBeat = (
  options: WatcherOptions,
  state: WatcherState,
  given: SignedHeartbeat,
): WatcherState => {
  const { machine } = state.followed
  if (given.beat.machine !== machine.id) return state
  for (const quorum of quorumsOf(state.followed)) {
    const by = quorum.signers[given.signer]
    if (!by || checkHeartbeat(machine.terms.suite, quorum, given, options.verifier)) continue
    const key = hexFromBytes(by.publicKey)
    const known = state.beats.get(key) ?? []
    if (known.some((one) => equalBytes(one.signature, given.signature))) return state
    const beats = new Map(state.beats).set(key, [...known, given].slice(-WATCHED_BEATS_MAX))
    const heardOf = given.beat.sequence > machine.head.sequence ? given.beat.sequence + 1n : 0n
    let next: WatcherState = {
      ...state,
      beats,
      heardOf: heardOf > state.heardOf ? heardOf : state.heardOf,
    }
    for (const first of known) {
      next = withLie(options, next, by, { is: 'two-heads', first, second: given })
    }
    for (const [name, casts] of state.casts) {
      if (!name.startsWith(key)) continue
      for (const { cast: commit } of casts) {
        next = withLie(options, next, by, { is: 'stale-heartbeat', commit, beat: given })
      }
    }
    return next
  }
  return state
}

/** Each key is convicted once by the kernel's evidence; the first piece is enough. */
const withFork = (state: WatcherState, of: Evidence): WatcherState =>
  state.forks.length >= EVIDENCE_KEPT_MAX ||
  state.forks.some((had) => equalBytes(had.publicKey, of.publicKey))
    ? state
    : { ...state, forks: [...state.forks, of] }

/** With a lie, if it is one; one of each kind for each key. */
const withLie = (
  options: WatcherOptions,
  state: WatcherState,
  { scheme, publicKey }: Pick<Watched, 'scheme' | 'publicKey'>,
  lie: CustodianLie,
): WatcherState => {
  const { terms } = state.followed.machine
  if (state.lies.length >= EVIDENCE_KEPT_MAX || !isLie(terms.suite, lie)) return state
  const isKnown = state.lies.some((one) => {
    const had = custodianEvidence.decode(one)
    return had.lie.is === lie.is && equalBytes(had.publicKey, publicKey)
  })
  if (isKnown) return state
  const proof = custodianEvidence.encode({ scheme, publicKey, lie })
  if (terms.policy.kind !== CUSTODIANS) return state
  const policy = policyIn(terms)
  const found = convictCustodian(proof, { terms, policy, verifier: options.verifier })
  return isFault(found) ? state : { ...state, lies: [...state.lies, proof] }
}

/** What the clock makes of it. */
const looked = (options: WatcherOptions, state: WatcherState, now: Millis): WatcherState => {
  const { machine } = state.followed
  const [quorum] = quorumsOf(state.followed)
  const { waitsSince } = state
  const isSilent = waitsSince !== undefined && now >= waitsSince + options.silenceMs
  const head = { machine: machine.id, head: machine.headId }
  const newest = [...state.beats.values()].flatMap((some) => some.slice(-1))
  const limit = { now, ageMs: options.ageMs }
  const freshness = quorum && freshnessOf(quorum, head, newest, limit)
  return { ...state, isSilent, freshness }
}

const outstanding = (state: WatcherState): readonly WatcherEffect[] => {
  const next = state.followed.machine.head.sequence + 1n
  const { freshness, waitsSince } = state
  return [
    ...state.unkept.map((step): WatcherEffect => ({ is: 'keep', step })),
    ...(state.heardOf > next ? [{ is: 'ask', from: next } as const] : []),
    ...state.forks.map((evidence): WatcherEffect => ({ is: 'accuse', evidence })),
    ...state.lies.map((proof): WatcherEffect => ({ is: 'denounce', proof })),
    ...state.invalid.map((evidence): WatcherEffect => ({ is: 'denounce-by-rules', evidence })),
    ...(state.isSilent && waitsSince !== undefined
      ? [{ is: 'alert-silence', since: waitsSince } as const]
      : []),
    ...(freshness?.is === 'stale-possible'
      ? [{ is: 'alert-stale', missing: freshness.missing } as const]
      : []),
  ]
}
