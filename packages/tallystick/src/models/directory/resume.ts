/**
 * Resuming: an owner whose memory comes from a backup, kept from signing until it knows what it signed since.
 *
 * A stale backup is what makes an honest owner look like a thief: it holds an old head, a wish makes a second child of it,
 * and the two signatures are evidence. So the owner is put inside this role, which asks the operators for the newest step that they have
 * vowed for, has everything up to it adopted, half-certified steps too, and only then lets wishes in and signatures out.
 *
 * Safety. While it is not open, no wish is taken and no signature is asked for, also not one that the backup left
 * outstanding. It opens when the owner's head is the newest step of a good read (`recovery.ts`): of all operators, or of a read
 * quorum, if whoever runs it says that this is enough.
 *
 * | read | finds every step that was handed to |
 * |---|---|
 * | all | an honest operator |
 * | quorum | n − k + 1 honest operators or more; so every certified one, and some that were not |
 *
 * Two signed steps with one number, reported or found in the backup, close it for good: whichever goes on is a fork.
 *
 * Liveness. All operators, or k of them once that is said to be enough, have to be reached.
 *
 * Not promised. A step that was signed and handed to a counterparty alone (M2), or to liars, is not found. Where such a one
 * may be out, do not resume the machine: take a fresh key and another machine. Nor that the device the backup was made
 * from has stopped; two that run at once fork sooner or later.
 */
import { Fault } from '../../base/fault.ts'
import { REFUSALS_MAX } from '../../base/limits.ts'
import type { Charter } from '../../kernel/charter.ts'
import type { Role } from '../../kernel/role.ts'
import { transitionId } from '../../kernel/transition.ts'
import type { Wait } from '../../kernel/verdict.ts'
import {
  createOwner,
  type OwnerEffect,
  type OwnerInput,
  type OwnerOptions,
  type OwnerState,
} from './owner.ts'
import { directoryPolicy } from './policy.ts'
import { type HeadReport, type Recovery, recoverFrom } from './recovery.ts'
import { type ServedMachine, servedFrom } from './served.ts'
import type { Submission } from './submission.ts'

export type ResumeState = {
  readonly owner: OwnerState
  readonly reports: readonly HeadReport[]
  readonly recovery: Recovery
  /** Whoever runs it has said that a read quorum is enough. */
  readonly isQuorumEnough: boolean
  /** Once open it stays so: from then on the owner's own memory leads. */
  readonly isOpen: boolean
}

export type ResumeInput =
  | { readonly is: 'reported'; readonly reports: readonly HeadReport[] }
  /** Somebody in charge accepts that steps which few operators saw are not found. */
  | { readonly is: 'quorum is enough' }
  | OwnerInput

export type ResumeEffect =
  /** Ask these operators, by position, for the newest step that they have vowed for. */
  | { readonly is: 'ask'; readonly operators: readonly number[] }
  /** Fetch the steps after the owner's head up to this one, and have them adopted in their order. */
  | { readonly is: 'fetch'; readonly upTo: Submission; readonly from: readonly number[] }
  | OwnerEffect

export type ResumeOptions = OwnerOptions & {
  readonly charter: Charter
  /** With the changes of terms that came into force; as the charter has it if it is missing. */
  readonly served?: ServedMachine
}

export const beginResuming = (options: ResumeOptions, owner: OwnerState): ResumeState => ({
  owner,
  reports: [],
  recovery: recoveryOf(options, []),
  isQuorumEnough: false,
  isOpen: false,
})

export const createResuming = (
  options: ResumeOptions,
): Role<ResumeState, ResumeInput, ResumeEffect> => {
  const role = createOwner(options)
  const { eras } = servedNow(options)
  const terms = eras.at(-1)?.terms ?? options.charter.terms
  const { operators } = directoryPolicy.decode(terms.policy.params)
  const config: Config = { ...options, names: operators.map((one) => one.name) }
  return {
    step: (state, input, env) => {
      if (input.is === 'reported') {
        return opened(config, withReports(options, state, input.reports))
      }
      if (input.is === 'quorum is enough') {
        return opened(config, { ...state, isQuorumEnough: true })
      }
      if (!state.isOpen && (input.is === 'wish' || input.is === 'signed')) {
        return { ...state, owner: refusing(state.owner, input.is) }
      }
      return opened(config, { ...state, owner: role.step(state.owner, input, env) })
    },
    outstanding: (state) =>
      state.isOpen ? role.outstanding(state.owner) : questions(config, state),
    waitingFor: (state) => (state.isOpen ? role.waitingFor(state.owner) : missing(config, state)),
  }
}

