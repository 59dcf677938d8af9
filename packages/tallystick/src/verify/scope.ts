/**
 * Scopes: a bundle cut down to what somebody is to see, with proof that nothing inside the scope was left out.
 *
 * Promise. The steps of a chosen machine are all there, from its charter to the head of the file: those in the scope whole,
 * the others as header and certificate. A step in the scope can be run by whoever gets the file: what it needs of the state
 * that a withheld step left comes as a witness under the certified root. What the scope does not ask for and nothing in it
 * rests on is not in the file. The result was checked before it is handed out.
 *
 * Not promised. That it is small. That the reader learns nothing else: how many steps there are, when they were certified and
 * by whom, and the values under the keys that a shown step reads all stand in the file (`docs/spec/disclosure.md`).
 */
import type { InteractionId, MachineId, TransitionId } from '../base/brand.ts'
import { Fault, isFault } from '../base/fault.ts'
import { AMEND, interactionId } from '../kernel/interaction.ts'
import { machineId } from '../kernel/charter.ts'
import { positionOf } from '../kernel/statement.ts'
import { transitionId } from '../kernel/transition.ts'
import { witnessOf } from '../state/witness.ts'
import {
  type Bundle,
  type BundleLeg,
  type BundleStep,
  fileFromBundle,
  type WithheldStep,
} from './bundle.ts'
import { flatChain } from './flat-chain.ts'
import { type Footprints, footprintsOf, noteUse, type Uses } from './footprint.ts'
import { INCOMPLETE_CODES, type Node, type Run, type VerifyOptions } from './run.ts'
import { survey } from './verify.ts'
import { termsKey } from './withheld.ts'

export type Scope = {
  /** Machines whose steps are to be seen; all of the file if missing. */
  readonly machines: readonly MachineId[] | undefined
  /** Numbers of their steps, first and last; all if missing. */
  readonly steps: { readonly first: bigint; readonly last: bigint } | undefined
  /** Names of fields whose values are left out. */
  readonly hide: readonly string[]
  /** The only names that are left in; all if missing. */
  readonly show: readonly string[] | undefined
}

/**
 * Cuts a bundle down. Returns the first falsehood of the bundle, `scope/withheld-already`, or `scope/not-provable` where the
 * result does not hold.
 */
export const scopeBundle = (
  bundle: Bundle,
  scope: Scope,
  options: VerifyOptions,
): Bundle | Fault => {
  if (bundle.withheld.length > 0) {
    const says = 'steps are withheld from this file already; cut down a whole one'
    return new Fault('scope/withheld-already', says)
  }
  const footprints = footprintsOf(options.logics)
  const surveyed = survey(fileFromBundle(bundle), { ...options, logics: footprints.logics })
  if (isFault(surveyed)) return surveyed
  const { run } = surveyed
  const untrue = run.faults.find(({ code }) => !INCOMPLETE_CODES.has(code))
  if (untrue) return untrue
  const cut = cutOf(run, bundle, scope)
  const needs = needsOf(run, footprints, cut)
  const scoped = scopedBundle(run, bundle, { scope, cut, needs })
  const checked = survey(fileFromBundle(scoped), options)
  const [broken] = isFault(checked) ? [checked] : checked.run.faults
  if (broken && run.faults.length === 0) {
    const says = `what is left cannot be checked: ${broken.message} [${broken.code}]`
    return new Fault('scope/not-provable', says, broken.place)
  }
  return scoped
}

type Written = Extract<BundleLeg, { is: 'written' }>

/** Which steps are shown, and of which machines how much is kept. */
type Cut = {
  readonly shown: ReadonlySet<BundleStep>
  /** The highest number that is kept of each machine. */
  readonly kept: ReadonlyMap<MachineId, bigint>
}

const writtenOf = (step: BundleStep): readonly Written[] =>
  step.legs.flatMap((leg) => (leg.is === 'written' ? [leg] : []))

const isChosen = ({ machines }: Scope, machine: MachineId): boolean =>
  machines === undefined || machines.includes(machine)

const isAsked = (scope: Scope, step: BundleStep): boolean =>
  writtenOf(step).some(({ transition: { machine, sequence } }) => {
    const { steps } = scope
    return (
      isChosen(scope, machine) &&
      (steps === undefined || (steps.first <= sequence && sequence <= steps.last))
    )
  })

const cutOf = (run: Run, bundle: Bundle, scope: Scope): Cut => {
  const shown = new Set<BundleStep>()
  const kept = new Map<MachineId, bigint>()
  const keep = (machine: MachineId, sequence: bigint): void => {
    if ((kept.get(machine) ?? -1n) < sequence) kept.set(machine, sequence)
  }
  for (const step of bundle.steps) {
    for (const { transition } of writtenOf(step)) {
      if (isChosen(scope, transition.machine)) keep(transition.machine, transition.sequence)
    }
  }
  const show = (step: BundleStep): void => {
    shown.add(step)
    for (const { transition } of writtenOf(step)) keep(transition.machine, transition.sequence)
    for (const node of restsOf(run, step)) keep(node.machine.id, node.machine.head.sequence)
  }
  for (const step of bundle.steps) if (isAsked(scope, step)) show(step)
  // A change of terms says who certifies from then on, so it is shown wherever it is on the way to something kept.
  for (let before = -1; before < shown.size;) {
    before = shown.size
    for (const step of bundle.steps) {
      const isOnTheWay = writtenOf(step).some(
        ({ transition: { machine, sequence } }) => sequence <= (kept.get(machine) ?? -1n),
      )
      if (isOnTheWay && !shown.has(step) && isAmend(step)) show(step)
    }
  }
  return { shown, kept }
}

