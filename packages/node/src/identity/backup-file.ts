/**
 * Backup files: the key log of an identity and the keys of the devices here, sealed under its recovery words.
 *
 * Without it the words bring the identity back, with fresh keys; the machines of lost devices then stand still, since only
 * their own keys move them. With it those keys come back too. A machine that goes on from there asks its operators first how far
 * its key has signed since (`models/directory/resume.ts`): the file may be old.
 *
 * Each key is a key file as the command keeps it, with 32 bytes that follow from the words in the place of a passphrase. The root is
 * not in it: a recovery makes a fresh one.
 *
 * Promise. Who has the file and not the words learns what the log says, and that there are so many devices.
 */
import { bytesFromHex, bytesFromUtf8, Fault, hexFromBytes, utf8FromBytes } from 'tallystick/base'
import {
  COST_MIN,
  devicePath,
  type Identity,
  identityFrom,
  type Keyring,
  listDevices,
  openIdentity,
  openKey,
  type OpenedKey,
  openOwnKey,
  sealKey,
} from 'tallystick/command'
import { backupSeal, type IdentityId, type SignedKeyEvent, signedKeyEvent } from 'tallystick/kernel'

export type Backup = {
  readonly log: readonly SignedKeyEvent[]
  /** Sealed key files, as they are. */
  readonly keys: readonly Uint8Array[]
}

const FORMAT = 'tallystick/1 backup'

/** A backup of the identity and of the devices whose keys lie here. */
export const makeBackup = (
  ring: Keyring & { readonly passphrase: string },
  secret: Uint8Array,
): Backup => {
  const identity = openIdentity(ring)
  const seal = sealText(secret, identity.id)
  const keys = listDevices(ring).flatMap((device) => {
    if (!device.here) return []
    const { seed, nextSeed, ...card } = openOwnKey(ring, devicePath(ring, device.name))
    // The seal has 256 bits: a slow derivation adds nothing, and the least that is allowed is enough.
    return [sealKey(card, { seed, nextSeed }, seal, COST_MIN)]
  })
  return { log: identity.log, keys }
}

export const fileFromBackup = ({ log, keys }: Backup): Uint8Array =>
  bytesFromUtf8(
    `${JSON.stringify(
      {
        format: FORMAT,
        log: log.map((one) => hexFromBytes(signedKeyEvent.encode(one))),
        keys: keys.map((one) => utf8FromBytes(one)),
      },
      null,
      2,
    )}\n`,
  )

/** Raises `backup/damaged` for what is no backup. Its log is not judged yet. */
export const backupFromFile = (file: Uint8Array): Backup => {
  const json = parsed(file)
  const [format, log, keys] = ['format', 'log', 'keys'].map((name) => member(json, name))
  if (format !== FORMAT || !isTexts(log) || !isTexts(keys)) throw damaged('the format is unknown')
  return {
    log: log.map((one) => signedKeyEvent.decode(bytesFromHex(one))),
    keys: keys.map(bytesFromUtf8),
  }
}

/** The identity of a backup. Raises the faults of key logs. */
export const identityOfBackup = (ring: Keyring, { log }: Backup): Identity =>
  identityFrom(ring.name, log, ring.engine)

/** The keys in a backup. Raises `backup/other-words`, and what opening key files raises. */
export const keysOfBackup = (
  { keys }: Backup,
  secret: Uint8Array,
  identity: IdentityId,
): readonly OpenedKey[] => {
  const seal = sealText(secret, identity)
  try {
    return keys.map((one) => openKey(one, seal))
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'keystore/wrong-passphrase') throw error
    throw new Fault('backup/other-words', 'the backup was sealed under other words')
  }
}

const sealText = (secret: Uint8Array, identity: IdentityId): string =>
  hexFromBytes(backupSeal({ secret, identity }))

const parsed = (file: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8FromBytes(file))
  } catch {
    throw damaged('it is no JSON')
  }
}

const member = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null
    ? Object.getOwnPropertyDescriptor(of, name)?.value
    : undefined

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

const damaged = (says: string): Fault =>
  new Fault('backup/damaged', `this is no usable backup: ${says}`)
