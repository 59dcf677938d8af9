/**
 * The simulated world: nodes with stores, a network that misbehaves, virtual time, one seed.
 *
 * Promise. A run is a function of its plan and scenario. Production roles run unchanged: an event is popped, `step` runs, the
 * new state is saved or the save is lost, and what the state has outstanding is performed. After every event each checker
 * looks at the whole world. In the safety phase anything in the plan may happen; then the network heals, everybody is up, and
 * within a bounded virtual time everything admitted must be settled (liveness phase).
 *
 * Durability is modelled as it is promised: effects are performed only after the state they follow from was saved. A crash
 * loses the state since the last save; a torn write loses the last save, whose effects were not performed; a restore
 * brings back an older save although later effects were performed.
 */
import type { Stream } from './random.ts'

/** How a scenario plugs a role into the world. `Input` and `Effect` are the role's own. */
export type Actor<State, Input, Effect> = {
  readonly name: string
  /** Whether the promises must hold for this node. Twins and nodes restored unnoticed are not honest. */
  readonly honest: boolean
  readonly start: () => State
  readonly step: (state: State, input: Input, now: number, random: Uint8Array) => State
  /** Effects with ids that stay the same while the effect is outstanding. */
  readonly outstanding: (state: State) => readonly (readonly [id: string, effect: Effect])[]
  /** Told of every state that was saved: what a guard file is written from, which no restore puts back. */
  readonly guard: (saved: State) => void
  /** Inputs a fresh process gives itself: after a crash, or after a restore that its guard noticed. */
  readonly wake: (how: 'restarted' | 'restored') => readonly Input[]
}

export type Scenario<State, Input, Effect> = {
  readonly name: string
  readonly actors: readonly Actor<State, Input, Effect>[]
  readonly wish: (world: World<State>, node: number, choice: number) => Input | undefined
  /** Performs an effect: answers inputs to itself after some ticks, and messages to others. */
  readonly perform: (
    world: World<State>,
    node: number,
    effect: Effect,
  ) => readonly Delivery<Input>[]
  /** Input that makes a node send again what it still waits an answer for; given now and then. */
  readonly nudge: Input | undefined
  /** A message as it arrives after a byte of it was changed; the same where it has no bytes. */
  readonly mangle: (input: Input, stream: Stream) => Input
  /** Notes what the checkers remember between events. Called before them after every event, whichever of them look. */
  readonly watch: (world: World<State>) => void
  readonly checkers: readonly Checker<State>[]
  /** What must hold once everything has healed and settled. */
  readonly settled: readonly Checker<State>[]
  /** Ticks that the liveness phase may take. */
  readonly settleTicks: number
  /**
   * Situations that this run has come to, by name. A rule that was never in danger has not been tested, so the rare
   * situations are counted over many seeds.
   */
  readonly seen: ReadonlySet<string>
}

export type Delivery<Input> = {
  readonly to: number
  readonly input: Input
  /** Local answers (a signature, a human's word) are never lost; messages go through the network. */
  readonly by: 'network' | 'local'
  /** What it is, for the log; the input's own kind if missing. */
  readonly label?: string
}

export type NodeView<State> = {
  readonly name: string
  readonly honest: boolean
  readonly state: State
  readonly up: boolean
  /** How often its store was put back to an earlier point. */
  readonly restores: number
}

export type World<State> = {
  readonly now: number
  readonly nodes: readonly NodeView<State>[]
  readonly stream: (name: string) => Stream
}

/** A rule about the whole world. Returns what is wrong in a sentence. */
export type Checker<State> = {
  readonly name: string
  readonly check: (world: World<State>) => string | undefined
}

export type Run = {
  readonly violation:
    | { readonly checker: string; readonly says: string; readonly at: number }
    | undefined
  /** Events processed. */
  readonly events: number
  /** Virtual ticks that passed. */
  readonly ticks: number
  /** Rolling fingerprint of the event sequence: equal runs have equal fingerprints. */
  readonly fingerprint: number
  /** Situations that the run has come to, in alphabetical order. */
  readonly seen: readonly string[]
  /** The last events, for people. */
  readonly log: readonly string[]
}

/** What is broken on purpose about the ground that roles stand on, to show that the checkers notice. */
export type RunOptions = {
  /**
   * `effects-first`: effects are performed before the state they follow from is saved. `lying-sync`: a crash loses the
   * last save although its effects were performed.
   */
  readonly store?: 'effects-first' | 'lying-sync'
  /** Names of the checkers that look; all if missing. */
  readonly only?: readonly string[]
}
