/**
 * Nodes of the market: Alice, who owns an account and is a party of two relationships; the payees, who are a party of one;
 * and the operators of the directory. Each is one process with one store: what its roles know is saved together.
 */
import type { TransitionId } from '../base/brand.ts'
import { hexFromBytes } from '../base/bytes.ts'
import type { Env } from '../kernel/role.ts'
import { type Transition, transitionId } from '../kernel/transition.ts'
import type { PartyEffect, PartyInput, PartyState } from '../models/bilateral/state.ts'
import {
  certificateFrom,
  directory,
  directoryCertificate,
  isEnough,
} from '../models/directory/certificate.ts'
import type { Receipt } from '../models/directory/evidence.ts'
import {
  beginOperator,
  createOperator,
  type OperatorEffect,
  type OperatorInput,
  type OperatorState,
  vowName,
} from '../models/directory/operator.ts'
import {
  createOwner,
  type OwnerEffect,
  type OwnerInput,
  type OwnerState,
  type OwnerStep,
} from '../models/directory/owner.ts'
import { PAYEES, type Town } from './market-town.ts'
import { createGuard, partyRole } from './party-node.ts'
import type { OwnerRole, PartyRole, Sabotage } from './sabotage.ts'
import type { Actor } from './world.ts'

export type Payer = {
  readonly is: 'payer'
  readonly account: OwnerState
  /** Receipts for steps that are not certified yet. */
  readonly receipts: ReadonlyMap<TransitionId, readonly Receipt[]>
  /** Counts how often what is outstanding was to be submitted again. */
  readonly attempt: number
  /** With Bob, and with Carol. */
  readonly relations: readonly PartyState[]
}
export type Payee = {
  readonly is: 'payee'
  /** Which of the two relationships. */
  readonly at: number
  readonly relation: PartyState
}
export type Desk = {
  readonly is: 'desk'
  /** Position among the operators. */
  readonly seat: number
  readonly operator: OperatorState
  /** How often each step was submitted, by the name of its vow: each time is answered. */
  readonly asked: ReadonlyMap<string, number>
}
export type MarketState = Payer | Payee | Desk

export type MarketInput =
  | { readonly is: 'account'; readonly input: OwnerInput }
  | { readonly is: 'receipt'; readonly transition: Transition; readonly receipt: Receipt }
  | { readonly is: 'desk'; readonly input: OperatorInput }
  /** For a party of one of the two relationships. */
  | { readonly is: 'relation'; readonly at: number; readonly input: PartyInput }
  | { readonly is: 'resend' }

export type MarketEffect =
  | { readonly is: 'account'; readonly effect: OwnerEffect }
  | { readonly is: 'desk'; readonly effect: OperatorEffect }
  | { readonly is: 'relation'; readonly at: number; readonly effect: PartyEffect }

export type MarketActor = Actor<MarketState, MarketInput, MarketEffect>

type Wanted = readonly [id: string, effect: MarketEffect]

export const createPayer = (
  town: Town,
  sabotage: Sabotage,
  of: { readonly name: string; readonly honest: boolean },
): MarketActor => {
  const real = createOwner({ logics: town.logics, verifier: town.engine })
  const owner = sabotage.owner?.(real) ?? real
  const parties = PAYEES.map((_, at) => partyRole(town.party(at, 0), sabotage))
  return {
    ...of,
    start: () => ({
      is: 'payer',
      account: town.funded,
      receipts: new Map(),
      attempt: 0,
      relations: parties.map((role) => introduced(town, role, role.begin())),
    }),
    step: (state, input, now, random) => {
      const env: Env = { now: BigInt(now), random }
      if (state.is !== 'payer') return state
      switch (input.is) {
        case 'account':
          return { ...state, account: owner.step(state.account, input.input, env) }
        case 'receipt':
          return takeReceipt(town, owner, state, { ...input, env })
        case 'relation':
          return withRelations(state, (one, at) =>
            at === input.at ? (parties[at]?.step(one, input.input, env) ?? one) : one,
          )
        case 'resend': {
          const attempt = state.attempt + 1
          return withRelations(
            { ...state, attempt },
            (one, at) => parties[at]?.step(one, { is: 'resend' }, env) ?? one,
          )
        }
        case 'desk':
          return state
      }
    },
    outstanding: (state) =>
      state.is === 'payer'
        ? [
            ...accountWants(owner, state),
            ...state.relations.flatMap((one, at) => relationWants(parties[at], at, one)),
          ]
        : [],
    guard: () => {},
    wake: () => [{ is: 'resend' }],
  }
}

export const createPayee = (town: Town, sabotage: Sabotage, at: number): MarketActor => {
  const role = partyRole(town.party(at, 1), sabotage)
  const guard = createGuard(sabotage)
  return {
    name: PAYEES[at] ?? '',
    honest: true,
    start: () => ({ is: 'payee', at, relation: introduced(town, role, role.begin()) }),
    step: (state, input, now, random) => {
      if (state.is !== 'payee') return state
      const env: Env = { now: BigInt(now), random }
      const own = input.is === 'relation' ? input.input : input
      if (own.is === 'account' || own.is === 'receipt' || own.is === 'desk') return state
      return { ...state, relation: role.step(state.relation, own, env) }
    },
    outstanding: (state) => (state.is === 'payee' ? relationWants(role, at, state.relation) : []),
    guard: (saved) => {
      if (saved.is === 'payee') guard.keep(saved.relation)
    },
    wake: (how) =>
      how === 'restored'
        ? [{ is: 'relation', at, input: guard.restored() }, { is: 'resend' }]
        : [{ is: 'resend' }],
  }
}

