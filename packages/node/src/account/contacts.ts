/**
 * The address book of an account: accounts of others, by the name that the owner calls them. Each stands in a file that holds the
 * other account's charter, so that its machine, its key and its directory follow from what its id is the hash of.
 *
 * Not promised. That a name is a person: whoever handed the file over said so.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, type MachineId } from 'tallystick/base'
import { createPrivateFolder, isDeviceName, replaceFile, usageError } from 'tallystick/shell'
import { type Charter, machineId } from 'tallystick/kernel'
import { type Bundle, bundleFromFile, EMPTY_BUNDLE, fileFromBundle } from 'tallystick/verify'
import { type AccountFolder, type AccountOwner, fileAt, ownerOf } from './folder.ts'

export type Contact = AccountOwner & {
  /** What the owner of the address book calls it. */
  readonly name: string
  readonly id: MachineId
  readonly charter: Charter
}

/** A file that hands an account over as a contact: its charter and nothing else. */
export const contactFile = (charter: Charter): Uint8Array =>
  fileFromBundle({ ...EMPTY_BUNDLE, charters: [charter] })

/** The account that a bundle hands over, if it does: charters without any step, the account's first. */
export const contactIn = (bundle: Bundle): Charter | undefined => {
  const [first] = bundle.charters
  return bundle.steps.length === 0 && first && ownerOf(first) ? first : undefined
}

/** Raises `contact/other-account` where the name stands for another account, and `contact/bad-name`. */
export const addContact = (folder: AccountFolder, charter: Charter, called?: string): Contact => {
  const owner = ownerOf(charter)
  const name = called ?? owner?.own ?? ''
  if (!owner || !isName(name)) {
    throw new Fault('contact/bad-name', `"${name}" is no name for a contact`)
  }
  const known = readContact(folder, name)
  if (known && known.id !== machineId(charter)) {
    throw new Fault('contact/other-account', `${name} is another account in your address book`, {
      party: name,
      machine: machineId(charter),
    })
  }
  createPrivateFolder(join(folder.path, CONTACTS))
  replaceFile(pathOf(folder, name), contactFile(charter))
  return { ...owner, name, id: machineId(charter), charter }
}

export const readContact = (folder: AccountFolder, name: string): Contact | undefined => {
  const file = isName(name) ? fileAt(pathOf(folder, name)) : undefined
  const charter = file && contactIn(bundleFromFile(file))
  const owner = charter && ownerOf(charter)
  return owner && { ...owner, name, id: machineId(charter), charter }
}

export const listContacts = (folder: AccountFolder): readonly Contact[] => {
  const at = join(folder.path, CONTACTS)
  if (!existsSync(at)) return []
  return readdirSync(at)
    .filter((one) => one.endsWith(ENDING))
    .sort()
    .flatMap((one) => readContact(folder, one.slice(0, -ENDING.length)) ?? [])
}

/** Raises a usage error that lists who is known. */
export const contactNamed = (folder: AccountFolder, name: string): Contact => {
  const found = readContact(folder, name)
  if (found) return found
  const known = listContacts(folder).map((one) => one.name)
  throw usageError(
    `${name} is not in your address book`,
    known.length === 0
      ? 'ask for the file of the account, and: tally accept FILE'
      : `you know ${known.join(', ')}; others: tally accept FILE`,
  )
}

const CONTACTS = 'contacts'
const ENDING = '.tally'

const pathOf = (folder: AccountFolder, name: string): string =>
  join(folder.path, CONTACTS, `${name}${ENDING}`)

/** Names become file names (attack: one with slashes and dots that leads out of the folder). */
const isName = (name: string): boolean =>
  /^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,31}$/u.test(name) && !isDeviceName(name)
