/** Identities for tests: keys named by a word, events signed by whoever is named. */
import type { SignerId } from '../../src/base/brand.ts'
import { bytesFromUtf8, equalBytes } from '../../src/base/bytes.ts'
import { isFault } from '../../src/base/fault.ts'
import { hash } from '../../src/base/hash.ts'
import type { SignerKey } from '../../src/base/signer.ts'
import type { SchemeId, SuiteId } from '../../src/base/suite.ts'
import { TAGS } from '../../src/base/tags.ts'
import type { Engine } from '../../src/base/verifier.ts'
import type { Controller } from '../../src/kernel/controller.ts'
import {
  type Device,
  type DeviceChange,
  deviceId,
  NO_DEVICE_CHANGE,
} from '../../src/kernel/device-tree.ts'
import {
  type Authority,
  type KeyChange,
  type KeyEvent,
  keyEventMessage,
  type SignedKeyEvent,
} from '../../src/kernel/key-event.ts'
import { applyKeyEvent, draftKeyEvent, type KeyState, signersOf } from '../../src/kernel/key-log.ts'
import { type Reserve, reserveOf } from '../../src/kernel/reserve.ts'

/** Names with weights, and what is enough. A bare name weighs 1. */
export type Wanted = {
  readonly keys: readonly (string | readonly [string, number])[]
  readonly threshold?: number
}

export type Identities = {
  readonly suite: SuiteId
  readonly seedOf: (name: string) => Uint8Array
  readonly keyOf: (name: string) => SignerKey
  readonly idOf: (name: string) => SignerId
  /** A device whose key is called as itself, or otherwise. */
  readonly deviceOf: (name: string, group?: string, key?: string) => Device
  readonly controllerOf: (of: Wanted) => Controller
  readonly reserveFrom: (of: Wanted) => Reserve
  readonly authority: (of: {
    readonly keys: Wanted
    readonly next: Wanted
    readonly recovery?: Wanted | undefined
  }) => Authority
  readonly drafted: (
    before: KeyState | undefined,
    change: KeyChange,
    devices?: Partial<DeviceChange>,
  ) => KeyEvent
  /** Signed by the named keys, each in its place among those who may sign; a stranger in the first place. */
  readonly signed: (
    event: KeyEvent,
    by: readonly string[],
    before: KeyState | undefined,
  ) => SignedKeyEvent
  /** The state after an event that is good. */
  readonly after: (before: KeyState | undefined, one: SignedKeyEvent) => KeyState
  /** The state after a log that is good. */
  readonly stateOf: (log: readonly SignedKeyEvent[]) => KeyState
  readonly codeAfter: (before: KeyState | undefined, one: SignedKeyEvent) => string
  /** An identity of root `NAME 1`, then `NAME 2`, recovered by `NAME words`, with the devices named. */
  readonly inception: (name: string, ...devices: readonly Device[]) => SignedKeyEvent
  /** A change of devices, signed by the named. */
  readonly changing: (
    before: KeyState,
    devices: Partial<DeviceChange>,
    ...by: readonly string[]
  ) => SignedKeyEvent
}

export const createIdentities = (
  engine: Engine,
  scheme: SchemeId = 'ed25519',
  suite: SuiteId = 'classic',
): Identities => {
  const seedOf = (name: string): Uint8Array => hash('blake3', TAGS.seed, bytesFromUtf8(name))
  const keyOf = (name: string): SignerKey => ({
    scheme,
    publicKey: engine.fromSeed(scheme, seedOf(name)).publicKey,
  })
  const controllerOf = ({ keys, threshold = 1 }: Wanted): Controller => ({
    keys: keys.map((one) => {
      const [name, weight] = typeof one === 'string' ? [one, 1] : one
      return { ...keyOf(name), weight }
    }),
    threshold,
  })
  const reserveFrom = (wanted: Wanted): Reserve => reserveOf(suite, controllerOf(wanted))
  const authority = (of: {
    readonly keys: Wanted
    readonly next: Wanted
    readonly recovery?: Wanted | undefined
  }): Authority => ({
    keys: controllerOf(of.keys),
    next: reserveFrom(of.next),
    recovery: of.recovery && reserveFrom(of.recovery),
  })
  const deviceOf = (name: string, group = '', key = name): Device => ({
    name,
    group,
    key: keyOf(key),
  })
  const idOf = (name: string): SignerId => deviceId(suite, { key: keyOf(name) })
  const signed = (
    event: KeyEvent,
    by: readonly string[],
    before: KeyState | undefined,
  ): SignedKeyEvent => {
    const { signers } = signersOf(event, before?.keys)
    const signatures = by.map((name) => {
      const { publicKey } = keyOf(name)
      const at = signers.findIndex((one) => equalBytes(one.publicKey, publicKey))
      return {
        signer: Math.max(0, at),
        signature: engine.sign(scheme, seedOf(name), keyEventMessage(event), {
          deterministic: true,
        }),
      }
    })
    return { event, signatures: [...signatures].sort((a, b) => a.signer - b.signer) }
  }
  const drafted = (
    before: KeyState | undefined,
    change: KeyChange,
    devices: Partial<DeviceChange> = {},
  ): KeyEvent => {
    const of = { suite, change, devices: { ...NO_DEVICE_CHANGE, ...devices } }
    const event = draftKeyEvent(before, of, engine)
    if (isFault(event)) throw event
    return event
  }
  const after = (before: KeyState | undefined, one: SignedKeyEvent): KeyState => {
    const state = applyKeyEvent(before, one, engine)
    if (isFault(state)) throw state
    return state
  }
  const stateOf = (log: readonly SignedKeyEvent[]): KeyState => {
    let state: KeyState | undefined
    for (const one of log) state = after(state, one)
    if (!state) throw new Error('an event at least')
    return state
  }
  const codeAfter = (before: KeyState | undefined, one: SignedKeyEvent): string => {
    const state = applyKeyEvent(before, one, engine)
    return isFault(state) ? state.code : 'accepted'
  }
  const inception = (name: string, ...devices: readonly Device[]): SignedKeyEvent => {
    const change = {
      is: 'incept',
      ...authority({
        keys: { keys: [`${name} 1`] },
        next: { keys: [`${name} 2`] },
        recovery: { keys: [`${name} words`] },
      }),
    } as const
    return signed(drafted(undefined, change, { add: devices }), [`${name} 1`], undefined)
  }
  const changing = (
    before: KeyState,
    devices: Partial<DeviceChange>,
    ...by: readonly string[]
  ): SignedKeyEvent => signed(drafted(before, { is: 'devices' }, devices), by, before)
  return {
    suite,
    seedOf,
    keyOf,
    idOf,
    deviceOf,
    controllerOf,
    reserveFrom,
    authority,
    drafted,
    signed,
    after,
    stateOf,
    codeAfter,
    inception,
    changing,
  }
}
