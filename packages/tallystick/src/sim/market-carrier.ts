/**
 * What stands around the nodes of the market: it signs, carries, decides for people, and proves premises with the real
 * verifier out of what a node holds.
 */
import { hexFromBytes } from '../base/bytes.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import { statementDigest } from '../kernel/statement.ts'
import { exposureOf } from '../logic/ledger-audit.ts'
import {
  type PartyEffect,
  type PartyInput,
  type PartyState,
  stepsOf,
} from '../models/bilateral/state.ts'
import { receiptVote } from '../models/directory/evidence.ts'
import type { OperatorEffect, OperatorInput } from '../models/directory/operator.ts'
import { type OwnerEffect, ownerVote } from '../models/directory/owner.ts'
import { bundleFromFile, type BundleStep } from '../verify/bundle.ts'
import { falsehoodIn, proveFromFiles } from '../verify/prove.ts'
import type { VerifyOptions } from '../verify/run.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import type { MarketEffect, MarketInput, MarketState } from './market-node.ts'
import { relationOf } from './market-node.ts'
import { CAPS, PAYEES, PAYER, type Town } from './market-town.ts'
import { type MarketWatch, watchSigning } from './market-watch.ts'
import { mangled, mangleParty, type PartyShell, performParty } from './party-node.ts'
import type { Stream } from './random.ts'
import type { Sabotage } from './sabotage.ts'
import type { Delivery, World } from './world.ts'

/** A node, and for whom it acts; twins act for the same. */
export type Acting = { readonly name: string; readonly seat: number | undefined }

export type Carrier = {
  readonly perform: (
    world: World<MarketState>,
    node: number,
    effect: MarketEffect,
  ) => readonly Delivery<MarketInput>[]
  /** Steps in a file that came with a claim; none if it is no bundle. */
  readonly stepsIn: (attachment: Uint8Array) => readonly BundleStep[]
}

type Ground = {
  readonly town: Town
  readonly watch: MarketWatch
  readonly cast: readonly Acting[]
  readonly payee: Sabotage['payee']
  readonly checks: VerifyOptions
  readonly archive: Archive
}

/** A file that came with a claim, looked at. */
type Filed = { readonly steps: readonly BundleStep[]; readonly isSound: boolean }
type Archive = (attachment: Uint8Array) => Filed

export const createCarrier = (
  town: Town,
  watch: MarketWatch,
  of: Pick<Ground, 'cast' | 'payee'>,
): Carrier => {
  const { logics, engine: verifier } = town
  const checks = { models: STANDARD_MODELS, logics, verifier }
  const ground: Ground = { ...of, town, watch, checks, archive: createArchive(checks) }
  return {
    perform: (world, node, effect) => {
      switch (effect.is) {
        case 'account':
          return performAccount(ground, { world, node }, effect.effect)
        case 'desk':
          return performDesk(ground, { world, node }, effect.effect)
        case 'relation':
          return performRelation(ground, { world, node }, effect)
      }
    },
    stepsIn: (attachment) => ground.archive(attachment).steps,
  }
}

type Place = { readonly world: World<MarketState>; readonly node: number }
type Sent = readonly Delivery<MarketInput>[]

const performAccount = (
  { town, watch, cast }: Ground,
  { world, node }: Place,
  effect: OwnerEffect,
): Sent => {
  const state = world.nodes[node]?.state
  if (state?.is !== 'payer') return []
  if (effect.is === 'sign') {
    const digest = hexFromBytes(effect.digest)
    for (const { transition } of state.account.steps) {
      const vote = ownerVote(transition)
      if (hexFromBytes(statementDigest('classic', vote)) !== digest) continue
      watchSigning(watch, world.nodes[node], vote)
    }
    const signature = town.sign(PAYER, effect.digest)
    const input: MarketInput = { is: 'account', input: { is: 'signed', digest, signature } }
    return [{ to: node, input, by: 'local', label: 'signed' }]
  }
  const { transition, interaction, consents, signature } = effect.step
  const parent = state.account.steps.find(
    (one) => one.transition.sequence === transition.sequence - 1n,
  )?.transition
  if (!signature || !parent) return []
  const { charter } = town.account
  const input: MarketInput = {
    is: 'desk',
    input: {
      is: 'submit',
      charter,
      submission: { transition, parent, interaction, consents, proposal: signature },
    },
  }
  return town.policy.operators.flatMap((_, seat): Sent => {
    const to = pickOf(world, node, cast, (one) => one.seat === seat)
    return to === undefined ? [] : [{ to, input, by: 'network', label: 'submission' }]
  })
}

