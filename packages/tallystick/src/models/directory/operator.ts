/**
 * The `operator`: one of the named certifiers of a directory, as a sans-IO role that keeps everything in its state.
 *
 * Safety. For each machine and sequence number the operator has one *vow*: the first child that its owner had signed and that
 * followed its parent. It never signs for another one there. The vow is in the state before the signature is outstanding.
 * The same list of vows, in the order in which they were taken, is its log, and one clock times vows and checkpoints. So an
 * honest operator is never convicted, whatever owners send (`kernel/evidence.ts`, `evidence.ts`).
 *
 * An owner who submits two children is refused the second, and the two signed proposals are evidence. From then on the
 * operator takes no new vow for that key (`freeze.ts`).
 *
 * Liveness. A repeat gets the same receipt again, with the time of the vow and not of the repeat. Steps may come in any
 * order and with gaps: an operator that was away serves what it missed, and vouches that a child is the only one, not
 * that the steps before it were.
 *
 * Not promised. That it follows a change of terms: this role serves machines under the terms of their charters. That a step is valid: the operator checks interaction, link, turn and signature, and whoever relies on the
 * step runs the logic. A process with a database keeps the same rules by the same functions (`submission.ts`, `freeze.ts`,
 * `checkpoint.ts`), and need not hold its vows in memory.
 */
