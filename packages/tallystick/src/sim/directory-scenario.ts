/**
 * The directory scenario: people write into accounts that a directory certifies, and hold the operators to what they sign.
 *
 * Clients are owner, submitter and auditor; they ask operators for their checkpoints and tell each other. Liars are twins: a
 * lying operator is two correct ones with one key, each with vows and a log of its own, and who talks to it reaches the one
 * or the other. In `directory` as many operators have a twin as the policy allows for; in `directory-twin` an owner
 * has one as well, and signs two children of its parents.
 *
 * The rules stand in `directory-rules.ts`. Beyond what the policy allows for, two certificates do come about; then the receipts
 * convict as many operators as that takes. Tests show both, and that three receipts of six operators that check nothing
 * are no directory at all.
 */
import type { SchemeId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import { mangleDirectory, performDirectory } from './directory-carrier.ts'
import {
  createClient,
  createOperatorDesk,
  type DirectoryActor,
  type DirectoryEffect,
  type DirectoryInput,
  type DirectoryState,
} from './directory-node.ts'
import { directoryRules, directorySettled } from './directory-rules.ts'
import {
  createDirectoryTown,
  type DirectoryTown,
  FOUR,
  noteWish,
  OWNERS,
} from './directory-town.ts'
import { createDirectoryWatch, watchDesks } from './directory-watch.ts'
import type { Sabotage } from './sabotage.ts'
import type { Scenario } from './world.ts'

export type DirectoryOptions = {
  readonly engine: Engine
  readonly scheme: SchemeId
  /** Whether the first owner has a twin. */
  readonly twin: boolean
  readonly sabotage?: Sabotage
}

const SETTLE_TICKS = 450

/** A fresh scenario; it remembers what was signed, so each run needs its own. */
export const createDirectoryScenario = (
  options: DirectoryOptions,
): Scenario<DirectoryState, DirectoryInput, DirectoryEffect> => {
  const { engine, scheme, twin, sabotage = {} } = options
  const town = createDirectoryTown(engine, scheme, sabotage.directory ?? FOUR)
  const watch = createDirectoryWatch(town)
  return {
    name: twin ? 'directory-twin' : 'directory',
    actors: castOf(town, twin, sabotage),
    wish: (world, node, choice) => {
      const state = world.nodes[node]?.state
      const account = state?.is === 'client' ? town.accounts[state.at] : undefined
      if (state?.is !== 'client' || !account) return undefined
      return { is: 'account', input: noteWish(account, OWNERS[state.at] ?? '', choice) }
    },
    perform: (world, node, effect) => performDirectory({ town, watch, world, node }, effect),
    nudge: { is: 'resend' },
    mangle: mangleDirectory,
    watch: (world) => watchDesks(watch, world),
    checkers: directoryRules(watch),
    settled: directorySettled(watch),
    settleTicks: SETTLE_TICKS,
    seen: watch.seen,
  }
}

/** The owners, the twin of the first, as the plan counts on; then the operators, and last their twins. */
const castOf = (
  town: DirectoryTown,
  twin: boolean,
  sabotage: Sabotage,
): readonly DirectoryActor[] => {
  const { operatorTwins = town.policy.faulty } = sabotage
  const desk = (name: string, seat: number): DirectoryActor =>
    createOperatorDesk(town, sabotage, { name, seat, honest: seat >= operatorTwins })
  const names = town.policy.operators.map((one) => one.name)
  return [
    ...OWNERS.map((name, at) => createClient(town, { name, at, honest: !twin || at > 0 })),
    ...(twin ? [createClient(town, { name: `${OWNERS[0]}-twin`, at: 0, honest: false })] : []),
    ...names.map(desk),
    ...names.slice(0, operatorTwins).map((name, seat) => desk(`${name}-twin`, seat)),
  ]
}
