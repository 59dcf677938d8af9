/**
 * Nodes of the poll: voters who sign ballots and send them until they are counted, custodians who agree on them in rounds, and the
 * shell around both. A voter signs each ballot once, whatever is certified in the meantime.
 */
import { hexFromBytes } from '../base/bytes.ts'
import { isFault } from '../base/fault.ts'
import type { Operation } from '../kernel/interaction.ts'
import {
  createCustodian,
  type CustodianEffect,
  type CustodianInput,
} from '../models/custodians/custodian.ts'
import {
  beginCustodian,
  custodianFromRecord,
  custodianRecordFrom,
  type CustodianState,
} from '../models/custodians/custodian-state.ts'
import {
  type AgreedStep,
  beginFollowing,
  follow,
  type Followed,
} from '../models/rounds/agreed-step.ts'
import { type CustodiansTown, KEEPERS, VOTERS } from './custodians-town.ts'
import type { CustodianRole, Sabotage } from './sabotage.ts'
import type { Actor, Delivery, World } from './world.ts'

export type VoterNode = {
  readonly is: 'voter'
  readonly voter: number
  /** Signed, in their order; each is sent until it is counted. */
  readonly ballots: readonly Operation[]
  /** As many as somebody has told to be counted. */
  readonly counted: bigint
  readonly nudges: number
}
export type Keeper = {
  readonly is: 'keeper'
  readonly seat: number
  readonly state: CustodianState
  /** What the shell has stored: certified steps from the genesis on. */
  readonly steps: readonly AgreedStep[]
  readonly nudges: number
}
export type PollState = VoterNode | Keeper

export type PollInput =
  | { readonly is: 'vote'; readonly choice: number }
  | { readonly is: 'counted'; readonly counted: bigint }
  | { readonly is: 'keeper'; readonly input: CustodianInput }
  | { readonly is: 'nudge' }
  /** A fresh process reads what the one before has stored. */
  | { readonly is: 'start' }
  /** A message of which nothing can be read. */
  | { readonly is: 'garbage' }

export type PollEffect =
  | {
      readonly of: 'voter'
      readonly is: 'post'
      readonly operation: Operation
      /** Sent with a file from before what the ballot relies on. */
      readonly isHasty: boolean
    }
  | { readonly of: 'voter'; readonly is: 'ask' }
  | { readonly of: 'keeper'; readonly effect: CustodianEffect }

export type PollActor = Actor<PollState, PollInput, PollEffect>

export const createVoter = (town: CustodiansTown, voter: number): PollActor => ({
  name: VOTERS[voter] ?? '',
  honest: true,
  start: () => ({ is: 'voter', voter, ballots: [], counted: 0n, nudges: 0 }),
  step: (state, input) => {
    if (state.is !== 'voter') return state
    switch (input.is) {
      case 'vote': {
        const number = BigInt(state.ballots.length + 1)
        const made = town.ballotOf(voter, number, input.choice)
        return { ...state, ballots: [...state.ballots, made] }
      }
      case 'counted':
        return input.counted > state.counted ? { ...state, counted: input.counted } : state
      case 'nudge':
        return { ...state, nudges: state.nudges + 1 }
      case 'keeper':
      case 'start':
      case 'garbage':
        return state
    }
  },
  outstanding: (state) => {
    if (state.is !== 'voter') return []
    const open = state.ballots.slice(Number(state.counted))
    if (open.length === 0) return []
    return [
      ...open.map(
        (operation, at) =>
          [
            `post ${state.counted + BigInt(at)} ${state.nudges}`,
            { of: 'voter', is: 'post', operation, isHasty: state.nudges % 2 === 1 },
          ] as const,
      ),
      [`ask ${state.nudges}`, { of: 'voter', is: 'ask' }] as const,
    ]
  },
  guard: () => undefined,
  wake: () => [{ is: 'nudge' }],
})

export const createKeeper = (
  town: CustodiansTown,
  sabotage: Sabotage,
  of: { readonly name: string; readonly seat: number; readonly honest: boolean },
): PollActor => {
  const { seat } = of
  const options = {
    ...town.custodianOptions(seat),
    ...(sabotage.rules && { rules: sabotage.rules }),
  }
  const role: CustodianRole = (sabotage.custodian ?? ((same) => same))(createCustodian(options))
  return {
    name: of.name,
    honest: of.honest,
    start: () => ({
      is: 'keeper',
      seat,
      state: beginCustodian(town.genesis),
      steps: [],
      nudges: 0,
    }),
    step: (state, input, tick, random) => {
      if (state.is !== 'keeper') return state
      const env = { now: town.clockOf(seat, tick), random }
      switch (input.is) {
        case 'start':
          return restarted(town, state)
        case 'nudge':
          return {
            ...state,
            nudges: state.nudges + 1,
            state: role.step(state.state, { is: 'tick' }, env),
          }
        case 'keeper':
          return withKept(state, input.input, role.step(state.state, input.input, env))
        case 'vote':
        case 'counted':
        case 'garbage':
          return state
      }
    },
    outstanding: (state) =>
      state.is !== 'keeper'
        ? []
        : role
            .outstanding(state.state)
            .map((effect) => [keeperId(state, effect), { of: 'keeper', effect }] as const),
    guard: () => undefined,
    wake: () => [{ is: 'start' }, { is: 'nudge' }],
  }
}

