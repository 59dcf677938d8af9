/**
 * Desks: the shell around a party. A desk feeds inputs to the role, lets keys sign, stores, and only then hands out what
 * is to be sent or asked.
 *
 * Promise. Nothing leaves a desk before everything that led to it is on disk (`store.ts`): a message is in the world only if
 * the state behind it comes back after a crash, and so is every signature in it. Opening a folder after a crash at any
 * point gives that state, and everything outstanding is handed out again. A folder put back from a backup is noticed by
 * its guard and goes into quarantine.
 *
 * Keys that are at hand sign between the step and the sync: their signatures leave this process with a message or not at
 * all, so they are out only after the sync, like the message. A key elsewhere is asked by an effect handed out, after the sync.
 */
import { Fault, isFault } from '../../base/fault.ts'
import { CHECKPOINT_BYTES_MIN } from '../../base/limits.ts'
import type { Signer } from '../../base/verifier.ts'
import type { LogicRegistry } from '../../kernel/logic.ts'
import type { Env } from '../../kernel/role.ts'
import { type RecordedInput, recordedInput } from '../../models/bilateral/input.ts'
import {
  memoryFrom,
  partyMemory,
  partyStep,
  stateFromMemory,
} from '../../models/bilateral/memory.ts'
import type { Party } from '../../models/bilateral/party.ts'
import {
  type History,
  isSameMemory,
  type LastVow,
  lastVowOf,
  type PartyEffect,
  type PartyInput,
  type PartyState,
  type PartyStep,
} from '../../models/bilateral/state.ts'
import type { DeskStore, Loaded } from './store.ts'

export type DeskOptions = {
  readonly party: Party
  readonly logics: LogicRegistry
  readonly store: DeskStore
  /** Keys at hand, by their position in the own controller. */
  readonly signers: ReadonlyMap<number, Signer>
  /** Milliseconds since 1970. */
  readonly now: () => bigint
  /** 32 fresh random bytes. */
  readonly random: () => Uint8Array
}

/** What came of an input: effects for the outside that were not handed out before, and why it was refused, if it was. */
export type Outcome = {
  readonly effects: readonly PartyEffect[]
  readonly refused: readonly Fault[]
}

export type Desk = {
  readonly state: () => PartyState
  readonly take: (input: PartyInput) => Outcome
  /** Everything outstanding for the outside, whether handed out before or not. */
  readonly outstanding: () => readonly PartyEffect[]
  /** Whether opening found the store behind what had been signed. */
  readonly restored: boolean
  readonly close: () => void
}

/**
 * Opens a desk over a store, which it closes in the end. Raises `desk/other-machine`, and the faults of a memory that was
 * damaged.
 */
export const openDesk = (options: DeskOptions): Desk => {
  try {
    return openOver(options)
  } catch (error) {
    options.store.close()
    throw error
  }
}

const openOver = (options: DeskOptions): Desk => {
  const { store } = options
  const running: Running = {
    options,
    state: stateFromStore(options, store.loaded),
    // Steps in the file may reach further than the memory, if a crash came between the two.
    archived: BigInt(store.loaded.steps.length),
    performed: [],
    unstored: [],
    last: undefined,
    isBroken: false,
  }
  const last = forgottenVow(running.state, store.loaded)
  if (last.is === 'forgotten') {
    takeIn(running, { is: 'restored', last: last.vow })
    flush(running)
  }
  return {
    state: () => running.state,
    take: (input) => {
      const before = running.state.talk.refusals
      takeIn(running, input)
      const effects = perform(running)
      flush(running)
      const refused = running.state.talk.refusals.filter((one) => !before.includes(one))
      return { effects, refused }
    },
    outstanding: () => outside(running, options.party.outstanding(running.state)),
    restored: last.is === 'forgotten',
    close: () => store.close(),
  }
}

type Running = {
  readonly options: DeskOptions
  state: PartyState
  /** Final steps in the history file. */
  archived: bigint
  /** Ids of what is outstanding and was handed out; what is outstanding no longer is forgotten. */
  performed: readonly string[]
  /** Inputs taken in and not stored yet. */
  readonly unstored: RecordedInput[]
  last: LastVow | undefined
  isBroken: boolean
}

const NO_BYTES = new Uint8Array(32)

/** Steps the role. An input that leaves no trace in its memory need not be stored: after a crash it comes again. */
const takeIn = (running: Running, input: PartyInput): void => {
  const { party, now, random } = running.options
  // Nothing but a challenge is made of the random bytes.
  const env: Env = { now: now(), random: input.is === 'restored' ? random() : NO_BYTES }
  const next = party.step(running.state, input, env)
  if (!isSameMemory(running.state, next)) {
    running.unstored.push({ env, input })
  }
  running.state = next
}

