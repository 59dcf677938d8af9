/** What is done with operators: fetching what they have certified, and having an own attempt certified. */
import {
  type AgreedStep,
  type Application,
  type ApplicantState,
  beginApplicant,
  type Candidate,
} from 'tallystick/models'
import { keepAgreed, usageError } from 'tallystick/command'
import { interactionId } from 'tallystick/kernel'
import { type Applied, applyShared } from '../client/shared.ts'
import { introduce } from '../client/takeover.ts'
import { keepWanted, type SharedOffice, wantedIn } from './office.ts'

export type Work = {
  readonly wish?: Application
  readonly waitMs: number
}

/** Goes on with the attempt that waits, or else begins the wish. Raises what refuses it. */
export const work = async (office: SharedOffice, { wish, waitMs }: Work): Promise<Applied> => {
  const { era, directory, options, followed, steps, folder } = office
  const wanted = wantedIn(era)
  const begun: ApplicantState = beginApplicant(followed, folder.party)
  const state = wanted ? resumed(begun, wanted, steps) : begun
  // What was interrupted between the two writes is over already.
  if (wanted && !state.pending) keepWanted(era, undefined)
  const applied = await applyShared(directory, {
    options,
    state,
    steps,
    begun: era.start.head.sequence,
    ...(wish && { wish }),
    signer: office.signer,
    keep: (candidate) => keepWanted(era, candidate),
    store: (fresh) => keepAgreed(era, fresh),
    introduce: async (client) => {
      const said = await introduce(client, { machine: era.start, changes: office.changes() })
      return typeof said === 'string' ? said : undefined
    },
    waitMs,
  })
  if (!wish || wanted || applied.done || applied.state.pending) return applied
  throw usageError('other operators are to go on, and have not accepted yet', 'tally resend')
}

/** The applicant as it was when the attempt was stored. */
const resumed = (
  state: ApplicantState,
  { interaction, consents, beside, attachments }: Candidate,
  steps: readonly AgreedStep[],
): ApplicantState => {
  const id = interactionId(interaction)
  const done = steps.find((one) => one.transition.interaction === id)
  if (done) return { ...state, done }
  const isHere = interaction.legs.some((leg) => leg.parent === state.followed.machine.headId)
  const consent = consents.find((one) => one.party === state.party)
  if (!isHere || !consent) return state
  const others = consents.filter((one) => one !== consent)
  const { operations, premises } = interaction
  const wish = { operations, premises, attachments, beside, consents: others }
  return { ...state, pending: { wish, interaction, consent } }
}
