/**
 * A relationship of two in a demo: two real `party` roles, each with a shell that signs, proves and answers for its person,
 * and a table between them over which messages are handed. Nothing else connects them.
 */
import { type Fault, isFault } from '../../base/fault.ts'
import type { LogicTerms, Turn } from '../../kernel/charter.ts'
import type { Machine } from '../../kernel/execute.ts'
import type { Leg, Operation, Premise } from '../../kernel/interaction.ts'
import { STANDARD_LOGICS } from '../../logic/registry.ts'
import { message } from '../../models/bilateral/message.ts'
import { createParty, type Party } from '../../models/bilateral/party.ts'
import {
  type PartyEffect,
  type PartyInput,
  type PartyState,
  stepsOf,
} from '../../models/bilateral/state.ts'
import { bundleStepFrom } from '../../verify/assemble.ts'
import { type Bundle, EMPTY_BUNDLE } from '../../verify/bundle.ts'
import { joinBundles } from '../../verify/join.ts'
import { bundleFromFile, fileFromBundle } from '../../verify/bundle.ts'
import { type Proven, provePremises } from '../../verify/prove.ts'
import type { Person } from './people.ts'
import { charterOf, chartersOf, env, openOrThrow, type Town } from './town.ts'

/** What somebody wants done in a relationship. */
export type RelationWish = {
  readonly by: Person
  readonly operations: readonly Operation[]
  readonly premises?: readonly Premise[]
  /** Machines referred to. */
  readonly beside?: readonly Machine[]
  /** Bundles that show what the premises say. */
  readonly support?: readonly Bundle[]
}

/** What became of a wish. */
export type Outcome = {
  readonly final: boolean
  /** Messages handed over, and their bytes. */
  readonly messages: number
  readonly bytes: number
  /** Why it was refused, if it was. */
  readonly refusal: string | undefined
}

export type Relation = {
  readonly people: readonly [Person, Person]
  readonly genesis: Machine
  /** As one of the two sees it. */
  readonly machine: (person: Person) => Machine
  readonly state: (person: Person) => PartyState
  readonly wish: (wish: RelationWish) => Outcome
  readonly bundle: (person: Person) => Bundle
}

export type RelationOptions = {
  readonly turn: Turn
  readonly logics?: readonly LogicTerms[]
  /** A machine that came from other terms and goes on from here; a new one if missing. */
  readonly start?: Machine
  /** What a person says to a step shown to it. Yes to everything if missing. */
  readonly decide?: (person: Person, effect: Extract<PartyEffect, { is: 'ask' }>) => boolean
  /** Why what was proven is not relied on all the same. */
  readonly admit?: (effect: Proving, proven: Proven) => Fault | undefined
}

type Proving = Extract<PartyEffect, { is: 'prove' }>

type Side = { readonly person: Person; readonly party: Party; state: PartyState; done: Set<string> }

export const createRelation = (
  town: Town,
  people: readonly [Person, Person],
  options: RelationOptions,
): Relation => {
  const { start } = options
  const charter =
    start?.charter ?? charterOf(town, people, { turn: options.turn, logics: options.logics ?? [] })
  const genesis = openOrThrow(charter)
  town.machines.set(genesis.id, genesis)
  const sides = people.map((person, party): Side => {
    const role = createParty({
      charter,
      party,
      keys: [0],
      logics: STANDARD_LOGICS,
      verifier: town.engine,
      ...(start && { start }),
    })
    if (isFault(role)) throw role
    return { person, party: role, state: role.begin(), done: new Set() }
  })
  const sideOf = (person: Person): Side => {
    const side = sides.find((one) => one.person === person)
    if (!side) throw new Error(`${person.name} is no party here`)
    return side
  }
  return {
    people,
    genesis,
    machine: (person) => sideOf(person).state.machine,
    state: (person) => sideOf(person).state,
    wish: (wish) => carry(town, sides, wish, options),
    bundle: (person) => bundleOf(town, genesis, sideOf(person).state),
  }
}

