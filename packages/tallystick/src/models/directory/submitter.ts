/**
 * The `submitter`: takes an owner's signed steps to certificates, as a sans-IO role. It signs nothing itself.
 *
 * Safety. It hands out the very steps that it was given, and takes one for each number: a second, different one is refused,
 * so no repeat, crash or lost answer can make it hand out two children of one parent. A receipt counts once for each
 * operator and only with its signature, so what it calls certified anybody else will call so too. Operators cannot talk it
 * out of a step: their refusals are noted with their names, and that somebody took the place is believed only with the
 * owner's own signature under the other step. Such a step is proof that the key was used twice (`forkOf`).
 *
 * Liveness. The oldest step goes to every operator that has not given a receipt, again and again with growing patience, and
 * the next one follows when it is certified. So with k operators that are reached in the end, in any order, each step is
 * certified, unless the owner's key signed another child and too many operators took that one.
 *
 * Not promised. That steps were stored before they came here: the owner's shell sees to that. That the operators
 * log them. That waiting ever ends if too few operators are there; `waitingFor` names those who could end it.
 */
import type { TransitionId } from '../../base/brand.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { PATIENCE_DOUBLINGS_MAX, PATIENCE_MS, REFUSALS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { Charter, Terms } from '../../kernel/charter.ts'
import type { Evidence } from '../../kernel/evidence.ts'
import { missingFrom, reachesQuorum } from '../../kernel/quorum.ts'
import type { Env, Role } from '../../kernel/role.ts'
import { statementDigest } from '../../kernel/statement.ts'
import { type Transition, transitionId } from '../../kernel/transition.ts'
import type { Wait } from '../../kernel/verdict.ts'
import { certificateFrom, directoryCertificate, isEnough } from './certificate.ts'
import { type Receipt, receiptVote } from './evidence.ts'
import { ownerVote } from './owner.ts'
import { type DirectoryPolicy, directoryPolicy, quorumOf } from './policy.ts'
import { type ServedMachine, servedFrom } from './served.ts'
import { type Answer, checkSubmission, ownerKey, type Submission } from './submission.ts'

export type SubmitterState = {
  /** Steps that have no certificate yet, each the child of the one before. The first is on its way. */
  readonly queue: readonly Submission[]
  /** The newest step ever taken in. */
  readonly last: Transition | undefined
  /** For the first of the queue, one of each operator. */
  readonly receipts: readonly Receipt[]
  /** What operators said instead of a receipt for the first of the queue. */
  readonly complaints: ReadonlyMap<number, Complaint>
  /** How often patience has run out over the first of the queue. */
  readonly attempt: number
  /** 0 to 255, drawn when patience ran out: owners who wait for one operator do not all come back at once. */
  readonly jitter: number
  /** Certificates that the owner's shell has not stored yet. */
  readonly certified: readonly CertifiedStep[]
  readonly refusals: readonly Fault[]
}

export type Complaint =
  /** The owner's key has signed another child here, and this operator took that one. */
  | { readonly is: 'taken'; readonly by: Submission }
  | { readonly is: 'refused'; readonly code: string; readonly text: string }

export type CertifiedStep = { readonly submission: Submission; readonly certificate: Uint8Array }

export type SubmitterInput =
  | { readonly is: 'take'; readonly submission: Submission }
  | {
      readonly is: 'answered'
      /** Its position in the policy. */
      readonly operator: number
      /** The step that it was asked about. */
      readonly about: TransitionId
      readonly answer: Answer
    }
  /** A wait is over. */
  | { readonly is: 'patience'; readonly attempt: number }
  /** Somebody showed a certificate of the step on its way. */
  | { readonly is: 'shown'; readonly sequence: bigint; readonly certificate: Uint8Array }
  /** The shell has stored a certificate. */
  | { readonly is: 'stored'; readonly sequence: bigint }

