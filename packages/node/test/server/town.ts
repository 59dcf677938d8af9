/** Operators in this process, and an owner who has machines with them. Real keys. */
import { afterEach } from 'vitest'
import { type Engine, hexFromBytes, isFault, type KeyPair } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import {
  AMEND,
  type Charter,
  charter,
  type Machine,
  openMachine,
  type Operation,
  soleController,
  type Terms,
  terms as termsCodec,
} from 'tallystick/kernel'
import { operationOnVault, STANDARD_LOGICS } from 'tallystick/logic'
import {
  answers,
  type Answer,
  beginOwner,
  createOwner,
  directoryTerms,
  type DirectoryPolicy,
  type OwnerState,
  type Submission,
  submissions,
} from 'tallystick/models'
import type { OperatorCard } from '../../src/server/operator-key.ts'
import {
  type RunningOperator,
  startOperator,
  type StartOptions,
} from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'

export const engine: Engine = createNativeEngine()
export const CONTENT_TYPE = 'application/vnd.tallystick'

const seedOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
export const ownerPair: KeyPair = engine.fromSeed('ed25519', seedOf(1))
const logics = STANDARD_LOGICS
const role = createOwner({ logics, verifier: engine })
const env = { now: 0n, random: new Uint8Array(32) }

export const startTest = (options: Partial<StartOptions> = {}): Promise<RunningOperator> =>
  startOperator({ name: 'north', store: createMemoryStore(), ...options })

/** Starts operators for the tests of a file, and ends them after each. */
export const startsForTests = (): typeof startTest => {
  const running: RunningOperator[] = []
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.close()))
  })
  return async (options) => {
    const one = await startTest(options)
    running.push(one)
    return one
  }
}

/** A charter of one owner under operators of which all but one have to agree. */
export const charterFor = (
  cards: readonly OperatorCard[],
  options: { readonly nonce?: number; readonly owner?: Uint8Array; readonly faulty?: number } = {},
): Charter => {
  const policy: DirectoryPolicy = {
    operators: cards.map(({ name, scheme, publicKey }) => ({ name, scheme, publicKey })),
    threshold: cards.length === 1 ? 1 : cards.length - 1,
    faulty: options.faulty ?? (cards.length === 1 ? 0 : 1),
  }
  return {
    network: 'test',
    nonce: seedOf(options.nonce ?? 0),
    terms: {
      suite: 'classic',
      participants: [
        {
          name: 'alice',
          controller: soleController('ed25519', options.owner ?? ownerPair.publicKey),
        },
      ],
      turn: { is: 'owner', party: 0 },
      policy: directoryTerms(policy),
    },
    logics: [{ name: 'vault/1', params: new Uint8Array(0) }],
    state: { is: 'tree' },
  }
}

export const genesisOf = (of: Charter): Machine => {
  const machine = openMachine(of, logics)
  if (isFault(machine)) throw machine
  return machine
}

/** The owner's state after a step that writes a word; signed. */
export const stepped = (
  state: OwnerState,
  word: string,
  secret: Uint8Array = ownerPair.secret,
): OwnerState => {
  const { id } = state.machine
  const subject = new Uint8Array(32)
  const value = new TextEncoder().encode(word)
  subject.set(value.subarray(0, 32))
  const operation = operationOnVault(
    { machine: id, logic: 0 },
    { is: 'publish', machine: id, party: 'alice', subject, value },
  )
  return afterOperation(state, operation, secret)
}

/** The owner's state after a step to other terms; signed. */
export const amended = (state: OwnerState, next: Terms): OwnerState =>
  afterOperation(
    state,
    { machine: state.machine.id, logic: AMEND, argument: termsCodec.encode(next) },
    ownerPair.secret,
  )

const afterOperation = (
  state: OwnerState,
  operation: Operation,
  secret: Uint8Array,
): OwnerState => {
  let next = role.step(
    state,
    { is: 'wish', operations: [operation], premises: [], proven: [], beside: [], consents: [] },
    env,
  )
  for (const effect of role.outstanding(next)) {
    if (effect.is !== 'sign') continue
    const signature = engine.sign('ed25519', secret, effect.digest)
    next = role.step(next, { is: 'signed', digest: hexFromBytes(effect.digest), signature }, env)
  }
  return next
}

export const ownerOf = (of: Charter): OwnerState => beginOwner(genesisOf(of), 0)

/** What the owner hands over for each of its steps. */
export const submissionsOf = (of: Charter, state: OwnerState): readonly Submission[] =>
  state.steps.map((step, at) => {
    const before = at === 0 ? genesisOf(of).head : state.steps[at - 1]?.transition
    if (!step.signature || !before) throw new Error('a step is not signed')
    const { transition, interaction, consents } = step
    return { transition, parent: before, interaction, consents, proposal: step.signature }
  })

/** So many steps of a fresh owner. */
export const stepsOf = (of: Charter, count: number, prefix = 'step'): readonly Submission[] => {
  let state = ownerOf(of)
  for (let at = 0; at < count; at++) state = stepped(state, `${prefix} ${at}`)
  return submissionsOf(of, state)
}

type Asked = {
  readonly body?: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
}

export const ask = (
  of: Pick<RunningOperator, 'url' | 'token'>,
  path: string,
  asked: Asked = {},
): Promise<Response> =>
  fetch(`${of.url}${path}`, {
    method: asked.method ?? (asked.body === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: `Bearer ${of.token}`,
      ...(asked.body === undefined ? {} : { 'content-type': CONTENT_TYPE }),
      ...asked.headers,
    },
    ...(asked.body === undefined ? {} : { body: asked.body as string }),
  })

export const bytesOf = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await response.arrayBuffer())

/** Status and code of a refusal. */
export const refusalOf = async (response: Response): Promise<readonly [number, string]> => {
  const { fault } = (await response.json()) as { fault: { code: string } }
  return [response.status, fault.code]
}

export const openAt = async (
  of: Pick<RunningOperator, 'url' | 'token'>,
  one: Charter,
): Promise<void> => {
  const response = await ask(of, '/v1/charters', { body: charter.encode(one) })
  if (response.status !== 200) throw new Error(await response.text())
}

export const submitAt = async (
  of: Pick<RunningOperator, 'url' | 'token'>,
  steps: readonly Submission[],
): Promise<readonly Answer[]> => {
  const response = await ask(of, '/v1/steps', { body: submissions.encode(steps) })
  if (response.status !== 200) throw new Error(await response.text())
  return answers.decode(await bytesOf(response))
}
