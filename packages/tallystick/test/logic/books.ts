/** Machines that hold an asset, and steps on them, for the tests of this folder. */
import type { MachineId, TransitionId } from '../../src/base/brand.ts'
import { isFault, type Fault } from '../../src/base/fault.ts'
import type { Engine, KeyPair } from '../../src/base/verifier.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { type Charter, type LogicTerms, machineId } from '../../src/kernel/charter.ts'
import { type Participant, soleController } from '../../src/kernel/controller.ts'
import { execute, type Machine, openMachine } from '../../src/kernel/execute.ts'
import type { Access, Interaction, Operation, Premise } from '../../src/kernel/interaction.ts'
import type { Logic, LogicRegistry, Prefix, ProvenPremise } from '../../src/kernel/logic.ts'
import { type LedgerParams, ledgerParams } from '../../src/logic/ledger-params.ts'
import type { Account } from '../../src/logic/ledger-record.ts'
import { createLogicRegistry, STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { read } from '../../src/state/tree.ts'

export const engine: Engine = createPortableEngine()

const seedOf = (name: string): Uint8Array => {
  const seed = new Uint8Array(32)
  for (let at = 0; at < name.length; at++) seed[at] = name.charCodeAt(at)
  return seed
}

const pairs = new Map<string, KeyPair>()

/** Everybody's key is made from the name. */
export const pairOf = (name: string): KeyPair => {
  const known = pairs.get(name) ?? engine.fromSeed('ed25519', seedOf(name))
  pairs.set(name, known)
  return known
}

export const participantOf = (name: string): Participant => ({
  name,
  controller: soleController('ed25519', pairOf(name).publicKey),
})

export const TICK: LedgerParams = {
  symbol: 'TICK',
  decimals: 2,
  cap: 1_000_000n,
  issuer: 'mint',
  initial: [],
}

export const ledgerTerms = (params: LedgerParams): LogicTerms => ({
  name: 'ledger/1',
  params: ledgerParams.encode(params),
})

export const charterOf = (
  names: readonly string[],
  logics: readonly LogicTerms[] = [],
  nonce = 0,
): Charter => ({
  network: 'test',
  nonce: new Uint8Array(32).fill(nonce),
  terms: {
    suite: 'classic',
    participants: names.map(participantOf),
    turn: { is: 'alternate' },
    policy: { kind: 'test', params: new Uint8Array() },
  },
  logics,
  state: { is: 'tree' },
})

/**
 * A logic without rules: its argument is 32 bytes and a value, which it writes where outcomes are read, in every
 * written leg.
 */
const reckless: Logic = {
  name: 'reckless/1',
  genesis: () => [],
  apply: ({ argument, written }) =>
    written.map((machine) => ({
      machine,
      path: ['outcome', argument.slice(0, 32)],
      value: argument.slice(32),
    })),
  describe: () => 'anything',
}

const TEST_LOGICS: LogicRegistry = createLogicRegistry([...STANDARD_LOGICS.values(), reckless])

/** Machines by id, each at its newest step, and every state there has been, for the premises. */
export type Books = {
  readonly machines: ReadonlyMap<MachineId, Machine>
  readonly past: ReadonlyMap<TransitionId, Machine>
}

export const openBooks = (charters: readonly Charter[]): Books => {
  const machines = new Map<MachineId, Machine>()
  const past = new Map<TransitionId, Machine>()
  for (const one of charters) {
    const machine = openMachine(one, TEST_LOGICS)
    if (isFault(machine)) throw machine
    machines.set(machine.id, machine)
    past.set(machine.headId, machine)
  }
  return { machines, past }
}

export type Step = {
  readonly write: readonly MachineId[]
  readonly refer?: readonly MachineId[]
  readonly operations: readonly Operation[]
  readonly premises?: readonly Premise[]
  /** Names that have consented, in every machine they take part in. */
  readonly by?: readonly string[]
}

export const machineIn = (books: Books, id: MachineId): Machine => {
  const machine = books.machines.get(id)
  if (!machine) throw new Error(`no machine ${id}`)
  return machine
}

export const interactionOf = (books: Books, step: Step): Interaction => {
  const leg = (access: Access) => (machine: MachineId) => ({
    machine,
    access,
    parent: access === 'write' ? machineIn(books, machine).headId : undefined,
  })
  return {
    suite: 'classic',
    legs: [...step.write.map(leg('write')), ...(step.refer ?? []).map(leg('refer'))],
    operations: step.operations,
    premises: step.premises ?? [],
  }
}

/** What an honest prover says: facts that are so, times as stated. */
const provenIn = (books: Books, premise: Premise): ProvenPremise | undefined => {
  if (premise.is === 'time') return premise
  const at = books.past.get(premise.transition)
  if (!at || at.id !== premise.machine) return undefined
  return { ...premise, value: read(at.state, premise.key) }
}

/** The books after a step, or why it is refused. */
export const take = (books: Books, step: Step): Books | Fault => {
  const interaction = interactionOf(books, step)
  const proven = interaction.premises.map((one) => provenIn(books, one))
  const execution = execute({
    interaction,
    machines: books.machines,
    logics: TEST_LOGICS,
    consents: (machine, party) => {
      const name = books.machines.get(machine)?.terms.participants[party]?.name
      return name !== undefined && (step.by ?? []).includes(name)
    },
    proven: proven.filter((one) => one !== undefined),
    verifier: engine,
  })
  if (isFault(execution)) return execution
  const machines = new Map(books.machines)
  const past = new Map(books.past)
  for (const one of execution.written) {
    machines.set(one.id, one)
    past.set(one.headId, one)
  }
  return { machines, past }
}

/** As `take`, for steps that a test builds on. */
export const taken = (books: Books, step: Step): Books => {
  const after = take(books, step)
  if (isFault(after)) throw after
  return after
}

export const VAULT: LogicTerms = { name: 'vault/1', params: new Uint8Array() }
export const RECKLESS: LogicTerms = { name: 'reckless/1', params: new Uint8Array() }

/** Asset TICK of `mint`; accounts of alice and bob; a relationship of bob and carol that can keep vaults. */
export const MINT: Charter = charterOf(['mint', 'keeper'], [ledgerTerms(TICK)])
export const ALICE: Charter = charterOf(['alice'], [], 1)
export const BOB: Charter = charterOf(['bob'], [], 2)
export const PAIR: Charter = charterOf(['bob', 'carol'], [VAULT, RECKLESS], 3)

export const X: MachineId = machineId(MINT)
export const A: MachineId = machineId(ALICE)
export const B: MachineId = machineId(BOB)
export const R: MachineId = machineId(PAIR)
export const ASSET: Prefix = { machine: X, logic: 0 }

export const at = (machine: MachineId, holder: string): Account => ({ machine, holder })

/** The code of a refusal, or 'done'. */
export const codeOf = (result: Books | Fault): string => (isFault(result) ? result.code : 'done')