export type SubmitterEffect =
  | {
      readonly is: 'submit'
      readonly id: string
      readonly operator: number
      readonly about: TransitionId
      readonly submission: Submission
    }
  /** Come back with `patience` after this time, unless it is no longer outstanding. */
  | { readonly is: 'wait'; readonly id: string; readonly attempt: number; readonly ms: number }
  /** To be stored, and handed on so that others can fetch it. */
  | ({ readonly is: 'certified'; readonly id: string } & CertifiedStep)

export type SubmitterOptions = {
  readonly charter: Charter
  readonly verifier: Verifier
  /**
   * The machine with the changes of its terms; as the charter has it if it is missing. The newest terms decide all steps of the queue:
   * whoever changes them again submits what is behind that with another one of this role.
   */
  readonly served?: ServedMachine
}

export const beginSubmitter = (): SubmitterState => ({
  queue: [],
  last: undefined,
  receipts: [],
  complaints: new Map(),
  attempt: 0,
  jitter: 0,
  certified: [],
  refusals: [],
})

export const createSubmitter = (
  options: SubmitterOptions,
): Role<SubmitterState, SubmitterInput, SubmitterEffect> => {
  const config: Config = {
    ...options,
    policy: directoryPolicy.decode(termsNow(options).policy.params),
  }
  return {
    step: (state, input, env) => step(config, state, input, env),
    outstanding: (state) => outstanding(config, state),
    waitingFor: (state) => waitingFor(config, state),
  }
}

type Config = SubmitterOptions & { readonly policy: DirectoryPolicy }

const step = (
  config: Config,
  state: SubmitterState,
  input: SubmitterInput,
  env: Env,
): SubmitterState => {
  switch (input.is) {
    case 'take':
      return absorbStep(config, state, input.submission)
    case 'answered':
      return absorbAnswer(config, state, input)
    case 'patience':
      return input.attempt === state.attempt && state.queue.length > 0
        ? { ...state, attempt: state.attempt + 1, jitter: env.random[0] ?? 0 }
        : state
    case 'shown':
      return absorbCertificate(config, state, input)
    case 'stored':
      return {
        ...state,
        certified: state.certified.filter(
          (one) => one.submission.transition.sequence !== input.sequence,
        ),
      }
  }
}

const refused = (state: SubmitterState, fault: Fault): SubmitterState => ({
  ...state,
  refusals: [...state.refusals, fault].slice(-REFUSALS_MAX),
})

const servedNow = ({ charter, served }: SubmitterOptions): ServedMachine =>
  served ?? servedFrom(charter)

const termsNow = (options: SubmitterOptions): Terms =>
  servedNow(options).eras.at(-1)?.terms ?? options.charter.terms

const idOf = (options: SubmitterOptions, of: Transition): TransitionId =>
  transitionId(termsNow(options).suite, of)

/** Takes a step in behind those that are there. Refuses `submitter/second-child` and `submitter/not-next`. */
const absorbStep = (config: Config, state: SubmitterState, of: Submission): SubmitterState => {
  const { sequence, machine } = of.transition
  const place = { machine, step: sequence }
  const queued = state.queue.find((one) => one.transition.sequence === sequence)
  const known = queued?.transition ?? (state.last?.sequence === sequence ? state.last : undefined)
  if (known) {
    const isSame = idOf(config, known) === idOf(config, of.transition)
    return isSame
      ? state
      : refused(state, new Fault('submitter/second-child', 'another step has this number', place))
  }
  if (state.last && of.transition.parent !== idOf(config, state.last)) {
    const says = `step ${state.last.sequence} was the last`
    return refused(state, new Fault('submitter/not-next', says, place))
  }
  const fault = checkSubmission(servedNow(config), of, config.verifier)
  if (fault) return refused(state, fault)
  return { ...state, queue: [...state.queue, of], last: of.transition }
}

type Answered = Extract<SubmitterInput, { is: 'answered' }>

