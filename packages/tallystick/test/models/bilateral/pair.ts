/** Alice and Bob at one machine, each with a role of their own, keys, and a carrier that the test controls. */
import { isFault } from '../../../src/base/fault.ts'
import type { Charter } from '../../../src/kernel/charter.ts'
import type { Operation } from '../../../src/kernel/interaction.ts'
import type { Statement } from '../../../src/kernel/statement.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import type { Endorsement } from '../../../src/models/bilateral/evidence.ts'
import type { Env } from '../../../src/kernel/role.ts'
import { message, type Message, type MessageBody } from '../../../src/models/bilateral/message.ts'
import { createParty, type Party } from '../../../src/models/bilateral/party.ts'
import { BILATERAL_TERMS } from '../../../src/models/bilateral/policy.ts'
import {
  type Draft,
  isSameMemory,
  type PartyConfig,
  type PartyEffect,
  type PartyInput,
  type PartyState,
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
  sign,
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

/** An endorsement of a statement with somebody's key, whoever that is. */
export const endorse = (
  person: Person,
  party: number,
  statement: Statement,
  key = 0,
): Endorsement => ({ party, key, signature: sign('classic', person, statement) })

/** A message as the peer of `to` would send it from where `to` stands. */
export const peerMessage = (
  to: Side,
  body: MessageBody,
  changes: Partial<Message> = {},
): Message => ({
  machine: to.state.machine.id,
  from: 1 - to.state.party,
  sequence: to.state.machine.head.sequence,
  head: to.state.machine.headId,
  round: to.state.book.round,
  body,
  ...changes,
})

/** Feeds a message and says which fault it was refused with, and whether anything that lasts changed. */
export const refusalOf = (
  side: Side,
  heard: Message | Uint8Array,
): { readonly code: string; readonly changed: boolean } => {
  const bytes = heard instanceof Uint8Array ? heard : message.encode(heard)
  const before = side.state
  const after = side.party.step(before, { is: 'message', bytes }, env)
  const fresh = after.talk.refusals.filter((one) => !before.talk.refusals.includes(one))
  return { code: fresh.at(-1)?.code ?? 'none', changed: !isSameMemory(before, after) }
}

/** Runs messages until a side has a step at a stage, the human of both sides agreeing or not as told. */
export const carryUntil = (pair: Pair, is: MessageBody['is']): Message => {
  for (let turn = 0; turn < 50; turn++) {
    for (const [from, to] of [
      [pair.alice, pair.bob],
      [pair.bob, pair.alice],
    ] as const) {
      const next = from.outbox.shift()
      if (next?.body.is === is) return next
      if (next) hand(to, next)
    }
  }
  throw new Error(`no ${is} was sent`)
}

/** The step on its way at a side. */
export const draftOf = (side: Side): Draft => {
  if (!side.state.pending) throw new Error('no step is on its way')
  return side.state.pending.draft
}

/** The header that the step on its way leads to. */
export const nextOf = (side: Side): Transition => {
  const { next } = draftOf(side)
  if (!next) throw new Error('the step was not run')
  return next.head
}
