/**
 * The market scenario: Alice pays Bob and Carol out of an account that a directory of four operators certifies.
 *
 * To Bob she pays what was certified before (mode M1): he takes nothing else. To Carol she also pays at Carol's risk (mode
 * M2), within Carol's cap. Claims rest on premises, which come with files and are proven by the real verifier. One operator,
 * as many as the policy allows for, has a twin; in `market-twin` Alice has one as well and spends her money twice.
 *
 * The rules stand in `market-rules.ts` and `party-watch.ts`. With an honest Alice everything must be settled at the end:
 * each of her steps certified, both relationships at rest, and the verifier of one mind with the roles.
 */
import type { SchemeId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { type Acting, createCarrier, mangleMarket } from './market-carrier.ts'
import {
  createDesk,
  createPayee,
  createPayer,
  type MarketActor,
  type MarketEffect,
  type MarketInput,
  type MarketState,
} from './market-node.ts'
import { marketRules } from './market-rules.ts'
import { createTown, OPERATORS, PAYEES, PAYER, type Town } from './market-town.ts'
import { marketVerdict } from './market-verdict.ts'
import {
  createMarketWatch,
  type MarketWatch,
  relationWorld,
  watchAccounts,
} from './market-watch.ts'
import { marketWish } from './market-wish.ts'
import { SETTLED } from './party-node.ts'
import { partyCheckers, type PartyWatch } from './party-watch.ts'
import type { Sabotage } from './sabotage.ts'
import type { PartyState } from '../models/bilateral/state.ts'
import type { Checker, Scenario } from './world.ts'

export type MarketOptions = {
  readonly engine: Engine
  readonly scheme: SchemeId
  /** Whether Alice has a twin. */
  readonly twin: boolean
  /** Whether the end is held against the verifier as well. */
  readonly audit: boolean
  readonly sabotage?: Sabotage
}

const SETTLE_TICKS = 4000
/** Who lies may stall its own machine, so there is nothing to wait for. */
const SETTLE_TICKS_TWIN = 300

/** A fresh scenario; it remembers what was signed, so each run needs its own. */
export const createMarketScenario = (
  options: MarketOptions,
): Scenario<MarketState, MarketInput, MarketEffect> => {
  const { sabotage = {}, twin, audit } = options
  const town = createTown(options.engine, options.scheme, sabotage.logics ?? STANDARD_LOGICS)
  const watch = createMarketWatch(town)
  const cast = castOf(town, options)
  const carrier = createCarrier(town, watch, { cast, payee: sabotage.payee })
  const verdict = audit ? [marketVerdict(watch, STANDARD_LOGICS)] : []
  return {
    name: twin ? 'market-twin' : 'market',
    actors: cast.map((one) => one.actor),
    wish: (world, node, choice) => {
      const state = world.nodes[node]?.state
      return state && marketWish(town, state, choice)
    },
    perform: carrier.perform,
    nudge: { is: 'resend' },
    mangle: mangleMarket,
    watch: (world) => watchAccounts(watch, world),
    checkers: [...marketRules(watch, carrier.stepsIn), ...inRelations(watch, partyCheckers)],
    settled: [...(twin ? [] : [allCertified]), ...inRelations(watch, () => SETTLED), ...verdict],
    settleTicks: twin ? SETTLE_TICKS_TWIN : SETTLE_TICKS,
    seen: watch.seen,
  }
}

type Cast = Acting & { readonly actor: MarketActor }

/** Alice, Bob, Carol, the operators, then twins: Alice's first, as the plan counts on. */
const castOf = (town: Town, { twin, sabotage = {} }: MarketOptions): readonly Cast[] => {
  const { operatorTwins = town.policy.faulty } = sabotage
  const payer = (name: string): Cast => ({
    actor: createPayer(town, sabotage, { name, honest: !twin }),
    name: PAYER,
    seat: undefined,
  })
  const desk = (name: string, seat: number): Cast => ({
    actor: createDesk(town, sabotage, { name, seat, honest: seat >= operatorTwins }),
    name: OPERATORS[seat] ?? '',
    seat,
  })
  return [
    payer(PAYER),
    ...PAYEES.map((name, at) => ({
      actor: createPayee(town, sabotage, at),
      name,
      seat: undefined,
    })),
    ...OPERATORS.map(desk),
    ...(twin ? [payer(`${PAYER}-twin`)] : []),
    ...OPERATORS.slice(0, operatorTwins).map((name, seat) => desk(`${name}-twin`, seat)),
  ]
}

/** Rules of a relationship, asked about each of the two. */
const inRelations = (
  watch: MarketWatch,
  rulesOf: (relation: PartyWatch) => readonly Checker<PartyState>[],
): readonly Checker<MarketState>[] =>
  watch.relations.flatMap((relation, at) =>
    rulesOf(relation).map(({ name, check }) => ({
      name,
      check: (world) => check(relationWorld(world, at)),
    })),
  )

const allCertified: Checker<MarketState> = {
  name: 'all certified',
  check: ({ nodes }) => {
    for (const { name, state } of nodes) {
      const open = state.is === 'payer' && state.account.steps.find((one) => !one.certificate)
      if (open) return `step ${open.transition.sequence} of ${name} never became certified`
    }
    return undefined
  },
}
