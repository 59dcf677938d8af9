/**
 * Nodes of the shared purse: holders who apply for payments, operators who agree on them in rounds, and the shell around
 * both: it signs, carries, stores certified steps and fetches what somebody lacks.
 *
 * A nudge lets patience pass and has everything sent again that is outstanding, as a shell does from time to time.
 */
import { hexFromBytes } from '../base/bytes.ts'
import { interactionId } from '../kernel/interaction.ts'
import {
  type ApplicantEffect,
  type ApplicantInput,
  type ApplicantState,
  beginApplicant,
  createApplicant,
} from '../models/rounds/applicant.ts'
import { createMember } from '../models/directory/member.ts'
import type { MemberInput } from '../models/rounds/member.ts'
import type { MemberEffect } from '../models/rounds/member-effects.ts'
import {
  beginMember,
  memberFromRecord,
  type MemberState,
  recordFrom,
} from '../models/rounds/member-state.ts'
import {
  beginFollowing,
  follow,
  type Followed,
  type AgreedStep,
} from '../models/rounds/agreed-step.ts'
import { isFault } from '../base/fault.ts'
import type { MemberRole, Sabotage } from './sabotage.ts'
import { HOLDERS, OPERATORS, type SharedTown } from './shared-town.ts'
import type { Actor, Delivery, World } from './world.ts'

export type Holder = {
  readonly is: 'holder'
  readonly party: number
  readonly state: ApplicantState
  readonly nudges: number
}
export type Member = {
  readonly is: 'member'
  readonly seat: number
  readonly state: MemberState
  /** What the shell has stored: certified steps from the genesis on. */
  readonly steps: readonly AgreedStep[]
  readonly nudges: number
}
export type SharedState = Holder | Member

export type SharedInput =
  | { readonly is: 'holder'; readonly input: ApplicantInput }
  | { readonly is: 'member'; readonly input: MemberInput }
  | { readonly is: 'nudge' }
  /** A fresh process reads what the one before has stored. */
  | { readonly is: 'start' }
  /** A message of which nothing can be read. */
  | { readonly is: 'garbage' }

export type SharedEffect =
  | { readonly of: 'holder'; readonly effect: ApplicantEffect }
  | { readonly of: 'member'; readonly effect: MemberEffect }

export type SharedActor = Actor<SharedState, SharedInput, SharedEffect>

const SEATS = HOLDERS.length

export const createHolder = (town: SharedTown, party: number): SharedActor => {
  const role = createApplicant(town.options)
  return {
    name: HOLDERS[party] ?? '',
    honest: true,
    start: () => ({
      is: 'holder',
      party,
      state: beginApplicant(beginFollowing(town.genesis), party),
      nudges: 0,
    }),
    step: (state, input, now, random) => {
      if (state.is !== 'holder') return state
      if (input.is === 'nudge') return { ...state, nudges: state.nudges + 1 }
      if (input.is !== 'holder') return state
      const env = { now: BigInt(now), random }
      return { ...state, state: role.step(state.state, input.input, env) }
    },
    outstanding: (state) =>
      state.is !== 'holder'
        ? []
        : role
            .outstanding(state.state)
            .map((effect) => [holderId(state, effect), { of: 'holder', effect }] as const),
    guard: () => undefined,
    wake: () => [{ is: 'nudge' }],
  }
}

const holderId = (of: Holder, effect: ApplicantEffect): string => {
  switch (effect.is) {
    case 'sign':
      return `sign ${hexFromBytes(effect.digest)}`
    case 'apply':
      return `apply ${interactionId(effect.candidate.interaction)} ${of.nudges}`
    case 'ask':
      return `ask ${effect.from} ${of.nudges}`
  }
}

export const createDesk = (
  town: SharedTown,
  sabotage: Sabotage,
  of: { readonly name: string; readonly seat: number; readonly honest: boolean },
): SharedActor => {
  const { seat } = of
  const options = { ...town.memberOptions(seat), ...(sabotage.rules && { rules: sabotage.rules }) }
  const role: MemberRole = (sabotage.member ?? ((same) => same))(createMember(options))
  return {
    name: of.name,
    honest: of.honest,
    start: () => ({
      is: 'member',
      seat,
      state: beginMember(town.genesis),
      steps: [],
      nudges: 0,
    }),
    step: (state, input, now, random) => {
      if (state.is !== 'member') return state
      const env = { now: BigInt(now), random }
      switch (input.is) {
        case 'start':
          return restarted(town, state)
        case 'nudge':
          return {
            ...state,
            nudges: state.nudges + 1,
            state: role.step(state.state, { is: 'tick' }, env),
          }
        case 'member':
          return withKept(state, input.input, role.step(state.state, input.input, env))
        case 'holder':
        case 'garbage':
          return state
      }
    },
    outstanding: (state) =>
      state.is !== 'member'
        ? []
        : role
            .outstanding(state.state)
            .map((effect) => [memberId(state, effect), { of: 'member', effect }] as const),
    guard: () => undefined,
    wake: () => [{ is: 'start' }, { is: 'nudge' }],
  }
}

/** Steps are stored in one go with the state that no longer holds them. */
const withKept = (before: Member, input: MemberInput, state: MemberState): Member => {
  if (input.is !== 'kept') return { ...before, state }
  const kept = before.state.unkept.filter((one) => one.transition.sequence <= input.sequence)
  return { ...before, state, steps: [...before.steps, ...kept] }
}

