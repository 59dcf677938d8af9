/**
 * The town that the market scenario plays in: an asset with its mint, four operators of a directory, Alice's account, and her
 * relationships with Bob and with Carol. Alice's first money is there, certified, before anything can go wrong.
 */
import { assert } from '../base/assert.ts'
import type { MachineId } from '../base/brand.ts'
import { hexFromBytes } from '../base/bytes.ts'
import { isFault } from '../base/fault.ts'
import type { SchemeId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import type { Charter, LogicTerms, PolicyTerms, Turn } from '../kernel/charter.ts'
import { soleController } from '../kernel/controller.ts'
import { type Machine, openMachine } from '../kernel/execute.ts'
import type { LogicRegistry, Prefix } from '../kernel/logic.ts'
import { statementDigest } from '../kernel/statement.ts'
import { claimOf, operationOnLedger } from '../logic/ledger-operation.ts'
import { ledgerParams } from '../logic/ledger-params.ts'
import { BILATERAL_TERMS } from '../models/bilateral/policy.ts'
import type { PartyConfig } from '../models/bilateral/state.ts'
import { certificateFrom, directoryCertificate } from '../models/directory/certificate.ts'
import { receiptVote } from '../models/directory/evidence.ts'
import {
  beginOwner,
  createOwner,
  type OwnerInput,
  type OwnerState,
  type OwnerStep,
} from '../models/directory/owner.ts'
import { type DirectoryPolicy, directoryTerms } from '../models/directory/policy.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { type Bundle, EMPTY_BUNDLE } from '../verify/bundle.ts'

export const PAYER = 'alice'
export const PAYEES = ['bob', 'carol'] as const
export const OPERATORS = ['north', 'east', 'south', 'west'] as const
/** What each payee is willing to lose. Bob takes nothing that is not certified (M1), Carol a little (M2). */
export const CAPS = [0n, 60n] as const
const SUPPLY = 1000n

export type Keys = {
  readonly publicKey: (name: string) => Uint8Array
  readonly sign: (name: string, digest: Uint8Array) => Uint8Array
}

export type Town = Keys & {
  readonly engine: Engine
  readonly scheme: SchemeId
  readonly logics: LogicRegistry
  readonly policy: DirectoryPolicy
  readonly asset: Prefix
  /** Every machine at its beginning. */
  readonly machines: ReadonlyMap<MachineId, Machine>
  readonly mint: Machine
  readonly account: Machine
  readonly relations: readonly Machine[]
  /** The mint after it has paid Alice. */
  readonly paid: OwnerState
  /** What Alice's owner role knows once her first money is there. */
  readonly funded: OwnerState
  readonly party: (relation: number, party: number) => PartyConfig
}

type Ground = Pick<Town, 'engine' | 'scheme' | 'logics' | 'policy'> & Keys

export const createTown = (engine: Engine, scheme: SchemeId, logics: LogicRegistry): Town => {
  const keys = createKeys(engine, scheme)
  const operators = OPERATORS.map((name) => ({ name, scheme, publicKey: keys.publicKey(name) }))
  const policy: DirectoryPolicy = { operators, threshold: 3, faulty: 1 }
  const ground: Ground = { ...keys, engine, scheme, logics, policy }
  const owned = { policy: directoryTerms(policy), turn: { is: 'owner', party: 0 } } as const
  const mint = open(ground, ['mint'], { ...owned, logics: [assetTerms()] })
  const account = open(ground, [PAYER], owned)
  const relations = [
    open(ground, [PAYER, PAYEES[0]], { policy: BILATERAL_TERMS, turn: { is: 'leader', party: 0 } }),
    open(ground, [PAYER, PAYEES[1]], { policy: BILATERAL_TERMS, turn: { is: 'alternate' } }),
  ]
  const asset: Prefix = { machine: mint.id, logic: 0 }
  const sent = { to: { machine: account.id, holder: PAYER }, amount: SUPPLY, nonce: 0 }
  const send = operationOnLedger(asset, {
    is: 'send',
    from: { machine: mint.id, holder: 'mint' },
    ...sent,
  })
  const paid = takeStep(ground, 'mint', beginOwner(mint, 0), { operations: [send] })
  const { interaction } = paid.machine.head
  const { operation, premise } = claimOf({
    asset,
    source: mint.id,
    suite: 'classic',
    transition: paid.machine.headId,
    out: { is: 'out', from: 'mint', interaction, ...sent },
  })
  const funded = takeStep(ground, PAYER, beginOwner(account, 0), {
    operations: [operation],
    premises: [premise],
    proven: [premise],
    beside: [mint],
  })
  return {
    ...ground,
    asset,
    machines: new Map([mint, account, ...relations].map((one) => [one.id, one])),
    mint,
    account,
    relations,
    paid,
    funded,
    party: (relation, party) => ({
      charter: (relations[relation] ?? account).charter,
      party,
      keys: [0],
      logics,
      verifier: engine,
    }),
  }
}

/** What proves anything about an account: the mint's history and the account's own. */
export const accountBundle = (town: Town, steps: readonly OwnerStep[]): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [town.mint.charter, town.account.charter],
  steps: [...town.paid.steps, ...steps].map((step) =>
    bundleStepFrom(
      { ...step, proposal: step.signature ? [{ key: 0, signature: step.signature }] : [] },
      (machine) => town.machines.get(machine)?.headId,
    ),
  ),
})

