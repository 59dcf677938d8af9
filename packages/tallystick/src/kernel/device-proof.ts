/**
 * Device proofs: that a device acts for an identity at a place of its log, that it was revoked, or that it was never listed.
 *
 * Promise. Under one head a device has one answer: active, revoked or not listed, as far as the hash holds. A revoked device,
 * or one whose group was revoked, has a proof of that and none of belonging. A missing proof shows nothing. The proof is
 * about the key that is asked for: a leaf of another key is refused.
 *
 * Not promised. That the head is the newest. A verifier states the place and, where the head is certified, the time that
 * its answer is from, and decides how old an answer may be; offline there is no other way.
 *
 * | field | what |
 * |---|---|
 * | suite | u8 |
 * | head | the place in the log, and the root of the device tree (`key-head.ts`) |
 * | size | u32: leaves of the tree |
 * | top | 32: root of the state tree below the device tree's root |
 * | device | optional leaf, and its path |
 * | group | optional: the leaf of the device's group, and its path; there exactly if the device stands in one |
 */
import type { SignerId, StateRoot } from '../base/brand.ts'
import { type Codec, id, optional, struct, u32 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { suite, type SuiteId } from '../base/suite.ts'
import { proof } from '../state/proof-codec.ts'
import { type Proof, proofFault, prove } from '../state/proof.ts'
import { rootOf } from '../state/tree.ts'
import {
  type Device,
  deviceId,
  deviceKey,
  type DeviceLeaf,
  deviceLeaf,
  groupKey,
  groupLeaf,
  rootFromTop,
  type Span,
} from './device-tree.ts'
import { type KeyHead, keyHead, keyHeadOf } from './key-head.ts'
import type { KeyState } from './key-log.ts'

export type DeviceProof = {
  readonly suite: SuiteId
  readonly head: KeyHead
  readonly size: number
  readonly top: StateRoot
  /** Without a leaf, the path shows that there is none. */
  readonly device: { readonly leaf: DeviceLeaf | undefined; readonly path: Proof }
  readonly group: { readonly leaf: Span; readonly path: Proof } | undefined
}

/** What a proof says of a device, at the place that it names. */
export type DeviceStanding =
  | { readonly is: 'active'; readonly device: Device; readonly since: number }
  /** The device itself or its group was revoked by the event `until`. */
  | { readonly is: 'revoked'; readonly device: Device; readonly until: number }
  | { readonly is: 'unlisted' }

export const deviceProof: Codec<DeviceProof> = struct<DeviceProof>({
  suite,
  head: keyHead,
  size: u32,
  top: id<'state-root'>(),
  device: struct<DeviceProof['device']>({ leaf: optional(deviceLeaf), path: proof }),
  group: optional(struct<{ leaf: Span; path: Proof }>({ leaf: groupLeaf, path: proof })),
})

/** What the log says of a device, for others to check. */
export const proveDevice = (of: KeyState, device: SignerId): DeviceProof => {
  const { suite: suiteId, tree, devices, groups } = of.devices
  const leaf = devices.get(device)
  const span = leaf && leaf.group !== '' ? groups.get(leaf.group) : undefined
  return {
    suite: suiteId,
    head: keyHeadOf(of),
    size: tree.size,
    top: rootOf(tree),
    device: { leaf, path: prove(tree, deviceKey(suiteId, device)) },
    group: leaf && span && { leaf: span, path: prove(tree, groupKey(suiteId, leaf.group)) },
  }
}

/**
 * What a proof says of a device under a head that the verifier knows: from a log that it judged, or certified. Returns
 * `device-proof/other-head`, `device-proof/wrong-root`, `device-proof/other-device`, `device-proof/wrong-group`
 * or a fault of state proofs.
 */
export const judgeDeviceProof = (
  of: DeviceProof,
  known: KeyHead & { readonly suite: SuiteId },
  device: SignerId,
): DeviceStanding | Fault => {
  const fault = checkHead(of, known)
  if (fault) return fault
  const { leaf, path } = of.device
  if (leaf && deviceId(of.suite, leaf) !== device) {
    return new Fault('device-proof/other-device', 'the proof is about the key of another device')
  }
  const value = leaf && deviceLeaf.encode(leaf)
  const claim = { root: of.top, key: deviceKey(of.suite, device), value }
  const bad = proofFault(of.suite, claim, path) ?? checkGroup(of)
  if (bad) return bad
  if (!leaf) return { is: 'unlisted' }
  return standingOf(leaf, of.group?.leaf)
}

/** Whether a device acts. Returns `device-proof/revoked`, `device-proof/not-listed`, or what `judgeDeviceProof` returns. */
export const checkDeviceProof = (
  of: DeviceProof,
  known: KeyHead & { readonly suite: SuiteId },
  device: SignerId,
): Fault | undefined => {
  const standing = judgeDeviceProof(of, known, device)
  if (standing instanceof Fault) return standing
  switch (standing.is) {
    case 'active':
      return undefined
    case 'revoked':
      return new Fault('device-proof/revoked', `${standing.device.name} was revoked`, {
        step: standing.until,
      })
    case 'unlisted':
      return new Fault('device-proof/not-listed', 'the key is no device of this identity')
  }
}

const standingOf = (leaf: DeviceLeaf, group: Span | undefined): DeviceStanding => {
  const { name, group: groupName, key, since } = leaf
  const device = { name, group: groupName, key }
  const until = leaf.until ?? group?.until
  return until === undefined ? { is: 'active', device, since } : { is: 'revoked', device, until }
}

const checkHead = (
  of: DeviceProof,
  known: KeyHead & { readonly suite: SuiteId },
): Fault | undefined => {
  const { head } = of
  const isSame =
    of.suite === known.suite &&
    head.identity === known.identity &&
    head.sequence === known.sequence &&
    head.event === known.event &&
    head.tree === known.tree
  if (!isSame) {
    return new Fault('device-proof/other-head', 'the proof is from another place than is asked for')
  }
  return rootFromTop(of.suite, of.size, of.top) === head.tree
    ? undefined
    : new Fault('device-proof/wrong-root', 'the proof does not lead to the device tree it names')
}

/** The group's leaf is there exactly if the device stands in a group, and is that group's. */
const checkGroup = (of: DeviceProof): Fault | undefined => {
  const name = of.device.leaf?.group ?? ''
  if ((name !== '') !== (of.group !== undefined)) {
    return new Fault(
      'device-proof/wrong-group',
      'the group of the device is missing, or not its own',
    )
  }
  if (!of.group) return undefined
  const { leaf, path } = of.group
  const claim = { root: of.top, key: groupKey(of.suite, name), value: groupLeaf.encode(leaf) }
  return proofFault(of.suite, claim, path)
}
