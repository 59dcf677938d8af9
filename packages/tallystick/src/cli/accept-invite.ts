/** Accepting an invitation: the terms are shown, and on a yes the machine's folder is made. */
import { equalBytes } from '../base/bytes.ts'
import { isFault } from '../base/fault.ts'
import { createNativeEngine } from '../engine/native.ts'
import type { Charter } from '../kernel/charter.ts'
import { openMachine } from '../kernel/execute.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { admitBilateral } from '../models/bilateral/policy.ts'
import { inviteFromFile, type ReadInvite } from '../verify/invite.ts'
import { proposerAt } from '../kernel/charter.ts'
import { homeFolder } from './home.ts'
import { identityText } from './identity-view.ts'
import { type Keyring, listDevices, listIdentities } from './keystore.ts'
import {
  createMachineFolder,
  folderNameFrom,
  dirOption,
  type MachineFolder,
  pathFromHere,
} from './machine-folder.ts'
import { firstWords } from './next-step.ts'
import { type ExitCode, type Output, usageError } from './print.ts'
import { askYesNo, isAttended } from './prompt.ts'
import { showTerms } from './terms-view.ts'

export type InviteOptions = {
  readonly dir?: string
  readonly yes?: boolean
  readonly no?: boolean
}

/** Shows an invitation and, if the user agrees, begins the machine. */
export const acceptInvite = async (
  output: Output,
  file: Uint8Array,
  options: InviteOptions,
): Promise<ExitCode> => {
  const engine = createNativeEngine()
  const invite = inviteFromFile(file, engine)
  const { charter } = invite
  const own = ownPlaceIn(charter, invite.from)
  checkServed(charter)
  const inviter = nameAt(charter, invite.from)
  output.line([{ text: inviter, tone: 'strong' }, ' invites you to keep a machine together:'])
  output.line()
  showTerms(output, charter, (party) => noteOn(party, own.party, invite))
  output.line()
  output.line(
    `The name ${inviter} proves nothing: ask ${inviter} for the identity by another way.`,
    'quiet',
  )
  const isAccepted = await isWanted(output, options)
  output.line()
  if (!isAccepted) {
    output.line('Not accepted; nothing was made.')
    output.result({ accepted: false })
    output.next('nothing')
    return 0
  }
  const folder = createMachineFolder(
    options.dir ?? folderNameFrom(nameAt(charter, own.party), inviter),
    {
      charter,
      party: own.party,
      identity: own.ring.name,
      device: own.device,
      peerIdentity: invite.card.identity,
    },
  )
  output.line(`It lies in ${pathFromHere(folder.path)}. Nothing has been signed.`)
  output.result({ accepted: true, machine: folder.id, folder: folder.path })
  output.next(nextWords(folder))
  return 0
}

const nextWords = (folder: MachineFolder): string => {
  const dir = dirOption(folder)
  return proposerAt(folder.charter.terms, 1n) === folder.party
    ? `tally propose ${firstWords(folder)}${dir}`
    : `wait for ${folder.peer}’s first file, then: tally accept FILE${dir}`
}

type OwnPlace = { readonly party: number; readonly ring: Keyring; readonly device: string }

/** Which participant the user is: the one whose key lies here. Raises a usage error where none does. */
const ownPlaceIn = (charter: Charter, inviter: number): OwnPlace => {
  const home = homeFolder(process.env)
  const engine = createNativeEngine()
  for (const [party, { controller }] of charter.terms.participants.entries()) {
    if (party === inviter) continue
    for (const name of listIdentities(home)) {
      const ring = { home, name, engine }
      const device = listDevices(ring).find(
        (one) =>
          one.here &&
          controller.keys.some(
            (key) => key.scheme === one.key.scheme && equalBytes(key.publicKey, one.key.publicKey),
          ),
      )
      if (device) return { party, ring, device: device.name }
    }
  }
  const names = charter.terms.participants.map((one) => one.name).join(' and ')
  throw usageError(
    `this invitation is for ${names}, and none of your keys is named in it`,
    'hand out your card with tally id card, and ask for a new invitation',
  )
}

/** The folder can only hold machines that this command serves. */
const checkServed = (charter: Charter): void => {
  const { terms } = charter
  if (terms.policy.kind !== 'bilateral' || terms.participants.length !== 2) {
    throw usageError(
      'only machines of two that both sign are served here',
      'decline the invitation',
    )
  }
  const fault = admitBilateral(terms) ?? openMachine(charter, STANDARD_LOGICS)
  if (isFault(fault)) throw fault
}

const noteOn = (party: number, own: number, invite: ReadInvite): string => {
  if (party === own) return 'you'
  return party === invite.from ? `identity ${identityText(invite.card.identity)}` : ''
}

const nameAt = ({ terms }: Charter, party: number): string => terms.participants[party]?.name ?? ''

const isWanted = async (output: Output, options: InviteOptions): Promise<boolean> => {
  if (options.yes === true) return true
  if (options.no === true) return false
  if (output.json || !isAttended()) {
    throw usageError('nobody is at the terminal to answer', 'add --yes or --no')
  }
  return askYesNo('Keep it?')
}