/**
 * Why it can never open: `resume/forked`, if the own key has signed two steps with one number, as reported or as the backup
 * holds one and the operators another.
 */
export const resumeFault = (
  options: ResumeOptions,
  { recovery, owner }: ResumeState,
): Fault | undefined => {
  const forked = (sequence: bigint): Fault =>
    new Fault('resume/forked', 'the own key has signed two steps with this number', {
      machine: owner.machine.id,
      step: sequence,
    })
  if (recovery.is === 'forked') return forked(recovery.first.transition.sequence)
  if (recovery.is !== 'known' || !recovery.newest) return undefined
  const { transition } = recovery.newest
  const own = owner.steps.find((one) => one.transition.sequence === transition.sequence)
  const { suite } = options.charter.terms
  // Not signed yet is no excuse: the device that the backup was made from had taken the same vow.
  const isOther = own && transitionId(suite, own.transition) !== transitionId(suite, transition)
  return isOther ? forked(transition.sequence) : undefined
}

type Config = ResumeOptions & {
  /** Of the operators, by position. */
  readonly names: readonly string[]
}

/** The last report of each operator counts. */
const withReports = (
  options: ResumeOptions,
  state: ResumeState,
  fresh: readonly HeadReport[],
): ResumeState => {
  const named = new Set(fresh.map((one) => one.operator))
  const reports = [...state.reports.filter((one) => !named.has(one.operator)), ...fresh]
  return { ...state, reports, recovery: recoveryOf(options, reports) }
}

const servedNow = ({ charter, served }: ResumeOptions): ServedMachine =>
  served ?? servedFrom(charter)

const recoveryOf = (options: ResumeOptions, reports: readonly HeadReport[]): Recovery =>
  recoverFrom(options.charter, reports, options.verifier, servedNow(options))

const opened = (options: Config, state: ResumeState): ResumeState =>
  !state.isOpen && isCaughtUp(options, state) ? { ...state, isOpen: true } : state

const isCaughtUp = (options: Config, state: ResumeState): boolean => {
  const { recovery, owner } = state
  if (recovery.is !== 'known' || resumeFault(options, state)) return false
  if (!state.isQuorumEnough && silentOf(options, state).length > 0) return false
  return !recovery.newest || hasStep(options, owner, recovery.newest)
}

/** Whether the owner has this very step behind it, signed. */
const hasStep = ({ charter }: ResumeOptions, owner: OwnerState, of: Submission): boolean => {
  const { suite } = charter.terms
  const id = transitionId(suite, of.transition)
  return owner.steps.some((one) => transitionId(suite, one.transition) === id)
}

/** Operators without a good report. */
const silentOf = ({ names }: Config, { recovery, reports }: ResumeState): readonly number[] => {
  const refused = 'refused' in recovery ? recovery.refused : []
  const named = new Set(reports.map((one) => one.operator))
  return [...names.keys()].filter(
    (at) => !named.has(at) || refused.some((one) => one.place.party === names[at]),
  )
}

const questions = (options: Config, state: ResumeState): readonly ResumeEffect[] => {
  if (resumeFault(options, state)) return []
  const { recovery, owner } = state
  const silent = silentOf(options, state)
  const isAsking = silent.length > 0 && (recovery.is === 'waiting' || !state.isQuorumEnough)
  const asked: readonly ResumeEffect[] = isAsking ? [{ is: 'ask', operators: silent }] : []
  if (recovery.is !== 'known' || !recovery.newest) return asked
  if (hasStep(options, owner, recovery.newest)) return asked
  return [...asked, { is: 'fetch', upTo: recovery.newest, from: recovery.from }]
}

const missing = (options: Config, state: ResumeState): readonly Wait[] => {
  const names = silentOf(options, state).map((at) => options.names[at] ?? '')
  return names.length > 0 ? [{ is: 'signers', names }] : []
}

const refusing = (owner: OwnerState, what: string): OwnerState => {
  const says = `a ${what} before the operators have said how far this key has signed`
  const fault = new Fault('resume/not-caught-up', says, { machine: owner.machine.id })
  return { ...owner, refusals: [...owner.refusals, fault].slice(-REFUSALS_MAX) }
}