/** Takes an answer in; a late one about a step that has passed changes nothing. */
const absorbAnswer = (config: Config, state: SubmitterState, input: Answered): SubmitterState => {
  const [first] = state.queue
  const { operator, answer } = input
  const party = config.policy.operators[operator]?.name
  if (!first || idOf(config, first.transition) !== input.about || party === undefined) return state
  if (state.receipts.some((one) => one.operator === operator)) return state
  switch (answer.is) {
    case 'receipt':
      return isReceipt(config, first.transition, answer.receipt, operator)
        ? withReceipts(config, state, [...state.receipts, answer.receipt])
        : refused(state, falseAnswer(first, 'a receipt that it has not signed', party))
    case 'taken':
      return isRival(config, first, answer.by)
        ? withComplaint(state, operator, { is: 'taken', by: answer.by })
        : refused(state, falseAnswer(first, 'a step in its place that is none', party))
    case 'refused':
      // What an operator once took for another child stays taken, whatever it says later.
      return state.complaints.get(operator)?.is === 'taken'
        ? state
        : withComplaint(state, operator, answer)
  }
}

const falseAnswer = (first: Submission, what: string, party: string): Fault => {
  const { machine, sequence } = first.transition
  return new Fault('submitter/false-answer', `${party} answered with ${what}`, {
    machine,
    step: sequence,
    party,
  })
}

const withComplaint = (
  state: SubmitterState,
  operator: number,
  complaint: Complaint,
): SubmitterState => ({
  ...state,
  complaints: new Map([...state.complaints, [operator, complaint]]),
})

const isReceipt = (config: Config, of: Transition, receipt: Receipt, from: number): boolean => {
  const operator = config.policy.operators[from]
  if (!operator || receipt.operator !== from) return false
  const digest = statementDigest(termsNow(config).suite, receiptVote(of, receipt.time))
  return config.verifier.verify(operator.scheme, operator.publicKey, digest, receipt.signature)
}

/** Whether a step is another child in the same place, signed by the owner's key. */
const isRival = (config: Config, first: Submission, by: Submission): boolean =>
  by.transition.sequence === first.transition.sequence &&
  idOf(config, by.transition) !== idOf(config, first.transition) &&
  checkSubmission(servedNow(config), by, config.verifier) === undefined

/** The state with these receipts, and with a certificate and the next step if they are enough. */
const withReceipts = (
  config: Config,
  state: SubmitterState,
  receipts: readonly Receipt[],
): SubmitterState => {
  const [submission, ...queue] = state.queue
  // A receipt is for good; what the operator said before it is not.
  const complaints = new Map(
    [...state.complaints].filter(([at]) => !receipts.some((one) => one.operator === at)),
  )
  if (!submission || !isEnough(config.policy, receipts)) return { ...state, receipts, complaints }
  const certificate = directoryCertificate.encode(certificateFrom(receipts))
  return {
    ...state,
    queue,
    receipts: [],
    complaints: new Map(),
    attempt: 0,
    certified: [...state.certified, { submission, certificate }],
  }
}

/** Receipts that somebody else gathered are as good as own ones, once they are checked. */
const absorbCertificate = (
  config: Config,
  state: SubmitterState,
  input: Extract<SubmitterInput, { is: 'shown' }>,
): SubmitterState => {
  const [first] = state.queue
  if (!first || first.transition.sequence !== input.sequence) return state
  const receipts = receiptsIn(input.certificate)
  if (isFault(receipts)) return refused(state, receipts)
  const good = receipts.filter((one) => isReceipt(config, first.transition, one, one.operator))
  const fresh = good.filter((one) => !state.receipts.some((had) => had.operator === one.operator))
  return fresh.length === 0
    ? state
    : withReceipts(config, state, [...state.receipts, ...certificateFrom(fresh).receipts])
}

const receiptsIn = (certificate: Uint8Array): readonly Receipt[] | Fault =>
  faultFrom(() => {
    const shown = directoryCertificate.decode(certificate)
    if (shown.is === 'receipts') return shown.receipts
    return new Fault('directory/other-form', `${shown.is} where receipts are gathered`)
  })

/** Operators that have not given a receipt for the first step and have not taken another in its place. */
const openOperators = (config: Config, state: SubmitterState): readonly number[] =>
  [...config.policy.operators.keys()].filter(
    (at) =>
      !state.receipts.some((one) => one.operator === at) &&
      state.complaints.get(at)?.is !== 'taken',
  )

