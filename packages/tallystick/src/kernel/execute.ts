/**
 * Execution: what an interaction makes of the machines it touches.
 *
 * Promise. `execute` is deterministic and changes nothing: it returns new machines or a fault. Every written leg gets one
 * transition; all of them follow from one interaction, and whether each is final is its own policy's matter. Checks
 * run cheap before dear: shape, links, premises, then the logics.
 */
import { type InteractionId, type MachineId, type TransitionId, zeroId } from '../base/brand.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { hash } from '../base/hash.ts'
import { CHANGES_MAX, STATE_VALUE_BYTES_MAX } from '../base/limits.ts'
import { type SuiteId, suiteRules } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Verifier } from '../base/verifier.ts'
import { equalBytes, hexFromBytes } from '../base/bytes.ts'
import { type StateKey, stateKey } from '../state/keys.ts'
import { emptyTree, read, replace, rootOf, type Tree } from '../state/tree.ts'
import { type Charter, checkTerms, machineId, type Terms, terms } from './charter.ts'
import { convict, evidence } from './evidence.ts'
import {
  AMEND,
  checkInteraction,
  type Interaction,
  interactionId,
  type Operation,
  type Premise,
} from './interaction.ts'
import type { Call, Change, LogicRegistry, Path, Prefix, ProvenPremise } from './logic.ts'
import { childTransition, genesisTransition, type Transition, transitionId } from './transition.ts'

/** A machine at one point of its history, with its whole state. */
export type Machine = {
  readonly id: MachineId
  readonly charter: Charter
  /** The terms in force after `head`. */
  readonly terms: Terms
  readonly head: Transition
  readonly headId: TransitionId
  readonly state: Tree
}

export type Execution = {
  readonly interaction: InteractionId
  /** The machines of the written legs after the step, in the legs' order. */
  readonly written: readonly Machine[]
}

export type Execute = {
  readonly interaction: Interaction
  readonly machines: ReadonlyMap<MachineId, Machine>
  readonly logics: LogicRegistry
  readonly consents: (machine: MachineId, party: number) => boolean
  /** In the order of the interaction's premises. */
  readonly proven: readonly ProvenPremise[]
  readonly verifier: Verifier
}

/** The machine a charter begins, at its genesis. Returns the logic's fault, or `logic/unknown`. */
export const openMachine = (charter: Charter, logics: LogicRegistry): Machine | Fault => {
  const id = machineId(charter)
  const { suite } = charter.terms
  if (charter.state.is === 'cells') {
    return new Fault('charter/cells-chain', 'a machine of cells is opened as a chain', {
      machine: id,
    })
  }
  let state = emptyTree(suite)
  for (const [position, use] of charter.logics.entries()) {
    const logic = logics.get(use.name)
    if (!logic)
      return new Fault('logic/unknown', `no logic is called "${use.name}"`, { machine: id })
    // A logic may refuse its parameters, fail to decode them, or make a path of them that is no path.
    const changes = faultFrom(() => {
      const begun = logic.genesis({ params: use.params, terms: charter.terms, machine: id })
      if (isFault(begun)) return begun
      const prefix = { machine: id, logic: position }
      return begun.map((one) => ({ key: pathKey(suite, prefix, one.path), value: one.value }))
    })
    if (isFault(changes)) return changes.at({ machine: id, step: 0n })
    state = replace(state, changes)
  }
  const head = genesisTransition(suite, id, rootOf(state))
  return { id, charter, terms: charter.terms, head, headId: transitionId(suite, head), state }
}

/** The state key of a path that belongs to a logic. */
export const pathKey = (suite: SuiteId, of: Prefix, path: Path): StateKey =>
  stateKey(suite, of.machine, Uint8Array.of(of.logic), ...path)

