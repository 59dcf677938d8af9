/**
 * A party's memory as bytes: a point from which a shell can go on without folding every input since the beginning.
 *
 * Promise. Reading what was written gives a state that behaves as the one written, as long as no step was on its way;
 * `memoryFrom` gives nothing for any other. The steps of the past are not in it: the shell keeps them beside it, one by
 * one, and hands them back. Local storage, never sent to anybody, so nothing in it is checked against signatures again;
 * the tree is checked against the head's root, and the steps against the head.
 */
import type { MachineId, TransitionId } from '../../base/brand.ts'
import {
  bytes,
  type Codec,
  fixedBytes,
  flag,
  id,
  list,
  optional,
  struct,
  text,
  u32,
  u64,
  u8,
} from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import {
  ABORTS_MAX,
  CERTIFICATE_BYTES_MAX,
  EVIDENCE_KEPT_MAX,
  KNOWN_MACHINES_MAX,
  PUBLIC_KEY_BYTES_MAX,
  SEEN_MAX,
  SIGNATURE_BYTES_MAX,
  NAME_BYTES_MAX,
  STATE_LEAVES_MAX,
  STATE_VALUE_BYTES_MAX,
} from '../../base/limits.ts'
import { scheme } from '../../base/suite.ts'
import { type Charter, charter, terms, type Terms } from '../../kernel/charter.ts'
import { type Evidence, evidence } from '../../kernel/evidence.ts'
import { type Machine, openMachine } from '../../kernel/execute.ts'
import type { LogicRegistry } from '../../kernel/logic.ts'
import type { Attestation } from '../../kernel/model.ts'
import { statement } from '../../kernel/statement.ts'
import { type Transition, transition, transitionId } from '../../kernel/transition.ts'
import { vows } from '../../kernel/vow.ts'
import type { StateKey } from '../../state/keys.ts'
import { entriesOf, rootOf, treeFrom } from '../../state/tree.ts'
import { roundAbort } from './evidence.ts'
import { grade, lastVow } from './input.ts'
import { sharedStepFields } from './message.ts'
import type { Book, Ended, History, LastVow, PartyState, PartyStep, Position } from './state.ts'

type Entry = { readonly key: StateKey; readonly value: Uint8Array }

/** What is written. */
export type PartyMemory = {
  readonly terms: Terms
  readonly head: Transition
  readonly state: readonly Entry[]
  readonly known: readonly Charter[]
  readonly book: Omit<Book, 'leaving'>
  readonly peer: Position | undefined
  readonly evidence: readonly Evidence[]
  readonly challenge: Uint8Array | undefined
  readonly guarded: LastVow | undefined
  readonly ended: Ended | undefined
  readonly closed: boolean
}

export const partyMemory: Codec<PartyMemory> = struct<PartyMemory>({
  terms,
  head: transition,
  state: list(
    struct<Entry>({ key: id<'state-key'>(), value: bytes(STATE_VALUE_BYTES_MAX) }),
    STATE_LEAVES_MAX,
  ),
  known: list(charter, KNOWN_MACHINES_MAX),
  book: struct<PartyMemory['book']>({
    vows,
    round: u32,
    aborts: list(roundAbort, ABORTS_MAX),
    seen: list(
      struct<Attestation>({
        statement,
        signature: bytes(SIGNATURE_BYTES_MAX),
        scheme,
        publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
        name: text(NAME_BYTES_MAX),
      }),
      SEEN_MAX,
    ),
  }),
  peer: optional(struct<Position>({ sequence: u64, head: id<'transition'>(), round: u32 })),
  evidence: list(evidence, EVIDENCE_KEPT_MAX),
  challenge: optional(fixedBytes(32)),
  guarded: optional(lastVow),
  ended: optional(struct<Ended>({ interaction: id<'interaction'>(), round: u32, by: u8 })),
  closed: flag,
})

/** A final step as the shell stores it. */
export const partyStep: Codec<PartyStep> = struct<PartyStep>({
  ...sharedStepFields,
  id: id<'transition'>(),
  accepted: bytes(CERTIFICATE_BYTES_MAX),
  grade: optional(grade),
})

/** What of a state must survive, or undefined while a step or an abort is on its way. */
export const memoryFrom = (state: PartyState): PartyMemory | undefined => {
  const { machine, known, book, quarantine } = state
  if (state.pending || book.leaving) return undefined
  const { vows: taken, round, aborts, seen } = book
  return {
    terms: machine.terms,
    head: machine.head,
    state: entriesOf(machine.state).map(([key, value]) => ({ key, value })),
    known: [...known.values()].map((one) => one.charter),
    book: { vows: taken, round, aborts, seen },
    peer: state.peer,
    evidence: state.evidence,
    challenge: quarantine?.challenge,
    guarded: state.guarded,
    ended: state.ended,
    closed: state.closed,
  }
}

/**
 * The state that a memory was taken of. `start` is the party's state before anything happened; `steps` are its final
 * steps, oldest first. Returns `memory/other-state` or `memory/other-steps` where these do not belong together.
 */
export const stateFromMemory = (
  start: PartyState,
  memory: PartyMemory,
  past: { readonly steps: readonly PartyStep[]; readonly logics: LogicRegistry },
): PartyState | Fault => {
  const { suite } = memory.terms
  const entries = memory.state.map(({ key, value }) => [key, value] as const)
  const state = faultFrom(() => treeFrom(suite, entries))
  if (isFault(state)) return state
  const { head } = memory
  if (rootOf(state) !== head.state || head.machine !== start.machine.id) {
    return new Fault('memory/other-state', `the values stored do not give the state ${head.state}`)
  }
  const headId = transitionId(suite, head)
  const history = historyFrom(start.machine.headId, past.steps)
  if (isFault(history) || (history?.step.id ?? start.machine.headId) !== headId) {
    return new Fault('memory/other-steps', `the steps stored do not lead to the head ${headId}`)
  }
  const known = new Map<MachineId, Machine>()
  for (const one of memory.known) {
    const opened = openMachine(one, past.logics)
    if (isFault(opened)) return opened
    known.set(opened.id, opened)
  }
  const { challenge } = memory
  return {
    ...start,
    machine: { ...start.machine, terms: memory.terms, head, headId, state },
    history,
    known,
    book: { ...memory.book, leaving: undefined },
    peer: memory.peer,
    evidence: memory.evidence,
    quarantine: challenge && { challenge },
    guarded: memory.guarded,
    ended: memory.ended,
    closed: memory.closed,
  }
}

const historyFrom = (
  genesis: TransitionId,
  steps: readonly PartyStep[],
): History | undefined | Fault => {
  let history: History | undefined
  for (const step of steps) {
    if (step.transition.parent !== (history?.step.id ?? genesis)) {
      return new Fault('memory/other-steps', `step ${step.transition.sequence} builds on another`)
    }
    history = { step, before: history }
  }
  return history
}
