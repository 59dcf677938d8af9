/**
 * Machine folders: one for each machine that a user takes part in. A folder is all there is: it can be moved, and copied
 * for a backup; the guard in the user's home notices when an old copy takes its place.
 *
 * | file | what |
 * |---|---|
 * | `machine.json` | the charter, and who of the two this is |
 * | `desk/` | what the party must not forget, see `desk/store.ts` |
 * | `out/` | files to hand to the other party |
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { bytesFromHex, bytesFromUtf8, hexFromBytes } from '../base/bytes.ts'
import type { MachineId } from '../base/brand.ts'
import { Fault, isFault } from '../base/fault.ts'
import { jsonCount, jsonFromBytes, jsonObjectWith, jsonText } from '../forms/strict-json.ts'
import { type Charter, charter, machineId } from '../kernel/charter.ts'
import { createFile, createPrivateFolder, readPrivateFile } from './durable-file.ts'
import { fileNameFrom } from './file-name.ts'
import { usageError } from './print.ts'

/** What `machine.json` says. */
export type MachineCard = {
  readonly charter: Charter
  /** Own position among the participants: 0 or 1. */
  readonly party: number
  /** Whose keys sign: an identity in the user's home, and its device. */
  readonly identity: string
  readonly device: string
  /** The other party's identity, as its card said. */
  readonly peerIdentity: string
}

export type MachineFolder = MachineCard & {
  readonly path: string
  readonly id: MachineId
  /** Own name and the other party's, as the charter calls them. */
  readonly own: string
  readonly peer: string
}

/**
 * Makes a machine folder, with files for the other party if there are any. Raises a usage error where something has its
 * name.
 */
export const createMachineFolder = (
  path: string,
  card: MachineCard,
  out: ReadonlyMap<string, Uint8Array> = new Map(),
): MachineFolder => {
  if (existsSync(path)) throw usageError(`${path} exists`, 'choose another folder with --dir')
  createPrivateFolder(dirname(resolve(path)))
  // Made beside its place and moved there whole, so that no half of a folder is ever seen.
  const draft = join(dirname(resolve(path)), `.draft-${randomBytes(6).toString('hex')}`)
  createPrivateFolder(join(draft, OUT))
  try {
    createFile(join(draft, CARD_FILE), cardFileFrom(card))
    for (const [name, bytes] of out) createFile(join(draft, OUT, name), bytes)
    renameSync(draft, path)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return folderFrom(path, card)
}

/** Raises a usage error where there is no machine, and `machine/damaged`. */
export const readMachineFolder = (path: string): MachineFolder => {
  if (!isMachineFolder(path)) {
    throw usageError(`there is no machine in ${path}`, 'name its folder with --dir')
  }
  return folderFrom(path, cardFromFile(readPrivateFile(join(path, CARD_FILE), CARD_BYTES_MAX)))
}

/**
 * The machine folder that a command is about: the one named, or the one the user stands in, or else the only one below.
 * `fits` leaves out those that cannot be meant. Raises a usage error where there is none or more than one.
 */
export const findMachineFolder = (
  named: string | undefined,
  fits: (folder: MachineFolder) => boolean = () => true,
): MachineFolder => {
  if (named !== undefined) return readMachineFolder(named)
  const found = machineFoldersHere().filter(fits)
  const [only] = found
  if (only === undefined) throw usageError('there is no machine here', 'name its folder with --dir')
  if (found.length > 1) {
    const names = found.map((one) => pathFromHere(one.path)).join(', ')
    throw usageError(`there are ${found.length} machines here: ${names}`, 'add --dir FOLDER')
  }
  return only
}

/** The machine the user stands in, or those in folders right below. */
export const machineFoldersHere = (): readonly MachineFolder[] => {
  if (isMachineFolder('.')) return [readMachineFolder('.')]
  return readdirSync('.', { withFileTypes: true })
    .filter((one) => one.isDirectory() && !one.name.startsWith('.') && isMachineFolder(one.name))
    .map((one) => readMachineFolder(one.name))
}

/** The folder for a machine of two where the user names none: both names, the own one first. */
export const folderNameFrom = (own: string, peer: string): string =>
  [own, peer].map(fileNameFrom).join('-')

/** A path as the user would type it. */
export const pathFromHere = (path: string): string => {
  const near = relative('.', path)
  return near === '' ? '.' : near.startsWith('..') ? path : near
}

export const outFolder = (of: Pick<MachineFolder, 'path'>): string => join(of.path, OUT)
export const deskFolder = (of: Pick<MachineFolder, 'path'>): string => join(of.path, 'desk')

/** How the user's commands name this folder: nothing if they need not. */
export const dirOption = (of: Pick<MachineFolder, 'path'>): string => {
  const isOnly = machineFoldersHere().every((one) => resolve(one.path) === resolve(of.path))
  return isOnly && basename(resolve(of.path)) !== '' && isBelowHere(of.path)
    ? ''
    : ` --dir ${pathFromHere(of.path)}`
}

const isBelowHere = (path: string): boolean =>
  resolve(path) === resolve('.') || dirname(resolve(path)) === resolve('.')

const CARD_FILE = 'machine.json'
const OUT = 'out'
const FORMAT = 'tallystick/1 machine'
const CARD_BYTES_MAX = 1_048_576
const FIELDS = ['format', 'charter', 'party', 'identity', 'device', 'peerIdentity'] as const

export const isMachineFolder = (path: string): boolean => existsSync(join(path, CARD_FILE))

const cardFileFrom = (card: MachineCard): Uint8Array =>
  bytesFromUtf8(
    `${JSON.stringify(
      { format: FORMAT, ...card, charter: hexFromBytes(charter.encode(card.charter)) },
      null,
      2,
    )}\n`,
  )

const cardFromFile = (file: Uint8Array): MachineCard => {
  try {
    const fields = jsonObjectWith(jsonFromBytes(file, CARD_BYTES_MAX), FIELDS, 'the file')
    if (fields.format !== FORMAT) throw new Fault('machine/damaged', 'the format is unknown')
    return {
      charter: charter.decode(bytesFromHex(jsonText(fields.charter, 'the charter'))),
      party: jsonCount(fields.party, 'the party'),
      identity: jsonText(fields.identity, 'the identity'),
      device: jsonText(fields.device, 'the device'),
      peerIdentity: jsonText(fields.peerIdentity, 'the other identity'),
    }
  } catch (error) {
    if (!isFault(error)) throw error
    throw new Fault('machine/damaged', `no usable ${CARD_FILE}: ${error.message}`)
  }
}

const folderFrom = (path: string, card: MachineCard): MachineFolder => {
  const [own, peer] = [card.party, 1 - card.party].map(
    (at) => card.charter.terms.participants[at]?.name,
  )
  if (own === undefined || peer === undefined) {
    throw new Fault('machine/damaged', `party ${card.party} is none of the two`)
  }
  return { ...card, path, id: machineId(card.charter), own, peer }
}