export const createDesk = (
  town: Town,
  sabotage: Sabotage,
  of: { readonly name: string; readonly seat: number; readonly honest: boolean },
): MarketActor => {
  const publicKey = town.policy.operators[of.seat]?.publicKey ?? new Uint8Array(0)
  const key = { suite: 'classic', scheme: 'ed25519', publicKey } as const
  const real = createOperator({ ...key, verifier: town.engine })
  const role = sabotage.operator?.(real) ?? real
  // Clocks of operators are apart, and go wrong by themselves.
  const skew = BigInt(of.seat * 7)
  return {
    name: of.name,
    honest: of.honest,
    start: () => ({ is: 'desk', seat: of.seat, operator: beginOperator(), asked: new Map() }),
    step: (state, input, now, random) => {
      if (state.is !== 'desk' || input.is !== 'desk') return state
      const env: Env = { now: BigInt(now) + skew, random }
      const operator = role.step(state.operator, input.input, env)
      return { ...state, asked: askedAfter(state.asked, input.input), operator }
    },
    outstanding: (state) =>
      state.is === 'desk'
        ? role.outstanding(state.operator).map((effect): Wanted => {
            // The role says what its receipts are; the shell hands one out whenever it is asked.
            const again =
              effect.is === 'receipt' ? ` ${state.asked.get(vowName(effect.transition))}` : ''
            return [`${effect.id}${again}`, { is: 'desk', effect }]
          })
        : [],
    guard: () => {},
    wake: () => [],
  }
}

const askedAfter = (asked: Desk['asked'], input: OperatorInput): Desk['asked'] => {
  if (input.is !== 'submit') return asked
  const name = vowName(input.submission.transition)
  return new Map(asked).set(name, (asked.get(name) ?? 0) + 1)
}

/** A party that knows the machines which its steps may refer to. */
const introduced = (town: Town, role: PartyRole, state: PartyState): PartyState => {
  const env: Env = { now: 0n, random: new Uint8Array(32) }
  return [town.mint, town.account].reduce(
    (known, { charter }) => role.step(known, { is: 'learn', charter }, env),
    state,
  )
}

const withRelations = (
  state: Payer,
  change: (relation: PartyState, at: number) => PartyState,
): Payer => ({ ...state, relations: state.relations.map(change) })

const relationWants = (
  role: PartyRole | undefined,
  at: number,
  state: PartyState,
): readonly Wanted[] =>
  (role?.outstanding(state) ?? []).map((effect) => [
    `${at} ${effect.id}`,
    { is: 'relation', at, effect },
  ])

const accountWants = (role: OwnerRole, { account, attempt }: Payer): readonly Wanted[] =>
  role.outstanding(account).map((effect) => {
    const id =
      effect.is === 'sign'
        ? `account sign ${hexFromBytes(effect.digest)}`
        : `account submit ${effect.step.transition.sequence} ${attempt}`
    return [id, { is: 'account', effect }]
  })

/** Keeps a receipt that is one, and certifies the step when there are enough. */
const takeReceipt = (
  town: Town,
  role: OwnerRole,
  state: Payer,
  of: { readonly transition: Transition; readonly receipt: Receipt; readonly env: Env },
): Payer => {
  const { transition, receipt, env } = of
  const id = transitionId('classic', transition)
  const step = state.account.steps.find((one) => idOf(one) === id)
  const known = state.receipts.get(id) ?? []
  const isNew = !known.some((one) => one.operator === receipt.operator)
  if (!step || step.certificate || !isNew || !isReceipt(town, transition, receipt)) return state
  const receipts = [...known, receipt]
  const kept = new Map(state.receipts).set(id, receipts)
  if (!isEnough(town.policy, receipts)) return { ...state, receipts: kept }
  const certificate = directoryCertificate.encode(certificateFrom(receipts))
  kept.delete(id)
  const { sequence } = transition
  const account = role.step(state.account, { is: 'certified', sequence, certificate }, env)
  return { ...state, account, receipts: kept }
}

const isReceipt = (town: Town, transition: Transition, receipt: Receipt): boolean =>
  directory.attestations({
    terms: town.account.terms,
    policy: town.policy,
    anchor: {},
    transition,
    certificate: certificateFrom([receipt]),
    known: { verifier: town.engine, now: undefined, read: () => ({ is: 'unknown' }) },
  }).length === 1

export const idOf = (step: Pick<OwnerStep, 'transition'>): TransitionId =>
  transitionId('classic', step.transition)

/** What a node knows of one of the relationships, if it is in it. */
export const relationOf = (state: MarketState, at: number): PartyState | undefined => {
  switch (state.is) {
    case 'payer':
      return state.relations[at]
    case 'payee':
      return state.at === at ? state.relation : undefined
    case 'desk':
      return undefined
  }
}
