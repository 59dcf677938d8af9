/**
 * The market held against the verifier: what each payee has in hand, and what both have together, as files.
 *
 * Rule. A claim that a payee took for firm is final in `verify`. While the payer is honest no file is invalid. If two
 * children of one step of her account stand in a file, she is convicted by it; and nobody honest ever is. A payment that
 * `verify` calls certified rests on steps that operators have signed for, and none is in conflict while she is honest.
 */
import type { TransitionId } from '../base/brand.ts'
import { isFault } from '../base/fault.ts'
import type { LogicRegistry } from '../kernel/logic.ts'
import { GRADES } from '../kernel/verdict.ts'
import { type PartyState, stepsOf } from '../models/bilateral/state.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { type Bundle, bundleFromFile, EMPTY_BUNDLE, fileFromBundle } from '../verify/bundle.ts'
import { joinBundles } from '../verify/join.ts'
import { paymentsFrom } from '../verify/payments.ts'
import { falsehoodIn } from '../verify/prove.ts'
import type { Report } from '../verify/report.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { survey } from '../verify/verify.ts'
import { idOf, type MarketState } from './market-node.ts'
import { isPayerHonest } from './market-rules.ts'
import { PAYER, type Town } from './market-town.ts'
import { isFirm, type MarketWatch } from './market-watch.ts'
import { reportOn } from './verdict.ts'
import type { Checker, World } from './world.ts'

export const marketVerdict = (watch: MarketWatch, logics: LogicRegistry): Checker<MarketState> => ({
  name: 'verdict',
  check: (world) => {
    const payees = world.nodes.flatMap(({ name, honest, state }) =>
      honest && state.is === 'payee' ? [{ name, relation: state.relation }] : [],
    )
    const all = { name: 'all payees', relations: payees.map((one) => one.relation) }
    const files = [...payees.map(({ name, relation }) => ({ name, relations: [relation] })), all]
    for (const { name, relations } of files) {
      const bundle = joinBundles(relations.map((one) => payeeBundle(watch.town, one)))
      const report = reportOn(bundle, { logics, verifier: watch.town.engine })
      const says =
        checkReport(watch, world, { bundle, report, relations }) ??
        checkPayments(watch, world, { bundle, logics })
      if (says !== undefined) return `the file of ${name}: ${says}`
    }
    return undefined
  },
})

/** Everything that a party of a relationship has in hand: its steps, and what came with them. */
export const payeeBundle = (town: Town, relation: PartyState): Bundle => {
  const steps = stepsOf(relation)
  const own: Bundle = {
    ...EMPTY_BUNDLE,
    charters: [town.mint, town.account, town.machines.get(relation.machine.id)].flatMap((one) =>
      one ? [one.charter] : [],
    ),
    steps: steps.map((one) => bundleStepFrom(one, (id) => town.machines.get(id)?.headId)),
    evidence: relation.evidence,
  }
  const checks = { models: STANDARD_MODELS, logics: town.logics, verifier: town.engine }
  // What came with a step that was caught up on was not looked at then.
  const files = steps.flatMap((one) => one.attachments).filter((one) => !falsehoodIn(one, checks))
  return joinBundles([...files.map((one) => bundleFromFile(one)), own])
}

type Shown = {
  readonly bundle: Bundle
  readonly report: Report
  readonly relations: readonly PartyState[]
}

const checkReport = (
  watch: MarketWatch,
  world: World<MarketState>,
  { bundle, report, relations }: Shown,
): string | undefined => {
  const liars = new Set(world.nodes.filter((one) => !one.honest).map((one) => nameOf(one.name)))
  const wronged = report.convictions.find(({ name }) => name === undefined || !liars.has(name))
  if (wronged) return `a ${wronged.kind} convicts ${wronged.name ?? 'a stranger'}, who is honest`
  if (isPayerHonest(world) && report.outcome === 'invalid') {
    return `invalid: ${report.faults[0]?.message ?? ''}`
  }
  if (isForked(watch.town, bundle)) {
    watch.seen.add('fork verified')
    if (!report.convictions.some(({ name }) => name === PAYER)) {
      return 'two children of one step convict nobody'
    }
  }
  for (const relation of relations) {
    const says = checkRelation(report, relation)
    if (says !== undefined) return says
  }
  return undefined
}

type Paid = { readonly bundle: Bundle; readonly logics: LogicRegistry }

/** A payment is called certified only where operators have signed for all that it rests on; one that conflicts has a liar. */
const checkPayments = (
  watch: MarketWatch,
  world: World<MarketState>,
  { bundle, logics }: Paid,
): string | undefined => {
  const { account, engine } = watch.town
  const checks = { models: STANDARD_MODELS, logics, verifier: engine }
  const surveyed = survey(fileFromBundle(bundle), checks)
  if (isFault(surveyed)) return surveyed.message
  for (const { is, state, step } of paymentsFrom(surveyed)) {
    watch.seen.add(`payment ${state.is}`)
    if (state.is === 'conflicted' && isPayerHonest(world))
      return 'a payment of the honest conflicts'
    if (is !== 'claim' || state.is !== 'certified') continue
    for (const rest of surveyed.run.nodes.get(step.id)?.rests ?? []) {
      if (rest.is !== 'node' || rest.node.machine.id !== account.id || !rest.node.parent) continue
      const isFunding = watch.town.funded.machine.headId === rest.node.machine.headId
      if (!isFunding && !isFirm(watch, rest.node.machine.headId)) {
        return `step ${step.sequence} takes a payment that is called certified, and operators have not signed for it`
      }
    }
  }
  return undefined
}

/** A twin has the keys of its original, and with them its name. */
const nameOf = (node: string): string => node.replace(/-twin$/, '')

const isForked = ({ account }: Town, { steps }: Bundle): boolean => {
  const children = new Map<TransitionId, Set<TransitionId>>()
  for (const leg of steps.flatMap((one) => one.legs)) {
    if (leg.is !== 'written' || leg.transition.machine !== account.id) continue
    const siblings = children.get(leg.transition.parent) ?? new Set()
    children.set(leg.transition.parent, siblings.add(idOf(leg)))
  }
  return [...children.values()].some((siblings) => siblings.size > 1)
}

const checkRelation = (report: Report, relation: PartyState): string | undefined => {
  const found = report.machines.find((one) => one.id === relation.machine.id)
  const { headId, head } = relation.machine
  if (!found?.steps.some((one) => one.id === headId) && head.sequence > 0n) {
    return `lacks step ${head.sequence} of the relationship`
  }
  // Against a partner who broke its word nothing of the relationship is firm, and the role has stopped.
  let isFirm = relation.evidence.length === 0
  for (const { id, grade = 'cosigned', interaction, transition } of stepsOf(relation)) {
    const restsOnOthers = interaction.premises.length > 0
    isFirm &&= !restsOnOthers || GRADES.indexOf(grade) >= GRADES.indexOf('receipted')
    const standing = found?.steps.find((one) => one.id === id)?.standing
    if (isFirm && standing !== 'final') {
      return `calls step ${transition.sequence} ${standing ?? 'unknown'}, the role calls it firm`
    }
  }
  return undefined
}
