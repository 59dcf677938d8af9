/**
 * The bilateral scenario: two parties pay each other over a bad network, crash, lose writes and are restored.
 *
 * What must hold after every event:
 *
 * - *agreement*: at each sequence number all honest nodes that have a final step have the same one, over all their lives;
 * - *vows*: no honest node ever signs two statements that conflict;
 * - *evidence*: whatever evidence anybody holds convicts, and convicts no honest node;
 * - *conservation*: the balances of a machine add up to what was there at the start;
 * - *durability*: a step that was final on an honest node is final there after every crash.
 *
 * What must hold once the network has healed: honest parties have one head, nothing pending, and owe each other nothing.
 *
 * Byzantine behaviour comes from twins: a second, correct copy of a party with the same key and a store of its own, so that
 * vows are broken without any adversary code.
 */
import type { TransitionId } from '../base/brand.ts'
import { isFault } from '../base/fault.ts'
import type { SchemeId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import type { Charter } from '../kernel/charter.ts'
import { signerOf, soleController } from '../kernel/controller.ts'
import { convict } from '../kernel/evidence.ts'
import { type Machine, openMachine } from '../kernel/execute.ts'
import type { Prefix } from '../kernel/logic.ts'
import type { Role } from '../kernel/role.ts'
import { ledgerParams } from '../logic/ledger-params.ts'
import { operationOnLedger } from '../logic/ledger-operation.ts'
import { balanceOf } from '../logic/ledger-record.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { message } from '../models/bilateral/message.ts'
import { createParty } from '../models/bilateral/party.ts'
import { BILATERAL_TERMS } from '../models/bilateral/policy.ts'
import {
  type LastVow,
  lastVowOf,
  type PartyConfig,
  type PartyEffect,
  type PartyInput,
  type PartyState,
} from '../models/bilateral/state.ts'
import { createSignedLog, type SignedLog } from './signed-log.ts'
import type { Actor, Checker, Delivery, Scenario, World } from './world.ts'

export type PartyRole = Role<PartyState, PartyInput, PartyEffect>

export type BilateralOptions = {
  readonly engine: Engine
  readonly scheme: SchemeId
  /** Adds a twin of the first party. */
  readonly twin: boolean
  /** Puts another role in the place of the real one: the way a checker is shown to bite. */
  readonly breakRole?: (role: PartyRole) => PartyRole
}

const TOTAL = 2000n
const NAMES = ['alice', 'bob'] as const

/** A fresh scenario; it remembers what was signed, so each run needs its own. */
export const createBilateralScenario = (
  options: BilateralOptions,
): Scenario<PartyState, PartyInput, PartyEffect> => {
  const setup = prepare(options)
  const watch: Watch = {
    finals: new Map(),
    heights: new Map(),
    log: createSignedLog('classic'),
    broken: undefined,
  }
  const parties = options.twin ? [0, 1, 0] : [0, 1]
  return {
    name: options.twin ? 'bilateral-twin' : 'bilateral',
    actors: parties.map((party, node) => createActor(setup, options, { party, node })),
    wish: (world, node, choice) => wish(setup, world, node, choice),
    perform: (world, node, effect) => perform(setup, watch, { world, node, effect, parties }),
    nudge: { is: 'resend' },
    checkers: [agreement(watch), vows(watch), conservation(setup), evidenceHolds(setup, options)],
    settled: options.twin ? [] : [oneHead, nothingPending],
  }
}

type Setup = {
  readonly engine: Engine
  readonly scheme: SchemeId
  readonly charter: Charter
  readonly genesis: Machine
  readonly secrets: readonly Uint8Array[]
  readonly asset: Prefix
  readonly config: (party: number) => PartyConfig
}

/** What the checkers remember between events. */
type Watch = {
  readonly finals: Map<string, TransitionId>
  /** Highest final sequence seen of each node, with its identity, so that unchanged nodes cost nothing. */
  readonly heights: Map<
    string,
    { readonly head: TransitionId; readonly sequence: bigint; readonly restores: number }
  >
  readonly log: SignedLog
  broken: string | undefined
}

const prepare = (options: BilateralOptions): Setup => {
  const pairs = NAMES.map((_, at) =>
    options.engine.fromSeed(options.scheme, new Uint8Array(32).fill(at + 1)),
  )
  const charter: Charter = {
    network: 'simulation',
    nonce: new Uint8Array(32),
    terms: {
      suite: 'classic',
      participants: NAMES.map((name, at) => ({
        name,
        controller: soleController(options.scheme, pairs[at]?.publicKey ?? new Uint8Array(32)),
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
    engine: options.engine,
    scheme: options.scheme,
    charter,
    genesis,
    secrets: pairs.map((pair) => pair.secret),
    asset: { machine: genesis.id, logic: 0 },
    config: (party) => ({
      charter,
      party,
      keys: [0],
      logics: STANDARD_LOGICS,
      verifier: options.engine,
    }),
  }
}

const createActor = (
  setup: Setup,
  options: BilateralOptions,
  of: { readonly party: number; readonly node: number },
): Actor<PartyState, PartyInput, PartyEffect> => {
  const config = setup.config(of.party)
  const real = createParty(config)
  if (isFault(real)) throw real
  const role = options.breakRole?.(real) ?? real
  let last: LastVow | undefined
  return {
    name: `${NAMES[of.party] ?? ''}${of.node > 1 ? '-twin' : ''}`,
    honest: !(options.twin && of.party === 0),
    start: () => real.begin(),
    step: (state, input, now, random) => role.step(state, input, { now: BigInt(now), random }),
    outstanding: (state) => role.outstanding(state).map((effect) => [effect.id, effect] as const),
    guard: (saved) => {
      last = lastVowOf(saved) ?? last
    },
    wake: (how) =>
      how === 'restored' ? [{ is: 'restored', last }, { is: 'resend' }] : [{ is: 'resend' }],
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
  if (choice % 11 === 0) return { is: 'withdraw' }
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

const perform = (
  setup: Setup,
  watch: Watch,
  of: {
    readonly world: World<PartyState>
    readonly node: number
    readonly effect: PartyEffect
    readonly parties: readonly number[]
  },
): readonly Delivery<PartyInput>[] => {
  const { node, effect, world } = of
  const local = (input: PartyInput): readonly Delivery<PartyInput>[] => [
    { to: node, input, by: 'local' },
  ]
  switch (effect.is) {
    case 'sign': {
      const party = of.parties[node] ?? 0
      const secret = setup.secrets[party] ?? new Uint8Array(32)
      if (effect.what.is === 'statement') noteStatement(watch, world, node, effect.what.statement)
      const signature = setup.engine.sign(setup.scheme, secret, effect.digest, {
        deterministic: true,
      })
      return local({ is: 'signed', digest: effect.digest, key: effect.key, signature })
    }
    case 'send': {
      const bytes = message.encode(effect.message)
      const receivers = [...of.parties.keys()].filter((at) => of.parties[at] === effect.to)
      const stream = world.stream(`twin/${node}`)
      // A party cannot tell twins apart: what it says reaches one of them.
      const to = stream.pick(receivers)
      return to === undefined ? [] : [{ to, input: { is: 'message', bytes }, by: 'network' }]
    }
    case 'ask': {
      const yes = world.stream(`mind/${node}`).chance(90)
      return local({ is: 'decide', interaction: effect.interactionId, yes })
    }
    case 'prove':
      return local({
        is: 'proven',
        interaction: effect.interactionId,
        proven: [],
        grade: 'certified',
      })
  }
}

const noteStatement = (
  watch: Watch,
  world: World<PartyState>,
  node: number,
  statement: Parameters<SignedLog['note']>[1],
): void => {
  const view = world.nodes[node]
  if (!view?.honest) return
  const conflict = watch.log.note(view.name, statement)
  if (conflict) watch.broken ??= `${view.name} signed a ${conflict} at ${world.now}`
}

const vows = (watch: Watch): Checker<PartyState> => ({
  name: 'vows',
  check: () => watch.broken,
})

const agreement = (watch: Watch): Checker<PartyState> => ({
  name: 'agreement',
  check: (world) => {
    for (const node of world.nodes) {
      if (!node.honest) continue
      const { headId, head } = node.state.machine
      const known = watch.heights.get(node.name)
      if (known?.head === headId) continue
      const isBack = known?.restores !== node.restores
      if (known && known.sequence > head.sequence && !isBack) {
        return `${node.name} forgot its final step ${known.sequence}`
      }
      watch.heights.set(node.name, {
        head: headId,
        sequence: head.sequence,
        restores: node.restores,
      })
      for (let at = node.state.history; at; at = at.before) {
        const place = String(at.step.transition.sequence)
        const final = watch.finals.get(place)
        if (final === at.step.id) break
        if (final !== undefined) return `${node.name} has another final step ${place}`
        watch.finals.set(place, at.step.id)
      }
    }
    return undefined
  },
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

const evidenceHolds = (setup: Setup, options: BilateralOptions): Checker<PartyState> => ({
  name: 'evidence',
  check: (world) => {
    for (const { name, state } of world.nodes) {
      for (const one of state.evidence) {
        const conviction = convict(one, options.engine)
        if (isFault(conviction))
          return `${name} holds evidence that convicts nobody: ${conviction.code}`
        const accused = setup.charter.terms.participants.findIndex((participant) =>
          participant.controller.keys.some((key) => signerOf('classic', key) === conviction.signer),
        )
        const honest = world.nodes.filter((node) => node.state.party === accused)
        if (honest.every((node) => node.honest)) return `${name} convicts an honest party`
      }
    }
    return undefined
  },
})

/** Two parties who have both lost memory may wait for each other for ever; the role does not promise otherwise. */
const mustSettle = (world: World<PartyState>): boolean =>
  world.nodes.every((node) => node.honest) &&
  world.nodes.filter((node) => node.restores > 0).length < 2

const oneHead: Checker<PartyState> = {
  name: 'one head',
  check: (world) => {
    const honest = world.nodes.filter((node) => node.honest)
    if (!mustSettle(world)) return undefined
    const heads = new Set(honest.map((node) => node.state.machine.headId))
    if (heads.size === 1) return undefined
    return `after healing: ${honest.map((node) => `${node.name} at ${node.state.machine.head.sequence}`).join(', ')}`
  },
}

const nothingPending: Checker<PartyState> = {
  name: 'nothing pending',
  check: (world) => {
    if (!mustSettle(world)) return undefined
    for (const { name, state } of world.nodes) {
      if (state.pending) return `${name} still waits in stage ${state.pending.stage}`
      if (state.quarantine) return `${name} is still in quarantine`
    }
    return undefined
  },
}
