/**
 * Alice and Bob again, for tests that need more than `pair.ts` has: either suite, controllers of several keys, and
 * forged messages that are right in everything but what the test changes.
 */
import type { TransitionId } from '../../../src/base/brand.ts'
import { bytesFromUtf8 } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { hash } from '../../../src/base/hash.ts'
import type { SchemeId } from '../../../src/base/suite.ts'
import { TAGS } from '../../../src/base/tags.ts'
import type { KeyPair } from '../../../src/base/verifier.ts'
import type { Charter, Turn } from '../../../src/kernel/charter.ts'
import type { Participant } from '../../../src/kernel/controller.ts'
import { type Consent, consentDigest } from '../../../src/kernel/consent.ts'
import { type Interaction, interactionId, type Premise } from '../../../src/kernel/interaction.ts'
import { type Statement, statementDigest } from '../../../src/kernel/statement.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import {
  bilateralVote,
  type Endorsement,
  type RoundAbort,
  roundAbortStatement,
} from '../../../src/models/bilateral/evidence.ts'
import {
  message,
  type Message,
  type MessageBody,
  sealDigest,
} from '../../../src/models/bilateral/message.ts'
import { createParty, type Party } from '../../../src/models/bilateral/party.ts'
import { BILATERAL_TERMS } from '../../../src/models/bilateral/policy.ts'
import {
  isSameMemory,
  type LastVow,
  type PartyConfig,
  type PartyEffect,
  type PartyInput,
  type PartyState,
  type Wish,
} from '../../../src/models/bilateral/state.ts'
import { aCharter, adding, aTerms, engine, logics } from '../../kernel/sample.ts'

export const SUITES = ['classic', 'quantum'] as const

type SceneOptions = {
  readonly suite?: (typeof SUITES)[number]
  readonly turn?: Turn
  /** Keys of each party, all with weight 1 and all in its hands. */
  readonly keys?: number
  readonly threshold?: number
}

export type Actor = {
  readonly name: string
  readonly position: number
  readonly scheme: SchemeId
  readonly keys: readonly KeyPair[]
  readonly config: PartyConfig
  readonly party: Party
  state: PartyState
  readonly performed: Set<string>
  readonly asked: Extract<PartyEffect, { is: 'ask' | 'prove' }>[]
  readonly outbox: Message[]
  /** Whether it answers `ask` with yes, `sign` with a signature, `prove` with what was asked. */
  agrees: boolean
  signs: boolean
  proves: boolean
}

export type Scene = { readonly charter: Charter; readonly alice: Actor; readonly bob: Actor }

const NAMES = ['alice', 'bob'] as const

export const createScene = (options: SceneOptions = {}): Scene => {
  const { suite = 'classic', turn = { is: 'alternate' }, keys = 1, threshold = keys } = options
  const scheme = suite === 'quantum' ? 'ml-dsa-44' : 'ed25519'
  const pairs = NAMES.map((name) =>
    Array.from({ length: keys }, (_, at) =>
      engine.fromSeed(scheme, hash('blake3', TAGS.seed, bytesFromUtf8(`${name} ${at}`))),
    ),
  )
  const participants = NAMES.map((name, at): Participant => {
    const own = (pairs[at] ?? []).map(
      ({ publicKey }) => ({ scheme, publicKey, weight: 1 }) as const,
    )
    return { name, controller: { keys: own, threshold } }
  })
  const terms = aTerms({ suite, participants, turn, policy: BILATERAL_TERMS })
  const charter = aCharter({ terms })
  const actor = (position: 0 | 1): Actor => createActor(charter, position, pairs[position] ?? [])
  return { charter, alice: actor(0), bob: actor(1) }
}

const createActor = (charter: Charter, position: 0 | 1, keys: readonly KeyPair[]): Actor => {
  const positions = keys.map((_, at) => at)
  const config = { charter, party: position, keys: positions, logics, verifier: engine }
  const party = createParty(config)
  if (isFault(party)) throw party
  const scheme = charter.terms.suite === 'quantum' ? 'ml-dsa-44' : 'ed25519'
  const lists = { performed: new Set<string>(), asked: [], outbox: [] }
  const ways = { agrees: true, signs: true, proves: true }
  const state = party.begin()
  return { name: NAMES[position], position, scheme, keys, config, party, state, ...lists, ...ways }
}

