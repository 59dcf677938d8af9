/** The poll of a simulation: three voters whose ballots carry their consent, four custodians of whom one may lie. */
import { isFault } from '../base/fault.ts'
import type { SchemeId } from '../base/suite.ts'
import { u64 } from '../base/codec.ts'
import type { Engine, KeyPair } from '../base/verifier.ts'
import type { Charter } from '../kernel/charter.ts'
import { soleController } from '../kernel/controller.ts'
import { type Machine, openMachine, pathKey } from '../kernel/execute.ts'
import type { Operation } from '../kernel/interaction.ts'
import type { LogicRegistry } from '../kernel/logic.ts'
import { answerKey } from '../logic/oracle.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import type { CustodianOptions } from '../models/custodians/custodian.ts'
import { type CustodianPolicy, custodianTerms, policyOf } from '../models/custodians/policy.ts'
import type { Supported } from '../models/custodians/waiting.ts'
import type { WatcherOptions } from '../models/custodians/watcher.ts'
import type { CandidateOptions } from '../models/rounds/candidate.ts'
import { read } from '../state/tree.ts'
import { createLogicRegistry } from '../verify/registry.ts'
import { createProver } from '../verify/prove.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { ballot, ballotDigest, poll, pollParams, RELYING } from './poll-logic.ts'
import type { Sabotage } from './sabotage.ts'
import { createWitness, type Witness } from './witness.ts'

export const VOTERS = ['ana', 'ben', 'cid'] as const
export const KEEPERS = ['kai', 'kim', 'kit', 'kaz'] as const
export const POLL_LOGICS: LogicRegistry = createLogicRegistry(poll)
/** Ticks of a first round: less than a slow message takes, so that later rounds come often. */
const PATIENCE = 30n
const SKEW = 400
/** Time at tick 0: clocks that are behind have a time as well. */
const EPOCH = 1_000_000n
const QUESTION = 'is the poll open?'

export type CustodiansTown = {
  readonly engine: Engine
  readonly charter: Charter
  readonly genesis: Machine
  readonly policy: CustodianPolicy
  readonly options: CandidateOptions
  readonly custodianOptions: (seat: number) => CustodianOptions
  readonly watcherOptions: WatcherOptions
  readonly signFor: (name: string, digest: Uint8Array) => Uint8Array
  /** An oracle that has spoken, and its file from before. */
  readonly witness: Witness
  readonly silentFile: Uint8Array
  /** What a ballot relies on, with the files that show it. */
  readonly supportOf: (ballot: Operation) => Omit<Supported, 'operation'>
  /** The ballot of a voter with this number, signed; whoever puts it forward says when. */
  readonly ballotOf: (voter: number, number: bigint, choice: number) => Operation
  readonly countOf: (machine: Machine, voter: string) => bigint
  readonly totalOf: (machine: Machine) => bigint
  /** What a custodian's clock shows: some run ahead, one is put back in the middle. */
  readonly clockOf: (seat: number, tick: number) => bigint
}

export const createCustodiansTown = (
  engine: Engine,
  scheme: SchemeId,
  broken: Pick<Sabotage, 'logics' | 'prove'> = {},
): CustodiansTown => {
  const { logics = POLL_LOGICS } = broken
  const names: readonly string[] = [...VOTERS, ...KEEPERS]
  const pairs = new Map(
    names.map((name, at): readonly [string, KeyPair] => [
      name,
      engine.fromSeed(scheme, new Uint8Array(32).fill(at + 1)),
    ]),
  )
  const keyOf = (name: string): Uint8Array => pairs.get(name)?.publicKey ?? new Uint8Array(32)
  const signFor = (name: string, digest: Uint8Array): Uint8Array => {
    const secret = pairs.get(name)?.secret ?? new Uint8Array(32)
    return engine.sign(scheme, secret, digest, { deterministic: true })
  }
  const policy = policyOf(KEEPERS.map((name) => ({ name, scheme, publicKey: keyOf(name) })))
  const witness = createWitness({ engine, suite: 'classic', scheme, name: 'wim' })
  const silentFile = witness.file()
  witness.say(QUESTION, 'yes', EPOCH)
  const file = witness.file()
  const premise = witness.premise(QUESTION, 'yes')
  const charter = charterOf(scheme, policy, { keyOf, witness })
  const genesis = openMachine(charter, POLL_LOGICS)
  if (isFault(genesis)) throw genesis
  const prover = { logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine }
  const { prove = createProver(prover) } = broken
  const options: CandidateOptions = { logics, models: STANDARD_MODELS, verifier: engine, prove }
  const counter = (machine: Machine, ...path: readonly string[]): bigint => {
    const key = pathKey('classic', { machine: machine.id, logic: 0 }, path)
    const value = read(machine.state, key)
    return value ? u64.decode(value) : 0n
  }
  return {
    engine,
    charter,
    genesis,
    policy,
    options,
    custodianOptions: (seat) => ({
      ...options,
      publicKey: keyOf(KEEPERS[seat] ?? ''),
      patience: PATIENCE,
      heartbeat: EPOCH,
      mayPass: ({ code }) => code === 'transition/wrong-sequence',
    }),
    watcherOptions: { ...options, ageMs: EPOCH, silenceMs: EPOCH },
    signFor,
    witness,
    silentFile,
    supportOf: ({ argument }) =>
      ballot.decode(argument).choice === RELYING
        ? { premises: [premise], attachments: [file] }
        : { premises: [], attachments: [] },
    ballotOf: (voter, number, choice) => {
      const said = { machine: genesis.id, voter: VOTERS[voter] ?? '', number, choice }
      const signature = signFor(said.voter, ballotDigest(said))
      const argument = ballot.encode({ ...said, at: 0n, signature })
      return { machine: genesis.id, logic: 0, argument }
    },
    countOf: (machine, voter) => counter(machine, 'count', voter),
    totalOf: (machine) => counter(machine, 'total'),
    clockOf: (seat, tick) => {
      const ahead = [0n, 40n, tick < 300 ? 90n : -60n, -30n][seat] ?? 0n
      return EPOCH + BigInt(tick) + ahead
    },
  }
}

const charterOf = (
  scheme: SchemeId,
  policy: CustodianPolicy,
  { keyOf, witness }: { readonly keyOf: (name: string) => Uint8Array; readonly witness: Witness },
): Charter => ({
  network: 'simulation',
  nonce: new Uint8Array(32),
  terms: {
    suite: 'classic',
    participants: VOTERS.map((name) => ({ name, controller: soleController(scheme, keyOf(name)) })),
    turn: { is: 'anyone' },
    policy: custodianTerms(policy),
  },
  logics: [
    {
      name: 'poll/1',
      params: pollParams.encode({
        voters: VOTERS.map((name) => ({ name, scheme, publicKey: keyOf(name) })),
        skewMs: SKEW,
        witness: {
          machine: witness.genesis.id,
          key: answerKey(
            { suite: 'classic', logic: { machine: witness.genesis.id, logic: 0 } },
            QUESTION,
          ),
        },
      }),
    },
  ],
  state: { is: 'tree' },
})