import { idFromBytes, type SignerId } from '../../base/brand.ts'
import { equalBytes, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { EVIDENCE_KEPT_MAX, REFUSALS_MAX } from '../../base/limits.ts'
import type { SuiteId } from '../../base/suite.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type Charter, checkCharter } from '../../kernel/charter.ts'
import { signerOf } from '../../kernel/controller.ts'
import { convict, type Evidence } from '../../kernel/evidence.ts'
import type { Env, Role } from '../../kernel/role.ts'
import { statementDigest } from '../../kernel/statement.ts'
import { type Transition, transitionId } from '../../kernel/transition.ts'
import type { Wait } from '../../kernel/verdict.ts'
import {
  type Checkpoint,
  checkpointDigest,
  type LogKey,
  type SignedCheckpoint,
} from './checkpoint.ts'
import { type Receipt, receiptVote } from './evidence.ts'
import { forkBetween, frozenFault } from './freeze.ts'
import { createLog, type LogEntry, logEntry, type OperatorLog } from './log.ts'
import { childTreesRoot, type ChildTrees, emptyChildTrees, withChildren } from './map.ts'
import { admitDirectory, DIRECTORY, directoryPolicy, type Operator } from './policy.ts'
import { servedFrom } from './served.ts'
import { checkSubmission, type Submission, vowKey } from './submission.ts'

/** A vow, with all that the step was submitted with. */
export type Vowed = {
  readonly charter: Charter
  readonly submission: Submission
  readonly time: bigint
  readonly signature: Uint8Array | undefined
}

export type OperatorState = {
  /** By `vowKey` as digits, in the order in which they were taken. */
  readonly vows: ReadonlyMap<string, Vowed>
  /** No receipt or checkpoint is timed before an earlier one. */
  readonly clock: bigint
  /** Of the log and map as they were then; the signature is missing until the key has made it. */
  readonly checkpoint:
    | { readonly of: Checkpoint; readonly signature: Uint8Array | undefined }
    | undefined
  /** Evidence against owners, one piece for each; bounded. Their keys are frozen. */
  readonly forks: readonly Evidence[]
  readonly refusals: readonly Fault[]
}

export type OperatorInput =
  | { readonly is: 'submit'; readonly charter: Charter; readonly submission: Submission }
  | { readonly is: 'signed'; readonly digest: string; readonly signature: Uint8Array }
  /** Somebody hands over evidence against an owner. */
  | { readonly is: 'evidence'; readonly evidence: Evidence }
  /** It is time to sign for the log and map as they are. */
  | { readonly is: 'checkpoint' }

export type OperatorEffect =
  | { readonly is: 'sign'; readonly id: string; readonly digest: Uint8Array }
  | {
      readonly is: 'receipt'
      readonly id: string
      readonly transition: Transition
      readonly receipt: Receipt
    }
  /** For whoever relies on the owner: it has signed two children of one parent. */
  | { readonly is: 'accuse'; readonly id: string; readonly evidence: Evidence }
  /** For clients and other operators. */
  | { readonly is: 'publish'; readonly id: string; readonly checkpoint: SignedCheckpoint }

/** The operator's key, and the suite of the machines that it serves. */
export type OperatorOptions = LogKey & { readonly verifier: Verifier }

export const beginOperator = (): OperatorState => ({
  vows: new Map(),
  clock: 0n,
  checkpoint: undefined,
  forks: [],
  refusals: [],
})

export const createOperator = (
  options: OperatorOptions,
): Role<OperatorState, OperatorInput, OperatorEffect> => ({
  step: (state, input, env) => {
    switch (input.is) {
      case 'submit': {
        const next = faultFrom(() => absorbSubmission(options, state, input, env))
        return isFault(next) ? refused(withFork(options, state, input), next) : next
      }
      case 'signed':
        return absorbSignature(options, state, input)
      case 'evidence':
        return withEvidence(options, state, input.evidence)
      case 'checkpoint':
        return withCheckpoint(options, state, env)
    }
  },
  outstanding: (state) => outstanding(options, state),
  waitingFor: (): readonly Wait[] => [],
})

const refused = (state: OperatorState, fault: Fault): OperatorState => ({
  ...state,
  refusals: [...state.refusals, fault].slice(-REFUSALS_MAX),
})

type Submitted = Extract<OperatorInput, { is: 'submit' }>

/** The key of a vow in `OperatorState.vows`. */
export const vowName = (of: Pick<Transition, 'machine' | 'sequence'>): string =>
  hexFromBytes(vowKey(of))

/**
 * Checks cheap before dear and takes the vow. Refuses with `operator/not-served`, `operator/second-child`, `operator/frozen`,
 * or a fault of the charter or of `checkSubmission`.
 */
const absorbSubmission = (
  options: OperatorOptions,
  state: OperatorState,
  { charter, submission }: Submitted,
  env: Env,
): OperatorState => {
  const { terms } = charter
  const { transition } = submission
  const place = { machine: transition.machine, step: transition.sequence }
  const name = vowName(transition)
  const taken = state.vows.get(name)
  if (taken && isSameStep(terms.suite, taken.submission, submission)) return state
  if (seatIn(charter, options.publicKey) < 0 || terms.suite !== options.suite) {
    throw new Fault('operator/not-served', 'the charter does not name this operator', place)
  }
  const fault =
    checkCharter(charter, options.verifier) ??
    admitDirectory(terms, directoryPolicy.decode(terms.policy.params), options.verifier) ??
    checkSubmission(servedFrom(charter), submission, options.verifier)
  if (fault) throw fault.at(place)
  if (taken) throw new Fault('operator/second-child', 'vowed for another child here', place)
  const frozen = frozenFault(charter, (signer) => convictedIn(state).has(signer))
  if (frozen) throw frozen.at(place)
  const time = laterOf(env.now, state.clock)
  const vowed: Vowed = { charter, submission, time, signature: undefined }
  return { ...state, clock: time, vows: new Map(state.vows).set(name, vowed) }
}

const laterOf = (a: bigint, b: bigint): bigint => (a > b ? a : b)

const isSameStep = (suite: SuiteId, a: Submission, b: Submission): boolean =>
  transitionId(suite, a.transition) === transitionId(suite, b.transition)

const convictedIn = (state: OperatorState): ReadonlySet<SignerId> =>
  new Set(state.forks.map((one) => signerOf(one.suite, one)))

/** The state with evidence against the owner, if what it submits contradicts what it had submitted before. */
const withFork = (
  options: OperatorOptions,
  state: OperatorState,
  { submission }: Submitted,
): OperatorState => {
  const taken = state.vows.get(vowName(submission.transition))
  if (!taken) return state
  const pair = [taken.submission, submission] as const
  const evidence = forkBetween(taken.charter, pair, options.verifier)
  return evidence ? withEvidence(options, state, evidence) : state
}

/** Keeps what convicts somebody who is not convicted yet. */
const withEvidence = (
  options: OperatorOptions,
  state: OperatorState,
  evidence: Evidence,
): OperatorState => {
  if (state.forks.length >= EVIDENCE_KEPT_MAX) return state
  const conviction = convict(evidence, options.verifier)
  if (isFault(conviction)) return refused(state, conviction)
  const isKnown = convictedIn(state).has(conviction.signer)
  return isKnown ? state : { ...state, forks: [...state.forks, evidence] }
}

/** The operator's position in a charter's policy, or −1. Raises a decoding fault for a policy that is none. */
export const seatIn = (charter: Pick<Charter, 'terms'>, publicKey: Uint8Array): number =>
  operatorsIn(charter).findIndex((one) => equalBytes(one.publicKey, publicKey))

const operatorsIn = ({ terms }: Pick<Charter, 'terms'>): readonly Operator[] => {
  const known = named.get(terms)
  if (known) return known
  const { kind, params } = terms.policy
  const found = kind === DIRECTORY ? directoryPolicy.decode(params).operators : []
  named.set(terms, found)
  return found
}

/** Read once for each object, which never changes. */
const named = new WeakMap<Charter['terms'], readonly Operator[]>()

const absorbSignature = (
  options: OperatorOptions,
  state: OperatorState,
  { digest: wanted, signature }: Extract<OperatorInput, { is: 'signed' }>,
): OperatorState => {
  const { checkpoint } = state
  if (checkpoint && hexFromBytes(checkpointDigest(options.suite, checkpoint.of)) === wanted) {
    const digest = checkpointDigest(options.suite, checkpoint.of)
    return isOwn(options, digest, signature)
      ? { ...state, checkpoint: { of: checkpoint.of, signature } }
      : state
  }
  for (const [name, vowed] of state.vows) {
    if (vowed.signature) continue
    const digest = digestOf(vowed)
    if (hexFromBytes(digest) !== wanted) continue
    return isOwn(options, digest, signature)
      ? { ...state, vows: new Map(state.vows).set(name, { ...vowed, signature }) }
      : state
  }
  return state
}

const isOwn = (
  { scheme, publicKey, verifier }: OperatorOptions,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean => verifier.verify(scheme, publicKey, digest, signature)

/** Made once for each vow, which never changes but for its signature. */
const digestOf = (of: Vowed): Uint8Array => {
  const known = digests.get(of.submission)
  if (known?.time === of.time) return known.digest
  const vote = receiptVote(of.submission.transition, of.time)
  const digest = statementDigest(of.charter.terms.suite, vote)
  digests.set(of.submission, { time: of.time, digest })
  return digest
}

const digests = new WeakMap<Submission, { readonly time: bigint; readonly digest: Uint8Array }>()

/** What the log says of a vow. */
export const entryOf = (suite: SuiteId, transition: Transition, time: bigint): LogEntry => ({
  machine: transition.machine,
  sequence: transition.sequence,
  parent: transition.parent,
  child: transitionId(suite, transition),
  time,
})

/** The operator's log and map over its first `size` vows. */
export const booksOf = (
  suite: SuiteId,
  state: Pick<OperatorState, 'vows'>,
  size: number = state.vows.size,
): {
  readonly entries: readonly LogEntry[]
  readonly log: OperatorLog
  readonly map: ChildTrees
} => {
  const entries = [...state.vows.values()]
    .slice(0, size)
    .map((one) => entryOf(suite, one.submission.transition, one.time))
  const log = createLog()
  for (const one of entries) log.append(logEntry.encode(one))
  return { entries, log, map: withChildren(emptyChildTrees(suite), entries) }
}

/** One at a time: the next is made when the last is signed. Without a vow there is nothing to sign for. */
const withCheckpoint = (
  { suite }: OperatorOptions,
  state: OperatorState,
  env: Env,
): OperatorState => {
  if (state.vows.size === 0 || (state.checkpoint && !state.checkpoint.signature)) return state
  const time = laterOf(env.now, state.clock)
  const { log, map } = booksOf(suite, state)
  const of: Checkpoint = {
    size: BigInt(log.size()),
    time,
    logRoot: idFromBytes(log.root()),
    mapRoot: childTreesRoot(map),
  }
  return { ...state, clock: time, checkpoint: { of, signature: undefined } }
}

const outstanding = (options: OperatorOptions, state: OperatorState): readonly OperatorEffect[] => [
  ...[...state.vows.values()].map((one) => wantedFor(options, one)),
  ...checkpointWants(options, state),
  ...state.forks.map((evidence): OperatorEffect => {
    const id = `accuse ${hexFromBytes(evidence.publicKey.subarray(0, 16))}`
    return { is: 'accuse', id, evidence }
  }),
]

const wantedFor = (options: OperatorOptions, one: Vowed): OperatorEffect => {
  const digest = digestOf(one)
  const id = hexFromBytes(digest)
  if (!one.signature) return { is: 'sign', id: `sign ${id}`, digest }
  const operator = seatIn(one.charter, options.publicKey)
  const receipt = { operator, time: one.time, signature: one.signature }
  return { is: 'receipt', id: `receipt ${id}`, transition: one.submission.transition, receipt }
}

const checkpointWants = (
  { suite }: OperatorOptions,
  { checkpoint }: OperatorState,
): readonly OperatorEffect[] => {
  if (!checkpoint) return []
  const digest = checkpointDigest(suite, checkpoint.of)
  const id = hexFromBytes(digest)
  const { of, signature } = checkpoint
  return signature
    ? [{ is: 'publish', id: `publish ${id}`, checkpoint: { checkpoint: of, signature } }]
    : [{ is: 'sign', id: `sign ${id}`, digest }]
}
