/**
 * Changes of an identity: make one, rotate its root, add and remove devices.
 *
 * Promise. A change is whole or not made, also after a crash: a rotation that was cut short is finished by the next
 * change. Two changes at once are refused, since two events with one number would be evidence against the owner.
 * Folders and files are the owner's alone.
 *
 * Not promised. Whoever restores an old copy of the folder and changes it signs a second event with a number that was
 * used before. Take the newest copy, or let another device make the change.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, isFault } from '../base/fault.ts'
import type { SignerKey } from '../base/signer.ts'
import { type SchemeId, suiteRules, type SuiteId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import { soleController } from '../kernel/controller.ts'
import { deviceId, NO_DEVICE_CHANGE } from '../kernel/device-tree.ts'
import {
  type Authority,
  type KeyChange,
  type KeyEvent,
  keyEventMessage,
  type SignedKeyEvent,
} from '../kernel/key-event.ts'
import { draftKeyEvent, type KeyState, signersOf } from '../kernel/key-log.ts'
import { nextKeyId, type Reserve, soleReserve } from '../kernel/reserve.ts'
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
  const { name, engine, suite = 'quantum', device = 'first' } = ring
  identityFolder(ring)
  deviceFile(device)
  refuseTaken(ring)
  const [root, first] = freshKeys(engine, suite, device)
  const event = drafted(engine, undefined, {
    suite,
    change: { is: 'incept', ...authorityOf(root, undefined) },
    devices: { ...NO_DEVICE_CHANGE, add: [{ name: device, group: '', key: first.key }] },
  })
  const signatures = [{ signer: 0, signature: signedBy(engine, root, event) }]
  return placeIdentity(ring, { log: [{ event, signatures }], root, devices: [first], name })
}

/** A key that the reserve names, as whoever recovers has it again. */
export type RecoveryKey = Pick<OpenedKey, 'key' | 'seed'>

/**
 * Puts an identity in place again whose keys are lost or stolen, with a fresh root and one fresh device. Every device that
 * acted is revoked, but for those in `keep`, whose keys are in hand: with them no fresh one is made. `log` is the newest that there is; `by` are keys of the reserve that may recover it, and
 * `recovery` is the reserve from now on. The event has to be handed in afterwards, before anybody else makes one. Raises
 * what `newIdentity` raises, the faults of `judgeKeyLog`, and `reserve/not-committed` for keys that may not recover.
 */
export const recoverIdentity = (
  ring: Unlocking & {
    readonly log: readonly SignedKeyEvent[]
    readonly by: readonly RecoveryKey[]
    readonly recovery: Reserve | undefined
    readonly device?: string
    readonly keep?: readonly OpenedKey[]
  },
): Identity => {
  const { name, engine, log, device = 'first', keep = [] } = ring
  identityFolder(ring)
  deviceFile(device)
  refuseTaken(ring)
  const { head, devices } = identityFrom(name, log, engine)
  const [root, first] = freshKeys(engine, head.suite, device)
  const kept = keep.filter((one) => devices.some((listed) => sameKey(listed.key, one.key)))
  const event = drafted(engine, head, {
    suite: head.suite,
    change: recoveryBy(ring.by, head, authorityOf(root, ring.recovery)),
    devices: {
      revoke: devices
        .filter((listed) => !kept.some((one) => sameKey(listed.key, one.key)))
        .map((one) => deviceId(head.suite, one)),
      revokeGroups: [],
      add: kept.length > 0 ? [] : [{ name: device, group: '', key: first.key }],
    },
  })
  const signatures = [...ring.by, root].map((one, signer) => ({
    signer,
    signature: signedBy(engine, one, event),
  }))
  const own = kept.length > 0 ? kept : [first]
  return placeIdentity(ring, { log: [...log, { event, signatures }], root, devices: own, name })
}

/** Who may recover from now on. Where somebody could before, `by` has to sign for the change. */
export type Renaming = {
  readonly recovery?: Reserve | undefined
  readonly by?: readonly RecoveryKey[]
}

