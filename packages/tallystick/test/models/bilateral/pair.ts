/** Alice and Bob at one machine, each with a role of their own, keys, and a carrier that the test controls. */
import { isFault } from '../../../src/base/fault.ts'
import type { Charter } from '../../../src/kernel/charter.ts'
import type { Operation } from '../../../src/kernel/interaction.ts'
import type { Env } from '../../../src/kernel/role.ts'
import { message, type Message } from '../../../src/models/bilateral/message.ts'
import { createParty, type Party } from '../../../src/models/bilateral/party.ts'
import { BILATERAL_TERMS } from '../../../src/models/bilateral/policy.ts'
import type {
  PartyConfig,
  PartyEffect,
  PartyInput,
  PartyState,
} from '../../../src/models/bilateral/state.ts'
import {
  aCharter,
  adding,
  alice,
  aTerms,
  bob,
  engine,
  logics,
  opened,
  type Person,
} from '../../kernel/sample.ts'

export const env: Env = { now: 0n, random: new Uint8Array(32).fill(7) }

export const relationship = (turn: Charter['terms']['turn'] = { is: 'alternate' }): Charter =>
  aCharter({ terms: aTerms({ policy: BILATERAL_TERMS, turn }) })

/** One side: its role, its state, and what it has performed in this run. */
export type Side = {
  readonly person: Person
  readonly config: PartyConfig
  readonly party: Party
  state: PartyState
  readonly performed: Set<string>
  /** What it has been asked for and not answered. */
  readonly asked: PartyEffect[]
  /** Messages it wants carried. */
  readonly outbox: Message[]
  /** Everything it was fed, for replays. */
  readonly inputs: PartyInput[]
  /** Whether a human at its side agrees to everything at once. */
  agrees: boolean
}

export const createSide = (person: Person, position: number, charter: Charter): Side => {
  const config: PartyConfig = {
    charter,
    party: position,
    keys: [0],
    logics,
    verifier: engine,
  }
  const party = createParty(config)
  if (isFault(party)) throw party
  return {
    person,
    config,
    party,
    state: party.begin(),
    performed: new Set(),
    asked: [],
    outbox: [],
    inputs: [],
    agrees: true,
  }
}

export type Pair = { readonly alice: Side; readonly bob: Side }

export const createPair = (charter: Charter = relationship()): Pair => ({
  alice: createSide(alice, 0, charter),
  bob: createSide(bob, 1, charter),
})

export const feed = (side: Side, input: PartyInput): void => {
  side.inputs.push(input)
  side.state = side.party.step(side.state, input, env)
}

/** Performs what is outstanding and new; signatures at once, messages into the outbox. */
export const perform = (side: Side): void => {
  for (let isNew = true; isNew;) {
    isNew = false
    for (const effect of side.party.outstanding(side.state)) {
      if (side.performed.has(effect.id)) continue
      side.performed.add(effect.id)
      isNew = true
      performOne(side, effect)
      break
    }
  }
}

const performOne = (side: Side, effect: PartyEffect): void => {
  switch (effect.is) {
    case 'sign': {
      const signature = engine.sign('ed25519', side.person.keys.secret, effect.digest)
      return feed(side, { is: 'signed', digest: effect.digest, key: effect.key, signature })
    }
    case 'send':
      side.outbox.push(effect.message)
      return
    case 'ask':
    case 'prove':
      side.asked.push(effect)
      if (effect.is === 'ask' && side.agrees) {
        feed(side, { is: 'decide', interaction: effect.interactionId, yes: true })
      }
  }
}

export const give = (side: Side, input: PartyInput): void => {
  feed(side, input)
  perform(side)
}

/** Hands one message over, through its bytes. */
export const hand = (to: Side, what: Message): void =>
  give(to, { is: 'message', bytes: message.encode(what) })

/** Carries messages both ways until nothing is left. Fails if it does not come to rest. */
export const settle = (pair: Pair): void => {
  perform(pair.alice)
  perform(pair.bob)
  for (let turn = 0; turn < 200; turn++) {
    const fromAlice = pair.alice.outbox.shift()
    if (fromAlice) hand(pair.bob, fromAlice)
    const fromBob = pair.bob.outbox.shift()
    if (fromBob) hand(pair.alice, fromBob)
    if (!fromAlice && !fromBob) return
  }
  throw new Error('the two do not come to rest')
}

export const wishOf = (amount: bigint, operations?: readonly Operation[]): PartyInput => ({
  is: 'wish',
  operations: operations ?? [adding(opened(relationship()), amount)],
  premises: [],
  legs: [],
  consents: [],
  attachments: [],
})

export const wish = (side: Side, amount = 1n): void =>
  give(side, wishOf(amount, [adding(side.state.machine, amount)]))

/** The codes of a side's refusals, oldest first. */
export const refusals = (side: Side): readonly string[] =>
  side.state.talk.refusals.map((one) => one.code)

/** A fresh process over the same state: everything outstanding is performed again. */
export const restart = (side: Side): void => {
  side.performed.clear()
  side.outbox.length = 0
}
