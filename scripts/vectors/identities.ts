/** Identities for the vectors: keys by name, events signed by whoever is named. */
import type { SignerId } from '../../packages/tallystick/src/base/brand.ts'
import { equalBytes, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { SignerKey } from '../../packages/tallystick/src/base/signer.ts'
import type { Controller } from '../../packages/tallystick/src/kernel/controller.ts'
import {
  type Device,
  type DeviceChange,
  deviceId,
  NO_DEVICE_CHANGE,
} from '../../packages/tallystick/src/kernel/device-tree.ts'
import {
  type Authority,
  type KeyChange,
  type KeyEvent,
  keyEventMessage,
  type SignedKeyEvent,
  signedKeyEvent,
} from '../../packages/tallystick/src/kernel/key-event.ts'
import {
  draftKeyEvent,
  judgeKeyLog,
  type KeyState,
  signersOf,
} from '../../packages/tallystick/src/kernel/key-log.ts'
import { reserveOf } from '../../packages/tallystick/src/kernel/reserve.ts'
import { unless } from './finding.ts'
import { engine, pairOf, sign } from './world.ts'

export const keyOf = (name: string): SignerKey => ({
  scheme: 'ed25519',
  publicKey: pairOf(name).publicKey,
})

export const deviceOf = (name: string, group: string = '', key: string = name): Device => ({
  name,
  group,
  key: keyOf(key),
})

export const deviceIdOf = (name: string): SignerId => deviceId('classic', { key: keyOf(name) })

/** Keys of weight 1 with a threshold. */
export const keysOf = (names: readonly string[], threshold: number = 1): Controller => ({
  keys: names.map((name) => ({ ...keyOf(name), weight: 1 })),
  threshold,
})

export const authority = (
  keys: Controller,
  next: Controller,
  recovery?: Controller,
): Authority => ({
  keys,
  next: reserveOf('classic', next),
  recovery: recovery && reserveOf('classic', recovery),
})

export const drafted = (
  before: KeyState | undefined,
  change: KeyChange,
  devices: Partial<DeviceChange> = {},
): KeyEvent => {
  const of = { suite: 'classic', change, devices: { ...NO_DEVICE_CHANGE, ...devices } } as const
  return unless(draftKeyEvent(before, of, engine))
}

/** Signed by the named; who may not sign does it in place of the first. */
export const signed = (
  event: KeyEvent,
  by: readonly string[],
  before?: KeyState,
): SignedKeyEvent => {
  const { signers } = signersOf(event, before?.keys)
  const signatures = by.map((name) => ({
    signer: Math.max(
      0,
      signers.findIndex((one) => equalBytes(one.publicKey, pairOf(name).publicKey)),
    ),
    signature: sign(name, keyEventMessage(event)),
  }))
  return { event, signatures }
}

export const stateOf = (log: readonly SignedKeyEvent[]): KeyState =>
  unless(judgeKeyLog(log, engine))

export const logHex = (log: readonly SignedKeyEvent[]): readonly string[] =>
  log.map((one) => hexFromBytes(signedKeyEvent.encode(one)))

/** An identity with the root `NAME root`, recovered by `NAME words`, and with devices. */
export const inception = (name: string, devices: readonly Device[]): SignedKeyEvent => {
  const change: KeyChange = {
    is: 'incept',
    ...authority(
      keysOf([`${name} root`]),
      keysOf([`${name} next root`]),
      keysOf([`${name} words`]),
    ),
  }
  return signed(drafted(undefined, change, { add: devices }), [`${name} root`])
}