type Tally = { messages: number; bytes: number }

/** Feeds the wish to its side, then hands messages over until nobody has anything to say. */
const carry = (
  town: Town,
  sides: readonly Side[],
  wish: RelationWish,
  options: RelationOptions,
): Outcome => {
  const tally: Tally = { messages: 0, bytes: 0 }
  const side = sides.find((one) => one.person === wish.by)
  if (!side) throw new Error(`${wish.by.name} is no party here`)
  const before = side.state.machine.head.sequence
  const post: { readonly to: number; readonly input: PartyInput }[] = []
  const feed = (at: number, input: PartyInput): void => {
    const taker = sides[at]
    if (!taker) return
    taker.state = taker.party.step(taker.state, input, env())
    for (const effect of newEffects(taker)) {
      if (effect.is === 'send') {
        const bytes = message.encode(effect.message)
        tally.messages += 1
        tally.bytes += bytes.length
        post.push({ to: effect.to, input: { is: 'message', bytes } })
      } else post.push({ to: at, input: answer(town, taker, effect, options) })
    }
  }
  for (const at of sides.keys()) {
    for (const one of wish.beside ?? []) feed(at, { is: 'learn', charter: one.charter })
  }
  feed(sides.indexOf(side), wishInput(wish))
  for (let next = post.shift(); next; next = post.shift()) feed(next.to, next.input)
  const refusals = sides.flatMap((one) => one.state.talk.refusals)
  return {
    final: side.state.machine.head.sequence > before,
    ...tally,
    refusal: refusals.at(-1)?.message,
  }
}

const wishInput = (wish: RelationWish): PartyInput => ({
  is: 'wish',
  operations: wish.operations,
  premises: wish.premises ?? [],
  legs: (wish.beside ?? []).map((one): Leg => ({
    machine: one.id,
    access: 'refer',
    parent: undefined,
  })),
  consents: [],
  attachments: (wish.support ?? []).map((one) => fileFromBundle(one)),
})

/** Effects that were not performed since they became outstanding. */
const newEffects = (side: Side): readonly PartyEffect[] => {
  const outstanding = side.party.outstanding(side.state)
  const fresh = outstanding.filter((one) => !side.done.has(one.id))
  side.done = new Set(outstanding.map((one) => one.id))
  return fresh
}

const answer = (
  town: Town,
  side: Side,
  effect: Exclude<PartyEffect, { is: 'send' }>,
  options: RelationOptions,
): PartyInput => {
  switch (effect.is) {
    case 'sign': {
      const signature = side.person.sign(effect.digest)
      return { is: 'signed', digest: effect.digest, key: effect.key, signature }
    }
    case 'ask': {
      const yes = options.decide?.(side.person, effect) ?? true
      return { is: 'decide', interaction: effect.interactionId, yes }
    }
    case 'prove':
      return prove(town, effect, options)
  }
}

/** Runs the history of what a step relies on, as the person's own verifier would. */
const prove = (town: Town, effect: Proving, { admit }: RelationOptions): PartyInput => {
  const { interactionId: interaction, attachments } = effect
  const support = joinBundles(attachments.map((one) => bundleFromFile(one)))
  const file = fileFromBundle(support)
  const proven = provePremises(file, effect.interaction.premises, town.checks)
  if (isFault(proven)) return { is: 'unproven', interaction, fault: proven }
  const fault = admit?.(effect, proven)
  if (fault) return { is: 'unproven', interaction, fault }
  return { is: 'proven', interaction, proven: proven.proven, grade: proven.grade }
}

const bundleOf = (town: Town, genesis: Machine, state: PartyState): Bundle => {
  const steps = stepsOf(state)
  return {
    ...EMPTY_BUNDLE,
    charters: chartersOf(town, genesis, steps),
    steps: steps.map((step) => bundleStepFrom(step, (id) => town.machines.get(id)?.headId)),
  }
}