const createKeys = (engine: Engine, scheme: SchemeId): Keys => {
  const names = ['mint', PAYER, ...PAYEES, ...OPERATORS]
  const pairs = new Map(
    names.map((name, at) => [name, engine.fromSeed(scheme, new Uint8Array(32).fill(at + 1))]),
  )
  const pairOf = (name: string): ReturnType<Engine['fromSeed']> => {
    const pair = pairs.get(name)
    assert(pair !== undefined, 'everybody in the town has keys')
    return pair
  }
  return {
    publicKey: (name) => pairOf(name).publicKey,
    sign: (name, digest) =>
      engine.sign(scheme, pairOf(name).secret, digest, { deterministic: true }),
  }
}

type Opening = {
  readonly policy: PolicyTerms
  readonly turn: Turn
  readonly logics?: readonly LogicTerms[]
}

const open = (ground: Ground, names: readonly string[], opening: Opening): Machine => {
  const { policy, turn, logics = [] } = opening
  const charter: Charter = {
    network: 'simulation',
    nonce: new Uint8Array(32),
    terms: {
      suite: 'classic',
      participants: names.map((name) => ({
        name,
        controller: soleController(ground.scheme, ground.publicKey(name)),
      })),
      turn,
      policy,
    },
    logics,
    state: { is: 'tree' },
  }
  const machine = openMachine(charter, ground.logics)
  if (isFault(machine)) throw machine
  return machine
}

const assetTerms = (): LogicTerms => ({
  name: 'ledger/1',
  params: ledgerParams.encode({
    symbol: 'TICK',
    decimals: 0,
    cap: SUPPLY,
    issuer: undefined,
    initial: [{ holder: 'mint', amount: SUPPLY }],
  }),
})

type Wish = Pick<Extract<OwnerInput, { is: 'wish' }>, 'operations'> &
  Partial<Extract<OwnerInput, { is: 'wish' }>>

/** A step of an owned machine on a good day: taken, signed and certified. */
const takeStep = (ground: Ground, owner: string, state: OwnerState, wish: Wish): OwnerState => {
  const role = createOwner({ logics: ground.logics, verifier: ground.engine })
  const env = { now: 0n, random: new Uint8Array(32) }
  const nothing = { premises: [], proven: [], beside: [], consents: [] }
  let next = role.step(state, { ...nothing, ...wish, is: 'wish' }, env)
  for (const effect of role.outstanding(next)) {
    if (effect.is !== 'sign') continue
    const signature = ground.sign(owner, effect.digest)
    next = role.step(next, { is: 'signed', digest: hexFromBytes(effect.digest), signature }, env)
  }
  const made = next.steps.at(-1)
  assert(made?.signature !== undefined, 'a calm town takes every step')
  const { sequence } = made.transition
  const certificate = certificateOn(ground, made)
  return role.step(next, { is: 'certified', sequence, certificate }, env)
}

const certificateOn = ({ policy, sign }: Ground, { transition }: OwnerStep): Uint8Array => {
  const digest = statementDigest('classic', receiptVote(transition, 0n))
  const receipts = policy.operators
    .slice(0, policy.threshold)
    .map(({ name }, operator) => ({ operator, time: 0n, signature: sign(name, digest) }))
  return directoryCertificate.encode(certificateFrom(receipts))
}
