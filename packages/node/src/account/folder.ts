/**
 * Account folders: one for each machine that a user owns alone and that a directory certifies.
 *
 * | file | what |
 * |---|---|
 * | `account.json` | the charter, and whose keys sign |
 * | `directory.json` | where its operators are reached, with tokens |
 * | `desk/` | what the owner must not forget, see `desk.ts` |
 * | `contacts/` | accounts of others, by name: a file each, with the charter in it |
 * | `support/` | files that received money rests on and that no directory has |
 * | `left/` | marks of what was delivered |
 * | `audit` | what was seen of the operators' logs |
 * | `risk.json`, `risk/` | what may be lost by money that is not certified, and what was taken at such a risk |
 * | `inbox.json` | up to where each operator's inbox was read |
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  bytesFromHex,
  bytesFromUtf8,
  Fault,
  faultFrom,
  hexFromBytes,
  isFault,
  type MachineId,
  type SignerKey,
} from 'tallystick/base'
import {
  createFile,
  createPrivateFolder,
  readPrivateFile,
  replaceFile,
  usageError,
} from 'tallystick/shell'
import { type Charter, charter, type Key, machineId } from 'tallystick/kernel'
import { DIRECTORY, type Operator, ownerKey } from 'tallystick/models'
import type { OperatorAddress } from '../client/operator.ts'

export type AccountFolder = {
  readonly path: string
  readonly id: MachineId
  readonly charter: Charter
  /** Position and name of the owner among the participants. */
  readonly party: number
  readonly own: string
  readonly key: SignerKey
  /** Whose keys sign: an identity in the user's home, and its device. */
  readonly identity: string
  readonly device: string
  /** For development: where the identity lies, if not in the user's home, and a file with its passphrase. */
  readonly development: Development | undefined
}

export type Development = { readonly home: string; readonly passphraseFile: string }

export type AccountCard = Pick<AccountFolder, 'charter' | 'identity' | 'device' | 'development'>

/** Raises a usage error where something has its name. */
export const createAccountFolder = (
  path: string,
  card: AccountCard,
  addresses: readonly OperatorAddress[],
): AccountFolder => {
  if (existsSync(join(path, CARD))) throw usageError(`${path} exists`, 'choose another folder')
  createPrivateFolder(path)
  writeAddresses(path, addresses)
  const { identity, device, development } = card
  const fields = {
    format: FORMAT,
    charter: hexFromBytes(charter.encode(card.charter)),
    identity,
    device,
    ...(development ? { development: { warning: DEVELOPMENT, ...development } } : {}),
  }
  createFile(join(path, CARD), fileOf(fields))
  return folderFrom(path, card)
}

/** Raises a usage error where there is no account, and `account/damaged`. */
export const readAccountFolder = (path: string): AccountFolder => {
  if (!existsSync(join(path, CARD))) {
    throw usageError(`there is no account in ${path}`, 'name its folder with --dir')
  }
  const read = faultFrom(() => cardFrom(readPrivateFile(join(path, CARD), CARD_BYTES_MAX)))
  if (isFault(read)) throw new Fault('account/damaged', `no usable ${CARD}: ${read.message}`)
  return folderFrom(path, read)
}

export const writeAddresses = (path: string, addresses: readonly OperatorAddress[]): void =>
  replaceFile(join(path, DIRECTORY_FILE), fileOf({ operators: addresses }))

/** Raises `account/damaged`. */
export const readAddresses = (path: string): readonly OperatorAddress[] => {
  const json = jsonFrom(readPrivateFile(join(path, DIRECTORY_FILE), CARD_BYTES_MAX))
  const operators: unknown = member(json, 'operators')
  if (!Array.isArray(operators)) throw damaged(DIRECTORY_FILE)
  return operators.map((one: unknown): OperatorAddress => {
    const [name, url, token] = ['name', 'url', 'token'].map((field) => member(one, field))
    if (typeof name !== 'string' || typeof url !== 'string' || typeof token !== 'string') {
      throw damaged(DIRECTORY_FILE)
    }
    const publicKey = member(one, 'publicKey')
    return { name, url, token, ...(typeof publicKey === 'string' ? { publicKey } : {}) }
  })
}

