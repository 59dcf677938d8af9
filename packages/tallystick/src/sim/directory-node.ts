/**
 * Nodes of the directory scenario. A client is an owner with a submitter and an auditor; a desk is an operator. Each is one
 * process with one store: what its roles know is saved together.
 */
import type { SignerId, TransitionId } from '../base/brand.ts'
import { hexFromBytes } from '../base/bytes.ts'
import { signerOf } from '../kernel/controller.ts'
import type { Env, Role } from '../kernel/role.ts'
import { transitionId } from '../kernel/transition.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import type { Question } from '../models/directory/account.ts'
import {
  type Auditor,
  type AuditorEffect,
  type AuditorInput,
  type AuditorState,
  createAuditor,
} from '../models/directory/auditor.ts'
import {
  beginOperator,
  createOperator,
  type OperatorEffect,
  type OperatorInput,
  type OperatorState,
  vowName,
} from '../models/directory/operator.ts'
import {
  beginOwner,
  createOwner,
  type OwnerEffect,
  type OwnerInput,
  type OwnerState,
} from '../models/directory/owner.ts'
import {
  beginSubmitter,
  createSubmitter,
  type SubmitterEffect,
  type SubmitterInput,
  type SubmitterState,
} from '../models/directory/submitter.ts'
import type { DirectoryTown } from './directory-town.ts'
import type { OperatorRole, Sabotage } from './sabotage.ts'
import type { Actor } from './world.ts'

export type Client = {
  readonly is: 'client'
  /** Position among the owners. */
  readonly at: number
  readonly account: OwnerState
  readonly submitter: SubmitterState
  readonly auditor: AuditorState
}

export type OperatorDesk = {
  readonly is: 'desk'
  /** Position among the operators. */
  readonly seat: number
  readonly operator: OperatorState
  /** By the name of a vow, which step was last asked for there, and how often. */
  readonly asked: ReadonlyMap<string, { readonly about: TransitionId; readonly times: number }>
  /** The last questions about log and map, and who asked. */
  readonly questions: readonly Asked[]
}

export type Asked = {
  readonly number: number
  readonly from: number
  readonly question: Question
}

export type DirectoryState = Client | OperatorDesk

export type DirectoryInput =
  | { readonly is: 'account'; readonly input: OwnerInput }
  | { readonly is: 'submission'; readonly input: SubmitterInput }
  | { readonly is: 'audit'; readonly input: AuditorInput }
  | { readonly is: 'desk'; readonly input: OperatorInput }
  | { readonly is: 'asked'; readonly from: number; readonly question: Question }
  | { readonly is: 'resend' }

export type DirectoryEffect =
  | { readonly is: 'account'; readonly effect: OwnerEffect }
  | { readonly is: 'submission'; readonly effect: SubmitterEffect }
  | { readonly is: 'audit'; readonly effect: AuditorEffect }
  | { readonly is: 'desk'; readonly effect: OperatorEffect }
  /** Tell the owner what stands at a position that it asked for. */
  | { readonly is: 'answer'; readonly name: string; readonly about: TransitionId }
  | ({ readonly is: 'account-for' } & Asked)

export type DirectoryActor = Actor<DirectoryState, DirectoryInput, DirectoryEffect>

type Wanted = readonly [id: string, effect: DirectoryEffect]

const QUESTIONS_MAX = 32
/** How often something is told again, over the time in which messages are lost. */
const TELLS_MAX = 15

export const createClient = (
  town: DirectoryTown,
  of: { readonly name: string; readonly at: number; readonly honest: boolean },
): DirectoryActor => {
  const roles = clientRoles(town, of.at)
  return {
    name: of.name,
    honest: of.honest,
    start: () => ({
      is: 'client',
      at: of.at,
      account: beginOwner(roles.genesis, 0),
      submitter: beginSubmitter(),
      auditor: roles.auditor.begin(),
    }),
    step: (state, input, now, random) => {
      const env: Env = { now: BigInt(now), random }
      return state.is === 'client'
        ? settled(roles, clientStep(roles, state, input, env), env)
        : state
    },
    outstanding: (state) => (state.is === 'client' ? clientWants(roles, state) : []),
    guard: () => {},
    wake: () => [{ is: 'resend' }],
  }
}

