/** Identities for tests of operators and clients: keys by name, events signed by whoever is named. */
import { bytesFromUtf8, equalBytes, type SignerKey } from 'tallystick/base'
import {
  type Authority,
  type Controller,
  type Device,
  type DeviceChange,
  draftKeyEvent,
  judgeKeyLog,
  type KeyChange,
  keyEventMessage,
  type KeyState,
  NO_DEVICE_CHANGE,
  reserveOf,
  type SignedKeyEvent,
  signersOf,
} from 'tallystick/kernel'
import { createNativeEngine } from 'tallystick/engine-native'

const engine = createNativeEngine()

const seedOf = (name: string): Uint8Array => {
  const seed = new Uint8Array(32)
  seed.set(bytesFromUtf8(`key ${name}`))
  return seed
}

const keyOf = (name: string): SignerKey => ({
  scheme: 'ed25519',
  publicKey: engine.fromSeed('ed25519', seedOf(name)).publicKey,
})

export const deviceOf = (name: string): Device => ({ name, group: '', key: keyOf(name) })

export const controllerOf = (...names: readonly string[]): Controller => ({
  keys: names.map((name) => ({ ...keyOf(name), weight: 1 })),
  threshold: 1,
})

export const authority = (keys: string, next: string, recovery: string): Authority => ({
  keys: controllerOf(keys),
  next: reserveOf('classic', controllerOf(next)),
  recovery: reserveOf('classic', controllerOf(recovery)),
})

export const stateOf = (log: readonly SignedKeyEvent[]): KeyState => {
  const state = judgeKeyLog(log, engine)
  if (state instanceof Error) throw state
  return state
}

/** The log with one more event, signed by the named. */
export const extended = (
  log: readonly SignedKeyEvent[],
  change: KeyChange,
  devices: Partial<DeviceChange>,
  ...by: readonly string[]
): readonly SignedKeyEvent[] => {
  const before = log.length > 0 ? stateOf(log) : undefined
  const of = { suite: 'classic', change, devices: { ...NO_DEVICE_CHANGE, ...devices } } as const
  const event = draftKeyEvent(before, of, engine)
  if (event instanceof Error) throw event
  const { signers } = signersOf(event, before?.keys)
  const signatures = by.map((name) => ({
    signer: Math.max(
      0,
      signers.findIndex((one) => equalBytes(one.publicKey, keyOf(name).publicKey)),
    ),
    signature: engine.sign('ed25519', seedOf(name), keyEventMessage(event)),
  }))
  return [...log, { event, signatures }]
}

/** An identity of root `NAME 1`, then `NAME 2`, recovered by `NAME words`, with one device. */
export const inception = (name: string): readonly SignedKeyEvent[] =>
  extended(
    [],
    { is: 'incept', ...authority(`${name} 1`, `${name} 2`, `${name} words`) },
    { add: [deviceOf(`${name} phone`)] },
    `${name} 1`,
  )

export const adding = (
  log: readonly SignedKeyEvent[],
  device: string,
  by: string,
): readonly SignedKeyEvent[] => extended(log, { is: 'devices' }, { add: [deviceOf(device)] }, by)

export const rotating = (log: readonly SignedKeyEvent[], name: string): readonly SignedKeyEvent[] =>
  extended(
    log,
    { is: 'rotate', ...authority(`${name} 2`, `${name} 3`, `${name} words`) },
    {},
    `${name} 2`,
  )