/** Steps are stored in one go with the state that no longer holds them. */
const withKept = (before: Keeper, input: CustodianInput, state: CustodianState): Keeper => {
  if (input.is !== 'kept') return { ...before, state }
  const kept = before.state.member.unkept.filter((one) => one.transition.sequence <= input.sequence)
  return { ...before, state, steps: [...before.steps, ...kept] }
}

/** The custodian out of its bytes, on top of the machine as the stored steps lead to it. */
const restarted = (town: CustodiansTown, before: Keeper): Keeper => {
  let stored: Followed = beginFollowing(town.genesis)
  for (const step of before.steps) {
    const next = follow(town.options, stored, step)
    if (isFault(next)) throw next
    stored = next
  }
  const state = custodianFromRecord(town.options, stored, custodianRecordFrom(before.state))
  if (isFault(state)) throw state
  return { ...before, state }
}

const keeperId = (of: Keeper, effect: CustodianEffect): string => {
  switch (effect.is) {
    case 'sign':
    case 'sign-heartbeat':
      return `${effect.is} ${hexFromBytes(effect.digest)}`
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
    case 'heartbeat':
      return `heartbeat ${effect.heartbeat.beat.time} ${effect.heartbeat.beat.head}`
    case 'reject':
      return `reject ${effect.id}`
  }
}

export type PollShell = {
  readonly town: CustodiansTown
  /** By node: the seat of a custodian; undefined for a voter. */
  readonly seats: readonly (number | undefined)[]
  /** Told of all that a custodian signs, and of all that it lets go of: relays keep what they are given. */
  readonly note: (node: number, effect: CustodianEffect, tick: number) => void
}

type Post = readonly Delivery<PollInput>[]

/** Signs at once, carries over the network, and answers who lacks steps from the store of another custodian. */
export const performPoll = (
  shell: PollShell,
  world: World<PollState>,
  node: number,
  effect: PollEffect,
): Post => {
  if (effect.of === 'keeper') return performKeeper(shell, world, node, effect.effect)
  if (effect.is === 'ask') return countFor(shell, world, node)
  const { operation, isHasty } = effect
  const { premises, attachments } = shell.town.supportOf(operation)
  const shown = isHasty && premises.length > 0 ? [shell.town.silentFile] : attachments
  const input: CustodianInput = { is: 'operation', operation, premises, attachments: shown }
  return toKeepers(shell, node, KEEPERS, input)
}

const performKeeper = (
  shell: PollShell,
  world: World<PollState>,
  node: number,
  effect: CustodianEffect,
): Post => {
  shell.note(node, effect, world.now)
  const local = (input: CustodianInput): Post => [
    { to: node, input: { is: 'keeper', input }, by: 'local', label: input.is },
  ]
  switch (effect.is) {
    case 'sign':
    case 'sign-heartbeat': {
      const name = KEEPERS[shell.seats[node] ?? -1] ?? ''
      const signature = shell.town.signFor(name, effect.digest)
      return local({ is: 'signed', digest: hexFromBytes(effect.digest), signature })
    }
    case 'send': {
      const names = effect.to.map((one) => one.name)
      return toKeepers(shell, node, names, { is: 'message', message: effect.message })
    }
    case 'keep':
      return local({ is: 'kept', sequence: effect.step.transition.sequence })
    case 'ask':
      return stepsFor(shell, world, { node, from: effect.from })
    // Nudges let time pass; nobody takes over here, and the rules look at the rest by themselves.
    case 'wake':
    case 'accept':
    case 'accuse':
    case 'heartbeat':
    case 'reject':
      return []
  }
}

const toKeepers = (
  { seats }: PollShell,
  node: number,
  names: readonly string[],
  input: CustodianInput,
): Post =>
  [...seats.entries()].flatMap(([to, seat]) =>
    seat === undefined || to === node || !names.includes(KEEPERS[seat] ?? '')
      ? []
      : [{ to, input: { is: 'keeper', input }, by: 'network', label: input.is } as const],
  )

const askedBy = (
  { seats }: PollShell,
  world: World<PollState>,
  node: number,
): Keeper | undefined => {
  const others = [...seats.keys()].filter((at) => seats[at] !== undefined && at !== node)
  const asked = world.stream(`ask/${node}`).pick(others)
  const state = asked === undefined ? undefined : world.nodes[asked]?.state
  return state?.is === 'keeper' ? state : undefined
}

const countFor = (shell: PollShell, world: World<PollState>, node: number): Post => {
  const keeper = askedBy(shell, world, node)
  if (!keeper) return []
  const { machine } = keeper.state.member.followed
  const counted = shell.town.countOf(machine, VOTERS[node] ?? '')
  return [{ to: node, input: { is: 'counted', counted }, by: 'network', label: 'counted' }]
}

const STEPS_IN_ANSWER = 4

/** Steps that one other custodian has, picked by chance. */
const stepsFor = (
  shell: PollShell,
  world: World<PollState>,
  { node, from }: { readonly node: number; readonly from: bigint },
): Post => {
  const keeper = askedBy(shell, world, node)
  if (!keeper) return []
  return [...keeper.steps, ...keeper.state.member.unkept]
    .filter((one) => one.transition.sequence >= from)
    .slice(0, STEPS_IN_ANSWER)
    .map((step) => ({
      to: node,
      input: { is: 'keeper', input: { is: 'certified', step } },
      by: 'network',
      label: 'certified',
    }))
}