type Roles = {
  readonly genesis: DirectoryTown['accounts'][number]
  readonly signers: readonly SignerId[]
  readonly owner: Role<OwnerState, OwnerInput, OwnerEffect>
  readonly submitter: Role<SubmitterState, SubmitterInput, SubmitterEffect>
  readonly auditor: Auditor
}

const clientRoles = (town: DirectoryTown, at: number): Roles => {
  const genesis = town.accounts[at] ?? town.accounts[0]
  if (!genesis) throw new Error('a town has accounts')
  const verifier = town.engine
  return {
    genesis,
    signers: town.watched.map((one) => signerOf(one.suite, one)),
    owner: createOwner({ logics: STANDARD_LOGICS, verifier }),
    submitter: createSubmitter({ charter: genesis.charter, verifier }),
    auditor: createAuditor({ operators: town.watched, verifier }),
  }
}

const clientStep = (roles: Roles, state: Client, input: DirectoryInput, env: Env): Client => {
  switch (input.is) {
    case 'account':
      return { ...state, account: roles.owner.step(state.account, input.input, env) }
    case 'submission':
      return audited(roles, { ...state, ...submitted(roles, state, input.input, env) }, input, env)
    case 'audit':
      return { ...state, auditor: roles.auditor.step(state.auditor, input.input, env) }
    case 'resend': {
      const { attempt } = state.submitter
      const patience = { is: 'patience', attempt } as const
      const auditor = roles.auditor.step(state.auditor, input, env)
      return { ...state, ...submitted(roles, state, patience, env), auditor }
    }
    case 'desk':
    case 'asked':
      return state
  }
}

const submitted = (
  roles: Roles,
  state: Client,
  input: SubmitterInput,
  env: Env,
): Pick<Client, 'submitter'> => ({ submitter: roles.submitter.step(state.submitter, input, env) })

/** A receipt that came is one that its operator has to account for. */
const audited = (
  roles: Roles,
  state: Client,
  { input }: Extract<DirectoryInput, { is: 'submission' }>,
  env: Env,
): Client => {
  if (input.is !== 'answered' || input.answer.is !== 'receipt') return state
  const step = state.account.steps.find(
    (one) => transitionId('classic', one.transition) === input.about,
  )
  const operator = roles.signers[input.operator]
  if (!step || operator === undefined) return state
  const { receipt } = input.answer
  const { transition } = step
  const told = { is: 'receipt', operator, transition, receipt } as const
  return { ...state, auditor: roles.auditor.step(state.auditor, told, env) }
}

/** Hands signed steps to the submitter, and certificates back to the owner. */
const settled = (roles: Roles, state: Client, env: Env): Client => {
  let { account, submitter } = state
  for (const [at, step] of account.steps.entries()) {
    const { transition, interaction, consents, signature: proposal } = step
    const isTaken = submitter.last !== undefined && submitter.last.sequence >= transition.sequence
    if (!proposal || isTaken) continue
    const parent = account.steps[at - 1]?.transition ?? roles.genesis.head
    const submission = { transition, parent, interaction, consents, proposal }
    submitter = roles.submitter.step(submitter, { is: 'take', submission }, env)
  }
  for (const { submission, certificate } of submitter.certified) {
    const { sequence } = submission.transition
    account = roles.owner.step(account, { is: 'certified', sequence, certificate }, env)
    submitter = roles.submitter.step(submitter, { is: 'stored', sequence }, env)
  }
  return { ...state, account, submitter }
}

