/**
 * The custodians' scenario: three voters send ballots that carry their consent, at the same time and at any time, while four
 * custodians agree in rounds which is next. The network loses, delays, repeats and damages messages, everybody crashes and
 * starts again from stored bytes, clocks differ and one is put back. A watcher is shown all that custodians let go of, as
 * relays keep it.
 *
 * In `custodians` one of four has a twin, as many as the policy allows for; in `custodians-two` two have, and then two children
 * may become final, which must convict as many as two quorums share.
 *
 * What must hold after every event: nobody honest signs what conflicts; with one liar no parent has two certified children;
 * evidence, the watcher's too, convicts nobody honest; each ballot is counted once. What must hold once the network has healed:
 * every ballot is counted though none was signed twice, everybody has one head, the head is fresh, and whoever let go of two
 * statements that conflict is convicted by the watcher.
 */
import type { TransitionId } from '../base/brand.ts'
import { hexFromBytes } from '../base/bytes.ts'
import type { SchemeId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import { transitionId } from '../kernel/transition.ts'
import type { CustodianEffect } from '../models/custodians/custodian.ts'
import { custodianEvidence } from '../models/custodians/evidence.ts'
import {
  beginWatcher,
  createWatcher,
  type WatcherInput,
  type WatcherState,
} from '../models/custodians/watcher.ts'
import type { AgreedStep } from '../models/rounds/agreed-step.ts'
import {
  createKeeper,
  createVoter,
  performPoll,
  type PollActor,
  type PollEffect,
  type PollInput,
  type PollShell,
  type PollState,
} from './custodians-node.ts'
import { createCustodiansTown, type CustodiansTown, KEEPERS, VOTERS } from './custodians-town.ts'
import { bundleOfPoll, logicsOf } from './poll-bundle.ts'
import type { Sabotage } from './sabotage.ts'
import { createSignedLog, type SignedLog } from './signed-log.ts'
import { reportOn } from './verdict.ts'
import type { Checker, NodeView, Scenario, World } from './world.ts'

export type CustodiansOptions = {
  readonly engine: Engine
  readonly scheme: SchemeId
  /** How many custodians have a twin. */
  readonly twins: 1 | 2
  /** Whether the end is held against the verifier as well. */
  readonly audit: boolean
  readonly sabotage?: Sabotage
}

const SETTLE_TICKS = 900
/** With more liars than the policy allows for nothing need come to an end. */
const SETTLE_TICKS_TWO = 300

/** A fresh scenario; it remembers what was signed, so each run needs its own. */
export const createCustodiansScenario = (
  options: CustodiansOptions,
): Scenario<PollState, PollInput, PollEffect> => {
  const { sabotage = {}, twins } = options
  const town = createCustodiansTown(options.engine, options.scheme, sabotage)
  const cast = castOf(town, options)
  const watch = createWatch(town, cast)
  const shell: PollShell = {
    town,
    seats: cast.map((one) => one.seat),
    note: (node, effect, tick) => note(watch, node, effect, tick),
  }
  const isSafe = twins === 1
  return {
    name: isSafe ? 'custodians' : 'custodians-two',
    actors: cast.map((one) => one.actor),
    wish: (world, node, choice) =>
      world.nodes[node]?.state.is === 'voter' ? { is: 'vote', choice: choice % 5 } : undefined,
    perform: (world, node, effect) => performPoll(shell, world, node, effect),
    nudge: { is: 'nudge' },
    // A frame that is damaged does not decode; that signatures do not hold is tried where they are checked.
    mangle: () => ({ is: 'garbage' }),
    watch: (world) => watchSteps(watch, world),
    checkers: [vows(watch), ...(isSafe ? [oneChild(watch)] : []), evidence(watch), tally(watch)],
    settled: [
      convictedWhoTried(watch),
      ...(isSafe ? [settled(watch), fresh(watch)] : [culprits(watch)]),
      ...(isSafe && options.audit ? [verdict(watch)] : []),
    ],
    settleTicks: isSafe ? SETTLE_TICKS : SETTLE_TICKS_TWO,
    seen: watch.seen,
  }
}

type Cast = { readonly actor: PollActor; readonly seat: number | undefined }

/** The voters, the custodians, then the twins of the first ones. */
const castOf = (
  town: CustodiansTown,
  { twins, sabotage = {} }: CustodiansOptions,
): readonly Cast[] => [
  ...VOTERS.map((_, voter) => ({ actor: createVoter(town, voter), seat: undefined })),
  ...KEEPERS.map((name, seat) => ({
    actor: createKeeper(town, sabotage, { name, seat, honest: seat >= twins }),
    seat,
  })),
  ...KEEPERS.slice(0, twins).map((name, seat) => ({
    actor: createKeeper(town, sabotage, { name: `${name}-twin`, seat, honest: false }),
    seat,
  })),
]

type Watch = {
  readonly town: CustodiansTown
  readonly cast: readonly Cast[]
  /** What keys have signed, and what of that was let go of. */
  readonly signed: SignedLog
  readonly sent: SignedLog
  /** Custodians that let go of two statements that conflict. */
  readonly tried: Set<string>
  readonly watcher: ReturnType<typeof createWatcher>
  /** Names of custodians without a twin, by key. */
  readonly honest: ReadonlyMap<string, string>
  /** Certified children by parent, each with a step that shows it. */
  readonly children: Map<TransitionId, Map<TransitionId, AgreedStep>>
  /** States at the last look, so that unchanged nodes cost nothing. */
  readonly looked: Map<string, unknown>
  readonly counted: Set<TransitionId>
  readonly seen: Set<string>
  watched: WatcherState
  broken: string | undefined
}

const createWatch = (town: CustodiansTown, cast: readonly Cast[]): Watch => ({
  town,
  cast,
  signed: createSignedLog('classic'),
  sent: createSignedLog('classic'),
  tried: new Set(),
  watcher: createWatcher(town.watcherOptions),
  honest: honestKeysOf(town, cast),
  children: new Map(),
  looked: new Map(),
  counted: new Set(),
  seen: new Set(),
  watched: beginWatcher(town.genesis),
  broken: undefined,
})

const note = (watch: Watch, node: number, effect: CustodianEffect, tick: number): void => {
  const one = watch.cast[node]
  const seat = one?.seat ?? -1
  const name = KEEPERS[seat] ?? ''
  switch (effect.is) {
    case 'sign': {
      // Twins are honest each for itself, and their key is not: the log is about keys.
      const conflict = watch.signed.note(name, effect.statement)
      if (conflict && one?.actor.honest === true) {
        watch.broken ??= `${one.actor.name} signs what makes a ${conflict}`
      }
      return
    }
    case 'send':
      for (const { signer, statement } of effect.message.casts) {
        if (signer === seat && watch.sent.note(name, statement)) watch.tried.add(name)
      }
      return show(watch, { is: 'message', message: effect.message }, tick)
    case 'keep':
      return show(watch, { is: 'certified', step: effect.step }, tick)
    case 'heartbeat':
      return show(watch, { is: 'heartbeat', heartbeat: effect.heartbeat }, tick)
    case 'sign-heartbeat':
    case 'wake':
    case 'ask':
    case 'accept':
    case 'accuse':
    case 'reject':
      return
  }
}

const show = (watch: Watch, input: WatcherInput, tick: number): void => {
  const env = { now: watch.town.clockOf(0, tick), random: new Uint8Array(32) }
  const step = (given: WatcherInput): void => {
    watch.watched = watch.watcher.step(watch.watched, given, env)
  }
  step(input)
  for (const one of watch.watched.unkept) step({ is: 'kept', sequence: one.transition.sequence })
}

const watchSteps = (watch: Watch, world: World<PollState>): void => {
  if (watch.tried.size > 0) watch.seen.add('fork let go of')
  for (const node of world.nodes) {
    if (watch.looked.get(node.name) === node.state) continue
    watch.looked.set(node.name, node.state)
    noteSightings(watch.seen, node)
    const step =
      node.state.is === 'keeper' ? node.state.state.member.followed.newest?.step : undefined
    if (!step) continue
    const { parent } = step.transition
    const id = transitionId('classic', step.transition)
    const known = watch.children.get(parent) ?? new Map<TransitionId, AgreedStep>()
    if (step.candidate.interaction.premises.length > 0) watch.seen.add('premise relied on')
    if (!known.has(id)) watch.children.set(parent, known.set(id, step))
    if (known.size > 1) watch.seen.add('two certified children')
  }
}

const noteSightings = (seen: Set<string>, { state }: NodeView<PollState>): void => {
  if (state.is === 'voter') {
    if (state.counted > 0n) seen.add('ballot counted')
    return
  }
  const { member, waiting } = state.state
  const { run, forks, heardOf, followed } = member
  if (run.rounds.round > 0) seen.add('later round')
  if (run.candidates.length > 1) seen.add('two candidates')
  if (waiting.length > 2) seen.add('ballots waiting')
  if (waiting.some((one) => one.triedAt !== undefined && one.refused === 0)) {
    seen.add('ballot put forward again')
  }
  if (forks.length > 0) seen.add('fork held')
  if (heardOf > followed.machine.head.sequence + 1n) seen.add('left behind')
}

const vows = (watch: Watch): Checker<PollState> => ({ name: 'vows', check: () => watch.broken })

const oneChild = (watch: Watch): Checker<PollState> => ({
  name: 'one child',
  check: () => {
    for (const children of watch.children.values()) {
      if (children.size > 1) return `${children.size} children of one parent are certified`
    }
    return undefined
  },
})

/** Evidence that a custodian or the watcher holds convicts nobody that has no twin. */
const evidence = (watch: Watch): Checker<PollState> => ({
  name: 'evidence',
  check: ({ nodes }) => {
    const { honest } = watch
    for (const { name, state } of nodes) {
      if (state.is !== 'keeper') continue
      for (const { publicKey } of state.state.member.forks) {
        const accused = honest.get(hexFromBytes(publicKey))
        if (accused) return `${name} holds evidence against ${accused}, who is honest`
      }
    }
    const { forks, lies, invalid } = watch.watched
    const keys = [...forks, ...lies.map((one) => custodianEvidence.decode(one)), ...invalid]
    for (const { publicKey } of keys) {
      const accused = honest.get(hexFromBytes(publicKey))
      if (accused) return `the watcher holds evidence against ${accused}, who is honest`
    }
    return undefined
  },
})

const honestKeysOf = (town: CustodiansTown, cast: readonly Cast[]): ReadonlyMap<string, string> => {
  const liars = new Set(cast.flatMap((one) => (one.actor.honest ? [] : [one.seat])))
  return new Map(
    town.policy.custodians.flatMap(({ name, publicKey }, seat) =>
      liars.has(seat) ? [] : [[hexFromBytes(publicKey), name] as const],
    ),
  )
}

/** Each ballot counts once, and nobody's counts for another. */
const tally = ({ town, counted }: Watch): Checker<PollState> => ({
  name: 'tally',
  check: ({ nodes }) => {
    for (const { name, state } of nodes) {
      if (state.is !== 'keeper') continue
      const { machine } = state.state.member.followed
      if (counted.has(machine.headId)) continue
      const total = town.totalOf(machine)
      const sum = VOTERS.reduce((all, voter) => all + town.countOf(machine, voter), 0n)
      if (sum !== total) return `${name} counts ${sum} ballots where ${total} were taken`
      counted.add(machine.headId)
    }
    return undefined
  },
})

const settled = ({ town }: Watch): Checker<PollState> => ({
  name: 'settled',
  check: ({ nodes }) => {
    const heads = new Map<string, string>()
    for (const { name, honest, state } of nodes) {
      if (!honest || state.is !== 'keeper') continue
      const { machine } = state.state.member.followed
      heads.set(machine.headId, name)
      for (const { name: voter, state: other } of nodes) {
        if (other.is !== 'voter') continue
        const counted = town.countOf(machine, voter)
        if (counted !== BigInt(other.ballots.length)) {
          return `${name} has counted ${counted} of ${other.ballots.length} ballots of ${voter}`
        }
      }
    }
    return heads.size > 1 ? `${[...heads.values()].join(' and ')} have other heads` : undefined
  },
})

/** Once all is quiet, a quorum of heartbeats names the head that everybody has. */
const fresh = (watch: Watch): Checker<PollState> => ({
  name: 'fresh',
  check: ({ now, nodes }) => {
    show(watch, { is: 'tick' }, now)
    const { followed, freshness } = watch.watched
    const keeper = nodes.find((one) => one.honest && one.state.is === 'keeper')?.state
    const head = keeper?.is === 'keeper' ? keeper.state.member.followed.machine.headId : undefined
    if (followed.machine.headId !== head) return 'the watcher has another head than the custodians'
    return freshness?.is === 'fresh' ? undefined : `the head is ${freshness?.is}`
  },
})

/** Whoever let go of two statements that conflict is convicted by the watcher. */
const convictedWhoTried = (watch: Watch): Checker<PollState> => ({
  name: 'convicted',
  check: () => {
    const guilty = new Set(watch.watched.forks.map((one) => hexFromBytes(one.publicKey)))
    for (const { name, publicKey } of watch.town.policy.custodians) {
      if (watch.tried.has(name) && !guilty.has(hexFromBytes(publicKey))) {
        return `${name} let go of two statements that conflict, and the watcher does not say so`
      }
    }
    return undefined
  },
})

/** Two certified children of one parent convict as many as two quorums share at least, and nobody honest. */
const culprits = (watch: Watch): Checker<PollState> => ({
  name: 'culprits',
  check: () => {
    const { town, children } = watch
    const honest = new Set(watch.honest.values())
    for (const rivals of children.values()) {
      const [one, other] = rivals.values()
      if (!one || !other) continue
      const report = reportOn(bundleOfPoll(town, [...historyOf(children, one), one, other]), {
        logics: logicsOf(town),
        verifier: town.engine,
      })
      const names = new Set(report.convictions.map((each) => each.name))
      if (names.size !== 2) return `two certified children convict ${names.size}`
      if ([...names].some((name) => name !== undefined && honest.has(name))) {
        return 'somebody honest is convicted'
      }
      if (report.outcome !== 'invalid') return `${report.outcome} with two certified children`
    }
    return undefined
  },
})

/** The steps from the genesis to the one before. */
const historyOf = (children: Watch['children'], of: AgreedStep): readonly AgreedStep[] => {
  const byId = new Map([...children.values()].flatMap((one) => [...one]))
  const steps: AgreedStep[] = []
  for (let at = byId.get(of.transition.parent); at; at = byId.get(at.transition.parent)) {
    steps.unshift(at)
  }
  return steps
}

/** The verifier says of the whole history what the custodians say. */
const verdict = ({ town, children }: Watch): Checker<PollState> => ({
  name: 'verdict',
  check: ({ nodes }) => {
    const longest = nodes
      .flatMap(({ state }) => (state.is === 'keeper' ? [state.state.member.followed] : []))
      .reduce((a, b) => (b.machine.head.sequence > a.machine.head.sequence ? b : a))
    if (!longest.newest) return undefined
    const { step } = longest.newest
    const report = reportOn(bundleOfPoll(town, [...historyOf(children, step), step]), {
      logics: logicsOf(town),
      verifier: town.engine,
    })
    if (report.outcome !== 'valid') return `${report.outcome}: ${report.faults[0]?.message ?? ''}`
    return report.machines.find((one) => one.id === town.genesis.id)?.head.id ===
      longest.machine.headId
      ? undefined
      : 'the verifier ends at another step'
  },
})