/** The operator out of its bytes, on top of the machine as the stored steps lead to it. */
const restarted = (town: SharedTown, before: Member): Member => {
  let stored: Followed = beginFollowing(town.genesis)
  for (const step of before.steps) {
    const next = follow(town.options, stored, step)
    if (isFault(next)) throw next
    stored = next
  }
  const state = memberFromRecord(town.options, stored, recordFrom(before.state))
  if (isFault(state)) throw state
  return { ...before, state }
}

const memberId = (of: Member, effect: MemberEffect): string => {
  switch (effect.is) {
    case 'sign':
      return `sign ${hexFromBytes(effect.digest)}`
    case 'send': {
      const { newest, casts, candidates } = effect.message
      const said = casts.map(({ signer, statement }) => {
        const phase = statement.is === 'vote' ? statement.phase : 'abort'
        return `${signer}${phase}${statement.round}`
      })
      const parts = [newest?.transition.sequence, candidates.length, ...said]
      return `send ${of.nudges} ${parts.join(' ')}`
    }
    case 'wake':
      return `wake ${effect.at}`
    case 'keep':
      return `keep ${effect.step.transition.sequence}`
    case 'ask':
      return `ask ${effect.from} ${of.nudges}`
    case 'accept':
      return `accept ${effect.transition.sequence}`
    case 'accuse':
      return `accuse ${hexFromBytes(effect.evidence.publicKey)}`
  }
}

export type SharedShell = {
  readonly town: SharedTown
  /** By node: the seat of an operator; undefined for a holder. */
  readonly seats: readonly (number | undefined)[]
  /** Told of what an operator is about to sign. */
  readonly note: (node: number, effect: Extract<MemberEffect, { is: 'sign' }>) => void
}

/** Signs at once, carries over the network, and answers who lacks steps from the store of another operator. */
export const performShared = (
  shell: SharedShell,
  world: World<SharedState>,
  node: number,
  { of, effect }: SharedEffect,
): readonly Delivery<SharedInput>[] =>
  of === 'holder'
    ? performHolder(shell, world, node, effect)
    : performMember(shell, world, node, effect)

type Post = readonly Delivery<SharedInput>[]

const performHolder = (
  shell: SharedShell,
  world: World<SharedState>,
  node: number,
  effect: ApplicantEffect,
): Post => {
  switch (effect.is) {
    case 'sign': {
      const signature = shell.town.signFor(HOLDERS[node] ?? '', effect.digest)
      const digest = hexFromBytes(effect.digest)
      const input: SharedInput = { is: 'holder', input: { is: 'signed', digest, signature } }
      return [{ to: node, input, by: 'local', label: 'signature' }]
    }
    case 'apply':
      return toOperators(shell, node, OPERATORS, {
        is: 'candidate',
        candidate: effect.candidate,
      })
    case 'ask':
      return answersFor(shell, world, { node, from: effect.from })
  }
}

const performMember = (
  shell: SharedShell,
  world: World<SharedState>,
  node: number,
  effect: MemberEffect,
): Post => {
  const local = (input: MemberInput): Post => [
    { to: node, input: { is: 'member', input }, by: 'local', label: input.is },
  ]
  switch (effect.is) {
    case 'sign': {
      shell.note(node, effect)
      const name = OPERATORS[shell.seats[node] ?? -1] ?? ''
      const signature = shell.town.signFor(name, effect.digest)
      return local({ is: 'signed', digest: hexFromBytes(effect.digest), signature })
    }
    case 'send': {
      const names = effect.to.map((one) => one.name)
      return toOperators(shell, node, names, { is: 'message', message: effect.message })
    }
    case 'keep':
      return local({ is: 'kept', sequence: effect.step.transition.sequence })
    case 'ask':
      return answersFor(shell, world, { node, from: effect.from })
    // Nudges let time pass; nobody hands over operators here, and the rules look at evidence by themselves.
    case 'wake':
    case 'accept':
    case 'accuse':
      return []
  }
}

const toOperators = (
  { seats }: SharedShell,
  node: number,
  names: readonly string[],
  input: MemberInput,
): Post =>
  [...seats.entries()].flatMap(([to, seat]) =>
    seat === undefined || to === node || !names.includes(OPERATORS[seat] ?? '')
      ? []
      : [{ to, input: { is: 'member', input }, by: 'network', label: input.is } as const],
  )

const STEPS_IN_ANSWER = 4

/** Steps that one other operator has, picked by chance. */
const answersFor = (
  { seats }: SharedShell,
  world: World<SharedState>,
  { node, from }: { readonly node: number; readonly from: bigint },
): Post => {
  const others = [...seats.keys()].filter((at) => seats[at] !== undefined && at !== node)
  const asked = world.stream(`ask/${node}`).pick(others)
  const state = asked === undefined ? undefined : world.nodes[asked]?.state
  if (state?.is !== 'member') return []
  return [...state.steps, ...state.state.unkept]
    .filter((one) => one.transition.sequence >= from)
    .slice(0, STEPS_IN_ANSWER)
    .map((step) => {
      const certified = { is: 'certified', step } as const
      const input: SharedInput =
        node < SEATS ? { is: 'holder', input: certified } : { is: 'member', input: certified }
      return { to: node, input, by: 'network', label: 'certified' }
    })
}
