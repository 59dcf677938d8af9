/**
 * Key events: what an identity says about its keys and devices, each linked to the one before by hash and number. The first
 * one is the inception, and its hash is the identity.
 *
 * | change | what it does | who signs |
 * |---|---|---|
 * | `incept` | the first keys, the reserve that follows, the reserve that may recover | the keys it names |
 * | `devices` | adds and revokes devices, and nothing else | the keys in use |
 * | `rotate` | brings the reserve into use, or as much of it as is enough, and names new ones | the keys it reveals |
 * | `recover` | puts new keys in the place of lost or stolen ones | the reserve that may recover, and the new keys |
 *
 * Every event may change devices and holds the root of the device tree after it. What an event must satisfy is in
 * `key-log.ts`; this file is its form.
 *
 * | field | bytes |
 * |---|---|
 * | suite | u8 |
 * | identity | 32; zero in the inception |
 * | sequence | u32, from 0 on, without gaps |
 * | previous | 32; zero in the inception |
 * | change | u8 and the case |
 * | devices | revoked devices, revoked groups, added devices |
 * | tree | 32: root of the device tree after the event |
 *
 * Signed are the 32 bytes of H('tallystick/1 key event', all of that).
 */
import { bytesFromId, type Id } from '../base/brand.ts'
import {
  bytes,
  type Codec,
  id,
  list,
  literal,
  optional,
  struct,
  u32,
  u8,
  union,
} from '../base/codec.ts'
import { hashId } from '../base/hash.ts'
import { KEYS_MAX, SIGNATURE_BYTES_MAX } from '../base/limits.ts'
import { suite, type SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import { type Controller, controller } from './controller.ts'
import { type DeviceChange, deviceChange, type DeviceTreeRoot } from './device-tree.ts'
import { type Reserve, reserve } from './reserve.ts'

export type KeyEventId = Id<'key-event'>
/** Somebody's keys over time: the id of the inception. */
export type IdentityId = KeyEventId

/** Keys that come into use, what may follow them, and what may recover the identity. */
export type Authority = {
  readonly keys: Controller
  readonly next: Reserve
  /** Missing where nothing can be recovered. */
  readonly recovery: Reserve | undefined
}

export type KeyChange =
  | ({ readonly is: 'incept' } & Authority)
  | { readonly is: 'devices' }
  | ({ readonly is: 'rotate' } & Authority)
  /** `by` is what is revealed of the reserve that may recover. */
  | ({ readonly is: 'recover'; readonly by: Controller } & Authority)

export type KeyEvent = {
  readonly suite: SuiteId
  readonly identity: IdentityId
  readonly sequence: number
  readonly previous: KeyEventId
  readonly change: KeyChange
  readonly devices: DeviceChange
  readonly tree: DeviceTreeRoot
}

/** A signature by one of `signersOf` the event, by position. */
export type KeyEventSignature = { readonly signer: number; readonly signature: Uint8Array }

export type SignedKeyEvent = {
  readonly event: KeyEvent
  /** In the order of their signers, none twice. */
  readonly signatures: readonly KeyEventSignature[]
}

const authorityFields = { keys: controller, next: reserve, recovery: optional(reserve) }

export const keyEvent: Codec<KeyEvent> = struct<KeyEvent>({
  suite,
  identity: id<'key-event'>(),
  sequence: u32,
  previous: id<'key-event'>(),
  change: union<KeyChange>({
    incept: struct({ is: literal('incept'), ...authorityFields }),
    devices: struct({ is: literal('devices') }),
    rotate: struct({ is: literal('rotate'), ...authorityFields }),
    recover: struct({ is: literal('recover'), by: controller, ...authorityFields }),
  }),
  devices: deviceChange,
  tree: id<'device-tree'>(),
})

export const keyEventSignature: Codec<KeyEventSignature> = struct<KeyEventSignature>({
  signer: u8,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const signedKeyEvent: Codec<SignedKeyEvent> = struct<SignedKeyEvent>({
  event: keyEvent,
  signatures: list(keyEventSignature, 2 * KEYS_MAX),
})

/** The tagged hash of an event in its own suite. That of the inception is the identity. */
export const keyEventId = (of: KeyEvent): KeyEventId =>
  hashId<'key-event'>(of.suite, TAGS.keyEvent, keyEvent.encode(of))

/** The bytes that are signed. */
export const keyEventMessage = (of: KeyEvent): Uint8Array => bytesFromId(keyEventId(of))

/** The identity that an event is of. */
export const identityOf = (of: KeyEvent): IdentityId =>
  of.change.is === 'incept' ? keyEventId(of) : of.identity