/** Runs an interaction. Every fault names machine and step where it can. */
export const execute = (run: Execute): Execution | Fault => {
  const checked = checkRun(run)
  if (isFault(checked)) return checked
  const id = interactionId(run.interaction)
  const draft: Draft = {
    states: new Map(),
    terms: new Map(),
    touched: new Map(),
    keys: new Map(),
  }
  for (const operation of run.interaction.operations) {
    // A logic may meet malformed bytes in a decoder or make a path of them: that is a refusal, never a crash.
    const fault = faultFrom(() => applyOperation(run, draft, operation, id))
    if (fault) return placed(run, fault, operation)
  }
  const written: Machine[] = []
  for (const machine of checked) {
    const state = draft.states.get(machine.id) ?? machine.state
    const next = draft.terms.get(machine.id) ?? machine.terms
    const head = childTransition(machine.terms.suite, machine.head, id, rootOf(state))
    written.push({
      ...machine,
      terms: next,
      head,
      headId: transitionId(machine.terms.suite, head),
      state,
    })
  }
  return { interaction: id, written }
}

type Draft = {
  readonly states: Map<MachineId, Tree>
  readonly terms: Map<MachineId, Terms>
  /** Changes made so far, by machine. */
  readonly touched: Map<MachineId, number>
  /** Keys made so far, by whose they are: a logic asks for the same few again and again. */
  readonly keys: Map<MachineId, Map<string, StateKey>>
}

/** As `pathKey`, once in a run for each path. */
const keyIn = (draft: Draft, suite: SuiteId, of: Prefix, path: Path): StateKey => {
  // Kind and length in front of each part: no two paths below a machine have one name.
  let name = `${suite} ${of.logic}`
  for (const part of path) {
    name += typeof part === 'string' ? ` s${part.length}:${part}` : ` b${hexFromBytes(part)}`
  }
  const below = draft.keys.get(of.machine) ?? new Map<string, StateKey>()
  const known = below.get(name)
  if (known !== undefined) return known
  const key = pathKey(suite, of, path)
  draft.keys.set(of.machine, below.set(name, key))
  return key
}

/** The fault with its step: of the leg that it names, or else of the machine whose logic ran. */
const placed = (run: Execute, fault: Fault, operation: Operation): Fault => {
  const leg = run.interaction.legs.find((one) => one.machine === fault.place.machine)
  const machine = leg?.machine ?? operation.machine
  return fault.at({ machine, step: (run.machines.get(machine)?.head.sequence ?? 0n) + 1n })
}

/** Shape, links and premises; returns the machines of the written legs. */
const checkRun = (run: Execute): readonly Machine[] | Fault => {
  const shape = checkInteraction(run.interaction)
  if (shape) return shape
  const first = run.machines.get(run.interaction.legs[0]?.machine ?? zeroId())
  if (first && first.terms.suite !== run.interaction.suite) {
    return new Fault(
      'interaction/wrong-suite',
      `made in suite ${run.interaction.suite}, the first leg has ${first.terms.suite}`,
      { machine: first.id },
    )
  }
  const written: Machine[] = []
  for (const leg of run.interaction.legs) {
    const machine = run.machines.get(leg.machine)
    if (!machine)
      return new Fault('interaction/unknown-machine', `no machine ${leg.machine} is known`)
    if (leg.parent !== undefined && leg.parent !== machine.headId) {
      const place = { machine: machine.id, step: machine.head.sequence + 1n }
      return new Fault(
        'interaction/wrong-parent',
        `pinned at ${leg.parent}, head is ${machine.headId}`,
        place,
      )
    }
    if (leg.access === 'write') written.push(machine)
  }
  for (const [at, premise] of run.interaction.premises.entries()) {
    const proven = run.proven[at]
    if (!proven || !proves(proven, premise)) {
      return new Fault(
        'interaction/unproven-premise',
        `premise ${at} about ${premise.machine} is not proven`,
      )
    }
  }
  return written
}

const proves = (proven: ProvenPremise, premise: Premise): boolean => {
  if (proven.machine !== premise.machine || proven.transition !== premise.transition) return false
  if (proven.is === 'time') return premise.is === 'time' && proven.atLeast >= premise.atLeast
  if (premise.is !== 'fact') return false
  if (proven.key !== premise.key) return false
  if (proven.value === undefined || premise.value === undefined)
    return proven.value === premise.value
  return equalBytes(proven.value, premise.value)
}

const applyOperation = (
  run: Execute,
  draft: Draft,
  operation: Operation,
  id: InteractionId,
): Fault | undefined => {
  if (operation.logic === AMEND) return amend(run, draft, operation)
  const owner = run.machines.get(operation.machine)
  const use = owner?.charter.logics[operation.logic]
  const logic = use && run.logics.get(use.name)
  if (!logic)
    return new Fault('logic/unknown', `machine has no logic at position ${operation.logic}`)
  const changes = logic.apply(callOf(run, draft, operation, { params: use.params, id }))
  if (isFault(changes)) return changes
  return applyChanges(run, draft, operation, changes)
}

