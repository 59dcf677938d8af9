/** Device trees: proofs that a device belongs, was revoked, or was never listed. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  type DeviceProof,
  deviceProof,
  proveDevice,
} from '../../packages/tallystick/src/kernel/device-proof.ts'
import { keyHead, keyHeadOf } from '../../packages/tallystick/src/kernel/key-head.ts'
import type { KeyState } from '../../packages/tallystick/src/kernel/key-log.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { deviceIdOf, deviceOf, drafted, inception, signed, stateOf } from './identities.ts'

const FIRST = inception('ann', [
  deviceOf('phone'),
  deviceOf('desk', 'work'),
  deviceOf('van', 'work'),
])
const BEGUN = stateOf([FIRST])
const REVOKED = signed(
  drafted(BEGUN, { is: 'devices' }, { revoke: [deviceIdOf('phone')], revokeGroups: ['work'] }),
  ['ann root'],
  BEGUN,
)
const ENDED = stateOf([FIRST, REVOKED])

const input = (name: string, state: KeyState, change: Partial<DeviceProof> = {}) => ({
  suite: 'classic',
  head: hexFromBytes(keyHead.encode(keyHeadOf(state))),
  device: deviceIdOf(name),
  proof: hexFromBytes(deviceProof.encode({ ...proveDevice(state, deviceIdOf(name)), ...change })),
})

const shown = (id: string, comment: string, name: string, state: KeyState): Case =>
  good({ id: `devices/${id}`, comment, check: 'device-proof', input: input(name, state) })

export const devicesArea = (): Area => {
  const grouped = shown('in-group', 'a device below a group', 'desk', BEGUN)
  const own = proveDevice(BEGUN, deviceIdOf('desk'))
  const { leaf, path } = own.device
  if (!leaf || !own.group) throw new Error('the desk stands in a group')
  const spoil = (fault: string, id: string, comment: string, change: Partial<DeviceProof>): Case =>
    spoiled(grouped, fault, {
      id: `devices/${id}`,
      comment,
      input: input('desk', BEGUN, change),
    })
  return {
    area: 'devices',
    about: 'Proofs that a device belongs to an identity, was revoked, or was never listed.',
    cases: [
      shown('alone', 'a device at the top of the tree', 'phone', BEGUN),
      grouped,
      shown('revoked', 'a device that was revoked', 'phone', ENDED),
      shown('group-revoked', 'a device whose group was revoked', 'van', ENDED),
      shown('unlisted', 'a key that is no device', 'stranger', BEGUN),
      spoil('device-proof/other-head', 'stale', 'a proof from before a revocation', {
        head: keyHeadOf(ENDED),
      }),
      spoil('device-proof/wrong-root', 'other-size', 'another number of leaves', {
        size: own.size + 1,
      }),
      spoiled(grouped, 'device-proof/other-device', {
        id: 'devices/other-device',
        comment: 'the proof of another device',
        input: { device: deviceIdOf('van') },
      }),
      spoil('device-proof/wrong-group', 'no-group', 'without the leaf of its group', {
        group: undefined,
      }),
      spoil('proof/wrong-root', 'other-name', 'another name in the leaf', {
        device: { leaf: { ...leaf, name: 'lamp' }, path },
      }),
      spoil('proof/wrong-root', 'other-group', 'the leaf of the group with another number', {
        group: { ...own.group, leaf: { since: 1, until: undefined } },
      }),
      spoil('proof/other-claim', 'hidden', 'a listed device said not to be', {
        device: { leaf: undefined, path },
        group: undefined,
      }),
      spoiled(grouped, 'codec/extended', {
        id: 'devices/extended',
        comment: 'one byte more',
        input: { proof: `${input('desk', BEGUN).proof}00` },
      }),
    ],
  }
}
