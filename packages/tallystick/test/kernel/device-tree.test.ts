import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { DEVICES_MAX } from '../../src/base/limits.ts'
import {
  activeDevice,
  activeDevices,
  changeDevices,
  type Device,
  type DeviceChange,
  type DeviceTree,
  deviceTreeRoot,
  emptyDeviceTree,
  NO_DEVICE_CHANGE,
  rootFromTop,
} from '../../src/kernel/device-tree.ts'
import { createStreams } from '../../src/sim/random.ts'
import { rootOf } from '../../src/state/tree.ts'
import { createIdentities } from './identity-sample.ts'
import { engine } from './sample.ts'

const { deviceOf, idOf } = createIdentities(engine)
const empty = emptyDeviceTree('classic')

const changed = (
  before: DeviceTree,
  sequence: number,
  change: Partial<DeviceChange>,
): DeviceTree => {
  const after = changeDevices(before, sequence, { ...NO_DEVICE_CHANGE, ...change }, engine)
  if (isFault(after)) throw after
  return after
}
const codeOf = (before: DeviceTree, change: Partial<DeviceChange>): string => {
  const after = changeDevices(before, 9, { ...NO_DEVICE_CHANGE, ...change }, engine)
  return isFault(after) ? after.code : 'accepted'
}
const namesOf = (of: DeviceTree): readonly string[] => activeDevices(of).map((one) => one.name)

const three = changed(empty, 0, {
  add: [deviceOf('phone'), deviceOf('desk', 'work'), deviceOf('van', 'work')],
})

describe('devices', () => {
  test('act from the event that lists them until the one that revokes them', () => {
    expect(namesOf(three)).toEqual(['phone', 'desk', 'van'])
    const after = changed(three, 4, { revoke: [idOf('phone')] })
    expect(namesOf(after)).toEqual(['desk', 'van'])
    expect(after.devices.get(idOf('phone'))).toMatchObject({ since: 0, until: 4 })
    expect(namesOf(three)).toEqual(['phone', 'desk', 'van'])
  })

  test('end with their group, and the others stay', () => {
    const after = changed(three, 4, { revokeGroups: ['work'] })
    expect(namesOf(after)).toEqual(['phone'])
    expect(activeDevice(after, idOf('desk'))).toBeUndefined()
    expect(codeOf(after, { add: [deviceOf('lorry', 'work')] })).toBe('device/group-revoked')
    expect(codeOf(after, { add: [deviceOf('lorry', 'works')] })).toBe('accepted')
    expect(codeOf(after, { revoke: [idOf('desk')] })).toBe('device/not-listed')
    expect(codeOf(after, { revokeGroups: ['work'] })).toBe('device/no-group')
  })

  test('never return once they were revoked, by themselves or with their group', () => {
    const alone = changed(three, 4, { revoke: [idOf('phone')] })
    expect(codeOf(alone, { add: [deviceOf('phone')] })).toBe('device/revoked')
    expect(codeOf(alone, { add: [deviceOf('other name', '', 'phone')] })).toBe('device/revoked')
    expect(codeOf(alone, { add: [deviceOf('phone', '', 'fresh key')] })).toBe('accepted')
    const grouped = changed(three, 4, { revokeGroups: ['work'] })
    expect(codeOf(grouped, { add: [deviceOf('desk')] })).toBe('device/revoked')
  })

  test('are told apart by name and key while they act', () => {
    expect(codeOf(three, { add: [deviceOf('phone', '', 'fresh key')] })).toBe('device/name-twice')
    expect(codeOf(three, { add: [deviceOf('x', '', 'phone')] })).toBe('device/key-twice')
    expect(codeOf(three, { add: [deviceOf('x'), deviceOf('y', '', 'x')] })).toBe('device/key-twice')
    expect(codeOf(three, { add: [deviceOf('x'), deviceOf('x', '', 'y')] })).toBe(
      'device/name-twice',
    )
  })

  test('have keys that the suite takes and the engine accepts', () => {
    const key = { scheme: 'ml-dsa-44', publicKey: new Uint8Array(1312) } as const
    expect(codeOf(three, { add: [{ name: 'x', group: '', key }] })).toBe('device/wrong-scheme')
    const bad = { scheme: 'ed25519', publicKey: new Uint8Array(31) } as const
    expect(codeOf(three, { add: [{ name: 'x', group: '', key: bad }] })).toBe('device/bad-key')
  })

  test('are as many as the limit and no more', () => {
    const some = (count: number): readonly Device[] =>
      Array.from({ length: count }, (_, at) => deviceOf(`device ${at}`))
    expect(codeOf(empty, { add: some(DEVICES_MAX) })).toBe('accepted')
    expect(codeOf(empty, { add: some(DEVICES_MAX + 1) })).toBe('device/too-many')
    const full = changed(empty, 0, { add: some(DEVICES_MAX) })
    expect(codeOf(full, { add: [deviceOf('x')] })).toBe('device/too-many')
    expect(codeOf(full, { revoke: [idOf('device 3')], add: [deviceOf('x')] })).toBe('accepted')
  })
})

