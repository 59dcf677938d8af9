/**
 * Identity cards: what somebody hands out so that others can begin a machine with him. Public; for anybody to read.
 *
 * Promise. A card that reads well carries the whole log of signed key events, so its keys follow from the identity
 * (the hash of the first event) by signatures alone.
 *
 * Not promised. The name is a label that nobody signed, and a card does not show that it is the newest. Whoever handed it
 * over may have made it up: compare the identity with its owner on another way.
 *
 * | field | what |
 * |---|---|
 * | name | text |
 * | device | u8: position, in the newest list, of the device that signs steps for its owner |
 * | lists | signed device lists, oldest first |
 */
import { type Codec, list, struct, text, u8 } from '../base/codec.ts'
import { Fault, isFault } from '../base/fault.ts'
import { KEY_EVENTS_MAX, NAME_BYTES_MAX } from '../base/limits.ts'
import type { Verifier } from '../base/verifier.ts'
import { activeDevices, type Device } from '../kernel/device-tree.ts'
import { type IdentityId, type SignedKeyEvent, signedKeyEvent } from '../kernel/key-event.ts'
import { judgeKeyLog, type KeyState } from '../kernel/key-log.ts'
import { bodyFromFile, fileFromBody } from './file.ts'

export type Card = {
  readonly name: string
  readonly device: number
  readonly log: readonly SignedKeyEvent[]
}

/** A card whose log was checked, with what follows from them. */
export type ReadCard = {
  readonly card: Card
  readonly identity: IdentityId
  /** After the log. */
  readonly head: KeyState
  readonly device: Device
}

const card: Codec<Card> = struct<Card>({
  name: text(NAME_BYTES_MAX),
  device: u8,
  log: list(signedKeyEvent, KEY_EVENTS_MAX),
})

/** Raises `file/too-large` and what the codec raises. */
export const fileFromCard = (of: Card): Uint8Array => fileFromBody('identity', card.encode(of))

/**
 * Reads and checks a card. Raises `card/no-such-device`, the faults of `judgeKeyLog`, of `bodyFromFile` and of the
 * codecs.
 */
export const cardFromFile = (file: Uint8Array, verifier: Verifier): ReadCard => {
  const read = card.decode(bodyFromFile('identity', file))
  const head = judgeKeyLog(read.log, verifier)
  if (isFault(head)) throw head.at({ party: read.name })
  const devices = activeDevices(head.devices)
  const device = devices[read.device]
  if (!device) {
    const says = `device ${read.device} of ${devices.length} is to sign`
    throw new Fault('card/no-such-device', says, { party: read.name })
  }
  return { card: read, identity: head.identity, head, device }
}
