/** Owners for measurements: each has an account of its own, with money of its own, and sends one unit in each step. */
import { randomBytes } from 'node:crypto'
import {
  type Engine,
  hashId,
  hexFromBytes,
  isFault,
  type KeyPair,
  type SchemeId,
  type SuiteId,
  suiteRules,
  TAGS,
} from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import { type Charter, openMachine, soleController } from 'tallystick/kernel'
import { ledgerParams, operationOnLedger, STANDARD_LOGICS } from 'tallystick/logic'
import {
  beginOwner,
  createOwner,
  type DirectoryPolicy,
  directoryTerms,
  type OwnerState,
  type Submission,
} from 'tallystick/models'

export const engine: Engine = createNativeEngine()
/** What was signed here a moment ago needs no check here; operators check it, and that is counted. */
const role = createOwner({
  logics: STANDARD_LOGICS,
  verifier: { acceptsKey: engine.acceptsKey, verify: (_scheme, _key, _digest, of) => of === fresh },
})
let fresh: Uint8Array | undefined
const RICH = 1_000_000_000n

export type Payer = {
  readonly policy: DirectoryPolicy
  readonly charter: Charter
  /** The next step, signed; the one before must have been settled. */
  readonly next: () => Submission
  /** The step on its way is certified. */
  readonly settle: () => void
}

export const createPayer = (policy: DirectoryPolicy, suite: SuiteId = 'classic'): Payer => {
  const [scheme = 'ed25519'] = suiteRules(suite).schemes.step
  const pair = { scheme, ...engine.fromSeed(scheme, new Uint8Array(randomBytes(32))) }
  const charter = charterOf(policy, suite, pair)
  const genesis = openMachine(charter, STANDARD_LOGICS)
  if (isFault(genesis)) throw genesis
  let state: OwnerState = beginOwner(genesis, 0)
  const asset = { machine: genesis.id, logic: 0 }
  return {
    policy,
    charter,
    next: () => {
      const parent = state.machine.head
      const operation = operationOnLedger(asset, {
        is: 'send',
        from: { machine: genesis.id, holder: 'payer' },
        // Nobody claims it: what is measured is the sending.
        to: { machine: PAYEE, holder: 'payee' },
        amount: 1n,
        nonce: 0,
      })
      const wish = { operations: [operation], premises: [], proven: [], beside: [], consents: [] }
      state = signed(role.step(state, { is: 'wish', ...wish }, ENV), pair)
      const step = state.steps.at(-1)
      if (!step?.signature) throw state.refusals.at(-1) ?? new Error('the step was not made')
      const { transition, interaction, consents, signature } = step
      return { transition, parent, interaction, consents, proposal: signature }
    },
    settle: () => {
      // What is certified is the operators' to keep: a payer of a million steps has one in memory.
      state = beginOwner(state.machine, 0)
    },
  }
}

const ENV = { now: 0n, random: new Uint8Array(32) }

/** Money sent there waits for ever. */
const PAYEE = hashId<'machine'>('classic', TAGS.seed, new Uint8Array(32))

type Pair = KeyPair & { readonly scheme: SchemeId }

const charterOf = (policy: DirectoryPolicy, suite: SuiteId, pair: Pair): Charter => ({
  network: 'bench',
  nonce: new Uint8Array(randomBytes(32)),
  terms: {
    suite,
    participants: [{ name: 'payer', controller: soleController(pair.scheme, pair.publicKey) }],
    turn: { is: 'owner', party: 0 },
    policy: directoryTerms(policy),
  },
  logics: [
    {
      name: 'ledger/1',
      params: ledgerParams.encode({
        symbol: 'TICK',
        decimals: 0,
        cap: RICH,
        issuer: undefined,
        initial: [{ holder: 'payer', amount: RICH }],
      }),
    },
  ],
  state: { is: 'tree' },
})

const signed = (state: OwnerState, pair: Pair): OwnerState => {
  let next = state
  for (const effect of role.outstanding(state)) {
    if (effect.is !== 'sign') continue
    const signature = engine.sign(pair.scheme, pair.secret, effect.digest)
    fresh = signature
    next = role.step(next, { is: 'signed', digest: hexFromBytes(effect.digest), signature }, ENV)
  }
  return next
}