/**
 * Addresses of operators beside those that were known. Two of one name are told apart by their keys; folders of before do not say
 * these, so a known address without one is that of the newest operator of its name among those who ever certified.
 */
export const joinAddresses = (
  known: readonly OperatorAddress[],
  fresh: readonly OperatorAddress[],
  ever: readonly Pick<Operator, 'name' | 'publicKey'>[],
): readonly OperatorAddress[] => [
  ...fresh,
  ...known
    .map((one): OperatorAddress => {
      const operator = ever.findLast(({ name }) => name === one.name)
      return one.publicKey === undefined && operator
        ? { ...one, publicKey: hexFromBytes(operator.publicKey) }
        : one
    })
    .filter((old) => !fresh.some((one) => isSameOperator(one, old))),
]

const isSameOperator = (a: OperatorAddress, b: OperatorAddress): boolean =>
  a.publicKey === undefined || b.publicKey === undefined
    ? a.name === b.name
    : a.publicKey === b.publicKey

export const CARD = 'account.json'
const DIRECTORY_FILE = 'directory.json'
const FORMAT = 'tallystick/1 account'
const CARD_BYTES_MAX = 1_048_576

export const fileOf = (fields: object): Uint8Array =>
  bytesFromUtf8(`${JSON.stringify(fields, null, 2)}\n`)

const damaged = (name: string): Fault => new Fault('account/damaged', `no usable ${name}`)

/** Raises `account/damaged`. */
export const jsonFrom = (file: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(file))
  } catch {
    throw new Fault('account/damaged', 'a file of the account is no JSON')
  }
}

export const member = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null
    ? Object.getOwnPropertyDescriptor(of, name)?.value
    : undefined

/** A file of the folder, or nothing where there is none. */
export const fileAt = (path: string): Uint8Array | undefined =>
  existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined

const cardFrom = (file: Uint8Array): AccountCard => {
  const json = jsonFrom(file)
  const [format, hex, identity, device] = ['format', 'charter', 'identity', 'device'].map((name) =>
    member(json, name),
  )
  if (
    format !== FORMAT ||
    typeof hex !== 'string' ||
    typeof identity !== 'string' ||
    typeof device !== 'string'
  ) {
    throw damaged(CARD)
  }
  return {
    charter: charter.decode(bytesFromHex(hex)),
    identity,
    device,
    development: developmentFrom(member(json, 'development')),
  }
}

const DEVELOPMENT =
  'the key of this account is open to whoever reads this folder; only for trying out'

const developmentFrom = (json: unknown): Development | undefined => {
  const [home, passphraseFile] = [member(json, 'home'), member(json, 'passphraseFile')]
  return typeof home === 'string' && typeof passphraseFile === 'string'
    ? { home, passphraseFile }
    : undefined
}

const folderFrom = (path: string, card: AccountCard): AccountFolder => {
  const owner = ownerOf(card.charter)
  if (!owner) throw new Fault('account/damaged', 'the charter is not that of an account')
  return { ...card, ...owner, path, id: machineId(card.charter) }
}

export type AccountOwner = {
  readonly party: number
  readonly own: string
  readonly key: Key
}

/** Who owns a machine, if it is an account: owned by one key and certified by a directory. */
export const ownerOf = (of: Charter): AccountOwner | undefined => {
  const { turn, policy, participants } = of.terms
  if (turn.is !== 'owner' || policy.kind !== DIRECTORY) return undefined
  const own = participants[turn.party]?.name
  const key = ownerKey(of)
  return own !== undefined && key ? { party: turn.party, own, key } : undefined
}
