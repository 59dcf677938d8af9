/**
 * What the checkers of the market remember between events, and what they know about Alice's account that no single
 * node knows: every head it ever had, which operators signed for which step, and which steps are firm.
 *
 * A step is *firm* when enough operators have signed for it and for every step before it. Receipts for a step say that it
 * is the only child of its parent; they say nothing about the parent.
 */
import type { TransitionId } from '../base/brand.ts'
import type { Machine } from '../kernel/execute.ts'
import type { Statement } from '../kernel/statement.ts'
import { type Transition, transitionId } from '../kernel/transition.ts'
import { isEnough } from '../models/directory/certificate.ts'
import type { Receipt } from '../models/directory/evidence.ts'
import type { Vowed } from '../models/directory/operator.ts'
import { type Desk, type MarketState, type Payer, relationOf } from './market-node.ts'
import type { Town } from './market-town.ts'
import { createPartyWatch, type PartyWatch } from './party-watch.ts'
import { createSignedLog, type SignedLog } from './signed-log.ts'
import type { PartyState } from '../models/bilateral/state.ts'
import type { NodeView, World } from './world.ts'

/** A step of Alice's account that operators have signed for. */
export type Vouched = {
  readonly transition: Transition
  /** The first receipt of each. */
  readonly receipts: readonly Receipt[]
}

export type MarketWatch = {
  readonly town: Town
  readonly relations: readonly PartyWatch[]
  /** Alice's account at every head that any of her nodes ever had. */
  readonly accounts: Map<TransitionId, Machine>
  readonly vouched: Map<TransitionId, Vouched>
  readonly children: Map<TransitionId, Set<TransitionId>>
  /** States at the last look, so that unchanged nodes cost nothing. */
  readonly looked: Map<string, unknown>
  readonly log: SignedLog
  readonly seen: Set<string>
  broken: string | undefined
}

export const createMarketWatch = (town: Town): MarketWatch => {
  const seen = new Set<string>()
  return {
    town,
    relations: town.relations.map(({ terms }) => createPartyWatch(terms, town.engine, seen)),
    accounts: new Map([[town.funded.machine.headId, town.funded.machine]]),
    vouched: new Map(),
    children: new Map(),
    looked: new Map(),
    log: createSignedLog('classic'),
    seen,
    broken: undefined,
  }
}

/** Notes what an owner or an operator is about to sign. */
export const watchSigning = (
  watch: MarketWatch,
  node: NodeView<MarketState> | undefined,
  statement: Statement,
): void => {
  if (!node?.honest) return
  const conflict = watch.log.note(node.name, statement)
  if (conflict) watch.broken ??= `${node.name} signed a ${conflict}`
}

/** Brings the watch up to date. */
export const watchAccounts = (watch: MarketWatch, world: World<MarketState>): void => {
  for (const { name, state } of world.nodes) {
    const part = state.is === 'payer' ? state.account : state.is === 'desk' ? state.operator : state
    if (watch.looked.get(name) === part) continue
    watch.looked.set(name, part)
    if (state.is === 'payer') lookAtPayer(watch, state)
    if (state.is === 'desk') lookAtDesk(watch, state)
  }
}

const lookAtPayer = (watch: MarketWatch, { account }: Payer): void => {
  watch.accounts.set(account.machine.headId, account.machine)
}

const lookAtDesk = (watch: MarketWatch, { operator, seat }: Desk): void => {
  for (const vowed of operator.vows.values()) lookAtVow(watch, seat, vowed)
}

const lookAtVow = (watch: MarketWatch, seat: number, vowed: Vowed): void => {
  const { submission, time, signature } = vowed
  const { transition } = submission
  if (!signature) return
  const id = transitionId('classic', transition)
  const { receipts } = watch.vouched.get(id) ?? { receipts: [] }
  if (receipts.some((one) => one.operator === seat)) return
  const receipt = { operator: seat, time, signature }
  watch.vouched.set(id, { transition, receipts: [...receipts, receipt] })
  const children = watch.children.get(transition.parent) ?? new Set()
  watch.children.set(transition.parent, children.add(id))
}

/** Whether operators have signed a certificate's worth of receipts for a step. */
export const isVouched = (watch: MarketWatch, step: TransitionId): boolean =>
  isEnough(watch.town.policy, watch.vouched.get(step)?.receipts ?? [])

/** Whether a step of the account and all before it are vouched for. */
export const isFirm = (watch: MarketWatch, step: TransitionId): boolean => {
  const { funded } = watch.town
  let at = step
  while (at !== funded.machine.headId) {
    const known = watch.vouched.get(at)
    if (!known || !isVouched(watch, at)) return false
    at = known.transition.parent
  }
  return true
}

/** The account at its newest firm step. */
export const firmAccount = (watch: MarketWatch): Machine => {
  let best = watch.town.funded.machine
  for (const [id, { transition }] of watch.vouched) {
    const machine = watch.accounts.get(id)
    if (machine && transition.sequence > best.head.sequence && isFirm(watch, id)) best = machine
  }
  return best
}

/** One of the two relationships as a world of its own. */
export const relationWorld = (world: World<MarketState>, at: number): World<PartyState> => ({
  ...world,
  nodes: world.nodes.flatMap((node): readonly NodeView<PartyState>[] => {
    const state = relationOf(node.state, at)
    return state ? [{ ...node, state }] : []
  }),
})
