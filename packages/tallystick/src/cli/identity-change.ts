/**
 * Changes of an identity: make one, rotate its root, add and remove devices.
 *
 * Promise. A change is whole or not made, also after a crash: a rotation that was cut short is finished by the next
 * change. Two changes at once are refused, since two lists with one number would be evidence against the owner.
 * Folders and files are the owner's alone.
 *
 * Not promised. Whoever restores an old copy of the folder and changes it signs a second list with a number that was
 * used before. Take the newest copy, or let another device make the change.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { zeroId } from '../base/brand.ts'
import { Fault } from '../base/fault.ts'
import type { SignerKey } from '../base/signer.ts'
import { type SchemeId, suiteRules, type SuiteId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import {
  type DeviceList,
  deviceListId,
  deviceListMessage,
  nextKeyId,
  type SignedDeviceList,
} from '../kernel/device-list.ts'
import { createFile, createPrivateFolder, replaceFile, withLock } from './durable-file.ts'
import { type Identity, identityFileFrom, identityFrom } from './identity-file.ts'
import { type Cost, COST_DEFAULT, type KeyRole, sealKey } from './key-file.ts'
import {
  deviceFile,
  devicePath,
  IDENTITY_FILE,
  identityFolder,
  identityPath,
  keyCardAt,
  type Keyring,
  openIdentity,
  type OpenedKey,
  openOwnKey,
  ROOT_FILE,
  rootPath,
  sameKey,
} from './keystore.ts'

export type Unlocking = Keyring & {
  readonly passphrase: string
  /** What each guess of the passphrase costs, for files that are written. */
  readonly cost?: Cost
}

/**
 * Makes an identity with a root key, the key that may follow it, and one device. Raises `identity/bad-name`,
 * `identity/exists`, `keystore/weak-passphrase` and `suite/not-available`.
 */
