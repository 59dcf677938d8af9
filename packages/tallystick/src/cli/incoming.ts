/** Files that a user hands to `tally accept`: message and invitation files, and pictures of QR codes. */
import { Fault, isFault } from '../base/fault.ts'
import { type Message, message } from '../models/bilateral/message.ts'
import { kindOfFile } from '../verify/file.ts'
import { messageFromFile } from './carrier/file.ts'
import { isPng } from './carrier/png.ts'
import { filesFromPictures } from './codes.ts'
import { readInputFile } from './input-file.ts'
import { findMachineFolder, type MachineFolder, machineFoldersHere } from './machine-folder.ts'
import { usageError } from './print.ts'

export type Incoming =
  | { readonly is: 'invite'; readonly from: string; readonly file: Uint8Array }
  | {
      readonly is: 'message'
      readonly from: string
      /** As the party reads it. */
      readonly bytes: Uint8Array
      /** As it claims to be; nothing of it is checked. */
      readonly claimed: Message
    }

/** What a file is for one of the parties. Raises a usage error for what is for everybody, and the codecs' faults. */
export const incomingFrom = (from: string, file: Uint8Array): Incoming => {
  const kind = kindOfFile(file)
  switch (kind) {
    case 'invite':
      return { is: 'invite', from, file }
    case 'message': {
      const bytes = messageFromFile(file)
      return { is: 'message', from, bytes, claimed: decoded(bytes, from) }
    }
    case 'bundle':
    case 'evidence':
    case 'operator-evidence':
    case 'network-state':
    case 'guardian-evidence':
      throw usageError(`${from} is a ${kind}: there is nothing to accept`, `tally verify ${from}`)
    case 'credential':
    case 'presentation':
    case 'status':
      throw usageError(`${from} is a ${kind}: nothing to accept`, 'tally credential --help')
    case 'identity':
      throw usageError(`${from} is a card: there is nothing to accept`, `tally new --with ${from}`)
  }
}

const decoded = (bytes: Uint8Array, from: string): Message => {
  try {
    return message.decode(bytes)
  } catch (error) {
    throw isFault(error) ? error.at({ part: from }) : error
  }
}

export type Read = {
  readonly invite: Extract<Incoming, { is: 'invite' }> | undefined
  readonly messages: readonly Extract<Incoming, { is: 'message' }>[]
}

/** Reads what was handed over, as files or as pictures of codes: one invitation, or messages. Raises a usage error for a mixture. */
export const readIncoming = (paths: readonly string[]): Read => {
  const files = paths.map((path) => ({ path, bytes: readInputFile(path) }))
  const pictures = files.filter((one) => isPng(one.bytes))
  const all = [
    ...files.filter((one) => !isPng(one.bytes)).map((one) => incomingFrom(one.path, one.bytes)),
    ...filesFromPictures(pictures).map((file) => incomingFrom('the QR codes', file)),
  ]
  const invite = all.find((one) => one.is === 'invite')
  if (invite && all.length > 1) {
    throw usageError('an invitation among other files', 'accept it alone, and then the others')
  }
  return { invite, messages: all.filter((one) => one.is === 'message') }
}

/**
 * The folder that messages are for: the one named, or the one of their machine here whose other party sent them. Raises
 * `message/other-machine` where none is.
 */
export const folderForMessages = (
  named: string | undefined,
  messages: Read['messages'],
): MachineFolder => {
  const [first] = messages
  if (named !== undefined || !first) return findMachineFolder(named)
  const { machine, from, sequence } = first.claimed
  const found = machineFoldersHere().find((one) => one.id === machine && one.party !== from)
  if (found) return found
  const says = `no machine here is the one that ${first.from} is for`
  throw new Fault('message/other-machine', says, { machine, step: sequence + 1n, part: first.from })
}
