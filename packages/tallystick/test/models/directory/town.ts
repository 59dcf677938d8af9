/** An owned machine with four operators, for the tests of the directory model. Keys are tokens. */
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import type { Charter } from '../../../src/kernel/charter.ts'
import { soleController } from '../../../src/kernel/controller.ts'
import { type Machine, openMachine } from '../../../src/kernel/execute.ts'
import type { Engine, KeyPair } from '../../../src/base/verifier.ts'
import type { Env, Role } from '../../../src/kernel/role.ts'
import { operationOnVault } from '../../../src/logic/vault-operation.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import type { Receipt } from '../../../src/models/directory/evidence.ts'
import { beginOperator, createOperator } from '../../../src/models/directory/operator.ts'
import type {
  OperatorEffect,
  OperatorInput,
  OperatorState,
} from '../../../src/models/directory/operator.ts'
import {
  beginOwner,
  createOwner,
  type OwnerEffect,
  type OwnerInput,
  type OwnerState,
} from '../../../src/models/directory/owner.ts'
import { type DirectoryPolicy, directoryTerms } from '../../../src/models/directory/policy.ts'
import { createTokenEngine } from '../../../src/sim/token-engine.ts'

export const engine: Engine = createTokenEngine()

const pair = (fill: number): KeyPair => engine.fromSeed('ed25519', new Uint8Array(32).fill(fill))

export const owner: KeyPair = pair(1)
export const stranger: KeyPair = pair(9)
export const operators: readonly KeyPair[] = [2, 3, 4, 5].map(pair)

export const policy: DirectoryPolicy = {
  operators: operators.map(({ publicKey }, at) => ({
    name: `operator-${at}`,
    scheme: 'ed25519',
    publicKey,
  })),
  threshold: 3,
  faulty: 1,
}

export const charter: Charter = {
  network: 'test',
  nonce: new Uint8Array(32),
  terms: {
    suite: 'classic',
    participants: [{ name: 'alice', controller: soleController('ed25519', owner.publicKey) }],
    turn: { is: 'owner', party: 0 },
    policy: directoryTerms(policy),
  },
  logics: [{ name: 'vault/1', params: new Uint8Array(0) }],
  state: { is: 'tree' },
}

export const env = (now = 1000n): Env => ({ now, random: new Uint8Array(32) })

export const genesis = (): Machine => {
  const machine = openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return machine
}

export const ownerRole: Role<OwnerState, OwnerInput, OwnerEffect> = createOwner({
  logics: STANDARD_LOGICS,
  verifier: engine,
})

/** A wish that writes something told apart by `word`. */
export const wishOf = (word: string): OwnerInput => {
  const { id } = genesis()
  const subject = new Uint8Array(32)
  const value = new TextEncoder().encode(word)
  subject.set(value)
  const operation = operationOnVault(
    { machine: id, logic: 0 },
    { is: 'publish', machine: id, party: 'alice', subject, value },
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

/** The owner after a wish, signed. */
export const taken = (state: OwnerState, word: string): OwnerState => {
  let next = ownerRole.step(state, wishOf(word), env())
  for (const effect of ownerRole.outstanding(next)) {
    if (effect.is !== 'sign') continue
    const signature = engine.sign('ed25519', owner.secret, effect.digest)
    next = ownerRole.step(
      next,
      { is: 'signed', digest: hexFromBytes(effect.digest), signature },
      env(),
    )
  }
  return next
}

export const freshOwner = (): OwnerState => beginOwner(genesis(), 0)

/** What the owner hands to an operator for its step at a position. */
export const submissionOf = (
  state: OwnerState,
  at = -1,
): Extract<OperatorInput, { is: 'submit' }> => {
  const step = state.steps.at(at)
  const before = state.steps.at(at - 1)
  if (!step?.signature) throw new Error('no signed step there')
  const parent =
    state.steps.length > 1 && before && before !== step ? before.transition : genesis().head
  const { transition, interaction, consents, signature: proposal } = step
  return {
    is: 'submit',
    charter,
    submission: { transition, parent, interaction, consents, proposal },
  }
}

export const roleOf = (at: number): Role<OperatorState, OperatorInput, OperatorEffect> =>
  createOperator({ suite: 'classic', ...keyOf(at), verifier: engine })

const keyOf = (at: number) => ({
  scheme: 'ed25519' as const,
  publicKey: policy.operators[at]?.publicKey ?? new Uint8Array(32),
})

/** An operator after a submission, with its signature made. */
export const served = (
  at: number,
  state: OperatorState,
  submission: OperatorInput,
  now = 1000n,
): OperatorState => {
  const role = roleOf(at)
  let next = role.step(state, submission, env(now))
  for (const effect of role.outstanding(next)) {
    if (effect.is !== 'sign') continue
    const signature = engine.sign(
      'ed25519',
      operators[at]?.secret ?? new Uint8Array(32),
      effect.digest,
    )
    const input: OperatorInput = { is: 'signed', digest: hexFromBytes(effect.digest), signature }
    next = role.step(next, input, env(now))
  }
  return next
}

/** Receipts of the first `count` operators for the owner's newest step, at 1000, 1001, … ms. */
export const receiptsFor = (state: OwnerState, count: number): readonly Receipt[] =>
  Array.from({ length: count }, (_, at) => {
    const after = served(at, beginOperator(), submissionOf(state), 1000n + BigInt(at))
    for (const effect of roleOf(at).outstanding(after))
      if (effect.is === 'receipt') return effect.receipt
    throw new Error('no receipt')
  })
