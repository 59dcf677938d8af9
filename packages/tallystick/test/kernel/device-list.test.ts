import { describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { concatBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { DEVICE_LISTS_MAX, KEYS_MAX } from '../../src/base/limits.ts'
import type { SignerKey } from '../../src/base/signer.ts'
import type { KeyPair } from '../../src/base/verifier.ts'
import { createEd25519 } from '../../src/engine/ed25519.ts'
import { createEngine } from '../../src/engine/scheme-engine.ts'
import { createBip340 } from '../../src/engine/secp256k1.ts'
import {
  type DeviceList,
  deviceListId,
  deviceListMessage,
  judgeDeviceLists,
  nextKeyId,
  type SignedDeviceList,
  signedDeviceList,
} from '../../src/kernel/device-list.ts'

const engine = createEngine('test', [createEd25519(), createBip340()])
const pairs: readonly KeyPair[] = Array.from({ length: 24 }, (_, at) =>
  engine.fromSeed('ed25519', new Uint8Array(32).fill(at + 1)),
)
const pair = (at: number): KeyPair => {
  const found = pairs[at]
  if (found === undefined) throw new Error(`no pair ${at}`)
  return found
}
const key = (at: number): SignerKey => ({ scheme: 'ed25519', publicKey: pair(at).publicKey })
const next = (at: number): DeviceList['nextRoot'] => nextKeyId('classic', key(at))

const signed = (list: DeviceList, by: number): SignedDeviceList => ({
  list,
  signature: engine.sign('ed25519', pair(by).secret, deviceListMessage(list)),
})

/** Roots 0, then 1, then 2; devices from 10 on. */
const first: DeviceList = {
  suite: 'classic',
  sequence: 0,
  previous: zeroId(),
  root: key(0),
  nextRoot: next(1),
  devices: [{ name: 'laptop', key: key(10) }],
}
const second: DeviceList = {
  ...first,
  sequence: 1,
  previous: deviceListId(first),
  devices: [...first.devices, { name: 'phone', key: key(11) }],
}
const rotated: DeviceList = {
  ...second,
  sequence: 2,
  previous: deviceListId(second),
  root: key(1),
  nextRoot: next(2),
}
const chain = [signed(first, 0), signed(second, 0), signed(rotated, 1)]

const codeOf = (lists: readonly SignedDeviceList[]): string => {
  const verdict = judgeDeviceLists(lists, engine)
  return isFault(verdict) ? verdict.code : 'accepted'
}

/** The second list with one thing changed, signed by its root as it should be. */
const changed = (change: Partial<DeviceList>): string =>
  codeOf([signed(first, 0), signed({ ...second, ...change }, 0)])

describe('a chain of device lists', () => {
  test('is accepted and its newest list returned, after each step', () => {
    expect(judgeDeviceLists(chain.slice(0, 1), engine)).toBe(first)
    expect(judgeDeviceLists(chain.slice(0, 2), engine)).toBe(second)
    expect(judgeDeviceLists(chain, engine)).toBe(rotated)
  })

  test('survives its codec byte for byte', () => {
    for (const one of chain) {
      const bytes = signedDeviceList.encode(one)
      expect(signedDeviceList.decode(bytes)).toEqual(one)
      expect(
        faultFrom(() => signedDeviceList.decode(concatBytes(bytes, Uint8Array.of(0)))),
      ).toMatchObject({ code: 'codec/extended' })
    }
  })

  test('needs a list and holds a bounded number', () => {
    expect(codeOf([])).toBe('device-list/empty')
    const one = signed(first, 0)
    expect(codeOf(Array.from({ length: DEVICE_LISTS_MAX }, () => one))).toBe(
      'device-list/wrong-sequence',
    )
    expect(codeOf(Array.from({ length: DEVICE_LISTS_MAX + 1 }, () => one))).toBe(
      'device-list/too-many',
    )
  })

  test('is refused with a list left out, repeated or out of order, and says which', () => {
    const [a, b, c] = chain
    if (a === undefined || b === undefined || c === undefined) throw new Error('three lists')
    for (const [lists, step] of [
      [[b], 0],
      [[a, c], 1],
      [[a, a], 1],
      [[a, b, b], 2],
      [[a, c, b], 1],
    ] as const) {
      const verdict = judgeDeviceLists(lists, engine)
      expect(verdict).toMatchObject({ code: 'device-list/wrong-sequence', place: { step } })
    }
  })

  test('is refused when a link, a suite or a signature is wrong', () => {
    expect(changed({})).toBe('accepted')
    expect(changed({ previous: zeroId() })).toBe('device-list/wrong-previous')
    expect(changed({ suite: 'nostr' })).toBe('device-list/suite-changed')
    expect(codeOf([signed(first, 0), signed(second, 10)])).toBe('device-list/wrong-signature')
    expect(codeOf([signed(first, 0), { list: second, signature: new Uint8Array(64) }])).toBe(
      'device-list/wrong-signature',
    )
    expect(codeOf([signed({ ...first, previous: deviceListId(second) }, 0)])).toBe(
      'device-list/wrong-previous',
    )
  })

  test('a changed name is no longer signed', () => {
    const devices = [{ name: 'laptot', key: key(10) }]
    expect(codeOf([{ ...signed(first, 0), list: { ...first, devices } }])).toBe(
      'device-list/wrong-signature',
    )
  })
})

describe('devices', () => {
  test('have their own names and keys, and none has the key of the root', () => {
    const laptop = { name: 'laptop', key: key(10) }
    expect(changed({ devices: [laptop, { name: 'phone', key: key(10) }] })).toBe(
      'device-list/key-twice',
    )
    expect(changed({ devices: [{ name: 'laptop', key: key(0) }] })).toBe('device-list/key-twice')
    expect(changed({ devices: [laptop, { name: 'laptop', key: key(11) }] })).toBe(
      'device-list/name-twice',
    )
    expect(changed({ devices: [{ name: 'root', key: key(11) }] })).toBe('accepted')
    expect(changed({ devices: [] })).toBe('accepted')
  })

  test('have keys that the suite takes and the engine accepts', () => {
    const bip340 = engine.fromSeed('bip340', new Uint8Array(32).fill(9)).publicKey
    expect(
      changed({ devices: [{ name: 'phone', key: { scheme: 'bip340', publicKey: bip340 } }] }),
    ).toBe('device-list/wrong-scheme')
    const bad = new Uint8Array(32).fill(0)
    expect(
      changed({ devices: [{ name: 'phone', key: { scheme: 'ed25519', publicKey: bad } }] }),
    ).toBe('device-list/bad-key')
  })

  test('are as many as the limit and no more', () => {
    const devices = (count: number): DeviceList['devices'] =>
      Array.from({ length: count }, (_, at) => ({ name: `device ${at}`, key: key(3 + at) }))
    expect(changed({ devices: devices(KEYS_MAX) })).toBe('accepted')
    expect(faultFrom(() => changed({ devices: devices(KEYS_MAX + 1) }))).toMatchObject({
      code: 'codec/too-long',
    })
  })
})

describe('rotation', () => {
  const after = (change: Partial<DeviceList>, by: number): string =>
    codeOf([signed(first, 0), signed(second, 0), signed({ ...rotated, ...change }, by)])

  test('goes to the root that was promised and to no other', () => {
    expect(after({}, 1)).toBe('accepted')
    expect(after({ root: key(5) }, 5)).toBe('device-list/not-committed')
  })

  test('is signed by the new root: the thief of the old one cannot sign it', () => {
    expect(after({}, 0)).toBe('device-list/wrong-signature')
  })

  test('the old root cannot redirect the next rotation', () => {
    expect(after({ root: key(0), nextRoot: next(5) }, 0)).toBe('device-list/not-committed')
  })

  test('promises a fresh root each time', () => {
    expect(after({ nextRoot: next(1) }, 1)).toBe('device-list/next-root-kept')
    expect(codeOf([signed({ ...first, nextRoot: next(0) }, 0)])).toBe('device-list/next-root-kept')
  })

  test('ends the say of the root before', () => {
    const later = { ...rotated, sequence: 3, previous: deviceListId(rotated) }
    expect(codeOf([...chain, signed(later, 1)])).toBe('accepted')
    expect(codeOf([...chain, signed({ ...later, root: key(0) }, 0)])).toBe(
      'device-list/not-committed',
    )
  })
})
