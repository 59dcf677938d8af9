/** What a user does next with a machine, in one line: hand a file over, answer, propose, or wait. */
import { DIRECTORY } from '../models/directory/policy.ts'
import { eventsIn } from './chart-view.ts'
import type { MachineDesk } from './machine-desk.ts'
import { dirOption, type MachineFolder } from './machine-folder.ts'
import type { Posted } from './outbox.ts'
import { proposerAt } from '../kernel/charter.ts'

/**
 * Words that pay the other party, to be copied into a shell. A name is its owner's choice (attack: one that ends the quotes
 * and goes on as a command), so an odd one is left for the user to type.
 */
export const payWords = ({ peer }: Pick<MachineFolder, 'peer'>): string =>
  `"pay ${plainOr(peer, 'NAME')} 5"`

/** Words for a first try: an event where a statechart is kept, else a payment. */
export const firstWords = (folder: Pick<MachineFolder, 'peer' | 'charter'>): string => {
  const [event] = eventsIn(folder.charter)
  return event === undefined ? payWords(folder) : plainOr(event, 'EVENT')
}

const plainOr = (text: string, otherwise: string): string =>
  /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(text) ? text : otherwise

export const nextStep = (desk: MachineDesk, posted: readonly Posted[]): string => {
  const { peer, party } = desk.folder
  const dir = dirOption(desk.folder)
  const state = desk.state()
  if (state.evidence.length > 0) return `tally bundle --evidence${dir}`
  if (posted.length > 0) {
    const files = posted.map((one) => one.path).join(' ')
    const isOptional = posted.every((one) => one.is === 'ack')
    return isOptional
      ? `tally show${dir}, and hand ${files} to ${peer} when there is a chance`
      : `hand ${files} to ${peer}, who runs: tally accept FILE`
  }
  switch (state.pending?.stage) {
    case 'asking':
      return `tally accept --yes${dir}, or tally abort${dir}`
    case 'consenting':
    case 'accepting':
    case 'confirming':
      return `tally resend${dir}`
    case 'proving':
    case 'requested':
    case 'offered':
    case 'accepted':
      return `wait for ${peer}’s file, then: tally accept FILE${dir}`
    case undefined: {
      if (state.closed) {
        return state.machine.terms.policy.kind === DIRECTORY
          ? `tally handover --directory directory.json${dir}`
          : `tally bundle${dir}`
      }
      const isOurs = proposerAt(state.machine.terms, state.machine.head.sequence + 1n) === party
      const words = `tally propose ${firstWords(desk.folder)}${dir}`
      return isOurs ? words : `wait for ${peer}’s file, or ask for a step: ${words}`
    }
  }
}