const callOf = (
  run: Execute,
  draft: Draft,
  operation: Operation,
  of: { readonly params: Uint8Array; readonly id: InteractionId },
): Call => {
  const { interaction, verifier } = run
  const self: Prefix = { machine: operation.machine, logic: operation.logic }
  const machineAt = (machine: MachineId): Machine | undefined =>
    interaction.legs.some((leg) => leg.machine === machine) ? run.machines.get(machine) : undefined
  // Only legs count: who happens to know further machines must not get other keys than who does not.
  const keyOf = (machine: MachineId, path: Path, prefix: Prefix = self): StateKey =>
    keyIn(draft, machineAt(machine)?.terms.suite ?? interaction.suite, prefix, path)
  return {
    params: of.params,
    self,
    argument: operation.argument,
    written: interaction.legs.filter((leg) => leg.access === 'write').map((leg) => leg.machine),
    terms: (machine) => machineAt(machine)?.terms,
    read: (machine, path, prefix) => {
      const state = draft.states.get(machine) ?? machineAt(machine)?.state
      return state && read(state, keyOf(machine, path, prefix))
    },
    keyOf,
    consents: run.consents,
    // As stated, not as proven: two executors may hold proofs of different later times for one premise.
    premises: interaction.premises,
    convict: (bytes) => {
      const decoded = faultFrom(() => evidence.decode(bytes))
      return isFault(decoded) ? decoded : convict(decoded, verifier)
    },
    verifies: verifier.verify,
    interaction: of.id,
  }
}

const applyChanges = (
  run: Execute,
  draft: Draft,
  operation: Operation,
  changes: readonly Change[],
): Fault | undefined => {
  for (const change of changes) {
    const leg = run.interaction.legs.find((one) => one.machine === change.machine)
    const machine = run.machines.get(change.machine)
    if (leg?.access !== 'write' || !machine) {
      return new Fault('logic/not-written', `${change.machine} is no written leg`)
    }
    const count = (draft.touched.get(machine.id) ?? 0) + 1
    if (count > CHANGES_MAX)
      return new Fault('logic/too-many-changes', `more than ${CHANGES_MAX} changes`)
    if ((change.value?.length ?? 0) > STATE_VALUE_BYTES_MAX) {
      return new Fault('logic/value-too-long', `${change.value?.length} bytes in one value`)
    }
    draft.touched.set(machine.id, count)
    const prefix = { machine: operation.machine, logic: operation.logic }
    const key = keyIn(draft, machine.terms.suite, prefix, change.path)
    const state = draft.states.get(machine.id) ?? machine.state
    draft.states.set(machine.id, replace(state, [{ key, value: change.value }]))
  }
  return undefined
}

/**
 * Change of terms, which is how a live machine moves to other certifiers. Every present participant must consent; the
 * transition is certified under the old terms and accepted under the new ones. The state records the terms' hash.
 */
const amend = (run: Execute, draft: Draft, operation: Operation): Fault | undefined => {
  const machine = run.machines.get(operation.machine)
  if (!machine) return new Fault('interaction/unknown-machine', `no machine ${operation.machine}`)
  const next = faultFrom(() => terms.decode(operation.argument))
  if (isFault(next)) return next
  const fault = checkTerms(next, run.verifier)
  if (fault) return fault
  if (suiteRules(next.suite).hash !== suiteRules(machine.terms.suite).hash) {
    return new Fault(
      'amend/other-hash',
      `${next.suite} hashes differently from ${machine.terms.suite}`,
    )
  }
  const missing = machine.terms.participants.find((_, party) => !run.consents(machine.id, party))
  if (missing)
    return new Fault('amend/no-consent', 'a participant has not consented', { party: missing.name })
  draft.terms.set(machine.id, next)
  const record: Change = {
    machine: machine.id,
    path: ['terms'],
    value: hash(next.suite, TAGS.terms, operation.argument),
  }
  return applyChanges(run, draft, operation, [record])
}
