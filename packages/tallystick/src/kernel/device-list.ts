/**
 * Device lists: which keys act for an identity today, said by its root key. An identity is the hash of its first list;
 * each further list links the one before by hash and sequence number.
 *
 * Promise. Of a chain of lists that is accepted, every list is signed by the root of its time, and a root follows
 * another only if the hash of its key stood in the lists before. So a thief of the root key in use can change
 * devices until the next rotation, and cannot rotate: that needs a key that was never used.
 *
 * Not promised. A chain does not show that it is the newest. Whoever holds the root can sign two lists with
 * one sequence number; two such lists are evidence against that root, and which of them came first is not decided here.
 */
import { bytesFromId, type Id, zeroId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { bytes, type Codec, id, list, struct, text, u32 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { hashId } from '../base/hash.ts'
import { DEVICE_LISTS_MAX, KEYS_MAX, NAME_BYTES_MAX, SIGNATURE_BYTES_MAX } from '../base/limits.ts'
import { type SignerKey, signerId, signerKey } from '../base/signer.ts'
import { suite, type SuiteId, suiteTakes } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Verifier } from '../base/verifier.ts'

export type DeviceListId = Id<'device-list'>
/** Hash of a key that is not in use yet. */
export type NextKeyId = Id<'next-key'>

export type Device = {
  /** What the owner calls it; unique within a list. */
  readonly name: string
  readonly key: SignerKey
}

export type DeviceList = {
  readonly suite: SuiteId
  /** From 0 on, without gaps. */
  readonly sequence: number
  /** The list before; zero for the first. */
  readonly previous: DeviceListId
  readonly root: SignerKey
  /** Hash of the root that may follow. It changes with the root and only then. */
  readonly nextRoot: NextKeyId
  readonly devices: readonly Device[]
}

export type SignedDeviceList = {
  readonly list: DeviceList
  /** By `list.root`, over the 32 bytes of the list's id. */
  readonly signature: Uint8Array
}

export const deviceList: Codec<DeviceList> = struct<DeviceList>({
  suite,
  sequence: u32,
  previous: id<'device-list'>(),
  root: signerKey,
  nextRoot: id<'next-key'>(),
  devices: list(struct<Device>({ name: text(NAME_BYTES_MAX), key: signerKey }), KEYS_MAX),
})

export const signedDeviceList: Codec<SignedDeviceList> = struct<SignedDeviceList>({
  list: deviceList,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

/** The tagged hash of the list in its own suite. That of the first list is the identity. */
export const deviceListId = (of: DeviceList): DeviceListId =>
  hashId<'device-list'>(of.suite, TAGS.deviceList, deviceList.encode(of))

/** What a list promises of a root that is not in use yet. */
export const nextKeyId = (suiteId: SuiteId, key: SignerKey): NextKeyId =>
  hashId<'next-key'>(suiteId, TAGS.nextKey, signerKey.encode(key))

/** The bytes that the root signs. */
export const deviceListMessage = (of: DeviceList): Uint8Array => bytesFromId(deviceListId(of))

/**
 * The newest list of a chain, or the first fault in it, whose place names the list as its step. The fault is one of
 * `device-list/empty`, `device-list/too-many`, and what `checkDeviceList` and `checkSuccession` return.
 */
export const judgeDeviceLists = (
  chain: readonly SignedDeviceList[],
  verifier: Verifier,
): DeviceList | Fault => {
  if (chain.length > DEVICE_LISTS_MAX) {
    return new Fault('device-list/too-many', `${chain.length} lists of at most ${DEVICE_LISTS_MAX}`)
  }
  let newest: DeviceList | undefined
  for (const [step, signed] of chain.entries()) {
    const fault = checkSuccession(newest, signed.list) ?? checkDeviceList(signed, verifier)
    if (fault !== undefined) return fault.at({ step })
    newest = signed.list
  }
  return newest ?? new Fault('device-list/empty', 'an identity has at least one device list')
}

/**
 * Checks a list by itself. Returns `device-list/wrong-scheme`, `device-list/bad-key`, `device-list/key-twice`,
 * `device-list/name-twice` or `device-list/wrong-signature`.
 */
const checkDeviceList = (signed: SignedDeviceList, verifier: Verifier): Fault | undefined => {
  const { list: of, signature } = signed
  const keys = new Set<string>()
  const names = new Set<string>()
  const uses = [
    { name: 'root', key: of.root, use: 'root' as const },
    ...of.devices.map((device) => ({ ...device, use: 'step' as const })),
  ]
  for (const { name, key, use } of uses) {
    if (!suiteTakes(of.suite, key.scheme, use)) {
      return new Fault('device-list/wrong-scheme', `${of.suite} takes no ${key.scheme} as ${use}`)
    }
    if (!verifier.acceptsKey(key.scheme, key.publicKey)) {
      return new Fault('device-list/bad-key', `the key of ${name} is no valid ${key.scheme} key`)
    }
    const keyId = signerId(of.suite, key.scheme, key.publicKey)
    if (keys.has(keyId))
      return new Fault('device-list/key-twice', `the key of ${name} stood before`)
    keys.add(keyId)
    if (use === 'step' && names.has(name)) {
      return new Fault('device-list/name-twice', `two devices are called ${name}`)
    }
    if (use === 'step') names.add(name)
  }
  const { scheme, publicKey } = of.root
  return verifier.verify(scheme, publicKey, deviceListMessage(of), signature)
    ? undefined
    : new Fault('device-list/wrong-signature', `list ${of.sequence} is not signed by its root`)
}

/**
 * Checks that a list may follow another, or be the first. Returns `device-list/wrong-sequence`,
 * `device-list/wrong-previous`, `device-list/suite-changed`, `device-list/not-committed` or
 * `device-list/next-root-kept`.
 */
const checkSuccession = (before: DeviceList | undefined, after: DeviceList): Fault | undefined => {
  const sequence = before === undefined ? 0 : before.sequence + 1
  if (after.sequence !== sequence) {
    return new Fault(
      'device-list/wrong-sequence',
      `list ${after.sequence} where ${sequence} belongs`,
    )
  }
  if (after.previous !== (before === undefined ? zeroId() : deviceListId(before))) {
    return new Fault('device-list/wrong-previous', `list ${sequence} links another list before it`)
  }
  // A root that commits to itself would make the next rotation one that a thief can sign.
  if (after.nextRoot === nextKeyId(after.suite, after.root)) {
    return new Fault('device-list/next-root-kept', 'the next root is the root in use')
  }
  return before === undefined ? undefined : checkRoot(before, after)
}

const checkRoot = (before: DeviceList, after: DeviceList): Fault | undefined => {
  if (after.suite !== before.suite) {
    return new Fault('device-list/suite-changed', `${before.suite} became ${after.suite}`)
  }
  const kept =
    after.root.scheme === before.root.scheme &&
    equalBytes(after.root.publicKey, before.root.publicKey)
  if (kept) {
    return after.nextRoot === before.nextRoot
      ? undefined
      : new Fault('device-list/not-committed', 'the next root changed while the root stayed')
  }
  if (nextKeyId(after.suite, after.root) !== before.nextRoot) {
    return new Fault('device-list/not-committed', 'the new root is not the one promised before')
  }
  return after.nextRoot === before.nextRoot
    ? new Fault('device-list/next-root-kept', 'the root changed and the next root stayed')
    : undefined
}