const clientWants = (roles: Roles, state: Client): readonly Wanted[] => [
  ...roles.owner
    .outstanding(state.account)
    .flatMap((effect): readonly Wanted[] =>
      effect.is === 'sign'
        ? [[`sign ${hexFromBytes(effect.digest)}`, { is: 'account', effect }]]
        : [],
    ),
  ...roles.submitter
    .outstanding(state.submitter)
    .map((effect): Wanted => [effect.id, { is: 'submission', effect }]),
  ...roles.auditor.outstanding(state.auditor).map((effect): Wanted => {
    // Others may not have heard it the last time.
    const again = effect.is === 'ask' ? '' : ` ${Math.min(state.auditor.attempt, TELLS_MAX)}`
    return [`${effect.id}${again}`, { is: 'audit', effect }]
  }),
]

export const createOperatorDesk = (
  town: DirectoryTown,
  sabotage: Sabotage,
  of: { readonly name: string; readonly seat: number; readonly honest: boolean },
): DirectoryActor => {
  const key = town.watched[of.seat]
  if (!key) throw new Error('a desk is an operator’s')
  const real = createOperator({ ...key, verifier: town.engine })
  const role = sabotage.operator?.(real) ?? real
  // Clocks of operators are apart.
  const skew = BigInt(of.seat * 7)
  return {
    name: of.name,
    honest: of.honest,
    start: () => ({
      is: 'desk',
      seat: of.seat,
      operator: beginOperator(),
      asked: new Map(),
      questions: [],
    }),
    step: (state, input, now, random) =>
      state.is === 'desk'
        ? deskStep(role, state, input, { now: BigInt(now) + skew, random })
        : state,
    outstanding: (state) => (state.is === 'desk' ? deskWants(role, state) : []),
    guard: () => {},
    wake: () => [],
  }
}

const deskStep = (
  role: OperatorRole,
  state: OperatorDesk,
  input: DirectoryInput,
  env: Env,
): OperatorDesk => {
  switch (input.is) {
    case 'desk': {
      const operator = role.step(state.operator, input.input, env)
      return { ...state, operator, asked: askedAfter(state.asked, input.input) }
    }
    case 'asked': {
      const number = (state.questions.at(-1)?.number ?? 0) + 1
      const { from, question } = input
      const questions = [...state.questions, { number, from, question }].slice(-QUESTIONS_MAX)
      return { ...state, questions }
    }
    case 'resend':
      return isCheckpointDue(state.operator)
        ? { ...state, operator: role.step(state.operator, { is: 'checkpoint' }, env) }
        : state
    case 'account':
    case 'submission':
    case 'audit':
      return state
  }
}

/** Whether a receipt is not in the log and map of the last checkpoint, or not below its time. */
const isCheckpointDue = ({ vows, checkpoint }: OperatorState): boolean => {
  const last = [...vows.values()].at(-1)
  if (!last || !checkpoint) return last !== undefined
  return BigInt(vows.size) > checkpoint.of.size || last.time >= checkpoint.of.time
}

const askedAfter = (asked: OperatorDesk['asked'], input: OperatorInput): OperatorDesk['asked'] => {
  if (input.is !== 'submit') return asked
  const { transition } = input.submission
  const name = vowName(transition)
  const times = (asked.get(name)?.times ?? 0) + 1
  return new Map(asked).set(name, { about: transitionId('classic', transition), times })
}

const deskWants = (role: OperatorRole, state: OperatorDesk): readonly Wanted[] => [
  ...role.outstanding(state.operator).flatMap((effect): readonly Wanted[] =>
    // Receipts go out as answers.
    effect.is === 'receipt' ? [] : [[effect.id, { is: 'desk', effect }]],
  ),
  ...[...state.asked].flatMap(([name, { about, times }]): readonly Wanted[] =>
    state.operator.vows.get(name)?.signature
      ? [[`answer ${name} ${about} ${times}`, { is: 'answer', name, about }]]
      : [],
  ),
  ...state.questions.map((one): Wanted => [
    `account for ${one.number}`,
    { is: 'account-for', ...one },
  ]),
]
