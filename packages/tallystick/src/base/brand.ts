/**
 * Branded ids: 32 bytes as 64 lower-case hexadecimal digits, so that they compare as strings, serve as map
 * keys and print. A brand is made in two places only: by hashing (`hash.ts`) and by decoding (`codec.ts`).
 */
import { bytesFromHex, hexFromBytes } from './bytes.ts'
import { Fault } from './fault.ts'

declare const brand: unique symbol

/** A string that only this file can mint. */
export type Id<Name extends string> = string & { readonly [brand]: Name }

export type MachineId = Id<'machine'>
export type TransitionId = Id<'transition'>
export type InteractionId = Id<'interaction'>
export type StateRoot = Id<'state-root'>
export type Entropy = Id<'entropy'>
/** Hash of a scheme and a public key. */
export type SignerId = Id<'signer'>
export type LogicId = Id<'logic'>

/** Mints an id from text. Raises `id/malformed` unless it is 64 lower-case hexadecimal digits. */
export const idFromHex = <Name extends string>(hex: string): Id<Name> => {
  if (!/^[0-9a-f]{64}$/.test(hex))
    throw new Fault('id/malformed', 'an id is 64 lower-case hexadecimal digits')
  return hex as Id<Name>
}

/** Mints an id from its 32 bytes. Raises `id/malformed` for another number of them. */
export const idFromBytes = <Name extends string>(bytes: Uint8Array): Id<Name> => {
  if (bytes.length !== 32) throw new Fault('id/malformed', `an id of ${bytes.length} bytes`)
  return hexFromBytes(bytes) as Id<Name>
}

export const bytesFromId = (id: Id<string>): Uint8Array => bytesFromHex(id)

/** 32 zero bytes: the parent of a genesis transition, and the root of an empty state. */
export const zeroId = <Name extends string>(): Id<Name> => idFromHex('0'.repeat(64))
