/**
 * Device trees: the devices of an identity, and the groups they stand in, under one root.
 *
 * A device is its key. It stands below a group or at the top; it acts for the identity while neither it nor its group has
 * been revoked. What was revoked stays in the tree as a tombstone, so a revoked key never returns, and one end of
 * a group ends everything below it.
 *
 * Promise. The root binds every device, group and tombstone and their number. It depends on them alone, not on the order
 * in which they came. In one change revocations come before additions: a change that frees a name may give it away again, and
 * one that revokes a group may not add to it.
 *
 * | place | what |
 * |---|---|
 * | key of a device | the path `device`, signer id, in a state tree (`state/tree.ts`) |
 * | value of a device | name, group, key, u32 since, optional u32 until |
 * | key of a group | the path `group`, name |
 * | value of a group | u32 since, optional u32 until |
 * | root | H('tallystick/1 device tree', number of leaves u32, root of that tree 32) |
 *
 * `since` and `until` are the sequence numbers of the events that added and revoked. A state tree's leaves and nodes have
 * tags of their own, no leaf is doubled to fill a gap, and a root of a state is no root of devices.
 */
import { bytesFromId, type Id, type SignerId, type StateRoot, zeroId } from '../base/brand.ts'
import { type Codec, id, list, optional, struct, text, u32 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { hashId } from '../base/hash.ts'
import { DEVICE_CHANGES_MAX, DEVICES_MAX, NAME_BYTES_MAX } from '../base/limits.ts'
import { type SignerKey, signerId, signerKey } from '../base/signer.ts'
import { type SuiteId, suiteTakes } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Verifier } from '../base/verifier.ts'
import { type StateKey, stateKey } from '../state/keys.ts'
import { emptyTree, replace, rootOf, type Tree } from '../state/tree.ts'

export type DeviceTreeRoot = Id<'device-tree'>

export type Device = {
  /** What the owner calls it; unique among the devices that act. */
  readonly name: string
  /** The group it stands in; empty for none. */
  readonly group: string
  readonly key: SignerKey
}

/** From which event on, and until which, if it was revoked. */
export type Span = { readonly since: number; readonly until: number | undefined }

export type DeviceLeaf = Device & Span

export type DeviceTree = {
  readonly suite: SuiteId
  /** All that were ever listed, in the order in which they came. */
  readonly devices: ReadonlyMap<SignerId, DeviceLeaf>
  readonly groups: ReadonlyMap<string, Span>
  readonly tree: Tree
}

/** What one event does to the devices. */
export type DeviceChange = {
  readonly revoke: readonly SignerId[]
  readonly revokeGroups: readonly string[]
  readonly add: readonly Device[]
}

export const NO_DEVICE_CHANGE: DeviceChange = { revoke: [], revokeGroups: [], add: [] }

const groupName: Codec<string> = text(NAME_BYTES_MAX)
const deviceFields = { name: text(NAME_BYTES_MAX), group: groupName, key: signerKey }
const spanFields = { since: u32, until: optional(u32) }

export const deviceChange: Codec<DeviceChange> = struct<DeviceChange>({
  revoke: list(id<'signer'>(), DEVICE_CHANGES_MAX),
  revokeGroups: list(groupName, DEVICE_CHANGES_MAX),
  add: list(struct<Device>(deviceFields), DEVICE_CHANGES_MAX),
})

/** The value of a device's leaf. */
export const deviceLeaf: Codec<DeviceLeaf> = struct<DeviceLeaf>({ ...deviceFields, ...spanFields })

/** The value of a group's leaf. */
export const groupLeaf: Codec<Span> = struct<Span>(spanFields)

export const emptyDeviceTree = (suite: SuiteId): DeviceTree => ({
  suite,
  devices: new Map(),
  groups: new Map(),
  tree: emptyTree(suite),
})

export const deviceTreeRoot = (of: DeviceTree): DeviceTreeRoot =>
  rootFromTop(of.suite, of.tree.size, rootOf(of.tree))

const boundRoot = struct<{ size: number; top: StateRoot }>({ size: u32, top: id<'state-root'>() })

/** The root over a state tree of this many leaves. */
export const rootFromTop = (suite: SuiteId, size: number, top: StateRoot): DeviceTreeRoot =>
  hashId<'device-tree'>(suite, TAGS.deviceTree, boundRoot.encode({ size, top }))

export const deviceId = (suite: SuiteId, of: Pick<Device, 'key'>): SignerId =>
  signerId(suite, of.key.scheme, of.key.publicKey)

// No logic and no machine has the zero id, so these keys are nobody's state.
export const deviceKey = (suite: SuiteId, device: SignerId): StateKey =>
  stateKey(suite, zeroId<'logic'>(), 'device', bytesFromId(device))

export const groupKey = (suite: SuiteId, group: string): StateKey =>
  stateKey(suite, zeroId<'logic'>(), 'group', group)