/** Has the keys at hand sign whatever they can, and returns the other effects that are new in this run. */
const perform = (running: Running): readonly PartyEffect[] => {
  const { party, signers } = running.options
  const fresh: PartyEffect[] = []
  for (;;) {
    const now = party.outstanding(running.state)
    const wanted = now.find((one) => isNew(running, one) && isAtHand(signers, one))
    if (wanted?.is !== 'sign') {
      for (const one of now) if (isNew(running, one)) fresh.push(one)
      running.performed = now.map((one) => one.id)
      return fresh
    }
    running.performed = [...running.performed, wanted.id]
    const signature = signers.get(wanted.key)?.sign(wanted.digest)
    if (!signature) continue
    takeIn(running, { is: 'signed', digest: wanted.digest, key: wanted.key, signature })
  }
}

const isNew = (running: Running, effect: PartyEffect): boolean =>
  !running.performed.includes(effect.id)

const isAtHand = (signers: DeskOptions['signers'], effect: PartyEffect): boolean =>
  effect.is === 'sign' && signers.has(effect.key)

const outside = (running: Running, effects: readonly PartyEffect[]): readonly PartyEffect[] =>
  effects.filter((one) => !isAtHand(running.options.signers, one))

/** Stores what was taken in. Only after this may anything leave. */
const flush = (running: Running): void => {
  const { store } = running.options
  if (running.isBroken) throw new Error('storing failed before; open the desk anew')
  const last = lastVowOf(running.state)
  const isNew = last !== undefined && last.vow !== running.last?.vow
  if (running.unstored.length === 0 && !isNew) return
  // Whatever fails from here on, nobody knows what is on disk: only opening anew tells.
  running.isBroken = true
  store.record(running.unstored, isNew ? last : undefined)
  running.unstored.length = 0
  running.last = last ?? running.last
  if (store.size().since >= CHECKPOINT_BYTES_MIN) checkpoint(running)
  running.isBroken = false
}

const checkpoint = (running: Running): void => {
  const memory = memoryFrom(running.state)
  if (!memory) return
  const steps = stepsAfter(running.state.history, running.archived)
  running.options.store.checkpoint(
    partyMemory.encode(memory),
    steps.map((one) => partyStep.encode(one)),
  )
  running.archived += BigInt(steps.length)
}

const stepsAfter = (history: History | undefined, sequence: bigint): readonly PartyStep[] => {
  const steps: PartyStep[] = []
  for (let at = history; at && at.step.transition.sequence > sequence; at = at.before) {
    steps.push(at.step)
  }
  return steps.reverse()
}

const stateFromStore = ({ party, logics }: DeskOptions, loaded: Loaded): PartyState => {
  const start = party.begin()
  let state = start
  if (loaded.memory) {
    const memory = partyMemory.decode(loaded.memory)
    const steps = loaded.steps
      .slice(0, Number(memory.head.sequence))
      .map((one) => partyStep.decode(one))
    const found = stateFromMemory(start, memory, { steps, logics })
    if (isFault(found)) throw found
    state = found
  }
  for (const bytes of loaded.inputs) {
    const { env, input } = recordedInput.decode(bytes)
    const next = party.step(state, input, env)
    // Only inputs that left a trace were stored, so one that leaves none now came from another machine or version.
    if (isSameMemory(state, next)) throw stale(state)
    state = next
  }
  return state
}

const stale = (state: PartyState): Fault => {
  const why = state.talk.refusals.at(-1)
  return new Fault('desk/other-machine', `a stored input has no effect: ${why?.message ?? 'none'}`)
}

type Forgotten =
  | { readonly is: 'nothing' }
  | { readonly is: 'forgotten'; readonly vow: LastVow | undefined }

/** Whether the guard remembers more than the journal: then the journal is an old one. */
const forgottenVow = (state: PartyState, { guard }: Loaded): Forgotten => {
  switch (guard.is) {
    case 'none':
      // The guard is written after the journal, so it may lag by the very first vow, and never by a whole step.
      return { is: 'nothing' }
    case 'missing':
      // Nobody can say what was signed. A party that never voted has nothing to forget.
      return state.history || state.book.vows.length > 0
        ? { is: 'forgotten', vow: undefined }
        : { is: 'nothing' }
    case 'vow':
      return isRemembered(state, guard.last)
        ? { is: 'nothing' }
        : { is: 'forgotten', vow: guard.last }
  }
}

const isRemembered = (state: PartyState, last: LastVow): boolean => {
  const { head, headId } = state.machine
  const isSame = (one: LastVow['vow']): boolean =>
    one.round === last.vow.round &&
    one.phase === last.vow.phase &&
    one.child === last.vow.child &&
    one.cited === last.vow.cited
  if (last.sequence < head.sequence) return true
  if (last.parent === headId && state.book.vows.some(isSame)) return true
  return state.guarded?.parent === last.parent && isSame(state.guarded.vow)
}
