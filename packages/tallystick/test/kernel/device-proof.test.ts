import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import {
  checkDeviceProof,
  type DeviceProof,
  deviceProof,
  judgeDeviceProof,
  proveDevice,
} from '../../src/kernel/device-proof.ts'
import { deviceKey, deviceTreeRoot, rootFromTop } from '../../src/kernel/device-tree.ts'
import { keyHeadOf } from '../../src/kernel/key-head.ts'
import type { KeyState } from '../../src/kernel/key-log.ts'
import { prove } from '../../src/state/proof.ts'
import { rootOf } from '../../src/state/tree.ts'
import { createIdentities } from './identity-sample.ts'
import { anId, engine } from './sample.ts'

const { after, changing, deviceOf, idOf, inception, stateOf } = createIdentities(engine)
const begun = stateOf([
  inception('ann', deviceOf('phone'), deviceOf('desk', 'work'), deviceOf('van', 'work')),
])
const knownOf = (of: KeyState) => ({ ...keyHeadOf(of), suite: of.suite })

const judged = (of: DeviceProof, state: KeyState, name: string): string => {
  const standing = judgeDeviceProof(of, knownOf(state), idOf(name))
  return isFault(standing) ? standing.code : standing.is
}
const changed = (name: string, change: Partial<DeviceProof>, state = begun): string =>
  judged({ ...proveDevice(state, idOf(name)), ...change }, state, name)

describe('a device', () => {
  test('proves that it belongs, with the place the proof is from', () => {
    for (const name of ['phone', 'desk', 'van']) {
      const proof = proveDevice(begun, idOf(name))
      const read = deviceProof.decode(deviceProof.encode(proof))
      expect(read).toEqual(proof)
      expect(judgeDeviceProof(read, knownOf(begun), idOf(name))).toMatchObject({
        is: 'active',
        device: { name },
        since: 0,
      })
      expect(read.head.sequence).toBe(0)
      expect(checkDeviceProof(read, knownOf(begun), idOf(name))).toBeUndefined()
    }
  })

  test('that was revoked, or its group, has a proof of that and none of belonging', () => {
    const state = after(
      begun,
      changing(begun, { revoke: [idOf('phone')], revokeGroups: ['work'] }, 'ann 1'),
    )
    for (const name of ['phone', 'desk', 'van']) {
      const proof = proveDevice(state, idOf(name))
      expect(judgeDeviceProof(proof, knownOf(state), idOf(name))).toMatchObject({
        is: 'revoked',
        until: 1,
      })
      expect(checkDeviceProof(proof, knownOf(state), idOf(name))?.code).toBe('device-proof/revoked')
      // B11: its proof from before is good for before, and for no later head.
      const before = proveDevice(begun, idOf(name))
      expect(judged(before, begun, name)).toBe('active')
      expect(judged(before, state, name)).toBe('device-proof/other-head')
      expect(judged({ ...before, head: keyHeadOf(state) }, state, name)).toBe(
        'device-proof/wrong-root',
      )
    }
  })

  test('that was never listed has a proof of that', () => {
    const proof = proveDevice(begun, idOf('stranger'))
    expect(judged(proof, begun, 'stranger')).toBe('unlisted')
    expect(checkDeviceProof(proof, knownOf(begun), idOf('stranger'))?.code).toBe(
      'device-proof/not-listed',
    )
    expect(proveDevice(stateOf([inception('bob')]), idOf('phone')).device.leaf).toBeUndefined()
  })
})

