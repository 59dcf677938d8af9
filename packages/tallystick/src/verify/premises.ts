/**
 * Premises: what an interaction relies on elsewhere, established from what this run has proven already.
 *
 * A fact comes from the state after a step that was walked in the same file, or from a proof against a step that the
 * verifier remembers. A header that the file merely certifies is not enough: its certifiers vouch that it has no
 * sibling, and need not have run the rules that its state follows from.
 */
import type { TransitionId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { Fault, isFault } from '../base/fault.ts'
import type { Premise } from '../kernel/interaction.ts'
import type { ProvenPremise } from '../kernel/logic.ts'
import { transitionId } from '../kernel/transition.ts'
import { checkFactAt, fact } from '../state/fact.ts'
import type { StateKey } from '../state/keys.ts'
import { read } from '../state/tree.ts'
import { readPart } from './bundle.ts'
import type { Finding, Rest, Run } from './run.ts'

export type Established = {
  readonly proven: readonly ProvenPremise[]
  readonly rests: readonly Rest[]
}

/**
 * All premises, or why one is not established. Returns `premise/false` where the file shows the contrary, and
 * `bundle/missing-fact` where it shows nothing.
 */
export const establishPremises = (run: Run, premises: readonly Premise[]): Established | Fault => {
  const proven: ProvenPremise[] = []
  const rests: Rest[] = []
  for (const [at, premise] of premises.entries()) {
    const one = premise.is === 'fact' ? factPremise(run, premise) : timePremise(run, premise)
    if (isFault(one)) return one.at({ part: `premise ${at + 1}` })
    proven.push(one.proven)
    rests.push(one.rest)
  }
  return { proven, rests }
}

type Shown = { readonly proven: ProvenPremise; readonly rest: Rest }

const factPremise = (run: Run, premise: Extract<Premise, { is: 'fact' }>): Shown | Fault => {
  const node = run.nodes.get(premise.transition)
  const found = node
    ? { value: read(node.machine.state, premise.key) }
    : run.findings.get(findingKey(premise.transition, premise.key))
  if (!found) return unknownStep(run, premise)
  if (node && node.machine.id !== premise.machine) return otherMachine(premise)
  if (!sameValue(found.value, premise.value)) {
    return new Fault('premise/false', `the key has another value after ${premise.transition}`)
  }
  const proven: ProvenPremise = { ...premise }
  if (node) return { proven, rest: { is: 'node', node } }
  if ('head' in found && found.head.head.machine === premise.machine) {
    return { proven, rest: { is: 'remembered', head: found.head } }
  }
  return otherMachine(premise)
}

const timePremise = (run: Run, premise: Extract<Premise, { is: 'time' }>): Shown | Fault => {
  const node = run.nodes.get(premise.transition)
  if (!node) return unknownStep(run, premise)
  if (node.machine.id !== premise.machine) return otherMachine(premise)
  const since =
    node.own.is === 'final' && node.own.finality.clock === 'attested'
      ? node.own.finality.since
      : undefined
  if (since === undefined) {
    return new Fault(
      'bundle/missing-fact',
      `no certificate of ${premise.transition} attests a time`,
    )
  }
  if (since < premise.atLeast) {
    return new Fault('premise/false', `attested is ${since}, needed at least ${premise.atLeast}`)
  }
  const proven: ProvenPremise = { ...premise, atLeast: since }
  return { proven, rest: { is: 'node', node } }
}

const sameValue = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : equalBytes(a, b)

const otherMachine = (premise: Premise): Fault =>
  new Fault('premise/other-machine', `${premise.transition} is no step of ${premise.machine}`)

const unknownStep = (run: Run, premise: Premise): Fault =>
  run.rejected.get(premise.transition)?.standing === 'refused'
    ? new Fault('premise/refused-step', `it rests on ${premise.transition}, which was refused`)
    : new Fault(
        'bundle/missing-fact',
        `nothing in the file proves what holds after ${premise.transition}`,
      )

const findingKey = (transition: TransitionId, key: StateKey): string => `${transition} ${key}`

/** Checks the facts of a bundle and keeps those about remembered steps; a fact about another step shows nothing here. */
export const checkFacts = (run: Run, framed: readonly Uint8Array[]): void => {
  for (const [at, one] of framed.entries()) {
    const fault = checkOneFact(run, one, `fact ${at + 1}`)
    if (fault) run.faults.push(fault.at({ part: `fact ${at + 1} of the file` }))
  }
}

const checkOneFact = (run: Run, framed: Uint8Array, part: string): Fault | undefined => {
  const shown = readPart(fact, framed, part)
  if (isFault(shown)) return shown
  const charter = run.charters.get(shown.machine)
  const place = { machine: shown.machine }
  if (!charter) {
    return new Fault(
      'bundle/missing-charter',
      `no charter of ${shown.machine} is in the file`,
      place,
    )
  }
  const { suite } = charter.terms
  const head = run.anchors.find(
    (one) =>
      one.head.machine === shown.machine && transitionId(suite, one.head) === shown.transition,
  )
  if (!head || !shown.transition) {
    return new Fault(
      'bundle/missing-fact',
      'a fact about a step that the verifier does not remember',
      place,
    )
  }
  const finding = checkFactAt(suite, shown, {
    machine: shown.machine,
    transition: shown.transition,
    root: head.head.state,
  })
  if (isFault(finding)) return finding
  const kept: Finding = { value: finding.is === 'present' ? finding.value : undefined, head }
  run.findings.set(findingKey(shown.transition, shown.key), kept)
  return undefined
}
