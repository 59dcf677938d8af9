/** Device lists: chains of lists that a root key signs. */
import { zeroId } from '../../packages/tallystick/src/base/brand.ts'
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { SignerKey } from '../../packages/tallystick/src/base/signer.ts'
import {
  type DeviceList,
  deviceListId,
  deviceListMessage,
  nextKeyId,
  signedDeviceList,
} from '../../packages/tallystick/src/kernel/device-list.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { pairOf, sign } from './world.ts'

const key = (name: string): SignerKey => ({ scheme: 'ed25519', publicKey: pairOf(name).publicKey })
const next = (name: string): DeviceList['nextRoot'] => nextKeyId('classic', key(name))

const FIRST: DeviceList = {
  suite: 'classic',
  sequence: 0,
  previous: zeroId(),
  root: key('root 1'),
  nextRoot: next('root 2'),
  devices: [{ name: 'phone', key: key('phone') }],
}
const SECOND: DeviceList = {
  ...FIRST,
  sequence: 1,
  previous: deviceListId(FIRST),
  devices: [...FIRST.devices, { name: 'desk', key: key('desk') }],
}
const ROTATED: DeviceList = {
  ...SECOND,
  sequence: 2,
  previous: deviceListId(SECOND),
  root: key('root 2'),
  nextRoot: next('root 3'),
}

const signed = (list: DeviceList, by: string): string =>
  hexFromBytes(signedDeviceList.encode({ list, signature: sign(by, deviceListMessage(list)) }))

export const deviceArea = (): Area => {
  const chain = [signed(FIRST, 'root 1'), signed(SECOND, 'root 1'), signed(ROTATED, 'root 2')]
  const whole = good({
    id: 'device-list/rotation',
    comment: 'a second device, then a new root',
    check: 'device-lists',
    input: { lists: chain },
  })
  const refused = (fault: string, id: string, comment: string, lists: readonly string[]): Case =>
    spoiled(whole, fault, { id: `device-list/${id}`, comment, input: { lists } })
  const third = (more: Partial<DeviceList>, by = 'root 2'): readonly string[] => [
    ...chain.slice(0, 2),
    signed({ ...ROTATED, ...more }, by),
  ]
  const second = (more: Partial<DeviceList>): readonly string[] => [
    ...chain.slice(0, 1),
    signed({ ...SECOND, ...more }, 'root 1'),
  ]
  const [phone] = FIRST.devices
  if (!phone) throw new Error('there is a phone')
  const cases: readonly Case[] = [
    whole,
    good({
      id: 'device-list/first',
      comment: 'one list, whose hash is the identity',
      check: 'device-lists',
      input: { lists: chain.slice(0, 1) },
    }),
    refused('device-list/empty', 'none', 'no list', []),
    spoiled(whole, 'device-list/too-many', {
      id: 'device-list/too-many',
      comment: 'the same list 257 times',
      input: { lists: chain.slice(0, 1), times: 257 },
    }),
    refused('device-list/wrong-sequence', 'gap', 'a list left out', [
      ...chain.slice(0, 1),
      ...chain.slice(2),
    ]),
    refused(
      'device-list/wrong-previous',
      'other-previous',
      'linked to another list',
      second({ previous: zeroId() }),
    ),
    refused('device-list/wrong-signature', 'device-signs', 'signed by a device', [
      ...chain.slice(0, 1),
      signed(SECOND, 'phone'),
    ]),
    refused(
      'device-list/wrong-signature',
      'old-root-signs',
      'a rotation signed by the root before',
      third({}, 'root 1'),
    ),
    refused(
      'device-list/not-committed',
      'other-root',
      'a root that was not promised',
      third({ root: key('root 9') }, 'root 9'),
    ),
    refused(
      'device-list/not-committed',
      'next-changed',
      'another promise under the same root',
      second({ nextRoot: next('root 9') }),
    ),
    refused(
      'device-list/next-root-kept',
      'next-kept',
      'a rotation that promises nothing new',
      third({ nextRoot: next('root 2') }),
    ),
    refused(
      'device-list/suite-changed',
      'other-suite',
      'another suite',
      second({ suite: 'quantum' }),
    ),
    refused(
      'device-list/name-twice',
      'name-twice',
      'two devices of one name',
      second({
        devices: [phone, { name: 'phone', key: key('desk') }],
      }),
    ),
    refused(
      'device-list/key-twice',
      'key-twice',
      'one key for two devices',
      second({
        devices: [phone, { name: 'desk', key: phone.key }],
      }),
    ),
    refused(
      'device-list/bad-key',
      'bad-key',
      'a key of small order',
      second({
        devices: [
          phone,
          { name: 'desk', key: { scheme: 'ed25519', publicKey: new Uint8Array(32) } },
        ],
      }),
    ),
    refused(
      'device-list/wrong-scheme',
      'wrong-scheme',
      'a scheme that the suite does not take',
      second({
        devices: [
          phone,
          {
            name: 'desk',
            key: { scheme: 'bip340', publicKey: pairOf('desk', 'bip340').publicKey },
          },
        ],
      }),
    ),
  ]
  return { area: 'device-list', about: 'Which keys act for an identity, said by its root.', cases }
}
