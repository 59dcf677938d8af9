/**
 * The shared scenario: two holders pay each other out of one purse that anybody may move, at the same time and at any time,
 * while operators agree in rounds which payment is next. The network loses, delays, repeats and damages messages, everybody
 * crashes and starts again from stored bytes.
 *
 * In `directory-shared` one operator of four has a twin, as many as the policy allows for; in `directory-shared-twins` two
 * have, and then two children may become final, which must convict as many as two quorums share.
 *
 * What must hold after every event: nobody honest signs what conflicts; with one liar no parent has two certified children;
 * evidence convicts nobody honest; the purse holds what it held. What must hold once the network has healed: everybody has
 * one head and no wish is left waiting, whatever collided before.
 */
import type { TransitionId } from '../base/brand.ts'
import type { SchemeId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import { hexFromBytes } from '../base/bytes.ts'
import { transitionId } from '../kernel/transition.ts'
import type { AgreedStep } from '../models/rounds/agreed-step.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { EMPTY_BUNDLE } from '../verify/bundle.ts'
import type { Sabotage } from './sabotage.ts'
import {
  createDesk,
  createHolder,
  performShared,
  type SharedActor,
  type SharedEffect,
  type SharedInput,
  type SharedShell,
  type SharedState,
} from './shared-node.ts'
import { createSharedTown, HOLDERS, OPERATORS, type SharedTown, TOTAL } from './shared-town.ts'
import { createSignedLog } from './signed-log.ts'
import { reportOn } from './verdict.ts'
import type { Checker, NodeView, Scenario, World } from './world.ts'

export type SharedOptions = {
  readonly engine: Engine
  readonly scheme: SchemeId
  /** How many operators have a twin. */
  readonly twins: 1 | 2
  /** Whether the end is held against the verifier as well. */
  readonly audit: boolean
  readonly sabotage?: Sabotage
}

const SETTLE_TICKS = 3000
/** With more liars than the policy allows for nothing need come to an end. */
const SETTLE_TICKS_TWINS = 300

/** A fresh scenario; it remembers what was signed, so each run needs its own. */
export const createSharedScenario = (
  options: SharedOptions,
): Scenario<SharedState, SharedInput, SharedEffect> => {
  const { sabotage = {}, twins } = options
  const town = createSharedTown(options.engine, options.scheme, sabotage.logics)
  const watch = createSharedWatch(town)
  const cast = castOf(town, options)
  const shell = shellOf(watch, cast)
  const isSafe = twins === 1
  return {
    name: isSafe ? 'directory-shared' : 'directory-shared-twins',
    actors: cast.map((one) => one.actor),
    wish: (world, node, choice) => {
      const state = world.nodes[node]?.state
      if (state?.is !== 'holder') return undefined
      const operations = [town.payment(state.party, BigInt(1 + (choice % 97)))]
      const wish = { operations, beside: [], consents: [] }
      return { is: 'holder', input: { is: 'wish', wish } }
    },
    perform: (world, node, effect) => performShared(shell, world, node, effect),
    nudge: { is: 'nudge' },
    // A frame that is damaged does not decode; that signatures do not hold is tried where they are checked.
    mangle: () => ({ is: 'garbage' }),
    watch: (world) => watchSteps(watch, world),
    checkers: [
      vows(watch),
      ...(isSafe ? [oneChild(watch)] : []),
      evidence(watch),
      conservation(watch),
    ],
    settled: [
      ...(isSafe ? [settled] : [convicted(watch)]),
      ...(isSafe && options.audit ? [verdict(watch)] : []),
    ],
    settleTicks: isSafe ? SETTLE_TICKS : SETTLE_TICKS_TWINS,
    seen: watch.seen,
  }
}

type Cast = { readonly actor: SharedActor; readonly seat: number | undefined }

/** The holders, the operators, then the twins of the first ones. */
const castOf = (town: SharedTown, { twins, sabotage = {} }: SharedOptions): readonly Cast[] => [
  ...HOLDERS.map((_, party) => ({ actor: createHolder(town, party), seat: undefined })),
  ...OPERATORS.map((name, seat) => ({
    actor: createDesk(town, sabotage, { name, seat, honest: seat >= twins }),
    seat,
  })),
  ...OPERATORS.slice(0, twins).map((name, seat) => ({
    actor: createDesk(town, sabotage, { name: `${name}-twin`, seat, honest: false }),
    seat,
  })),
]

type SharedWatch = {
  readonly town: SharedTown
  readonly log: ReturnType<typeof createSignedLog>
  /** Certified children by parent, each with a step that shows it. */
  readonly children: Map<TransitionId, Map<TransitionId, AgreedStep>>
  /** States at the last look, so that unchanged nodes cost nothing. */
  readonly looked: Map<string, unknown>
  readonly seen: Set<string>
  broken: string | undefined
}

const createSharedWatch = (town: SharedTown): SharedWatch => ({
  town,
  log: createSignedLog('classic'),
  children: new Map(),
  looked: new Map(),
  seen: new Set(),
  broken: undefined,
})

const shellOf = (watch: SharedWatch, cast: readonly Cast[]): SharedShell => ({
  town: watch.town,
  seats: cast.map((one) => one.seat),
  note: (node, { statement }) => {
    const one = cast[node]
    // Twins are honest each for itself, and their key is not: the log is about keys.
    const conflict = watch.log.note(OPERATORS[one?.seat ?? -1] ?? '', statement)
    if (conflict && one?.actor.honest === true) {
      watch.broken ??= `${one.actor.name} signs what makes a ${conflict}`
    }
  },
})

const watchSteps = (watch: SharedWatch, world: World<SharedState>): void => {
  for (const node of world.nodes) {
    if (watch.looked.get(node.name) === node.state) continue
    watch.looked.set(node.name, node.state)
    noteSightings(watch.seen, node)
    const step = node.state.state.followed.newest?.step
    if (!step) continue
    const { parent } = step.transition
    const id = transitionId('classic', step.transition)
    const known = watch.children.get(parent) ?? new Map<TransitionId, AgreedStep>()
    if (!known.has(id)) watch.children.set(parent, known.set(id, step))
    if (known.size > 1) watch.seen.add('two certified children')
  }
}

const noteSightings = (seen: Set<string>, { state }: NodeView<SharedState>): void => {
  if (state.is === 'holder') {
    if (state.state.done) seen.add('wish done')
    return
  }
  const { run, forks, heardOf, followed } = state.state
  if (run.rounds.round > 0) seen.add('later round')
  if (run.candidates.length > 1) seen.add('two candidates')
  if (forks.length > 0) seen.add('fork held')
  if (heardOf > followed.machine.head.sequence + 1n) seen.add('left behind')
  if (run.rounds.casts.some((one) => one.statement.round > 0 && isCited(one.statement))) {
    seen.add('vote with a citation')
  }
}

const isCited = (of: { readonly is: string; readonly cited?: number }): boolean =>
  of.is === 'vote' && (of.cited ?? 0) > 0

const vows = (watch: SharedWatch): Checker<SharedState> => ({
  name: 'vows',
  check: () => watch.broken,
})

const oneChild = (watch: SharedWatch): Checker<SharedState> => ({
  name: 'one child',
  check: () => {
    for (const children of watch.children.values()) {
      if (children.size > 1) return `${children.size} children of one parent are certified`
    }
    return undefined
  },
})

/** Evidence that a node holds convicts no operator that has no twin. */
const evidence = ({ town }: SharedWatch): Checker<SharedState> => ({
  name: 'evidence',
  check: ({ nodes }) => {
    const honest = new Map(
      town.policy.operators.map((one) => [hexFromBytes(one.publicKey), one.name]),
    )
    for (const { name, honest: isHonest, state } of nodes) {
      if (state.is === 'member' && !isHonest) honest.delete(keyOf(town, state.seat))
      if (state.is !== 'member' || state.state.forks.length === 0) continue
      for (const fork of state.state.forks) {
        const accused = nodes.find(
          (one) =>
            one.honest &&
            one.state.is === 'member' &&
            keyOf(town, one.state.seat) === hexFromBytes(fork.publicKey),
        )
        if (accused) return `${name} holds evidence against ${accused.name}, who is honest`
      }
    }
    return undefined
  },
})

const keyOf = (town: SharedTown, seat: number): string => {
  const operator = town.policy.operators[seat]
  return operator ? hexFromBytes(operator.publicKey) : ''
}

const conservation = ({ town }: SharedWatch): Checker<SharedState> => {
  const checked = new Set<TransitionId>()
  return {
    name: 'conservation',
    check: ({ nodes }) => {
      for (const { name, state } of nodes) {
        const { machine } = state.state.followed
        if (checked.has(machine.headId)) continue
        const sum = town.sumOf(machine)
        if (sum !== TOTAL) return `${name} counts ${sum} where ${TOTAL} belong`
        checked.add(machine.headId)
      }
      return undefined
    },
  }
}

const settled: Checker<SharedState> = {
  name: 'settled',
  check: ({ nodes }) => {
    const heads = new Map<string, string>()
    for (const { name, honest, state } of nodes) {
      if (!honest) continue
      if (state.is === 'holder' && state.state.pending) return `${name} still waits for its payment`
      if (state.is === 'member') heads.set(state.state.followed.machine.headId, name)
    }
    return heads.size > 1 ? `${[...heads.values()].join(' and ')} have other heads` : undefined
  },
}

/** Two certified children of one parent convict as many as two quorums share at least. */
const convicted = ({ town, children }: SharedWatch): Checker<SharedState> => ({
  name: 'culprits',
  check: () => {
    for (const rivals of children.values()) {
      const [one, other] = rivals.values()
      if (!one || !other) continue
      const report = reportOn(
        {
          ...EMPTY_BUNDLE,
          charters: [town.charter],
          steps: [...historyOf(children, one), one, other].map(bundleStepOf),
        },
        { logics: town.options.logics, verifier: town.engine },
      )
      const names = new Set(report.convictions.map((each) => each.name))
      if (names.size < 2) return `two certified children convict only ${names.size}`
      if (report.outcome !== 'invalid') return `${report.outcome} with two certified children`
    }
    return undefined
  },
})

/** The steps from the genesis to the one before. */
const historyOf = (children: SharedWatch['children'], of: AgreedStep): readonly AgreedStep[] => {
  const byId = new Map([...children.values()].flatMap((one) => [...one]))
  const steps: AgreedStep[] = []
  for (let at = byId.get(of.transition.parent); at; at = byId.get(at.transition.parent)) {
    steps.unshift(at)
  }
  return steps
}

const bundleStepOf = ({ transition, candidate, certificate }: AgreedStep) =>
  bundleStepFrom(
    {
      interaction: candidate.interaction,
      transition,
      consents: candidate.consents,
      certificate,
    },
    () => undefined,
  )

/** The verifier says of the whole history what the operators say. */
const verdict = ({ town, children }: SharedWatch): Checker<SharedState> => ({
  name: 'verdict',
  check: ({ nodes }) => {
    const longest = nodes
      .map(({ state }) => state.state.followed)
      .reduce((a, b) => (b.machine.head.sequence > a.machine.head.sequence ? b : a))
    if (!longest.newest) return undefined
    const { step } = longest.newest
    const steps = [...historyOf(children, step), step].map(bundleStepOf)
    const report = reportOn(
      { ...EMPTY_BUNDLE, charters: [town.charter], steps },
      { logics: town.options.logics, verifier: town.engine },
    )
    if (report.outcome !== 'valid') return `${report.outcome}: ${report.faults[0]?.message ?? ''}`
    return report.machines[0]?.head.id === longest.machine.headId
      ? undefined
      : 'the verifier ends at another step'
  },
})
