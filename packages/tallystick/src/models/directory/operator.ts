/**
 * The `operator`: one of the named certifiers of a directory, as a sans-IO role.
 *
 * Safety. For each machine the operator keeps one *pledge*: the highest sequence number it has vowed at, the parent there and
 * the child. It never signs below it, never for a second parent at it, never for a second child of its parent. The vow is in
 * the state before the signature is outstanding. So an honest operator is never convicted, whatever owners send.
 *
 * An owner who submits two children of one parent is refused the second, and the two signed proposals are evidence.
 *
 * Liveness. A repeat gets the same receipt again, with the time of the vow and not of the repeat. An owner who skips
 * steps is served: the operator vouches that a child is the only one, not that the steps before it were.
 *
 * Not promised. That the step is valid: the operator checks link, turn and signature, and whoever relies on the step runs
 * the logic. That it keeps the step's content. Both belong to the directory's log, which is a later version's.
 */
import type { MachineId } from '../../base/brand.ts'
import { equalBytes, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { EVIDENCE_KEPT_MAX, REFUSALS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type Charter, checkCharter, machineId } from '../../kernel/charter.ts'
import { convict, type Evidence } from '../../kernel/evidence.ts'
import type { Env, Role } from '../../kernel/role.ts'
import { statementDigest } from '../../kernel/statement.ts'
import { checkLink, type Transition, transitionId } from '../../kernel/transition.ts'
import type { Wait } from '../../kernel/verdict.ts'
import { NO_PERMISSION, permits, vowOf } from '../../kernel/vow.ts'
import { type Receipt, receiptVote } from './evidence.ts'
import { ownerVote } from './owner.ts'
import { ownerKey } from './submission.ts'
import { admitDirectory, DIRECTORY, directoryPolicy } from './policy.ts'

/** What the operator has vowed for, on one machine. */
export type Pledged = {
  readonly charter: Charter
  readonly transition: Transition
  readonly time: bigint
  /** The owner's signature over `ownerVote`, kept to hold against a second child. */
  readonly proposal: Uint8Array
  readonly signature: Uint8Array | undefined
}

export type OperatorState = {
  readonly pledges: ReadonlyMap<MachineId, Pledged>
  /** No receipt is timed before an earlier one. */
  readonly clock: bigint
  /** Owners caught signing two children, once each; bounded. */
  readonly forks: readonly Evidence[]
  readonly refusals: readonly Fault[]
}

export type OperatorInput =
  | {
      readonly is: 'submit'
      readonly charter: Charter
      readonly parent: Transition
      readonly transition: Transition
      /** The owner's signature over `ownerVote`, by its first key. */
      readonly signature: Uint8Array
    }
  | { readonly is: 'signed'; readonly digest: string; readonly signature: Uint8Array }

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

export type OperatorOptions = { readonly publicKey: Uint8Array; readonly verifier: Verifier }

export const beginOperator = (): OperatorState => ({
  pledges: new Map(),
  clock: 0n,
  forks: [],
  refusals: [],
})

export const createOperator = (
  options: OperatorOptions,
): Role<OperatorState, OperatorInput, OperatorEffect> => ({
  step: (state, input, env) => {
    if (input.is === 'signed') return absorbSignature(options, state, input)
    const next = faultFrom(() => absorbSubmission(options, state, input, env))
    if (!isFault(next)) return next
    return refused(withFork(options, state, input), next)
  },
  outstanding: (state) => outstanding(options, state),
  waitingFor: (): readonly Wait[] => [],
})

const refused = (state: OperatorState, fault: Fault): OperatorState => ({
  ...state,
  refusals: [...state.refusals, fault].slice(-REFUSALS_MAX),
})

type Submission = Extract<OperatorInput, { is: 'submit' }>

/**
 * Checks cheap before dear and takes the vow. Refuses with `operator/not-served`, `operator/not-the-owner`,
 * `operator/behind`, `operator/second-child`, or a fault of the charter or the link.
 */
const absorbSubmission = (
  options: OperatorOptions,
  state: OperatorState,
  of: Submission,
  env: Env,
): OperatorState => {
  const machine = machineId(of.charter)
  const { terms } = of.charter
  const place = { machine, step: of.transition.sequence }
  const pledged = state.pledges.get(machine)
  if (
    pledged &&
    transitionId(terms.suite, pledged.transition) === transitionId(terms.suite, of.transition)
  ) {
    return state
  }
  if (seatOf(options, of.charter) < 0 || of.transition.machine !== machine) {
    throw new Fault('operator/not-served', 'the charter does not name this operator', place)
  }
  const fault =
    checkCharter(of.charter, options.verifier) ??
    admitDirectory(terms, directoryPolicy.decode(terms.policy.params), options.verifier) ??
    checkLink(terms.suite, of.parent, of.transition)
  if (fault) throw fault.at(place)
  if (!isProposed(options, of)) {
    throw new Fault('operator/not-the-owner', 'the owner has not signed this step', place)
  }
  const time = env.now > state.clock ? env.now : state.clock
  const vote = receiptVote(of.transition, time)
  if (pledged) {
    const last = pledged.transition
    if (of.transition.sequence < last.sequence) {
      throw new Fault('operator/behind', `vowed at ${last.sequence} already`, place)
    }
    const taken = vowOf(terms.suite, receiptVote(last, pledged.time))
    const isSamePlace = last.sequence === of.transition.sequence
    if (isSamePlace && !permits([taken], vowOf(terms.suite, vote), NO_PERMISSION)) {
      throw new Fault('operator/second-child', 'vowed for another child here', place)
    }
  }
  const fresh = {
    charter: of.charter,
    transition: of.transition,
    time,
    proposal: of.signature,
    signature: undefined,
  }
  return { ...state, clock: time, pledges: new Map([...state.pledges, [machine, fresh]]) }
}

const isProposed = (options: OperatorOptions, of: Submission): boolean => {
  const key = ownerKey(of.charter)
  const digest = statementDigest(of.charter.terms.suite, ownerVote(of.transition))
  return (
    key !== undefined && options.verifier.verify(key.scheme, key.publicKey, digest, of.signature)
  )
}

/** The state with evidence against the owner, if what it submits contradicts what it had submitted before. */
const withFork = (
  options: OperatorOptions,
  state: OperatorState,
  of: Submission,
): OperatorState => {
  const pledged = state.pledges.get(of.transition.machine)
  const key = pledged && ownerKey(pledged.charter)
  if (!pledged || !key || state.forks.length >= EVIDENCE_KEPT_MAX) return state
  const { scheme, publicKey } = key
  const evidence: Evidence = {
    suite: pledged.charter.terms.suite,
    scheme,
    publicKey,
    first: { statement: ownerVote(pledged.transition), signature: pledged.proposal },
    second: { statement: ownerVote(of.transition), signature: of.signature },
  }
  const isKnown = state.forks.some((one) => equalBytes(one.publicKey, publicKey))
  if (isKnown || isFault(convict(evidence, options.verifier))) return state
  return { ...state, forks: [...state.forks, evidence] }
}

/** The operator's position in a charter's policy, or −1. */
const seatOf = (options: OperatorOptions, charter: Charter): number => {
  if (charter.terms.policy.kind !== DIRECTORY) return -1
  const policy = directoryPolicy.decode(charter.terms.policy.params)
  return policy.operators.findIndex((one) => equalBytes(one.publicKey, options.publicKey))
}

const absorbSignature = (
  options: OperatorOptions,
  state: OperatorState,
  input: Extract<OperatorInput, { is: 'signed' }>,
): OperatorState => {
  for (const [machine, pledged] of state.pledges) {
    const digest = digestOf(pledged)
    const operator = operatorOf(options, pledged.charter)
    if (pledged.signature || !operator || hexFromBytes(digest) !== input.digest) continue
    const { signature } = input
    if (!options.verifier.verify(operator.scheme, operator.publicKey, digest, signature)) continue
    return { ...state, pledges: new Map([...state.pledges, [machine, { ...pledged, signature }]]) }
  }
  return state
}

const operatorOf = (options: OperatorOptions, charter: Charter) =>
  directoryPolicy.decode(charter.terms.policy.params).operators[seatOf(options, charter)]

const digestOf = (of: Pledged): Uint8Array =>
  statementDigest(of.charter.terms.suite, receiptVote(of.transition, of.time))

const outstanding = (options: OperatorOptions, state: OperatorState): readonly OperatorEffect[] => [
  ...[...state.pledges.values()].map((one): OperatorEffect => {
    const digest = digestOf(one)
    const id = hexFromBytes(digest)
    if (!one.signature) return { is: 'sign', id: `sign ${id}`, digest }
    const operator = seatOf(options, one.charter)
    const receipt = { operator, time: one.time, signature: one.signature }
    return { is: 'receipt', id: `receipt ${id}`, transition: one.transition, receipt }
  }),
  ...state.forks.map((evidence): OperatorEffect => {
    const id = `accuse ${hexFromBytes(evidence.publicKey.subarray(0, 16))}`
    return { is: 'accuse', id, evidence }
  }),
]