const isAmend = ({ interaction }: BundleStep): boolean =>
  interaction.operations.some((one) => one.logic === AMEND)

/** The nodes that a step builds on, looks at or relies on. */
const restsOf = (run: Run, { legs, interaction }: BundleStep): readonly Node[] =>
  [
    ...legs.map((leg) => (leg.is === 'read' ? leg.at : leg.transition.parent)),
    ...interaction.premises.map((one) => one.transition),
  ].flatMap((id) => {
    const node = run.nodes.get(id)
    return node ? [node] : []
  })

/** What has to be known of the state at each node. */
type Needs = ReadonlyMap<TransitionId, Uses>

const needsOf = (run: Run, footprints: Footprints, { shown }: Cut): Needs => {
  const needs = new Map<TransitionId, Uses>()
  const at = (id: TransitionId): Uses => {
    const known = needs.get(id) ?? new Map()
    needs.set(id, known)
    return known
  }
  const made = new Set<TransitionId>()
  for (const step of shown) {
    const id = interactionId(step.interaction)
    for (const [index, leg] of step.legs.entries()) {
      const machine = step.interaction.legs[index]?.machine
      const base = leg.is === 'read' ? leg.at : leg.transition.parent
      if (machine === undefined) continue
      for (const [key, use] of footprints.of(id, machine)) noteUse(at(base), key, use)
      const node = run.nodes.get(base)
      if (leg.is !== 'written' || !node) continue
      made.add(transitionId(node.machine.terms.suite, leg.transition))
      // Whether the terms changed is asked wherever a step is run, and written where it changes them.
      const isChange = isAmend(step)
      noteUse(at(base), termsKey(node.machine.terms, machine), isChange ? 'set' : 'read')
    }
    for (const premise of step.interaction.premises) {
      if (premise.is === 'fact') noteUse(at(premise.transition), premise.key, 'read')
    }
  }
  // From the last to the first: what a shown step leaves follows from what was there before it.
  for (const [id, node] of [...run.nodes].reverse()) {
    const own = needs.get(id)
    if (!own || !node.parent || !made.has(id)) continue
    for (const [key, use] of own) noteUse(at(node.parent.machine.headId), key, use)
  }
  return needs
}

type Scoping = { readonly scope: Scope; readonly cut: Cut; readonly needs: Needs }

const scopedBundle = (run: Run, bundle: Bundle, of: Scoping): Bundle => {
  const { scope, cut } = of
  const steps = bundle.steps.filter((one) => cut.shown.has(one))
  const withheld = bundle.steps.flatMap((step) =>
    cut.shown.has(step) ? [] : writtenOf(step).flatMap((leg) => withheldLeg(run, leg, of)),
  )
  const touched = new Set<MachineId>([
    ...cut.kept.keys(),
    ...steps.flatMap((step) => step.interaction.legs.map((leg) => leg.machine)),
    ...(scope.machines ?? run.charters.keys()),
  ])
  const interactions = new Set<InteractionId>(steps.map((one) => interactionId(one.interaction)))
  const { hide, show } = scope
  return {
    charters: bundle.charters.filter((one) => touched.has(machineId(one))),
    steps,
    facts: bundle.facts.filter((one) => isChosen(scope, one.machine)),
    evidence: bundle.evidence.filter((one) =>
      isChosen(scope, positionOf(one.first.statement).machine),
    ),
    chains: bundle.chains.filter((one) => isChosen(scope, flatChain.decode(one).machine)),
    withheld,
    openings: bundle.openings.filter(
      ({ interaction, name }) =>
        interactions.has(interaction) &&
        !hide.includes(name) &&
        (show === undefined || show.includes(name)),
    ),
    // A proof by the rules holds a whole state, and so what the scope leaves out.
    lies: bundle.lies.filter((one) => one.by === 'model' && isChosen(scope, one.machine)),
  }
}

const withheldLeg = (run: Run, leg: Written, { cut, needs }: Scoping): readonly WithheldStep[] => {
  const { transition, proposal, certificate } = leg
  if (transition.sequence > (cut.kept.get(transition.machine) ?? -1n)) return []
  const parent = run.nodes.get(transition.parent)
  const id = parent && transitionId(parent.machine.terms.suite, transition)
  const node = id && run.nodes.get(id)
  const uses = id && needs.get(id)
  const witness = node && uses ? witnessFor(node, uses) : new Uint8Array(0)
  return [{ transition, proposal, certificate, witness }]
}

const witnessFor = ({ machine }: Node, uses: Uses): Uint8Array => {
  noteUse(uses, termsKey(machine.terms, machine.id), 'read')
  const set = new Uint8Array(0)
  return witnessOf(machine.state, {
    reads: [...uses.keys()],
    changes: [...uses].flatMap(([key, use]) =>
      use === 'read'
        ? []
        : use === 'set'
          ? [{ key, value: set }]
          : [
              { key, value: set },
              { key, value: undefined },
            ],
    ),
  })
}
