/** Small true-to-life values for kernel tests: people with keys, a counting logic, charters, transitions, votes. */
import type { Id, TransitionId } from '../../src/base/brand.ts'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { u64 } from '../../src/base/codec.ts'
import { Fault } from '../../src/base/fault.ts'
import { hash, hashId } from '../../src/base/hash.ts'
import type { SuiteId } from '../../src/base/suite.ts'
import { TAGS } from '../../src/base/tags.ts'
import type { Engine, KeyPair } from '../../src/base/verifier.ts'
import type { Charter, Terms, Turn } from '../../src/kernel/charter.ts'
import { type Participant, soleController } from '../../src/kernel/controller.ts'
import { type Machine, openMachine } from '../../src/kernel/execute.ts'
import type { Interaction, Operation } from '../../src/kernel/interaction.ts'
import type { Logic, LogicRegistry } from '../../src/kernel/logic.ts'
import type { QuorumSigner } from '../../src/kernel/quorum.ts'
import { statementDigest, type Statement, type Vote } from '../../src/kernel/statement.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'

export const engine: Engine = createTokenEngine(['ed25519', 'ml-dsa-44'])

export type Person = { readonly name: string; readonly keys: KeyPair }

export const person = (name: string): Person => ({
  name,
  keys: engine.fromSeed('ed25519', hash('blake3', TAGS.seed, bytesFromUtf8(name))),
})

export const alice: Person = person('alice')
export const bob: Person = person('bob')
export const carol: Person = person('carol')

export const participantOf = (of: Person): Participant => ({
  name: of.name,
  controller: soleController('ed25519', of.keys.publicKey),
})

export const signerFrom = (of: Person): QuorumSigner => ({
  name: of.name,
  scheme: 'ed25519',
  publicKey: of.keys.publicKey,
})

export const sign = (suite: SuiteId, by: Person, statement: Statement): Uint8Array =>
  engine.sign('ed25519', by.keys.secret, statementDigest(suite, statement))

export const anId = <Name extends string>(seed: number | string): Id<Name> =>
  hashId('blake3', TAGS.seed, bytesFromUtf8(String(seed)))

export const aTransition = (changes: Partial<Transition> = {}): Transition => ({
  machine: anId('machine'),
  interaction: anId('interaction'),
  state: anId('state'),
  entropy: anId('entropy'),
  sequence: 1n,
  parent: anId('parent'),
  ...changes,
})

export const aVote = (changes: Partial<Vote> = {}): Vote => ({
  is: 'vote',
  transition: aTransition(),
  round: 0,
  phase: 'commit',
  cited: 0,
  time: 0n,
  ...changes,
})

/** Counts up by the amount in the argument; refuses to pass 1,000, and an argument that is no number. */
export const counter: Logic = {
  name: 'counter',
  genesis: ({ params }) =>
    params.length === 1
      ? new Fault('counter/bad-params', 'one byte of parameters')
      : [{ path: ['count'], value: u64.encode(0n) }],
  apply: (call) => {
    const amount = u64.decode(call.argument)
    const changes = call.written.map((machine) => {
      const before = call.read(machine, ['count'])
      const value = u64.encode((before ? u64.decode(before) : 0n) + amount)
      return { machine, path: ['count'], value }
    })
    const isFull = changes.some((one) => u64.decode(one.value) > 1000n)
    return isFull ? new Fault('counter/full', 'the count would pass 1,000') : changes
  },
  describe: (argument) => `count ${u64.decode(argument)}`,
}

export const logics: LogicRegistry = new Map([[counter.name, counter]])

export const aTerms = (changes: Partial<Terms> = {}): Terms => ({
  suite: 'classic',
  participants: [alice, bob].map(participantOf),
  turn: { is: 'alternate' } satisfies Turn,
  policy: { kind: 'none', params: new Uint8Array() },
  ...changes,
})

export const aCharter = (changes: Partial<Charter> = {}): Charter => ({
  network: 'test',
  nonce: new Uint8Array(32),
  terms: aTerms(),
  logics: [{ name: 'counter', params: new Uint8Array() }],
  state: { is: 'tree' },
  ...changes,
})

export const opened = (charter: Charter = aCharter()): Machine => {
  const machine = openMachine(charter, logics)
  if (machine instanceof Fault) throw machine
  return machine
}

export const adding = (machine: Machine, amount: bigint): Operation => ({
  machine: machine.id,
  logic: 0,
  argument: u64.encode(amount),
})

export const interactionOn = (
  machine: Machine,
  operations: readonly Operation[],
  parent: TransitionId | undefined = machine.headId,
): Interaction => ({
  suite: machine.terms.suite,
  legs: [{ machine: machine.id, access: 'write', parent }],
  operations,
  premises: [],
})
