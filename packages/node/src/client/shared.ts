/**
 * Steps of shared machines: drives an applicant over the network, and carries what operators say from one to the others.
 *
 * Promise. A wish is done at most once: the role makes it again only when another step has taken its place, and every attempt is
 * handed to `keep` before it is sent. Certified steps are judged here, by the terms before each, and stored by `store` before
 * anything is built on them. Operators that do not know each other agree all the same, because the applicant hands each of them what
 * the others have signed; one that has missed steps is handed them in their order.
 *
 * Not promised. Anything about an operator that lies, beyond what the role promises: what is not signed well is not taken in.
 */
import { equalBytes, hexFromBytes, type Signer } from 'tallystick/base'
import type { Env } from 'tallystick/kernel'
import {
  type AgreedStep,
  type Application,
  type ApplicantInput,
  type ApplicantState,
  type Candidate,
  type CandidateOptions,
  createApplicant,
  directoryPolicy,
  type Followed,
  memberMessage,
  type MemberMessage,
} from 'tallystick/models'
import { clientOf, type DirectoryClient } from './directory.ts'
import type { OperatorClient } from './operator.ts'

export type Applying = {
  readonly options: CandidateOptions
  /** Where the applicant stands; with what it was waiting for, if there was something. */
  readonly state: ApplicantState
  /** Certified steps that are known, for operators that have missed some. */
  readonly steps: readonly AgreedStep[]
  /** Number of the step with which the machine came to these operators. */
  readonly begun: bigint
  /** What is wanted; nothing where something is waiting already, or where steps of others are to be fetched alone. */
  readonly wish?: Application
  readonly signer: () => Promise<Signer>
  /** Stores an attempt, or that there is none any more. */
  readonly keep: (of: Candidate | undefined) => void
  readonly store: (steps: readonly AgreedStep[]) => void
  /** Tells an operator of the machine that does not know it. Undefined where it does then, else why not. */
  readonly introduce: (client: OperatorClient) => Promise<string | undefined>
  readonly waitMs: number
}

export type Applied = {
  readonly state: ApplicantState
  /** The own step, if it was certified. */
  readonly done: AgreedStep | undefined
  /** Steps of others that were certified on the way. */
  readonly others: readonly AgreedStep[]
  /** Why operators did not answer, by name. */
  readonly why: ReadonlyMap<string, string>
  /** Operators that have answered. */
  readonly heard: readonly string[]
}

/** Milliseconds between two rounds of messages when nothing new was said, and when something was. */
const QUIET_MS = 200
const BUSY_MS = 15

/** Fetches what was certified meanwhile, then has the wish certified. Raises the faults that refuse it. */
export const applyShared = async (directory: DirectoryClient, of: Applying): Promise<Applied> => {
  const talk = beginTalk(directory, of)
  await catchUp(talk)
  // A wish that waited may have been done by then, by whoever had it.
  const isFree = talk.state.pending === undefined && talk.state.done === undefined && !isOver(talk)
  if (of.wish && isFree) feed(talk, { is: 'wish', wish: of.wish })
  await sign(talk)
  const until = directory.surroundings.now() + BigInt(of.waitMs)
  while (talk.state.pending && !isOver(talk) && directory.surroundings.now() < until) {
    const isNews = await round(talk)
    await sign(talk)
    if (!talk.state.pending) break
    await new Promise<void>(
      (resolve) => void directory.surroundings.after(isNews ? BUSY_MS : QUIET_MS, resolve),
    )
  }
  if (talk.state.done) await round(talk)
  const { done } = talk.state
  const others = talk.fresh.filter((one) => one !== done)
  return { state: talk.state, done, others, why: talk.why, heard: [...talk.heard.keys()] }
}

type Talk = {
  readonly directory: DirectoryClient
  readonly of: Applying
  readonly role: ReturnType<typeof createApplicant>
  state: ApplicantState
  readonly fresh: AgreedStep[]
  /** What each operator has said last, and what each was told. */
  readonly heard: Map<string, MemberMessage | undefined>
  readonly told: Map<string, Set<string>>
  readonly why: Map<string, string>
}

const beginTalk = (directory: DirectoryClient, of: Applying): Talk => ({
  directory,
  of,
  role: createApplicant(of.options),
  state: of.state,
  fresh: [],
  heard: new Map(),
  told: new Map(),
  why: new Map(),
})

/** Whether the newest step has brought other certifiers: these are to be found by whoever goes on, and decide what follows. */
const isOver = ({ state: { followed } }: Talk): boolean => isLastOf(followed)

/** Whether the newest step that was followed has ended the policy that certified it. */
export const isLastOf = ({ newest, machine }: Followed): boolean => {
  if (!newest) return false
  const [before, now] = [newest.terms.policy, machine.terms.policy]
  return before.kind !== now.kind || !equalBytes(before.params, now.params)
}

/** Takes an input in. Raises why it was refused where it is of this side; what operators send may be anything. */
const feed = (talk: Talk, input: ApplicantInput): void => {
  const { now, random } = talk.directory.surroundings
  const env: Env = { now: now(), random: random() }
  const before = talk.state
  // What stands behind a change of operators belongs to those, whoever shows it.
  if (input.is === 'certified' && isOver(talk)) return
  talk.state = talk.role.step(before, input, env)
  const refusal = talk.state.refusals.at(-1)
  const isNew = refusal !== undefined && refusal !== before.refusals.at(-1)
  if (input.is === 'certified') {
    const isFurther = talk.state.followed !== before.followed
    if (isFurther) {
      talk.of.store([input.step])
      talk.fresh.push(input.step)
      if (before.pending && !talk.state.pending) talk.of.keep(undefined)
    }
    if (isNew && isFurther) throw refusal
    return
  }
  if (isNew) throw refusal
}