describe('one change that adds and revokes', () => {
  test('revokes first: a name is free again, and a key is not', () => {
    const swap = { revoke: [idOf('phone')], add: [deviceOf('phone', '', 'fresh key')] }
    expect(namesOf(changed(three, 4, swap))).toEqual(['desk', 'van', 'phone'])
    expect(codeOf(three, { revoke: [idOf('phone')], add: [deviceOf('phone')] })).toBe(
      'device/revoked',
    )
    expect(codeOf(three, { revoke: [idOf('x')], add: [deviceOf('x')] })).toBe('device/not-listed')
    expect(codeOf(three, { revokeGroups: ['work'], add: [deviceOf('x', 'work')] })).toBe(
      'device/group-revoked',
    )
    expect(codeOf(three, { revoke: [idOf('desk'), idOf('desk')] })).toBe('device/not-listed')
    expect(codeOf(three, { revokeGroups: ['work', 'work'] })).toBe('device/no-group')
    expect(codeOf(three, { revokeGroups: [''] })).toBe('device/no-group')
  })
})

describe('the root', () => {
  test('is the same for the same devices in any order, and another for any other', () => {
    const turned = changed(empty, 0, {
      add: [deviceOf('van', 'work'), deviceOf('phone'), deviceOf('desk', 'work')],
    })
    expect(deviceTreeRoot(turned)).toBe(deviceTreeRoot(three))
    const roots = [
      empty,
      three,
      changed(empty, 1, {
        add: [deviceOf('phone'), deviceOf('desk', 'work'), deviceOf('van', 'work')],
      }),
      changed(empty, 0, { add: [deviceOf('phone'), deviceOf('desk', 'work'), deviceOf('van')] }),
      changed(empty, 0, { add: [deviceOf('phone'), deviceOf('desk', 'work')] }),
      changed(three, 1, { revoke: [idOf('phone')] }),
      changed(three, 2, { revoke: [idOf('phone')] }),
      changed(three, 1, { revokeGroups: ['work'] }),
      changed(three, 1, { add: [deviceOf('x')] }),
    ].map(deviceTreeRoot)
    expect(new Set(roots).size).toBe(roots.length)
  })

  test('binds the number of leaves, and is no root of a state', () => {
    const top = rootOf(three.tree)
    expect(three.tree.size).toBe(4)
    expect(rootFromTop('classic', 4, top)).toBe(deviceTreeRoot(three))
    expect(rootFromTop('classic', 5, top)).not.toBe(deviceTreeRoot(three))
    expect(deviceTreeRoot(three)).not.toBe(top)
    expect(deviceTreeRoot(empty)).not.toBe(rootOf(empty.tree))
  })

  test('follows from the devices alone, whatever changes led there', () => {
    const random = createStreams(1)('device trees')
    for (let run = 0; run < 20; run++) {
      let tree = empty
      for (let step = 1; step < 8; step++) {
        const acting = activeDevices(tree)
        const revoke = acting.filter(() => random.below(3) === 0).map((one) => idOf(one.name))
        const add = [deviceOf(`d ${run} ${step}`, ['', 'g', 'h'][random.below(3)] ?? '')]
        tree = changed(tree, step, { revoke, add })
      }
      const again = [...tree.devices.values()].reverse()
      let rebuilt = empty
      for (let step = 1; step < 8; step++) {
        rebuilt = changed(rebuilt, step, {
          revoke: again.filter((one) => one.until === step).map((one) => idOf(one.name)),
          add: again
            .filter((one) => one.since === step)
            .map(({ name, group, key }) => ({ name, group, key })),
        })
      }
      expect(deviceTreeRoot(rebuilt)).toBe(deviceTreeRoot(tree))
    }
  })
})
