/**
 * The keys of this machine's user: a folder for each identity, with its public identity file and one sealed file for
 * each key. This module reads them; `identity-change.ts` writes them.
 *
 *     HOME/identities/NAME/identity.json      the key log, public
 *     HOME/identities/NAME/root.key.json      signs key events
 *     HOME/identities/NAME/device-D.key.json  signs steps
 *
 * Promise. A key file that others may read is not opened, nor one whose open part was changed.
 */
import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { equalBytes } from '../base/bytes.ts'
import { Fault, isFault } from '../base/fault.ts'
import type { SignerKey } from '../base/signer.ts'
import type { Engine, Signer } from '../base/verifier.ts'
import type { Device, DeviceLeaf } from '../kernel/device-tree.ts'
import { readPrivateFile } from './durable-file.ts'
import { isDeviceName } from './file-name.ts'
import { IDENTITY_FILE_BYTES_MAX, type Identity, readIdentityFile } from './identity-file.ts'
import {
  KEY_FILE_BYTES_MAX,
  type KeyCard,
  type KeySecrets,
  openKey,
  readKeyCard,
} from './key-file.ts'

/** Where an identity lies, and what works with its keys. */
export type Keyring = {
  /** The user's folder. */
  readonly home: string
  /** The identity's label on this machine: lower-case letters, digits and dashes. */
  readonly name: string
  readonly engine: Engine
}

export type ListedDevice = DeviceLeaf & {
  /** Whether its sealed key lies on this machine. */
  readonly here: boolean
}

export type OpenedKey = KeyCard & KeySecrets

/** The names of the identities in a user's folder, sorted. */
export const listIdentities = (home: string): readonly string[] => {
  const folder = join(home, 'identities')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => isName(name) && existsSync(identityPath({ home, name })))
    .sort()
}

/** Reads and checks an identity. Raises `identity/bad-name`, `identity/unknown` and what `readIdentityFile` raises. */
export const openIdentity = (ring: Keyring): Identity => {
  const path = identityPath(ring)
  if (!existsSync(path)) {
    throw new Fault('identity/unknown', `no identity ${ring.name} in ${ring.home}`)
  }
  return readIdentityFile(readPrivateFile(path, IDENTITY_FILE_BYTES_MAX), ring.engine)
}

/** The devices that act for the identity now. Raises what `openIdentity` raises. */
export const listDevices = (ring: Keyring): readonly ListedDevice[] =>
  openIdentity(ring).devices.map((device) => ({ ...device, here: keyLiesHere(ring, device) }))

/**
 * The signer of a device that is listed and whose key lies here. Raises `identity/unknown-device` and what opening the
 * identity and the key raises.
 */
export const openSigner = (
  ring: Keyring & { readonly passphrase: string; readonly device: string },
): Signer => {
  const listed = openIdentity(ring).devices.find((entry) => entry.name === ring.device)
  if (listed === undefined || !keyLiesHere(ring, listed)) {
    throw new Fault(
      'identity/unknown-device',
      `${ring.name} has no device ${ring.device} whose key lies here`,
    )
  }
  const { key, seed } = openOwnKey(ring, devicePath(ring, ring.device))
  return { ...key, sign: (message) => ring.engine.sign(key.scheme, seed, message) }
}

/**
 * Opens a key file and makes its key again. Raises `keystore/tampered` if it is another key than the file says, and
 * what `openKey` raises.
 */
export const openOwnKey = (
  { engine, passphrase }: { readonly engine: Engine; readonly passphrase: string },
  path: string,
): OpenedKey => {
  const opened = openAt(path, passphrase)
  const { publicKey } = engine.fromSeed(opened.key.scheme, opened.seed)
  if (!equalBytes(publicKey, opened.key.publicKey)) {
    throw new Fault('keystore/tampered', `the seed of ${opened.name} makes another public key`)
  }
  return opened
}

/** Whose key it is, and of which device, is said with a wrong passphrase: people have several. */
const openAt = (path: string, passphrase: string): OpenedKey => {
  const file = readPrivateFile(path, KEY_FILE_BYTES_MAX)
  try {
    return openKey(file, passphrase)
  } catch (error) {
    if (!isFault(error) || error.code !== 'keystore/wrong-passphrase') throw error
    const { role, name } = readKeyCard(file)
    const owner = basename(dirname(path))
    const whose =
      role === 'root' ? `the root key of ${owner}` : `the key of ${owner}, device ${name}`
    throw new Fault(error.code, `this passphrase does not open ${whose} (${path})`)
  }
}

/** What the key file at `path` shows without a passphrase; undefined where there is none. */
export const keyCardAt = (path: string): KeyCard | undefined =>
  existsSync(path) ? readKeyCard(readPrivateFile(path, KEY_FILE_BYTES_MAX)) : undefined

/** Raises `identity/bad-name`: names become file names. */
export const identityFolder = ({ home, name }: Place): string =>
  join(home, 'identities', checkedName(name))

export const identityPath = (place: Place): string => join(identityFolder(place), IDENTITY_FILE)
export const rootPath = (place: Place): string => join(identityFolder(place), ROOT_FILE)
export const devicePath = (place: Place, device: string): string =>
  join(identityFolder(place), deviceFile(device))

export const IDENTITY_FILE = 'identity.json'
export const ROOT_FILE = 'root.key.json'
export const deviceFile = (device: string): string => `device-${checkedName(device)}.key.json`

export const sameKey = (a: SignerKey, b: SignerKey): boolean =>
  a.scheme === b.scheme && equalBytes(a.publicKey, b.publicKey)

type Place = { readonly home: string; readonly name: string }

// An event signed elsewhere may name a device as no file here can be named.
const keyLiesHere = (place: Place, device: Device): boolean => {
  if (!isName(device.name)) return false
  const card = keyCardAt(devicePath(place, device.name))
  return card !== undefined && sameKey(card.key, device.key)
}

const isName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9-]{0,31}$/.test(name) && !isDeviceName(name)

const checkedName = (name: string): string => {
  if (!isName(name)) {
    throw new Fault(
      'identity/bad-name',
      'a name has 1 to 32 lower-case letters, digits and dashes, starts with no dash, and is no device of Windows',
    )
  }
  return name
}