/**
 * Makes the promised key the root and promises a fresh one; with `recovery`, names who may recover the identity from now on.
 * A rotation that was cut short is finished instead of another being started. Raises `identity/locked`,
 * `identity/other-root`, `key-log/recovery-changed` and what opening the identity and its root raises.
 */
export const rotateIdentity = (ring: Unlocking & Renaming): Identity =>
  change(ring, ({ identity, root, finished }) => {
    if (finished) return identity
    const rotated = followingKey(ring.engine, root)
    // The key file first: from it the event can be made again, and not the other way round.
    replaceFile(rootPath(ring), sealed(ring, rotated))
    return extended(ring, identity, rotated, rotationTo(rotated, identity, ring))
  })

/**
 * Lists a device: one whose key was made elsewhere and is handed in, or a new one whose key is made and sealed here.
 * Raises `identity/device-exists`, `identity/bad-name`, the faults of device trees for a key that cannot be listed,
 * and what `rotateIdentity` raises.
 */
export const addDevice = (
  ring: Unlocking & {
    readonly device: string
    readonly group?: string
    readonly key?: SignerKey
  },
): Identity =>
  change(ring, ({ identity, root }) => {
    const { device, group = '' } = ring
    deviceFile(device)
    if (identity.devices.some((entry) => entry.name === device)) {
      throw new Fault('identity/device-exists', `${identity.name} has a device ${device} already`)
    }
    const key = ring.key ?? keyMadeHere(ring, identity)
    return extended(ring, identity, root, {
      devices: { ...NO_DEVICE_CHANGE, add: [{ name: device, group, key }] },
    })
  })

/**
 * Revokes a device and deletes its key file if it lies here. Raises `identity/unknown-device` and what `rotateIdentity`
 * raises.
 */
