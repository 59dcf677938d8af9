import { describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import type { SignerKey } from '../../src/base/signer.ts'
import {
  type DeviceList,
  deviceListId,
  deviceListMessage,
  nextKeyId,
  type SignedDeviceList,
} from '../../src/kernel/device-list.ts'
import { type Card, cardFromFile, fileFromCard } from '../../src/verify/card.ts'
import { fileFromBody } from '../../src/verify/file.ts'
import { engine } from '../kernel/sample.ts'

const seed = (at: number): Uint8Array => new Uint8Array(32).fill(at)
const key = (at: number): SignerKey => ({
  scheme: 'ed25519',
  publicKey: engine.fromSeed('ed25519', seed(at)).publicKey,
})
const signed = (list: DeviceList): SignedDeviceList => ({
  list,
  signature: engine.sign('ed25519', seed(1), deviceListMessage(list)),
})

const first: DeviceList = {
  suite: 'classic',
  sequence: 0,
  previous: zeroId(),
  root: key(1),
  nextRoot: nextKeyId('classic', key(2)),
  devices: [{ name: 'laptop', key: key(3) }],
}
const second: DeviceList = {
  ...first,
  sequence: 1,
  previous: deviceListId(first),
  devices: [...first.devices, { name: 'phone', key: key(4) }],
}
const card: Card = { name: 'alice', device: 1, lists: [signed(first), signed(second)] }

const codeOf = (file: Uint8Array): string => {
  const read = faultFrom(() => cardFromFile(file, engine))
  return isFault(read) ? read.code : 'read'
}

describe('a card', () => {
  test('gives back the identity, the newest list and the device that signs', () => {
    const read = cardFromFile(fileFromCard(card), engine)
    expect(read.card).toEqual(card)
    expect(read.identity).toBe(deviceListId(first))
    expect(read.head).toEqual(second)
    expect(read.device.name).toBe('phone')
  })

  test('is refused with a list that its root did not sign, and says whose card it is', () => {
    const forged = { ...signed(second), signature: signed(first).signature }
    const file = fileFromCard({ ...card, lists: [signed(first), forged] })
    const read = faultFrom(() => cardFromFile(file, engine))
    expect(isFault(read) && [read.code, read.place]).toEqual([
      'device-list/wrong-signature',
      { step: 1, party: 'alice' },
    ])
  })

  test('is refused where it names a device that the list has not', () => {
    expect(codeOf(fileFromCard({ ...card, device: 2 }))).toBe('card/no-such-device')
    expect(codeOf(fileFromCard({ ...card, device: 0 }))).toBe('read')
    expect(codeOf(fileFromCard({ ...card, lists: [] }))).toBe('device-list/empty')
  })

  test('is refused cut, extended and as another kind of file', () => {
    const file = fileFromCard(card)
    expect(codeOf(file.subarray(0, -1))).toBe('codec/truncated')
    expect(codeOf(Uint8Array.of(...file, 0))).toBe('codec/extended')
    expect(codeOf(fileFromBody('invite', file.subarray(8)))).toBe('file/other-kind')
  })
})
