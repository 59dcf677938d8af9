/** The town that the directory scenario plays in: operators, and people who own an account each. */
import { assert } from '../base/assert.ts'
import { bytesFromUtf8 } from '../base/bytes.ts'
import { isFault } from '../base/fault.ts'
import type { SchemeId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import type { Charter } from '../kernel/charter.ts'
import { soleController } from '../kernel/controller.ts'
import { type Machine, openMachine } from '../kernel/execute.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { operationOnVault } from '../logic/vault-operation.ts'
import type { Watched } from '../models/directory/account.ts'
import type { OwnerInput } from '../models/directory/owner.ts'
import { type DirectoryPolicy, directoryTerms } from '../models/directory/policy.ts'

export const OWNERS = ['alice', 'bob', 'carol'] as const

/** How many operators there are, how many receipts make a step firm, and how many may lie. */
export type Directory = {
  readonly operators: number
  readonly threshold: number
  readonly faulty: number
}

export const FOUR: Directory = { operators: 4, threshold: 3, faulty: 1 }

export type DirectoryTown = {
  readonly engine: Engine
  readonly scheme: SchemeId
  readonly policy: DirectoryPolicy
  readonly watched: readonly Watched[]
  /** At their beginning, in the order of `OWNERS`. */
  readonly accounts: readonly Machine[]
  readonly sign: (name: string, digest: Uint8Array) => Uint8Array
}

export const createDirectoryTown = (
  engine: Engine,
  scheme: SchemeId,
  directory: Directory = FOUR,
): DirectoryTown => {
  const operators = Array.from({ length: directory.operators }, (_, at) => `operator-${at}`)
  const pairs = new Map(
    [...OWNERS, ...operators].map((name, at) => [
      name,
      engine.fromSeed(scheme, new Uint8Array(32).fill(at + 1)),
    ]),
  )
  const pairOf = (name: string): ReturnType<Engine['fromSeed']> => {
    const pair = pairs.get(name)
    assert(pair !== undefined, 'everybody in the town has keys')
    return pair
  }
  const policy: DirectoryPolicy = {
    operators: operators.map((name) => ({ name, scheme, publicKey: pairOf(name).publicKey })),
    threshold: directory.threshold,
    faulty: directory.faulty,
  }
  return {
    engine,
    scheme,
    policy,
    watched: policy.operators.map((one) => ({ ...one, suite: 'classic' })),
    accounts: OWNERS.map((name) => open(name, policy, { scheme, ...pairOf(name) })),
    sign: (name, digest) => engine.sign(scheme, pairOf(name).secret, digest),
  }
}

const open = (
  name: string,
  policy: DirectoryPolicy,
  key: { readonly scheme: SchemeId; readonly publicKey: Uint8Array },
): Machine => {
  const charter: Charter = {
    network: 'simulation',
    nonce: new Uint8Array(32),
    terms: {
      suite: 'classic',
      participants: [{ name, controller: soleController(key.scheme, key.publicKey) }],
      turn: { is: 'owner', party: 0 },
      policy: directoryTerms(policy),
    },
    logics: [{ name: 'vault/1', params: new Uint8Array(0) }],
    state: { is: 'tree' },
  }
  const machine = openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return machine
}

/** A wish to write something down that is told apart by a number. */
export const noteWish = (account: Machine, owner: string, choice: number): OwnerInput => {
  const value = bytesFromUtf8(`note ${choice}`)
  const subject = new Uint8Array(32)
  subject.set(value)
  const operation = operationOnVault(
    { machine: account.id, logic: 0 },
    { is: 'publish', machine: account.id, party: owner, subject, value },
  )
  return {
    is: 'wish',
    operations: [operation],
    premises: [],
    proven: [],
    beside: [],
    consents: [],
  }
}