export const removeDevice = (ring: Unlocking & { readonly device: string }): Identity =>
  change(ring, ({ identity, root }) => {
    const ended = identity.devices.find((entry) => entry.name === ring.device)
    if (ended === undefined) {
      throw new Fault('identity/unknown-device', `${identity.name} has no device ${ring.device}`)
    }
    const result = extended(ring, identity, root, {
      devices: { ...NO_DEVICE_CHANGE, revoke: [deviceId(identity.head.suite, ended)] },
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

const change = (ring: Unlocking & Renaming, apply: (opened: Opened) => Identity): Identity => {
  openIdentity(ring)
  return withLock(join(identityFolder(ring), '.lock'), () => {
    // Read again under the lock: another change may have ended between.
    const identity = openIdentity(ring)
    const root = openOwnKey(ring, rootPath(ring))
    const { keys, threshold } = identity.head.keys
    const isRoot = keys.some((one) => sameKey(one, root.key) && one.weight >= threshold)
    if (isRoot) return apply({ identity, root, finished: false })
    const promised = nextKeyId(identity.head.suite, root.key)
    if (!identity.head.next.keys.some((one) => one.id === promised)) {
      throw new Fault(
        'identity/other-root',
        `the root key here is neither the root of ${identity.name} nor the promised one`,
      )
    }
    const finished = extended(ring, identity, root, rotationTo(root, identity, ring))
    return apply({ identity: finished, root, finished: true })
  })
}

const rotationTo = (root: OpenedKey, { head }: Identity, ring: Renaming): Partial<Drafted> => {
  const { by = [] } = ring
  const authority = authorityOf(root, ring.recovery ?? head.recovery)
  return by.length === 0
    ? { change: { is: 'rotate', ...authority } }
    : { change: recoveryBy(by, head, authority) }
}

/** A recovery by these keys. One that the reserve does not name is refused when the event is judged, whatever it weighs. */
const recoveryBy = (
  by: readonly RecoveryKey[],
  { suite, recovery }: KeyState,
  authority: Authority,
): KeyChange => {
  const weights = new Map(recovery?.keys.map((one) => [one.id, one.weight]))
  const keys = by.map(({ key }) => ({ ...key, weight: weights.get(nextKeyId(suite, key)) ?? 1 }))
  return { is: 'recover', by: { keys, threshold: recovery?.threshold ?? 1 }, ...authority }
}

/** The authority of one root key. */
const authorityOf = (root: OpenedKey, recovery: Reserve | undefined): Authority => ({
  keys: soleController(root.key.scheme, root.key.publicKey),
  next: soleReserve(root.nextKey),
  recovery,
})

type Drafted = Pick<KeyEvent, 'suite' | 'change' | 'devices'>

const drafted = (engine: Engine, before: KeyState | undefined, of: Drafted): KeyEvent => {
  const event = draftKeyEvent(before, of, engine)
  if (isFault(event)) throw event
  return event
}

const extended = (
  ring: Unlocking & Renaming,
  identity: Identity,
  root: OpenedKey,
  of: Partial<Drafted>,
): Identity => {
  const { suite } = identity.head
  const event = drafted(ring.engine, identity.head, {
    suite,
    change: { is: 'devices' },
    devices: NO_DEVICE_CHANGE,
    ...of,
  })
  const { signers } = signersOf(event, identity.head.keys)
  const signatures = (event.change.is === 'recover' ? [...(ring.by ?? []), root] : [root]).map(
    (one) => ({
      signer: signers.findIndex((key) => sameKey(key, one.key)),
      signature: signedBy(ring.engine, one, event),
    }),
  )
  const signed = { event, signatures }
  // Checked before it is written: an event that nobody would accept never reaches the disk.
  const result = identityFrom(identity.name, [...identity.log, signed], ring.engine)
  replaceFile(identityPath(ring), identityFileFrom(result))
  return result
}

const signedBy = (engine: Engine, by: RecoveryKey, event: KeyEvent): Uint8Array =>
  engine.sign(by.key.scheme, by.seed, keyEventMessage(event))

const refuseTaken = (ring: Keyring): void => {
  const folder = identityFolder(ring)
  if (existsSync(folder)) throw new Fault('identity/exists', `${folder} exists`)
}

type Placed = {
  readonly name: string
  readonly log: readonly SignedKeyEvent[]
  readonly root: OpenedKey
  readonly devices: readonly OpenedKey[]
}

/** Made beside its place and moved there whole, so that no half of an identity is ever seen. */
const placeIdentity = (ring: Unlocking, { name, log, root, devices }: Placed): Identity => {
  const identity = identityFrom(name, log, ring.engine)
  const draft = join(ring.home, 'identities', `.draft-${randomBytes(6).toString('hex')}`)
  createPrivateFolder(draft)
  try {
    createFile(join(draft, ROOT_FILE), sealed(ring, root))
    for (const one of devices) createFile(join(draft, deviceFile(one.name)), sealed(ring, one))
    createFile(join(draft, IDENTITY_FILE), identityFileFrom(identity))
    renameSync(draft, identityFolder(ring))
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return identity
}

/** A key of this name that was made here and never listed, as after a crash, or else a fresh one. */
const keyMadeHere = (
  ring: Unlocking & { readonly device: string },
  { head }: Identity,
): SignerKey => {
  const path = devicePath(ring, ring.device)
  const card = keyCardAt(path)
  if (card !== undefined && !head.devices.devices.has(deviceId(head.suite, card))) {
    return openOwnKey(ring, path).key
  }
  const made = freshKey(ring.engine, { name: ring.device, suite: head.suite, role: 'device' })
  replaceFile(path, sealed(ring, made))
  return made.key
}

const freshKeys = (
  engine: Engine,
  suite: SuiteId,
  device: string,
): readonly [root: OpenedKey, device: OpenedKey] => [
  freshKey(engine, { name: 'root', suite, role: 'root' }),
  freshKey(engine, { name: device, suite, role: 'device' }),
]

const freshKey = (
  engine: Engine,
  card: { readonly name: string; readonly suite: SuiteId; readonly role: KeyRole },
): OpenedKey => {
  const [scheme] = suiteRules(card.suite).schemes[card.role === 'root' ? 'root' : 'step']
  // Keys of MOI make accounts, which a guardian keeps; an identity of ours there would be known to nobody.
  if (scheme === undefined || card.suite === 'moi') {
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