const outstanding = (config: Config, state: SubmitterState): readonly SubmitterEffect[] => {
  const stored = state.certified.map((one): SubmitterEffect => {
    const about = idOf(config, one.submission.transition)
    return { is: 'certified', id: `certified ${about}`, ...one }
  })
  const [submission] = state.queue
  if (!submission || stalledBy(config, state)) return stored
  const about = idOf(config, submission.transition)
  const { attempt } = state
  const asked = openOperators(config, state).map((operator): SubmitterEffect => ({
    is: 'submit',
    id: `submit ${about} ${operator} ${attempt}`,
    operator,
    about,
    submission,
  }))
  const ms = patienceMs(attempt, state.jitter)
  return [...stored, ...asked, { is: 'wait', id: `wait ${about} ${attempt}`, attempt, ms }]
}

/** Three quarters to five quarters of a time that doubles with each attempt, up to a bound. */
const patienceMs = (attempt: number, jitter: number): number => {
  const whole = PATIENCE_MS * 2 ** Math.min(attempt, PATIENCE_DOUBLINGS_MAX)
  return Math.floor(whole * (0.75 + jitter / 512))
}

const waitingFor = (config: Config, state: SubmitterState): readonly Wait[] => {
  if (state.queue.length === 0) return []
  const lost = [...state.complaints].flatMap(([at, one]) => (one.is === 'taken' ? [at] : []))
  const names = missingFrom(
    quorumOf(config.policy),
    state.receipts.map((one) => one.operator),
  )
  const gone = new Set(lost.map((at) => config.policy.operators[at]?.name))
  return [{ is: 'signers', names: names.filter((one) => !gone.has(one)) }]
}

/**
 * Why the first step cannot be certified as things stand: `submitter/taken` if too many operators took another child,
 * which is for good, and `submitter/refused` if too many refuse it, which a later attempt may change.
 */
export const blockOf = (options: SubmitterOptions, state: SubmitterState): Fault | undefined => {
  const policy = directoryPolicy.decode(termsNow(options).policy.params)
  return stalledBy({ ...options, policy }, state) ?? refusalBy({ ...options, policy }, state)
}

const stalledBy = (config: Config, state: SubmitterState): Fault | undefined => {
  const [first] = state.queue
  const willing = [...config.policy.operators.keys()].filter(
    (at) => state.complaints.get(at)?.is !== 'taken',
  )
  if (!first || reachesQuorum(quorumOf(config.policy), willing)) return undefined
  const { machine, sequence } = first.transition
  const says = 'the same key has signed another step here, and too many operators took that one'
  return new Fault('submitter/taken', says, { machine, step: sequence })
}

const refusalBy = (config: Config, state: SubmitterState): Fault | undefined => {
  const [first] = state.queue
  const willing = [...config.policy.operators.keys()].filter((at) => !state.complaints.has(at))
  if (!first || reachesQuorum(quorumOf(config.policy), willing)) return undefined
  const said = [...state.complaints].find(([, one]) => one.is === 'refused')
  if (said?.[1].is !== 'refused') return undefined
  const { machine, sequence } = first.transition
  const party = config.policy.operators[said[0]]?.name ?? ''
  const says = `${party} refuses the step: ${said[1].text} [${said[1].code}]`
  return new Fault('submitter/refused', says, { machine, step: sequence, party })
}

/** Proof that the owner's key signed two children of one parent, if an operator has shown the other one. */
export const forkOf = (options: SubmitterOptions, state: SubmitterState): Evidence | undefined => {
  const [first] = state.queue
  const rival = [...state.complaints.values()].find((one) => one.is === 'taken')
  const terms = termsNow(options)
  const key = ownerKey({ terms })
  if (!first || rival?.is !== 'taken' || !key) return undefined
  return {
    suite: terms.suite,
    scheme: key.scheme,
    publicKey: key.publicKey,
    first: { statement: ownerVote(first.transition), signature: first.proposal },
    second: { statement: ownerVote(rival.by.transition), signature: rival.by.proposal },
  }
}