/** One step of the role, with random bytes of its own where they matter. */
export const feed = (actor: Actor, input: PartyInput, random = 7): void => {
  const env = { now: 0n, random: new Uint8Array(32).fill(random) }
  actor.state = actor.party.step(actor.state, input, env)
}

/** Performs what is outstanding and not done yet, until nothing new comes up. */
export const work = (actor: Actor): void => {
  for (;;) {
    const effect = actor.party
      .outstanding(actor.state)
      .find((one) => !actor.performed.has(one.id) && isDone(actor, one))
    if (!effect) return
    actor.performed.add(effect.id)
    perform(actor, effect)
  }
}

const isDone = (actor: Actor, effect: PartyEffect): boolean => effect.is !== 'sign' || actor.signs

const perform = (actor: Actor, effect: PartyEffect): void => {
  switch (effect.is) {
    case 'sign':
      return feed(actor, signatureFor(actor, effect))
    case 'send':
      actor.outbox.push(effect.message)
      return
    case 'ask': {
      actor.asked.push(effect)
      if (!actor.agrees) return
      return feed(actor, { is: 'decide', interaction: effect.interactionId, yes: true })
    }
    case 'prove': {
      actor.asked.push(effect)
      if (!actor.proves) return
      const { interactionId: of, interaction } = effect
      const proven = interaction.premises.map((one: Premise) => one)
      return feed(actor, { is: 'proven', interaction: of, proven, grade: 'receipted' })
    }
  }
}

/** The input that answers a wish for a signature. */
export const signatureFor = (
  actor: Actor,
  effect: Extract<PartyEffect, { is: 'sign' }>,
): Extract<PartyInput, { is: 'signed' }> => ({
  is: 'signed',
  digest: effect.digest,
  key: effect.key,
  signature: signWith(actor, effect.digest, effect.key),
})

export const signWith = (actor: Actor, digest: Uint8Array, key = 0): Uint8Array => {
  const pair = actor.keys[key]
  if (!pair) throw new Error(`${actor.name} has no key ${key}`)
  return engine.sign(actor.scheme, pair.secret, digest)
}

export const give = (actor: Actor, input: PartyInput, random = 7): void => {
  feed(actor, input, random)
  work(actor)
}

export const hand = (to: Actor, what: Message): void =>
  give(to, { is: 'message', bytes: message.encode(what) })

export const wishOf = (actor: Actor, amount = 1n, changes: Partial<Wish> = {}): PartyInput => ({
  is: 'wish',
  operations: [adding(actor.state.machine, amount)],
  premises: [],
  legs: [],
  consents: [],
  attachments: [],
  ...changes,
})

/** Carries messages both ways until nothing is left. */
export const settle = ({ alice, bob }: Scene): void => {
  work(alice)
  work(bob)
  for (let turn = 0; turn < 500; turn++) {
    const [fromAlice, fromBob] = [alice.outbox.shift(), bob.outbox.shift()]
    if (fromAlice) hand(bob, fromAlice)
    if (fromBob) hand(alice, fromBob)
    if (!fromAlice && !fromBob) return
  }
  throw new Error('the two do not come to rest')
}

/** Puts an actor's store back to an earlier state, and says so; the guard may remember a vow. */
export const putBack = (
  actor: Actor,
  to: PartyState,
  by: { readonly last?: LastVow; readonly random?: number } = {},
): void => {
  actor.state = to
  actor.performed.clear()
  actor.outbox.length = 0
  give(actor, { is: 'restored', last: by.last }, by.random)
}

/** Final steps, proposed in turn by whoever may. */
export const agree = (scene: Scene, count: number): void => {
  for (let step = 0; step < count; step++) {
    const { alice, bob } = scene
    const isAlices = scene.charter.terms.turn.is === 'leader' || step % 2 === 0
    give(isAlices ? alice : bob, wishOf(alice))
    settle(scene)
  }
}

