/**
 * Recovering an account: on another device, from a backup, or after its guard was lost.
 *
 * Safety. The `resuming` role decides (`models/directory/resume.ts`): every operator is asked for the newest step that it has vowed
 * for, every step up to it is fetched, run and taken over, and only then is anything new signed. A step that was vowed for and never
 * certified is proposed again. Where not all answer, somebody in charge may say that a quorum is enough; a step that the silent ones
 * alone had seen is then not found.
 *
 * Whom to ask follows from the certified steps themselves: after a change of operators it is those who followed. They vow for the
 * step that brought them, so a change that some leave out is found at one who does not.
 *
 * Two steps of the own key with one number end it: then somebody else has the key, or an old copy went on. Nothing is
 * signed, and both are named.
 */
import { Fault, isFault } from 'tallystick/base'
import { type Env, type Machine, openMachine, transitionId } from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import {
  beginResuming,
  createResuming,
  resumeFault,
  type ResumeOptions,
  type ResumeState,
  type ServedMachine,
  type Submission,
} from 'tallystick/models'
import { certify } from '../client/certify.ts'
import { recoverMachine } from '../client/directory.ts'
import { fetchCharter, fetchHistory, type History } from '../client/history.ts'
import { openSubmissions } from './desk.ts'
import type { Office } from './office.ts'
import { isChange, keepAccepted, nextBatch, standingOf } from './standing.ts'

export type RecoveryOutcome =
  | { readonly is: 'recovered'; readonly adopted: number }
  | {
      readonly is: 'waiting'
      readonly names: readonly string[]
      readonly why: ReadonlyMap<string, string>
      /** So many have answered that it could be opened on their word. */
      readonly isQuorum: boolean
    }

/** Whether a read quorum may open the account where some operators are silent: their word alone could know of a further step. */
export type Recovering = { readonly isQuorumEnough: boolean }

/** Raises `account/forked`, `account/step-missing`, and what taking a step over raises. */
export const recoverAccount = async (office: Office, of: Recovering): Promise<RecoveryOutcome> => {
  let adopted = 0
  for (;;) {
    const outcome = await recoverOnce(office, of)
    if (outcome.is === 'waiting') return outcome
    adopted += outcome.adopted
    const steps = nextBatch(openSubmissions(office.desk.state()))
    if (!steps.some(isChange)) {
      office.desk.recovered()
      return { ...outcome, adopted }
    }
    // Others may have gone on under the terms that it brings, so it is certified before anything is signed, and they are asked.
    const certified = await certifyChange(office, steps)
    if (certified) return certified
  }
}

/** Undefined once it is certified. */
const certifyChange = async (
  office: Office,
  steps: readonly Submission[],
): Promise<RecoveryOutcome | undefined> => {
  const { directory, folder, desk } = office
  const { served, changes } = standingOf(office)
  const { is, names, why, block } = await certify(directory, {
    charter: folder.charter,
    served,
    changes,
    steps,
    waitMs: CHANGE_MS,
    store: ({ submission, certificate }) =>
      desk.certify(submission.transition.sequence, certificate),
  })
  if (block) throw block.at({ party: folder.own })
  return is === 'certified' ? undefined : { is: 'waiting', names, why, isQuorum: false }
}

/** Milliseconds that operators have to certify a change of their own. */
const CHANGE_MS = 15_000

const recoverOnce = async (
  office: Office,
  { isQuorumEnough }: Recovering,
): Promise<RecoveryOutcome> => {
  const { desk, folder, directory, engine } = office
  const history = await fetchHistory(directory, folder.charter)
  const served = newer(standingOf(office).served, history.served)
  const options = { charter: folder.charter, served, logics: STANDARD_LOGICS, verifier: engine }
  const role = createResuming(options)
  let state = beginResuming(options, desk.state())
  if (isQuorumEnough) state = role.step(state, { is: 'quorum is enough' }, ENV)
  const { reports, silent } = await recoverMachine(directory, folder.charter, served)
  state = role.step(state, { is: 'reported', reports }, ENV)
  stopIfForked(options, state)
  let adopted = 0
  for (const effect of role.outstanding(state)) {
    if (effect.is === 'fetch') adopted += await adoptUpTo(office, history, effect.upTo)
  }
  // The desk runs the owner and stores it; the role says when its memory leads again.
  state = role.step({ ...state, owner: desk.state() }, { is: 'reported', reports: [] }, ENV)
  stopIfForked(options, state)
  if (state.isOpen) return { is: 'recovered', adopted }
  const names = role.waitingFor(state).flatMap((one) => (one.is === 'signers' ? one.names : []))
  return { is: 'waiting', names, why: silent, isQuorum: state.recovery.is === 'known' }
}

/** The roles draw nothing and read no clock here. */
const ENV: Env = { now: 0n, random: new Uint8Array(32) }

const stopIfForked = (options: ResumeOptions, state: ResumeState): void => {
  const { recovery } = state
  if (recovery.is === 'forked') {
    throw forked(state.owner.machine.id, recovery.first, recovery.second)
  }
  const fault = resumeFault(options, state)
  if (fault) throw new Fault('account/forked', fault.message, fault.place)
}

const forked = (machine: string, first: Submission, second: Submission): Fault => {
  const [one, two] = [first, second].map((each) => each.transition.interaction.slice(0, 8))
  return new Fault(
    'account/forked',
    `the key has signed two steps with one number: ${one} and ${two}`,
    { machine, step: first.transition.sequence },
  )
}

/** Of two that follow the same certified steps, the one that has followed them further. */
const newer = (a: ServedMachine, b: ServedMachine): ServedMachine =>
  (a.eras.at(-1)?.from ?? 0n) > (b.eras.at(-1)?.from ?? 0n) ? a : b

const adoptUpTo = async (office: Office, history: History, newest: Submission): Promise<number> => {
  const { desk, folder } = office
  const { suite } = folder.charter.terms
  const none = { certificate: undefined, accepted: new Uint8Array(0) }
  const shown = [
    ...history.certified,
    ...history.pending.map((submission) => ({ submission, ...none })),
  ]
  let adopted = 0
  for (const { submission, certificate, accepted } of shown) {
    const { interaction, transition, consents, proposal: signature } = submission
    const { sequence } = transition
    if (sequence > newest.transition.sequence) break
    const known = desk.state().steps.find((one) => one.transition.sequence === sequence)
    if (!known) {
      const beside = await besideOf(office, submission)
      desk.adopt({ step: { interaction, transition, consents, signature, certificate }, beside })
      adopted += 1
    } else if (transitionId(suite, known.transition) !== transitionId(suite, transition)) {
      const own = { ...submission, transition: known.transition }
      throw forked(folder.id, own, submission)
    } else if (certificate) desk.certify(sequence, certificate)
    if (accepted.length > 0) keepAccepted(folder, sequence, accepted)
  }
  const head = desk.state().machine.head.sequence
  if (head >= newest.transition.sequence) return adopted
  throw new Fault('account/step-missing', `step ${newest.transition.sequence} is known to exist`, {
    machine: folder.id,
    step: head + 1n,
  })
}

/** The machines that a step refers to, as they began. */
const besideOf = async (
  { directory, folder }: Office,
  { interaction }: Submission,
): Promise<readonly Machine[]> => {
  const found: Machine[] = []
  for (const { machine } of interaction.legs) {
    if (machine === folder.id) continue
    const charter = await fetchCharter(directory, machine)
    const opened = charter && openMachine(charter, STANDARD_LOGICS)
    if (opened && !isFault(opened)) found.push(opened)
  }
  return found
}