describe('a proof', () => {
  const own = proveDevice(begun, idOf('desk'))

  test('is about the device that is asked for', () => {
    expect(judged(own, begun, 'desk')).toBe('active')
    expect(judged(own, begun, 'van')).toBe('device-proof/other-device')
    expect(judged(proveDevice(begun, idOf('stranger')), begun, 'desk')).not.toBe('unlisted')
  })

  test('is from the identity and the place that are asked for (C13)', () => {
    const other = stateOf([
      inception('bob', deviceOf('phone'), deviceOf('desk', 'work'), deviceOf('van', 'work')),
    ])
    // The same devices under the same root, in another log.
    expect(deviceTreeRoot(other.devices)).toBe(deviceTreeRoot(begun.devices))
    expect(judged(own, other, 'desk')).toBe('device-proof/other-head')
    expect(changed('desk', { suite: 'nostr' })).toBe('device-proof/other-head')
  })

  test('binds the number of leaves and the root below it (C3)', () => {
    expect(changed('desk', {})).toBe('active')
    for (const size of [0, 3, 5, 2 ** 32 - 1]) {
      expect(changed('desk', { size })).toBe('device-proof/wrong-root')
    }
    expect(changed('desk', { top: anId('top') })).toBe('device-proof/wrong-root')
    // A tree's root of a state is no root of devices.
    const head = { ...keyHeadOf(begun), tree: anId<'device-tree'>('x') }
    expect(rootFromTop('classic', begun.devices.tree.size, rootOf(begun.devices.tree))).toBe(
      keyHeadOf(begun).tree,
    )
    expect(changed('desk', { head })).toBe('device-proof/other-head')
  })

  test('cannot have its leaf changed (C7)', () => {
    const { leaf, path } = own.device
    if (!leaf) throw new Error('there is a leaf')
    for (const change of [{ name: 'x' }, { since: 1 }, { until: 7 }]) {
      expect(changed('desk', { device: { leaf: { ...leaf, ...change }, path } })).toBe(
        'proof/wrong-root',
      )
    }
    expect(changed('desk', { device: { leaf: undefined, path } })).not.toBe('unlisted')
    expect(changed('desk', { device: { leaf: { ...leaf, group: '' }, path } })).not.toBe('active')
  })

  test('shows the group exactly where the device stands in one', () => {
    expect(changed('desk', { group: undefined })).toBe('device-proof/wrong-group')
    expect(changed('phone', { group: own.group })).toBe('device-proof/wrong-group')
    expect(changed('stranger', { group: own.group })).toBe('device-proof/wrong-group')
    const { group } = own
    if (!group) throw new Error('there is a group')
    expect(changed('desk', { group: { ...group, leaf: { since: 0, until: 3 } } })).toBe(
      'proof/wrong-root',
    )
    // The path of a device in the place of the group's.
    expect(changed('desk', { group: { ...group, path: own.device.path } })).not.toBe('active')
  })

  test('is used up exactly: nothing missing, nothing more, nothing moved (C4, C5)', () => {
    const { leaf, path } = own.device
    const spoil = (siblings: typeof path.siblings): string =>
      changed('desk', { device: { leaf, path: { ...path, siblings } } })
    expect(path.siblings.length).toBeGreaterThan(0)
    expect(spoil(path.siblings)).toBe('active')
    expect(spoil([])).not.toBe('active')
    expect(spoil(path.siblings.slice(0, -1))).not.toBe('active')
    expect(spoil([...path.siblings, new Uint8Array(32).fill(1)])).not.toBe('active')
    if (path.siblings.length > 1) expect(spoil([...path.siblings].reverse())).not.toBe('active')
    const none = { leaf: undefined, path: { siblings: [], terminal: { is: 'void' } } } as const
    expect(changed('desk', { device: none, group: undefined })).not.toBe('unlisted')
  })

  test('is refused with any byte changed or cut (C7, C8)', () => {
    const bytes = deviceProof.encode(own)
    for (let at = 0; at < bytes.length; at++) {
      const spoiled = bytes.slice()
      spoiled[at] = (spoiled[at] ?? 0) ^ 0x10
      const verdict = faultFrom(() =>
        judgeDeviceProof(deviceProof.decode(spoiled), knownOf(begun), idOf('desk')),
      )
      expect(isFault(verdict)).toBe(true)
      expect(isFault(faultFrom(() => deviceProof.decode(bytes.subarray(0, at))))).toBe(true)
    }
  })
})

test('no listed device is shown absent by a path of any other key, in trees of up to 16 (C10)', () => {
  for (let count = 1; count <= 16; count++) {
    const names = Array.from({ length: count }, (_, at) => `device ${at}`)
    const state = stateOf([inception('ann', ...names.map((name) => deviceOf(name)))])
    const { tree } = state.devices
    const strangers = Array.from({ length: 8 }, (_, at) => `stranger ${at}`)
    const paths = [...names, ...strangers].map((name) =>
      prove(tree, deviceKey('classic', idOf(name))),
    )
    for (const name of names) {
      const proof = proveDevice(state, idOf(name))
      for (const path of paths) {
        const verdict = judged({ ...proof, device: { leaf: undefined, path } }, state, name)
        expect(verdict).not.toBe('unlisted')
      }
    }
    for (const name of strangers) {
      expect(judged(proveDevice(state, idOf(name)), state, name)).toBe('unlisted')
    }
  }
})