/** Has the own key sign what is outstanding, and stores the attempt before anything is sent. */
const sign = async (talk: Talk): Promise<void> => {
  if (isOver(talk)) return
  for (const effect of talk.role.outstanding(talk.state)) {
    if (effect.is !== 'sign') continue
    const signer = await talk.of.signer()
    const signature = signer.sign(effect.digest)
    feed(talk, { is: 'signed', digest: hexFromBytes(effect.digest), signature })
  }
  const candidate = candidateIn(talk)
  if (candidate) talk.of.keep(candidate)
}

const candidateIn = ({ role, state }: Talk): Candidate | undefined => {
  for (const one of role.outstanding(state)) if (one.is === 'apply') return one.candidate
  return undefined
}

/** The operators who decide the next step. */
const seatsIn = ({ directory, state }: Talk): readonly OperatorClient[] => {
  const { policy } = state.followed.newest?.terms ?? state.followed.machine.terms
  const { operators } = directoryPolicy.decode(policy.params)
  return operators.flatMap((one) => clientOf(directory, one) ?? [])
}

const headOf = ({ state }: Talk): bigint => state.followed.machine.head.sequence

/** Certified steps that operators have and this side has not. */
const catchUp = async (talk: Talk): Promise<void> => {
  const { id } = talk.state.followed.machine
  await Promise.all(
    seatsIn(talk).map(async (client) => {
      for (;;) {
        const from = headOf(talk) + 1n
        const reply = await client.agreed(id, from)
        if (reply.is === 'silent') talk.why.set(client.name, reply.why)
        if (reply.is !== 'answered' || reply.value.length === 0) return
        for (const step of reply.value) feed(talk, { is: 'certified', step })
        if (headOf(talk) < from) return
      }
    }),
  )
}

/** One round of messages to everybody; whether anybody said something new. */
const round = async (talk: Talk): Promise<boolean> => {
  const all = await Promise.all(seatsIn(talk).map((client) => exchange(talk, client)))
  if (talk.state.heardOf > headOf(talk) + 1n) await catchUp(talk)
  return all.includes(true)
}

const exchange = async (talk: Talk, client: OperatorClient): Promise<boolean> => {
  const told = talk.told.get(client.name) ?? new Set<string>()
  talk.told.set(client.name, told)
  let isNews = false
  // What is said by this side is said each time: what the operator has to say changes with time, too.
  for (const message of [ownMessage(talk), ...relayed(talk, client, told)]) {
    const reply = await tellOne(talk, client, message)
    if (reply === undefined) return isNews
    isNews = (await hear(talk, client, reply)) || isNews
  }
  return isNews
}

const ownMessage = (talk: Talk): MemberMessage => {
  const candidate = candidateIn(talk)
  return {
    machine: talk.state.followed.machine.id,
    newest: talk.state.followed.newest?.step,
    casts: [],
    candidates: candidate ? [candidate] : [],
  }
}

/** What others have said and this one was not told. */
const relayed = (talk: Talk, client: OperatorClient, told: Set<string>): readonly MemberMessage[] =>
  [...talk.heard].flatMap(([name, message]) => {
    if (!message || name === client.name) return []
    const key = hexFromBytes(memberMessage.encode(message))
    if (told.has(key)) return []
    told.add(key)
    return [message]
  })

type Said = { readonly message: MemberMessage | undefined }

/** What an operator answers; undefined where it does not. One that does not know the machine is told of it. */
const tellOne = async (
  talk: Talk,
  client: OperatorClient,
  message: MemberMessage,
): Promise<Said | undefined> => {
  let reply = await client.tell(message)
  if (reply.is === 'refused' && reply.fault.code === 'operator/unknown-machine') {
    const why = await talk.of.introduce(client)
    if (why !== undefined) {
      talk.why.set(client.name, why)
      return undefined
    }
    reply = await client.tell(message)
  }
  if (reply.is === 'answered') {
    talk.why.delete(client.name)
    return { message: reply.value }
  }
  // It may refuse what is not news to it any more; that is no reason to give it up.
  if (reply.is === 'silent') talk.why.set(client.name, reply.why)
  else if (talk.heard.get(client.name) === undefined) talk.why.set(client.name, reply.fault.message)
  return undefined
}

const hear = async (talk: Talk, client: OperatorClient, { message }: Said): Promise<boolean> => {
  const before = talk.heard.get(client.name)
  talk.heard.set(client.name, message)
  const newest = message?.newest
  if (newest) feed(talk, { is: 'certified', step: newest })
  await catchUpOther(talk, client, newest?.transition.sequence ?? talk.of.begun)
  if (!message) return before !== undefined
  const [was, is] = [before, message].map((one) => one && hexFromBytes(memberMessage.encode(one)))
  return was !== is
}

/** Hands an operator the steps that it has missed; the newest alone would tell it only that there are some. */
const catchUpOther = async (talk: Talk, client: OperatorClient, at: bigint): Promise<void> => {
  const { id } = talk.state.followed.machine
  const missed = [...talk.of.steps, ...talk.fresh].filter(
    (one) => one.transition.sequence > at && one.transition.sequence < headOf(talk),
  )
  for (const newest of missed) {
    const reply = await client.tell({ machine: id, newest, casts: [], candidates: [] })
    if (reply.is !== 'answered') return
  }
}
