/** The shared purse of a simulation: two holders, anybody may move it, four operators of whom one may lie. */
import { isFault } from '../base/fault.ts'
import type { SchemeId } from '../base/suite.ts'
import type { Engine, KeyPair } from '../base/verifier.ts'
import type { Charter } from '../kernel/charter.ts'
import { soleController } from '../kernel/controller.ts'
import { type Machine, openMachine } from '../kernel/execute.ts'
import { type Logic, type LogicRegistry, type Prefix } from '../kernel/logic.ts'
import type { Operation } from '../kernel/interaction.ts'
import { operationOnLedger } from '../logic/ledger-operation.ts'
import { ledgerParams } from '../logic/ledger-params.ts'
import { balanceOf } from '../logic/ledger-record.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import type { CandidateOptions } from '../models/rounds/candidate.ts'
import type { MemberOptions } from '../models/rounds/office.ts'
import { DIRECTORY_ROUNDS } from '../models/directory/member.ts'
import { type DirectoryPolicy, directoryTerms } from '../models/directory/policy.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'

export const HOLDERS = ['alice', 'bob'] as const
export const OPERATORS = ['north', 'east', 'south', 'west'] as const
export const TOTAL = 2000n
/** Ticks of a first round: less than a slow message takes, so that later rounds come often. */
const PATIENCE = 30n

export type SharedTown = {
  readonly engine: Engine
  readonly charter: Charter
  readonly genesis: Machine
  readonly policy: DirectoryPolicy
  readonly asset: Prefix
  readonly options: CandidateOptions
  readonly memberOptions: (seat: number) => MemberOptions
  readonly signFor: (name: string, digest: Uint8Array) => Uint8Array
  readonly payment: (from: number, amount: bigint) => Operation
  /** What all holders have together. */
  readonly sumOf: (machine: Machine) => bigint
}

export const createSharedTown = (
  engine: Engine,
  scheme: SchemeId,
  logics: ReadonlyMap<string, Logic> = STANDARD_LOGICS,
): SharedTown => {
  const names: readonly string[] = [...HOLDERS, ...OPERATORS]
  const pairs = new Map(
    names.map((name, at): readonly [string, KeyPair] => [
      name,
      engine.fromSeed(scheme, new Uint8Array(32).fill(at + 1)),
    ]),
  )
  const keyOf = (name: string): Uint8Array => pairs.get(name)?.publicKey ?? new Uint8Array(32)
  const policy: DirectoryPolicy = {
    operators: OPERATORS.map((name) => ({ name, scheme, publicKey: keyOf(name) })),
    threshold: 3,
    faulty: 1,
  }
  const charter = charterOf(scheme, policy, keyOf)
  const genesis = openMachine(charter, STANDARD_LOGICS)
  if (isFault(genesis)) throw genesis
  const asset: Prefix = { machine: genesis.id, logic: 0 }
  const options: CandidateOptions = {
    logics: logics satisfies LogicRegistry,
    models: STANDARD_MODELS,
    verifier: engine,
  }
  return {
    engine,
    charter,
    genesis,
    policy,
    asset,
    options,
    memberOptions: (seat) => ({
      ...options,
      rounds: [DIRECTORY_ROUNDS],
      publicKey: keyOf(OPERATORS[seat] ?? ''),
      patience: PATIENCE,
    }),
    signFor: (name, digest) => {
      const secret = pairs.get(name)?.secret ?? new Uint8Array(32)
      return engine.sign(scheme, secret, digest, { deterministic: true })
    },
    payment: (from, amount) =>
      operationOnLedger(asset, {
        is: 'transfer',
        from: { machine: genesis.id, holder: HOLDERS[from] ?? '' },
        to: { machine: genesis.id, holder: HOLDERS[1 - from] ?? '' },
        amount,
      }),
    sumOf: (machine) =>
      HOLDERS.reduce((sum, holder) => sum + balanceOf(machine, asset, holder), 0n),
  }
}

const charterOf = (
  scheme: SchemeId,
  policy: DirectoryPolicy,
  keyOf: (name: string) => Uint8Array,
): Charter => ({
  network: 'simulation',
  nonce: new Uint8Array(32),
  terms: {
    suite: 'classic',
    participants: HOLDERS.map((name) => ({
      name,
      controller: soleController(scheme, keyOf(name)),
    })),
    turn: { is: 'anyone' },
    policy: directoryTerms(policy),
  },
  logics: [
    {
      name: 'ledger/1',
      params: ledgerParams.encode({
        symbol: 'TICK',
        decimals: 0,
        cap: TOTAL,
        issuer: undefined,
        initial: HOLDERS.map((holder) => ({ holder, amount: TOTAL / 2n })),
      }),
    },
  ],
  state: { is: 'tree' },
})
