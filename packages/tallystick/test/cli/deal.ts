/** A deal between Alice and Bob, made with the real roles, keys and books: material for the tests of commands. */
import { isFault } from '../../src/base/fault.ts'
import type { Engine, KeyPair } from '../../src/base/verifier.ts'
import { createNativeEngine } from '../../src/engine/native.ts'
import type { Charter } from '../../src/kernel/charter.ts'
import { soleController } from '../../src/kernel/controller.ts'
import type { Env } from '../../src/kernel/role.ts'
import { operationOnLedger } from '../../src/logic/ledger-operation.ts'
import { ledgerParams } from '../../src/logic/ledger-params.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { message } from '../../src/models/bilateral/message.ts'
import { createParty, type Party } from '../../src/models/bilateral/party.ts'
import { BILATERAL_TERMS } from '../../src/models/bilateral/policy.ts'
import { type PartyInput, type PartyState, stepsOf } from '../../src/models/bilateral/state.ts'
import { bundleStepFrom } from '../../src/verify/assemble.ts'
import { type Bundle, EMPTY_BUNDLE, fileFromBundle } from '../../src/verify/bundle.ts'

export const engine: Engine = createNativeEngine()

const pairOf = (name: string): KeyPair =>
  engine.fromSeed('ed25519', new Uint8Array(32).fill(name.charCodeAt(0)))

const NAMES = ['alice', 'bob'] as const

export const charter: Charter = {
  network: 'test',
  nonce: new Uint8Array(32).fill(3),
  terms: {
    suite: 'classic',
    participants: NAMES.map((name) => ({
      name,
      controller: soleController('ed25519', pairOf(name).publicKey),
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
        cap: 150n,
        issuer: undefined,
        initial: [
          { holder: 'alice', amount: 100n },
          { holder: 'bob', amount: 50n },
        ],
      }),
    },
  ],
  state: { is: 'tree' },
}

const env: Env = { now: 0n, random: new Uint8Array(32).fill(9) }

type Side = { readonly at: number; readonly party: Party; state: PartyState; done: Set<string> }

const createSide = (at: number): Side => {
  const config = { charter, party: at, keys: [0], logics: STANDARD_LOGICS, verifier: engine }
  const party = createParty(config)
  if (isFault(party)) throw party
  return { at, party, state: party.begin(), done: new Set() }
}

/** Performs what is outstanding until nothing is; returns the messages that are to be carried. */
const turn = (side: Side, first: PartyInput): readonly Uint8Array[] => {
  const sent: Uint8Array[] = []
  const queue: PartyInput[] = [first]
  for (let input = queue.shift(); input; input = queue.shift()) {
    side.state = side.party.step(side.state, input, env)
    for (const effect of side.party.outstanding(side.state)) {
      if (side.done.has(effect.id)) continue
      side.done.add(effect.id)
      if (effect.is === 'send') sent.push(message.encode(effect.message))
      if (effect.is === 'ask') {
        queue.push({ is: 'decide', interaction: effect.interactionId, yes: true })
      }
      if (effect.is === 'sign') {
        const { digest, key } = effect
        const { secret } = pairOf(NAMES[side.at === 0 ? 0 : 1])
        queue.push({ is: 'signed', digest, key, signature: engine.sign('ed25519', secret, digest) })
      }
    }
  }
  return sent
}

/** Alice and Bob pay each other in turn, as many steps as asked for; what Alice then knows. */
export const dealOf = (steps: number): PartyState => {
  const sides = [createSide(0), createSide(1)] as const
  for (let step = 0; step < steps; step++) {
    const [payer, payee] = step % 2 === 0 ? sides : [sides[1], sides[0]]
    const { id } = payer.state.machine
    const pay = operationOnLedger(
      { machine: id, logic: 0 },
      {
        is: 'transfer',
        from: { machine: id, holder: NAMES[payer.at === 0 ? 0 : 1] },
        to: { machine: id, holder: NAMES[payee.at === 0 ? 0 : 1] },
        amount: BigInt(step + 1),
      },
    )
    const wish = { operations: [pay], premises: [], legs: [], consents: [], attachments: [] }
    let carried = turn(payer, { is: 'wish', ...wish })
    for (let to: Side = payee; carried.length > 0; to = to === payee ? payer : payee) {
      carried = carried.flatMap((bytes) => turn(to, { is: 'message', bytes }))
    }
  }
  return sides[0].state
}

export const bundleOf = (state: PartyState): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [charter],
  steps: stepsOf(state).map((one) => bundleStepFrom(one, () => undefined)),
})

export const dealFile = (steps: number): Uint8Array => fileFromBundle(bundleOf(dealOf(steps)))
