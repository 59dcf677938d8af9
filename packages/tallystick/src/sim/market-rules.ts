/**
 * The rules of the market, for after every event. Those of the two relationships stand in `party-watch.ts`; beside them:
 *
 * - *vows*: no honest operator or owner signs two statements that conflict either;
 * - *certificates*: no parent of the account has two children with enough receipts each;
 * - *culprits*: if one has all the same, the receipts convict as many operators as that takes, and only liars;
 * - *claims*: nothing that was sent is claimed twice;
 * - *grade*: an honest payee calls a claim firm only if it is, by receipts for the step it rests on and for all before;
 * - *exposure*: what an honest payee would lose if everything not firm were undone stays within its cap;
 * - *conservation*: money is neither lost nor made, and where the payer lies only what somebody took at his own risk
 *   is without cover;
 * - *holdings*: two steps of the account that the payees hold between them convict the payer, and nobody else;
 * - *accusations*: what an operator hands out against the payer convicts the payer, and only if she lies;
 * - *freezing*: an honest operator that holds evidence against an owner takes no new vow for its key (`market-freeze.ts`).
 */
import type { TransitionId } from '../base/brand.ts'
import { isFault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import { signerOf } from '../kernel/controller.ts'
import { convict, type Evidence } from '../kernel/evidence.ts'
import type { Machine } from '../kernel/execute.ts'
import { type Attestation, evidenceBetween } from '../kernel/model.ts'
import { undoOf } from '../kernel/quorum.ts'
import { GRADES } from '../kernel/verdict.ts'
import { auditOf, exposureOf, isBalanced, isConserved } from '../logic/ledger-audit.ts'
import { ledgerOperation, type LedgerOperation } from '../logic/ledger-operation.ts'
import { type PartyState, type PartyStep, stepsOf } from '../models/bilateral/state.ts'
import { certificateFrom, directory } from '../models/directory/certificate.ts'
import { ownerVote } from '../models/directory/owner.ts'
import { quorumOf } from '../models/directory/policy.ts'
import type { BundleStep } from '../verify/bundle.ts'
import { freezing } from './market-freeze.ts'
import type { MarketState, Payer } from './market-node.ts'
import { CAPS, PAYEES, PAYER, type Town } from './market-town.ts'
import { firmAccount, isFirm, isVouched, type MarketWatch } from './market-watch.ts'
import type { Checker, NodeView, World } from './world.ts'

type Rule = (world: World<MarketState>) => string | undefined

export const marketRules = (
  watch: MarketWatch,
  stepsIn: (attachment: Uint8Array) => readonly BundleStep[],
): readonly Checker<MarketState>[] => [
  { name: 'vows', check: () => watch.broken },
  { name: 'certificates', check: () => checkCertificates(watch) },
  { name: 'culprits', check: (world) => checkCulprits(watch, world) },
  onNews(
    'claims',
    payeeHeads,
    forPayees((node, at) => checkClaims(watch.town, node, at)),
  ),
  onNews(
    'grade',
    payeeHeads,
    forPayees((node) => checkGrade(watch, node)),
  ),
  onNews(
    'exposure',
    payeeHeads,
    forPayees((node, at) => checkExposure(watch, node, at)),
  ),
  onNews('conservation', allHeads, (world) => checkConservation(watch, world)),
  onNews('holdings', payeeHeads, checkHoldings(watch, stepsIn)),
  { name: 'accusations', check: checkAccusations(watch) },
  freezing(watch.seen),
]

/** A rule that is asked only when what it is about has changed. */
const onNews = (
  name: string,
  keyOf: (world: World<MarketState>) => string,
  rule: Rule,
): Checker<MarketState> => {
  let last = ''
  return {
    name,
    check: (world) => {
      const key = keyOf(world)
      if (key === last) return undefined
      last = key
      return rule(world)
    },
  }
}

const headsOf = ({ state }: NodeView<MarketState>): readonly TransitionId[] => {
  switch (state.is) {
    case 'payer':
      return [state.account, ...state.relations].map((one) => one.machine.headId)
    case 'payee':
      return [state.relation.machine.headId]
    case 'desk':
      return []
  }
}

const allHeads = ({ nodes }: World<MarketState>): string => nodes.flatMap(headsOf).join(' ')

const payeeHeads = ({ nodes }: World<MarketState>): string =>
  nodes
    .filter((one) => one.state.is === 'payee')
    .flatMap(headsOf)
    .join(' ')

type PayeeView = { readonly name: string; readonly relation: PartyState }

const payeesIn = (world: World<MarketState>): readonly PayeeView[] =>
  world.nodes.flatMap(({ name, honest, state }): readonly PayeeView[] =>
    honest && state.is === 'payee' ? [{ name, relation: state.relation }] : [],
  )

const forPayees =
  (rule: (payee: PayeeView, at: number) => string | undefined): Rule =>
  (world) => {
    for (const payee of payeesIn(world)) {
      const says = rule(
        payee,
        PAYEES.findIndex((name) => name === payee.name),
      )
      if (says !== undefined) return `${payee.name} ${says}`
    }
    return undefined
  }

const payersIn = (world: World<MarketState>): readonly Payer[] =>
  world.nodes.flatMap(({ state }) => (state.is === 'payer' ? [state] : []))

export const isPayerHonest = (world: World<MarketState>): boolean =>
  world.nodes.every((node) => node.honest || node.state.is !== 'payer')

/** Children of one parent that have enough receipts each, as pairs. */
const rivalsIn = (watch: MarketWatch): readonly (readonly [TransitionId, TransitionId])[] =>
  [...watch.children.values()].flatMap((children) => {
    if (children.size < 2) return []
    watch.seen.add('two children at operators')
    const certified = [...children].filter((one) => isVouched(watch, one))
    return certified.flatMap((one, at) =>
      certified.slice(at + 1).map((other) => [one, other] as const),
    )
  })

const checkCertificates = (watch: MarketWatch): string | undefined => {
  const [pair] = rivalsIn(watch)
  return pair && `${pair.join(' and ')} have one parent and enough receipts each`
}

/** Two certificates convict as many operators as it takes to undo one, all of them liars. */
const checkCulprits = (watch: MarketWatch, world: World<MarketState>): string | undefined => {
  const { town } = watch
  const liars = new Set(
    world.nodes.flatMap(({ honest, state }) =>
      honest || state.is !== 'desk' ? [] : [town.policy.operators[state.seat]?.name],
    ),
  )
  const { atLeast } = undoOf(quorumOf(town.policy))
  for (const [one, other] of rivalsIn(watch)) {
    watch.seen.add('two certificates')
    const found = evidenceBetween(
      town.account.terms,
      signersOf(watch, one),
      signersOf(watch, other),
    ).map((evidence) => signerBy(evidence, town.engine))
    const culprits = town.policy.operators.filter((operator) =>
      found.includes(signerOf('classic', operator)),
    )
    const wronged = culprits.find(({ name }) => !liars.has(name))
    if (wronged) return `two certificates convict ${wronged.name}, who is honest`
    if (culprits.length < atLeast) return `two certificates convict only ${culprits.length}`
  }
  return undefined
}

const signersOf = ({ town, vouched }: MarketWatch, step: TransitionId): readonly Attestation[] => {
  const known = vouched.get(step)
  if (!known) return []
  return directory.attestations({
    terms: town.account.terms,
    policy: town.policy,
    anchor: {},
    transition: known.transition,
    certificate: certificateFrom(known.receipts),
    known: { verifier: town.engine, now: undefined, read: () => ({ is: 'unknown' }) },
  })
}

type Claim = Extract<LedgerOperation, { is: 'claim' }>

/** What a step claims. */
const claimsIn = ({ asset }: Town, { interaction }: PartyStep): readonly Claim[] =>
  interaction.operations.flatMap((one): readonly Claim[] => {
    if (one.machine !== asset.machine) return []
    const operation = ledgerOperation.decode(one.argument)
    return operation.is === 'claim' ? [operation] : []
  })

const checkClaims = (town: Town, { relation }: PayeeView, at: number): string | undefined => {
  const seen = new Set<string>()
  for (const step of stepsOf(relation)) {
    for (const { source, out } of claimsIn(town, step)) {
      const route = `${source} ${out.interaction} ${out.nonce}`
      if (seen.has(route)) return `has a send claimed twice at step ${step.transition.sequence}`
      if (out.to.machine !== town.relations[at]?.id) return 'claims what was sent elsewhere'
      seen.add(route)
    }
  }
  return undefined
}

/** Whether everything that a step relies on is firm. */
const restsFirmly = (watch: MarketWatch, { interaction }: PartyStep): boolean =>
  interaction.premises.every((one) => isFirm(watch, one.transition))

const checkGrade = (watch: MarketWatch, { relation }: PayeeView): string | undefined => {
  for (const step of stepsOf(relation)) {
    if (step.grade === undefined) continue
    const isCalledFirm = GRADES.indexOf(step.grade) >= GRADES.indexOf('receipted')
    watch.seen.add(isCalledFirm ? 'firm claim' : 'claim at risk')
    if (isCalledFirm && !restsFirmly(watch, step)) {
      return `calls step ${step.transition.sequence} ${step.grade}, and it is not`
    }
  }
  return undefined
}

const checkExposure = (
  watch: MarketWatch,
  { relation }: PayeeView,
  at: number,
): string | undefined => {
  const atRisk = stepsOf(relation)
    .filter((step) => !restsFirmly(watch, step))
    .flatMap((step) => claimsIn(watch.town, step))
    .reduce((sum, { out }) => sum + out.amount, 0n)
  const cap = CAPS[at] ?? 0n
  return atRisk > cap ? `has ${atRisk} at risk where ${cap} is the most` : undefined
}

/** What a relationship has taken at its own risk, by what its party wrote down. */
export const exposureIn = (town: Town, relation: PartyState): bigint =>
  exposureOf(
    town.asset,
    relation.machine.id,
    stepsOf(relation).map(({ interaction, grade = 'cosigned' }) => ({ interaction, grade })),
  )

const checkConservation = (watch: MarketWatch, world: World<MarketState>): string | undefined => {
  const { asset, paid } = watch.town
  const payees = payeesIn(world)
  const relations = payees.map((one) => one.relation.machine)
  if (isPayerHonest(world)) {
    for (const { account, relations: own } of payersIn(world)) {
      for (const view of [relations, own.map((one) => one.machine)]) {
        const audit = auditOf(asset, [paid.machine, account.machine, ...view])
        if (!isConserved(audit)) return `money was made or lost: ${textOf(audit)}`
      }
    }
    return undefined
  }
  const machines: readonly Machine[] = [paid.machine, firmAccount(watch), ...relations]
  const audit = auditOf(asset, machines)
  const risked = payees.reduce((sum, one) => sum + exposureIn(watch.town, one.relation), 0n)
  if (audit.unbacked > 0n) watch.seen.add('claim without cover')
  if (isBalanced(audit) && audit.unbacked <= risked) return undefined
  return `money was made or lost, with ${risked} at risk: ${textOf(audit)}`
}

const textOf = (audit: ReturnType<typeof auditOf>): string =>
  Object.entries(audit)
    .map(([name, amount]) => `${name} ${amount}`)
    .join(', ')

/** Every proposal of the payer that came with a payee's final steps, and what two of them prove. */
const checkHoldings = (
  watch: MarketWatch,
  stepsIn: (attachment: Uint8Array) => readonly BundleStep[],
): Rule => {
  const held = new Map<TransitionId, Map<string, Attestation>>()
  const read = new Set<TransitionId>()
  return (world) => {
    for (const { relation } of payeesIn(world)) {
      for (let at = relation.history; at && !read.has(at.step.id); at = at.before) {
        read.add(at.step.id)
        for (const step of at.step.attachments.flatMap((one) => stepsIn(one))) {
          const says = hold(watch, world, { held, step })
          if (says !== undefined) return says
        }
      }
    }
    return undefined
  }
}

const hold = (
  watch: MarketWatch,
  world: World<MarketState>,
  of: {
    readonly held: Map<TransitionId, Map<string, Attestation>>
    readonly step: BundleStep
  },
): string | undefined => {
  for (const fresh of proposalsIn(watch.town, of.step)) {
    if (fresh.statement.is !== 'vote') continue
    const { parent, interaction } = fresh.statement.transition
    const siblings = of.held.get(parent) ?? new Map<string, Attestation>()
    of.held.set(parent, siblings)
    if (siblings.has(interaction)) continue
    for (const other of siblings.values()) {
      watch.seen.add('payees hold a fork')
      const found = evidenceBetween(watch.town.account.terms, [other], [fresh])
      if (found.length === 0) return 'two steps of the account convict nobody'
      for (const one of found) {
        const says = judge(watch, world, one)
        if (says !== undefined) return `two steps of the account: ${says}`
      }
    }
    siblings.set(interaction, fresh)
  }
  return undefined
}

const proposalsIn = (town: Town, step: BundleStep): readonly Attestation[] =>
  step.legs.flatMap((leg): readonly Attestation[] => {
    if (leg.is !== 'written' || leg.transition.machine !== town.account.id) return []
    const publicKey = town.publicKey(PAYER)
    const statement = ownerVote(leg.transition)
    return leg.proposal.map(({ signature }) => ({
      name: PAYER,
      scheme: town.scheme,
      publicKey,
      statement,
      signature,
    }))
  })

const checkAccusations = (watch: MarketWatch): Rule => {
  const judged = new Set<Evidence>()
  return (world) => {
    for (const { name, state } of world.nodes) {
      if (state.is !== 'desk') continue
      for (const one of state.operator.forks) {
        if (judged.has(one)) continue
        judged.add(one)
        watch.seen.add('accused by an operator')
        const says = judge(watch, world, one)
        if (says !== undefined) return `${name} accuses: ${says}`
      }
    }
    return undefined
  }
}

/** What is wrong with evidence against the payer. */
const judge = (watch: MarketWatch, world: World<MarketState>, of: Evidence): string | undefined => {
  const { engine, scheme, publicKey } = watch.town
  const signer = signerBy(of, engine)
  if (signer === undefined) return 'the evidence convicts nobody'
  const payer = signerOf('classic', { scheme, publicKey: publicKey(PAYER) })
  if (signer !== payer) return 'the evidence convicts somebody else than the payer'
  return isPayerHonest(world) ? 'the evidence convicts the payer, who is honest' : undefined
}

const signerBy = (of: Evidence, verifier: Verifier): string | undefined => {
  const conviction = convict(of, verifier)
  return isFault(conviction) ? undefined : conviction.signer
}
