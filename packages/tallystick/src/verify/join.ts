/**
 * Joining bundles: what several files say, in one.
 *
 * Promise. Every charter, step, fact, piece of evidence, chain, opening and lie of the inputs is in the result once. A step stands
 * after those it builds on, reads or relies on, as far as they are there; else the order of the inputs is kept. Of one
 * step given twice, signatures are put together: consents and proposals of both, and the
 * first certificate that is there. So whoever puts the own file first loses nothing that it shows.
 *
 * Not promised. That the result is valid. Nothing is checked here.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import { hexFromBytes } from '../base/bytes.ts'
import type { Codec } from '../base/codec.ts'
import type { SuiteId } from '../base/suite.ts'
import { charter, machineId } from '../kernel/charter.ts'
import { consent } from '../kernel/consent.ts'
import { evidence } from '../kernel/evidence.ts'
import { opening } from '../kernel/field.ts'
import { interactionId } from '../kernel/interaction.ts'
import { transition, transitionId } from '../kernel/transition.ts'
import { fact } from '../state/fact.ts'
import { type Bundle, type BundleLeg, bundleLie, type BundleStep, withheldStep } from './bundle.ts'

export const joinBundles = (bundles: readonly Bundle[]): Bundle => {
  const charters = uniqueBy(
    bundles.flatMap((one) => one.charters),
    (one) => encoded(charter, one),
  )
  const suites = new Map(charters.map((one) => [machineId(one), one.terms.suite]))
  const steps = mergedSteps(bundles.flatMap((one) => one.steps))
  // What one file withholds and another shows is shown.
  const shown = new Set(
    steps.flatMap((one) =>
      one.legs.flatMap((leg) =>
        leg.is === 'written' ? [encoded(transition, leg.transition)] : [],
      ),
    ),
  )
  return {
    charters,
    steps: inOrder(steps, suites),
    facts: uniqueBy(
      bundles.flatMap((one) => one.facts),
      (one) => encoded(fact, one),
    ),
    evidence: uniqueBy(
      bundles.flatMap((one) => one.evidence),
      (one) => encoded(evidence, one),
    ),
    chains: uniqueBy(
      bundles.flatMap((one) => one.chains),
      hexFromBytes,
    ),
    withheld: uniqueBy(
      bundles.flatMap((one) => one.withheld),
      (one) => encoded(withheldStep, one),
    ).filter((one) => !shown.has(encoded(transition, one.transition))),
    openings: uniqueBy(
      bundles.flatMap((one) => one.openings),
      (one) => encoded(opening, one),
    ),
    lies: uniqueBy(
      bundles.flatMap((one) => one.lies),
      (one) => encoded(bundleLie, one),
    ),
  }
}

const encoded = <T>(codec: Codec<T>, value: T): string => hexFromBytes(codec.encode(value))

const uniqueBy = <T>(values: readonly T[], keyOf: (value: T) => string): readonly T[] => {
  const seen = new Map<string, T>()
  for (const one of values) {
    const key = keyOf(one)
    if (!seen.has(key)) seen.set(key, one)
  }
  return [...seen.values()]
}

/** A step is the same if it did the same and came to the same headers, whoever signed it. */
const sameStep = (step: BundleStep): string =>
  [
    interactionId(step.interaction),
    ...step.legs.map((one) => (one.is === 'read' ? one.at : encoded(transition, one.transition))),
  ].join(' ')

const mergedSteps = (steps: readonly BundleStep[]): readonly BundleStep[] => {
  const merged = new Map<string, BundleStep>()
  for (const step of steps) {
    const key = sameStep(step)
    const known = merged.get(key)
    merged.set(key, known ? mergeStep(known, step) : step)
  }
  return [...merged.values()]
}

const mergeStep = (a: BundleStep, b: BundleStep): BundleStep => ({
  ...a,
  legs: a.legs.map((leg, at) => mergeLeg(leg, b.legs[at])),
  consents: uniqueBy([...a.consents, ...b.consents], (one) => encoded(consent, one)),
})

const mergeLeg = (a: BundleLeg, b: BundleLeg | undefined): BundleLeg => {
  if (a.is === 'read' || b?.is !== 'written') return a
  return {
    ...a,
    proposal: uniqueBy([...a.proposal, ...b.proposal], (one) => `${one.key}`),
    certificate: firstOf(a.certificate, b.certificate),
    accepted: firstOf(a.accepted, b.accepted),
  }
}

/** Attack: a stranger's file with a longer certificate that does not hold, joined to spoil a step that did. */
const firstOf = (a: Uint8Array, b: Uint8Array): Uint8Array => (a.length > 0 ? a : b)

/** Steps so that each stands after those it needs. A step whose needs are never met keeps its place at the end. */
const inOrder = (
  steps: readonly BundleStep[],
  suites: ReadonlyMap<MachineId, SuiteId>,
): readonly BundleStep[] => {
  const madeBy = new Map<TransitionId, BundleStep>()
  for (const step of steps) {
    for (const leg of step.legs) {
      if (leg.is !== 'written') continue
      const suite = suites.get(leg.transition.machine) ?? step.interaction.suite
      madeBy.set(transitionId(suite, leg.transition), step)
    }
  }
  const waiting = new Map<BundleStep, Set<BundleStep>>()
  const neededBy = new Map<BundleStep, BundleStep[]>()
  for (const step of steps) {
    const needs = new Set<BundleStep>()
    for (const id of neededIds(step)) {
      const maker = madeBy.get(id)
      if (!maker || maker === step || needs.has(maker)) continue
      needs.add(maker)
      const known = neededBy.get(maker)
      if (known) known.push(step)
      else neededBy.set(maker, [step])
    }
    waiting.set(step, needs)
  }
  const ordered = new Set<BundleStep>()
  const ready = steps.filter((one) => waiting.get(one)?.size === 0)
  for (let step = ready.shift(); step; step = ready.shift()) {
    ordered.add(step)
    for (const next of neededBy.get(step) ?? []) {
      const needs = waiting.get(next)
      needs?.delete(step)
      if (needs?.size === 0) ready.push(next)
    }
  }
  for (const step of steps) ordered.add(step)
  return [...ordered]
}

const neededIds = (step: BundleStep): readonly TransitionId[] => [
  ...step.legs.map((one) => (one.is === 'read' ? one.at : one.transition.parent)),
  ...step.interaction.premises.map((one) => one.transition),
]