/** The devices that act, in the order in which they were listed. */
export const activeDevices = (of: DeviceTree): readonly DeviceLeaf[] =>
  [...of.devices.values()].filter((one) => actsIn(of, one))

/** The leaf of a device that acts; undefined for one that was revoked or never listed. */
export const activeDevice = (of: DeviceTree, device: SignerId): DeviceLeaf | undefined => {
  const leaf = of.devices.get(device)
  return leaf && actsIn(of, leaf) ? leaf : undefined
}

const actsIn = (of: DeviceTree, leaf: DeviceLeaf): boolean =>
  leaf.until === undefined && (leaf.group === '' || of.groups.get(leaf.group)?.until === undefined)

/**
 * The tree after an event. Returns `device/not-listed`, `device/no-group`, `device/revoked`, `device/group-revoked`,
 * `device/key-twice`, `device/name-twice`, `device/too-many`, `device/wrong-scheme` or `device/bad-key`.
 */
export const changeDevices = (
  before: DeviceTree,
  sequence: number,
  change: DeviceChange,
  verifier: Verifier,
): DeviceTree | Fault => {
  const draft: Draft = {
    ...before,
    devices: new Map(before.devices),
    groups: new Map(before.groups),
    changed: new Map(),
  }
  const fault =
    revokeDevices(draft, sequence, change) ?? addDevices(draft, sequence, change.add, verifier)
  if (fault) return fault
  const changes = [...draft.changed].map(([key, value]) => ({ key, value: value() }))
  const after = { ...before, devices: draft.devices, groups: draft.groups }
  const active = activeDevices(after).length
  if (active > DEVICES_MAX) {
    return new Fault('device/too-many', `${active} devices of at most ${DEVICES_MAX}`)
  }
  return { ...after, tree: replace(before.tree, changes) }
}

type Draft = {
  readonly suite: SuiteId
  readonly devices: Map<SignerId, DeviceLeaf>
  readonly groups: Map<string, Span>
  readonly tree: Tree
  /** Leaves to write, with their values at the end of the change. */
  readonly changed: Map<StateKey, () => Uint8Array>
}

const putDevice = (draft: Draft, device: SignerId, leaf: DeviceLeaf): void => {
  draft.devices.set(device, leaf)
  draft.changed.set(deviceKey(draft.suite, device), () => deviceLeaf.encode(leaf))
}

const putGroup = (draft: Draft, group: string, span: Span): void => {
  draft.groups.set(group, span)
  draft.changed.set(groupKey(draft.suite, group), () => groupLeaf.encode(span))
}

const revokeDevices = (draft: Draft, sequence: number, change: DeviceChange): Fault | undefined => {
  for (const device of change.revoke) {
    const leaf = draft.devices.get(device)
    if (!leaf || !actsIn(draft, leaf)) {
      return new Fault('device/not-listed', `no device ${device} acts that could be revoked`)
    }
    putDevice(draft, device, { ...leaf, until: sequence })
  }
  for (const group of change.revokeGroups) {
    const span = draft.groups.get(group)
    if (!span || span.until !== undefined) {
      return new Fault('device/no-group', `no group ${group} stands that could be revoked`)
    }
    putGroup(draft, group, { ...span, until: sequence })
  }
  return undefined
}

const addDevices = (
  draft: Draft,
  sequence: number,
  added: readonly Device[],
  verifier: Verifier,
): Fault | undefined => {
  const names = new Set(activeDevices(draft).map((one) => one.name))
  for (const device of added) {
    const fault = checkDevice(draft, device, verifier)
    if (fault) return fault
    if (names.has(device.name)) {
      return new Fault('device/name-twice', `two devices are called ${device.name}`)
    }
    names.add(device.name)
    const span = { since: sequence, until: undefined }
    if (device.group !== '' && !draft.groups.has(device.group)) putGroup(draft, device.group, span)
    const { name, group, key } = device
    putDevice(draft, deviceId(draft.suite, device), { name, group, key, ...span })
  }
  return undefined
}

const checkDevice = (draft: Draft, device: Device, verifier: Verifier): Fault | undefined => {
  const { name, group, key } = device
  if (!suiteTakes(draft.suite, key.scheme, 'step')) {
    return new Fault('device/wrong-scheme', `${draft.suite} takes no ${key.scheme} for ${name}`)
  }
  if (!verifier.acceptsKey(key.scheme, key.publicKey)) {
    return new Fault('device/bad-key', `the key of ${name} is no valid ${key.scheme} key`)
  }
  const known = draft.devices.get(deviceId(draft.suite, device))
  if (known) {
    return actsIn(draft, known)
      ? new Fault('device/key-twice', `the key of ${name} is listed as ${known.name}`)
      : new Fault('device/revoked', `the key of ${name} was revoked, and no revoked key returns`)
  }
  return draft.groups.get(group)?.until === undefined
    ? undefined
    : new Fault('device/group-revoked', `the group ${group} was revoked, and no group returns`)
}