const performDesk = (
  { town, watch, cast }: Ground,
  { world, node }: Place,
  effect: OperatorEffect,
): Sent => {
  const state = world.nodes[node]?.state
  if (state?.is !== 'desk') return []
  switch (effect.is) {
    case 'sign': {
      const digest = hexFromBytes(effect.digest)
      for (const { submission, time } of state.operator.vows.values()) {
        const vote = receiptVote(submission.transition, time)
        if (hexFromBytes(statementDigest('classic', vote)) !== digest) continue
        watchSigning(watch, world.nodes[node], vote)
      }
      const signature = town.sign(cast[node]?.name ?? '', effect.digest)
      const input: MarketInput = { is: 'desk', input: { is: 'signed', digest, signature } }
      return [{ to: node, input, by: 'local', label: 'signed' }]
    }
    case 'receipt': {
      const to = pickOf(world, node, cast, (one) => one.name === PAYER)
      const { transition, receipt } = effect
      const input: MarketInput = { is: 'receipt', transition, receipt }
      return to === undefined ? [] : [{ to, input, by: 'network' }]
    }
    case 'accuse':
    case 'publish':
      return []
  }
}

/** One of the nodes that act for somebody: who sends cannot tell twins apart. */
const pickOf = (
  world: World<MarketState>,
  node: number,
  cast: readonly Acting[],
  isMeant: (one: Acting) => boolean,
): number | undefined =>
  world.stream(`twin/${node}`).pick([...cast.keys()].filter((at) => isMeant(cast[at] ?? NOBODY)))

const NOBODY: Acting = { name: '', seat: undefined }

const performRelation = (
  ground: Ground,
  { world, node }: Place,
  { at, effect }: Extract<MarketEffect, { is: 'relation' }>,
): Sent => {
  const { town, watch, cast } = ground
  const own = world.nodes[node]?.state
  const state = own && relationOf(own, at)
  const relationWatch = watch.relations[at]
  if (!state || !relationWatch) return []
  const names = [PAYER, PAYEES[at]]
  const shell: PartyShell = {
    sign: (party, digest) => town.sign(names[party] ?? '', digest),
    watch: relationWatch,
    nodesOf: (party) => [...cast.keys()].filter((one) => cast[one]?.name === names[party]),
    decide: (asked) =>
      isWithinCap(ground, state, at, asked) && world.stream(`mind/${node}`).chance(85),
    prove: (asked) => prove(ground, state, asked),
  }
  const sent = performParty(shell, world, { node, party: state.party, effect })
  return sent.map(({ input, ...rest }) => ({
    ...rest,
    label: rest.label ?? input.is,
    input: { is: 'relation', at, input },
  }))
}

/** A payee agrees to what is firm, and to what is not as far as its cap goes. */
const isWithinCap = (
  { town, payee }: Ground,
  state: PartyState,
  at: number,
  { interaction, grade }: Extract<PartyEffect, { is: 'ask' }>,
): boolean => {
  if (state.party === 0 || payee === 'reckless') return true
  const past = stepsOf(state).map((one) => ({
    interaction: one.interaction,
    grade: one.grade ?? 'cosigned',
  }))
  const now = { interaction, grade: grade ?? 'cosigned' }
  return exposureOf(town.asset, state.machine.id, [...past, now]) <= (CAPS[at] ?? 0n)
}

/** Runs what a claim relies on, together with everything that came with the claims before. */
const prove = (
  { payee, checks, archive }: Ground,
  state: PartyState,
  { interaction, interactionId, attachments }: Extract<PartyEffect, { is: 'prove' }>,
): PartyInput => {
  const before = stepsOf(state).flatMap((one) => one.attachments)
  // What came with a step that was caught up on was not looked at then.
  const held = before.filter((one) => archive(one).isSound)
  const proven = proveFromFiles({ given: attachments, held }, interaction.premises, checks)
  if (isFault(proven)) return { is: 'unproven', interaction: interactionId, fault: proven }
  const grade = payee === 'credulous' ? 'certified' : proven.grade
  return { is: 'proven', interaction: interactionId, proven: proven.proven, grade }
}

/** Looks at each file once: they come back with every claim. */
const createArchive = (checks: VerifyOptions): Archive => {
  const known = new Map<string, Filed>()
  return (attachment) => {
    const key = hexFromBytes(attachment)
    const before = known.get(key)
    if (before) return before
    const read = faultFrom(() => bundleFromFile(attachment))
    const filed: Filed = {
      steps: isFault(read) ? [] : read.steps,
      isSound: falsehoodIn(attachment, checks) === undefined,
    }
    known.set(key, filed)
    return filed
  }
}

const mangleDesk = (input: OperatorInput, stream: Stream): OperatorInput => {
  switch (input.is) {
    case 'submit': {
      const { submission } = input
      const proposal = mangled(submission.proposal, stream)
      return { ...input, submission: { ...submission, proposal } }
    }
    case 'signed':
      return { ...input, signature: mangled(input.signature, stream) }
    case 'evidence':
    case 'checkpoint':
      return input
  }
}

/** A message of the market with one byte changed: of a party's message, or of a signature. */
export const mangleMarket = (input: MarketInput, stream: Stream): MarketInput => {
  switch (input.is) {
    case 'relation':
      return { ...input, input: mangleParty(input.input, stream) }
    case 'receipt': {
      const signature = mangled(input.receipt.signature, stream)
      return { ...input, receipt: { ...input.receipt, signature } }
    }
    case 'desk':
      return { ...input, input: mangleDesk(input.input, stream) }
    case 'account':
    case 'resend':
      return input
  }
}