export const newIdentity = (
  ring: Unlocking & { readonly suite?: SuiteId; readonly device?: string },
): Identity => {
  const { home, name, engine, suite = 'quantum', device = 'first' } = ring
  const folder = identityFolder(ring)
  const firstFile = deviceFile(device)
  if (existsSync(folder)) throw new Fault('identity/exists', `${folder} exists`)
  const root = freshKey(engine, { name: 'root', suite, role: 'root' })
  const first = freshKey(engine, { name: device, suite, role: 'device' })
  const signed = signedList(engine, root, {
    suite,
    sequence: 0,
    previous: zeroId(),
    root: root.key,
    nextRoot: root.nextKey,
    devices: [{ name: device, key: first.key }],
  })
  const identity = identityFrom(name, [signed], engine)
  // Made beside its place and moved there whole, so that no half of an identity is ever seen.
  const draft = join(home, 'identities', `.draft-${randomBytes(6).toString('hex')}`)
  createPrivateFolder(draft)
  try {
    createFile(join(draft, ROOT_FILE), sealed(ring, root))
    createFile(join(draft, firstFile), sealed(ring, first))
    createFile(join(draft, IDENTITY_FILE), identityFileFrom(identity))
    renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return identity
}

/**
 * Makes the promised key the root and promises a fresh one. A rotation that was cut short is finished instead of another
 * being started. Raises `identity/locked`, `identity/other-root` and what opening the identity and its root raises.
 */
export const rotateIdentity = (ring: Unlocking): Identity =>
  change(ring, ({ identity, root, finished }) => {
    if (finished) return identity
    const rotated = followingKey(ring.engine, root)
    // The key file first: from it the list can be made again, and not the other way round.
    replaceFile(rootPath(ring), sealed(ring, rotated))
    return extended(ring, identity, rotated, { root: rotated.key, nextRoot: rotated.nextKey })
  })

/**
 * Lists a device: one whose key was made elsewhere and is handed in, or a new one whose key is made and sealed here.
 * Raises `identity/device-exists`, `identity/bad-name`, the faults of device lists for a key that cannot be listed,
 * and what `rotateIdentity` raises.
 */
export const addDevice = (
  ring: Unlocking & { readonly device: string; readonly key?: SignerKey },
): Identity =>
  change(ring, ({ identity, root }) => {
    const { device } = ring
    deviceFile(device)
    if (identity.head.devices.some((entry) => entry.name === device)) {
      throw new Fault('identity/device-exists', `${identity.name} has a device ${device} already`)
    }
    const key = ring.key ?? keyMadeHere(ring, identity)
    return extended(ring, identity, root, {
      devices: [...identity.head.devices, { name: device, key }],
    })
  })

/**
 * Ends a device and deletes its key file if it lies here. Raises `identity/unknown-device` and what `rotateIdentity`
 * raises.
 */
export const removeDevice = (ring: Unlocking & { readonly device: string }): Identity =>
  change(ring, ({ identity, root }) => {
    const ended = identity.head.devices.find((entry) => entry.name === ring.device)
    if (ended === undefined) {
      throw new Fault('identity/unknown-device', `${identity.name} has no device ${ring.device}`)
    }
    const result = extended(ring, identity, root, {
      devices: identity.head.devices.filter((entry) => entry !== ended),
    })
    const path = devicePath(ring, ring.device)
    const card = keyCardAt(path)
    if (card !== undefined && sameKey(card.key, ended.key)) rmSync(path)
    return result
  })

type Opened = {
  readonly identity: Identity
  readonly root: OpenedKey
  /** Whether a rotation that had been cut short was finished just now. */
  readonly finished: boolean
}

const change = (ring: Unlocking, apply: (opened: Opened) => Identity): Identity => {
  openIdentity(ring)
  return withLock(join(identityFolder(ring), '.lock'), () => {
    // Read again under the lock: another change may have ended between.
    const identity = openIdentity(ring)
    const root = openOwnKey(ring, rootPath(ring))
    if (sameKey(root.key, identity.head.root)) return apply({ identity, root, finished: false })
    if (nextKeyId(identity.head.suite, root.key) !== identity.head.nextRoot) {
      throw new Fault(
        'identity/other-root',
        `the root key here is neither the root of ${identity.name} nor the promised one`,
      )
    }
    const change = { root: root.key, nextRoot: root.nextKey }
    return apply({ identity: extended(ring, identity, root, change), root, finished: true })
  })
}

const extended = (
  ring: Unlocking,
  identity: Identity,
  root: OpenedKey,
  change: Partial<DeviceList>,
): Identity => {
  const signed = signedList(ring.engine, root, {
    ...identity.head,
    ...change,
    sequence: identity.head.sequence + 1,
    previous: deviceListId(identity.head),
  })
  // Checked before it is written: a list that nobody would accept never reaches the disk.
  const result = identityFrom(identity.name, [...identity.lists, signed], ring.engine)
  replaceFile(identityPath(ring), identityFileFrom(result))
  return result
}

const signedList = (engine: Engine, root: OpenedKey, list: DeviceList): SignedDeviceList => ({
  list,
  signature: engine.sign(root.key.scheme, root.seed, deviceListMessage(list)),
})

/** A key of this name that was made here and never listed, as after a crash, or else a fresh one. */
const keyMadeHere = (
  ring: Unlocking & { readonly device: string },
  { head, lists }: Identity,
): SignerKey => {
  const path = devicePath(ring, ring.device)
  const card = keyCardAt(path)
  const wasListed = (key: SignerKey): boolean =>
    lists.some(({ list }) => list.devices.some((device) => sameKey(device.key, key)))
  if (card !== undefined && !wasListed(card.key)) return openOwnKey(ring, path).key
  const made = freshKey(ring.engine, { name: ring.device, suite: head.suite, role: 'device' })
  replaceFile(path, sealed(ring, made))
  return made.key
}

const freshKey = (
  engine: Engine,
  card: { readonly name: string; readonly suite: SuiteId; readonly role: KeyRole },
): OpenedKey => {
  const [scheme] = suiteRules(card.suite).schemes[card.role === 'root' ? 'root' : 'step']
  if (scheme === undefined) {
    throw new Fault('suite/not-available', `${card.suite} has no scheme for a ${card.role}`)
  }
  const seed = freshSeed()
  return {
    ...card,
    ...withNext(engine, card.suite, scheme),
    key: keyFrom(engine, scheme, seed),
    seed,
  }
}

const followingKey = (engine: Engine, of: OpenedKey): OpenedKey => {
  const { scheme } = of.key
  return {
    ...of,
    ...withNext(engine, of.suite, scheme),
    key: keyFrom(engine, scheme, of.nextSeed),
    seed: of.nextSeed,
  }
}

const withNext = (
  engine: Engine,
  suite: SuiteId,
  scheme: SchemeId,
): Pick<OpenedKey, 'nextKey' | 'nextSeed'> => {
  const nextSeed = freshSeed()
  return { nextKey: nextKeyId(suite, keyFrom(engine, scheme, nextSeed)), nextSeed }
}

const keyFrom = (engine: Engine, scheme: SchemeId, seed: Uint8Array): SignerKey => ({
  scheme,
  publicKey: engine.fromSeed(scheme, seed).publicKey,
})

const freshSeed = (): Uint8Array => new Uint8Array(randomBytes(32))

const sealed = (ring: Unlocking, { seed, nextSeed, ...card }: OpenedKey): Uint8Array =>
  sealKey(card, { seed, nextSeed }, ring.passphrase, ring.cost ?? COST_DEFAULT)
