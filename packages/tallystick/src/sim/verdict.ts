/**
 * Second opinion: what the verifier says of files made of what nodes hold.
 *
 * Rule. A step that a role took for final is final in `verify`; a file with two final children of one parent is invalid
 * and convicts somebody; nobody honest is ever convicted. Files go through their bytes, so the form of the bundle is
 * exercised as well.
 */
import type { Verifier } from '../base/verifier.ts'
import type { Charter } from '../kernel/charter.ts'
import type { LogicRegistry } from '../kernel/logic.ts'
import { type PartyState, type PartyStep, stepsOf } from '../models/bilateral/state.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { type Bundle, EMPTY_BUNDLE, fileFromBundle } from '../verify/bundle.ts'
import type { Report } from '../verify/report.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { verify } from '../verify/verify.ts'
import { isHonestParty, type PartyWatch } from './party-watch.ts'
import type { Checker, NodeView, World } from './world.ts'

/** The rule for a relationship that refers to no other machine. It costs as much as a run, so it looks at the end only. */
export const partyVerdict = (watch: PartyWatch, rules: Rules): Checker<PartyState> => ({
  name: 'verdict',
  check: (world) => {
    for (const node of world.nodes) {
      const says = node.honest ? checkOwn(watch, rules, { world, node }) : undefined
      if (says !== undefined) return `the file of ${node.name}: ${says}`
    }
    const says = checkAll(watch, rules, world)
    return says === undefined ? undefined : `the file of all together: ${says}`
  },
})

/** What a verifier says of a bundle. */
export const reportOn = (
  bundle: Bundle,
  of: { readonly logics: LogicRegistry; readonly verifier: Verifier },
): Report => verify(fileFromBundle(bundle), { models: STANDARD_MODELS, ...of })

/** The machine, and the rules of its state as they should be. */
export type Rules = { readonly charter: Charter; readonly logics: LogicRegistry }

type Held = { readonly world: World<PartyState>; readonly node: NodeView<PartyState> }

const checkOwn = (watch: PartyWatch, rules: Rules, held: Held): string | undefined => {
  const { state } = held.node
  const { evidence } = state
  const report = reportOn(
    { ...bundleOf(rules.charter, stepsOf(state)), evidence },
    { logics: rules.logics, verifier: watch.verifier },
  )
  const accused = checkConvictions(watch, held.world, report)
  if (accused !== undefined) return accused
  if (evidence.length > 0) {
    return report.convictions.length > 0 ? undefined : 'its evidence convicts nobody'
  }
  if (report.outcome !== 'valid') return `${report.outcome}: ${report.faults[0]?.message ?? ''}`
  const head = report.machines[0]?.head
  const { headId } = state.machine
  return head?.id === headId ? undefined : `ends at ${head?.sequence}, the role is elsewhere`
}

/** All final steps that anybody ever had, in one file. */
const checkAll = (
  watch: PartyWatch,
  rules: Rules,
  world: World<PartyState>,
): string | undefined => {
  const steps = [...watch.finals.values()].sort((a, b) =>
    Number(a.transition.sequence - b.transition.sequence),
  )
  const report = reportOn(bundleOf(rules.charter, steps), {
    logics: rules.logics,
    verifier: watch.verifier,
  })
  const accused = checkConvictions(watch, world, report)
  if (accused !== undefined) return accused
  const isForked = [...watch.children.values()].some((siblings) => siblings.length > 1)
  if (!isForked) return report.outcome === 'valid' ? undefined : `${report.outcome}, and no fork`
  watch.seen.add('fork verified')
  if (report.outcome !== 'invalid') return `${report.outcome} with two final steps`
  return report.convictions.length > 0 ? undefined : 'two final steps convict nobody'
}

const bundleOf = (charter: Charter, steps: readonly PartyStep[]): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [charter],
  steps: steps.map((one) => bundleStepFrom(one, () => undefined)),
})

const checkConvictions = (
  watch: PartyWatch,
  world: World<PartyState>,
  report: Report,
): string | undefined => {
  for (const { name, kind } of report.convictions) {
    const party = watch.terms.participants.findIndex((one) => one.name === name)
    if (party < 0) return `a ${kind} convicts a stranger`
    if (isHonestParty(world, party)) return `a ${kind} convicts ${name}, who is honest`
  }
  return undefined
}