/** Takes the oldest message of a kind out of an actor's hands. */
export const take = <Is extends MessageBody['is']>(
  from: Actor,
  is: Is,
): Message & { readonly body: Extract<MessageBody, { is: Is }> } => {
  const at = from.outbox.findIndex((one) => one.body.is === is)
  const [found] = at < 0 ? [] : from.outbox.splice(at, 1)
  if (!found || !isOf(is, found)) throw new Error(`${from.name} has no ${is} to send`)
  return found
}

const isOf = <Is extends MessageBody['is']>(
  is: Is,
  what: Message,
): what is Message & { readonly body: Extract<MessageBody, { is: Is }> } => what.body.is === is

/** A message of an actor's from where it stands, unless told otherwise. */
export const spoken = (
  from: Actor,
  body: MessageBody,
  changes: Partial<Message> = {},
): Message => ({
  machine: from.state.machine.id,
  from: from.position,
  sequence: from.state.machine.head.sequence,
  head: from.state.machine.headId,
  round: from.state.book.round,
  body,
  ...changes,
})

/** The message under a fresh seal by all keys of its sender. */
export const sealed = (from: Actor, what: Message): Message => {
  const digest = sealDigest(from.config.charter.terms.suite, what)
  const seal = from.keys.map((_, key) => endorsed(from, digest, key))
  return 'seal' in what.body ? { ...what, body: { ...what.body, seal } } : what
}

const endorsed = (by: Actor, digest: Uint8Array, key: number): Endorsement => ({
  party: by.position,
  key,
  signature: signWith(by, digest, key),
})

export const endorse = (by: Actor, of: Statement, key = 0): Endorsement =>
  endorsed(by, statementDigest(by.config.charter.terms.suite, of), key)

/** Commit votes by all keys of an actor. */
export const votesOf = (by: Actor, of: Transition, round = 0): readonly Endorsement[] =>
  by.keys.map((_, key) => endorse(by, bilateralVote(of, round), key))

/** The abort of a round under the actor's head. */
export const abortOf = (by: Actor, round: number, key = 0): RoundAbort => {
  const { id: machine, head, headId: parent } = by.state.machine
  const child = { machine, parent, sequence: head.sequence + 1n }
  return { ...endorse(by, roundAbortStatement(child, round), key), round }
}

/** Consents to an interaction by all keys of an actor. */
export const consentsBy = (by: Actor, of: Interaction): readonly Consent[] =>
  by.keys.map((_, key) => {
    const digest = consentDigest(by.config.charter.terms.suite, interactionId(of))
    const { signature } = endorsed(by, digest, key)
    const machine = by.state.machine.id
    return { machine, party: by.position, key, form: 'raw', signature }
  })

export type Outcome = {
  /** Code of the refusal that the message met, or `none`. */
  readonly code: string
  /** Whether anything changed that must survive a crash. */
  readonly changed: boolean
  readonly state: PartyState
}

/** What a message would do, without doing it. */
export const outcomeOf = (to: Actor, what: Message): Outcome =>
  outcomeOfInput(to, { is: 'message', bytes: message.encode(what) })

export const outcomeOfInput = (to: Actor, input: PartyInput): Outcome => {
  const env = { now: 0n, random: new Uint8Array(32).fill(9) }
  const state = to.party.step(to.state, input, env)
  const known = to.state.talk.refusals
  const fresh = state.talk.refusals.filter((one) => !known.includes(one))
  const code = fresh.at(-1)?.code ?? 'none'
  return { code, changed: !isSameMemory(to.state, state), state }
}

/** The step on its way at an actor, and where it leads. */
export const headOn = (actor: Actor): { readonly next: Transition; readonly id: TransitionId } => {
  const next = actor.state.pending?.draft.next
  if (!next) throw new Error(`${actor.name} has no step that was run`)
  return { next: next.head, id: next.headId }
}
