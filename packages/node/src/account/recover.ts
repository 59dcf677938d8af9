/**
 * Recovering an account: on another device, from a backup, or after its guard was lost.
 *
 * Safety. As many operators as certify a step are asked for the newest one that they have vowed for (`models/directory/recovery.ts`
 * says why that is enough). Every step up to it is fetched, run and taken over before anything new is signed. A step that was
 * vowed for and never certified is proposed again.
 *
 * Two steps of the own key with one number end it: then somebody else has the key, or an old copy went on. Nothing is
 * signed, and both are named.
 */
import { Fault, isFault } from 'tallystick/base'
import { type Machine, openMachine, transitionId } from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import type { Submission } from 'tallystick/models'
import { recoverMachine } from '../client/directory.ts'
import { fetchCharter, fetchHistory } from '../client/history.ts'
import type { Office } from './office.ts'

export type RecoveryOutcome =
  | { readonly is: 'recovered'; readonly adopted: number }
  | {
      readonly is: 'waiting'
      readonly names: readonly string[]
      readonly why: ReadonlyMap<string, string>
    }

/** Raises `account/forked`, `account/step-missing`, and what taking a step over raises. */
export const recoverAccount = async (office: Office): Promise<RecoveryOutcome> => {
  const { desk, folder, directory } = office
  const { recovery, silent } = await recoverMachine(directory, folder.charter)
  switch (recovery.is) {
    case 'waiting':
      return { is: 'waiting', names: recovery.names, why: silent }
    case 'forked':
      throw forked(folder.id, recovery.first, recovery.second)
    case 'known': {
      const adopted = recovery.newest ? await adoptUpTo(office, recovery.newest) : 0
      desk.recovered()
      return { is: 'recovered', adopted }
    }
  }
}

const forked = (machine: string, first: Submission, second: Submission): Fault => {
  const [one, two] = [first, second].map((each) => each.transition.interaction.slice(0, 8))
  return new Fault(
    'account/forked',
    `the key has signed two steps with one number: ${one} and ${two}`,
    { machine, step: first.transition.sequence },
  )
}

const adoptUpTo = async (office: Office, newest: Submission): Promise<number> => {
  const { desk, folder, directory } = office
  const { suite } = folder.charter.terms
  const history = await fetchHistory(directory, folder.charter)
  const shown = [
    ...history.certified,
    ...history.pending.map((submission) => ({ submission, certificate: undefined })),
  ]
  let adopted = 0
  for (const { submission, certificate } of shown) {
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
