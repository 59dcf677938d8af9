/**
 * The bilateral scenario: two parties pay each other over a bad network, crash, lose writes and are restored.
 *
 * What must hold after every event stands in `party-watch.ts`, and beside it *conservation*: the balances add up to what was
 * there at the start. What must hold once the network has healed: honest parties have one head, nothing pending, and
 * `verify` says of their files what they say themselves.
 *
 * Byzantine behaviour comes from twins: a second, correct copy of a party with the same key and a store of its own, so that
 * vows are broken without any adversary code. With one twinned party the other one must come to no harm that evidence
 * does not show; with two nobody is left to protect, and the forks that they make must convict one of them at least.
 */
import type { TransitionId } from '../base/brand.ts'
import { isFault } from '../base/fault.ts'
import type { SchemeId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import type { Charter } from '../kernel/charter.ts'
import { soleController } from '../kernel/controller.ts'
import { type Machine, openMachine } from '../kernel/execute.ts'
import type { Prefix } from '../kernel/logic.ts'
import { ledgerParams } from '../logic/ledger-params.ts'
import { operationOnLedger } from '../logic/ledger-operation.ts'
import { balanceOf } from '../logic/ledger-record.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { BILATERAL_TERMS } from '../models/bilateral/policy.ts'
import type { PartyConfig, PartyEffect, PartyInput, PartyState } from '../models/bilateral/state.ts'
import {
  createGuard,
  mangleParty,
  partyRole,
  type PartyShell,
  performParty,
  SETTLED,
} from './party-node.ts'
import { createPartyWatch, partyCheckers, type PartyWatch } from './party-watch.ts'
import type { Sabotage } from './sabotage.ts'
import { partyVerdict } from './verdict.ts'
import type { Actor, Checker, Scenario, World } from './world.ts'

export type BilateralOptions = {
  readonly engine: Engine
  readonly scheme: SchemeId
  /** How many of the two have a twin. */
  readonly twins: 0 | 1 | 2
  /** Whether the end is held against the verifier as well. */
  readonly audit: boolean
  readonly sabotage?: Sabotage
}

const TOTAL = 2000n
const NAMES = ['alice', 'bob'] as const
/** Which party each node acts for, by the number of twinned parties. */
const PARTIES = [
  [0, 1],
  [0, 1, 0],
  [0, 1, 0, 1],
] as const
const SETTLE_TICKS = 6000

/** A fresh scenario; it remembers what was signed, so each run needs its own. */
export const createBilateralScenario = (
  options: BilateralOptions,
): Scenario<PartyState, PartyInput, PartyEffect> => {
  const setup = prepare(options)
  const seen = new Set<string>()
  const watch = createPartyWatch(setup.charter.terms, options.engine, seen)
  const parties = PARTIES[options.twins]
  const verdict = options.audit
    ? [partyVerdict(watch, { charter: setup.charter, logics: STANDARD_LOGICS })]
    : []
  return {
    name: NAME_BY_TWINS[options.twins],
    actors: parties.map((party, node) => createActor(setup, options, { party, node })),
    wish: (world, node, choice) => wish(setup, world, node, choice),
    perform: (world, node, effect) => {
      const party = parties[node] ?? 0
      return performParty(shellOf(setup, watch, { world, node, parties }), world, {
        node,
        party,
        effect,
      })
    },
    nudge: { is: 'resend' },
    mangle: mangleParty,
    watch: (world) => noteSightings(seen, world),
    checkers: [...partyCheckers(watch), conservation(setup)],
    settled: [...SETTLED, ...verdict],
    settleTicks: SETTLE_TICKS,
    seen,
  }
}

const NAME_BY_TWINS = ['bilateral', 'bilateral-twin', 'bilateral-twins'] as const

type Setup = {
  readonly charter: Charter
  readonly genesis: Machine
  readonly sign: PartyShell['sign']
  readonly asset: Prefix
  readonly config: (party: number) => PartyConfig
}

const prepare = ({ engine, scheme }: BilateralOptions): Setup => {
  const pairs = NAMES.map((_, at) => engine.fromSeed(scheme, new Uint8Array(32).fill(at + 1)))
  const charter: Charter = {
    network: 'simulation',
    nonce: new Uint8Array(32),
    terms: {
      suite: 'classic',
      participants: NAMES.map((name, at) => ({
        name,
        controller: soleController(scheme, pairs[at]?.publicKey ?? new Uint8Array(32)),
      })),
      turn: { is: 'alternate' },
      policy: BILATERAL_TERMS,
    },
    logics: [
      {
        name: 'ledger/1',
        params: ledgerParams.encode({
          symbol: 'TICK',
          decimals: 0,
          cap: TOTAL,
          issuer: undefined,
          initial: NAMES.map((holder) => ({ holder, amount: TOTAL / 2n })),
        }),
      },
    ],
    state: { is: 'tree' },
  }
  const genesis = openMachine(charter, STANDARD_LOGICS)
  if (isFault(genesis)) throw genesis
  return {
    charter,
    genesis,
    sign: (party, digest) => {
      const secret = pairs[party]?.secret ?? new Uint8Array(32)
      return engine.sign(scheme, secret, digest, { deterministic: true })
    },
    asset: { machine: genesis.id, logic: 0 },
    config: (party) => ({
      charter,
      party,
      keys: [0],
      logics: STANDARD_LOGICS,
      verifier: engine,
    }),
  }
}

const createActor = (
  setup: Setup,
  options: BilateralOptions,
  of: { readonly party: number; readonly node: number },
): Actor<PartyState, PartyInput, PartyEffect> => {
  const sabotage = options.sabotage ?? {}
  const role = partyRole(setup.config(of.party), sabotage)
  const guard = createGuard(sabotage)
  return {
    name: `${NAMES[of.party] ?? ''}${of.node > 1 ? '-twin' : ''}`,
    honest: of.party >= options.twins,
    start: role.begin,
    step: (state, input, now, random) => role.step(state, input, { now: BigInt(now), random }),
    outstanding: (state) => role.outstanding(state).map((effect) => [effect.id, effect] as const),
    guard: guard.keep,
    wake: (how) => (how === 'restored' ? [guard.restored(), { is: 'resend' }] : [{ is: 'resend' }]),
  }
}

/** A payment of a small amount; now and then a change of mind. */
const wish = (
  setup: Setup,
  world: World<PartyState>,
  node: number,
  choice: number,
): PartyInput | undefined => {
  const state = world.nodes[node]?.state
  if (!state) return undefined
  if (choice % 4 === 0) return { is: 'withdraw' }
  const [from, to] = [NAMES[state.party], NAMES[1 - state.party]]
  if (!from || !to) return undefined
  const { machine } = setup.genesis.head
  const operation = operationOnLedger(setup.asset, {
    is: 'transfer',
    from: { machine, holder: from },
    to: { machine, holder: to },
    amount: BigInt(1 + (choice % 97)),
  })
  return {
    is: 'wish',
    operations: [operation],
    premises: [],
    legs: [],
    consents: [],
    attachments: [],
  }
}

const shellOf = (
  setup: Setup,
  watch: PartyWatch,
  of: {
    readonly world: World<PartyState>
    readonly node: number
    readonly parties: readonly number[]
  },
): PartyShell => ({
  sign: (party, digest) => setup.sign(party, digest),
  watch,
  nodesOf: (party) => [...of.parties.keys()].filter((at) => of.parties[at] === party),
  decide: () => of.world.stream(`mind/${of.node}`).chance(80),
  // No wish here relies on another machine.
  prove: (effect) => ({
    is: 'proven',
    interaction: effect.interactionId,
    proven: [],
    grade: 'certified',
  }),
})

const conservation = (setup: Setup): Checker<PartyState> => {
  const checked = new Set<TransitionId>()
  return {
    name: 'conservation',
    check: (world) => {
      for (const { name, state } of world.nodes) {
        if (checked.has(state.machine.headId)) continue
        const sum = NAMES.reduce(
          (total, holder) => total + balanceOf(state.machine, setup.asset, holder),
          0n,
        )
        if (sum !== TOTAL) return `${name} counts ${sum} where ${TOTAL} belong`
        checked.add(state.machine.headId)
      }
      return undefined
    },
  }
}

/** Notes the rare situations that a run has come to. */
const noteSightings = (seen: Set<string>, world: World<PartyState>): void => {
  for (const { state } of world.nodes) {
    if (state.book.round > 0) seen.add('round aborted')
    if (state.quarantine) seen.add('quarantine')
    if (state.pending?.regretted) seen.add('cancel asked')
    if (state.evidence.length > 0) seen.add('stopped by evidence')
  }
}
