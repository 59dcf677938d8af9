/**
 * Interactions of MOI as its clients sign them: one POLO struct of nine fields.
 *
 * Promise. `readInteraction` is total. It says what the bytes hold, not whether they may happen: sequence, fees, locks and
 * signatures are judged where state is known. An interaction's hash, which is also what is signed, is BLAKE2b-256 of the bytes as
 * they came, since one value has several encodings.
 */
import { blake2b256 } from '../../base/blake2b.ts'
import { Fault, faultFrom } from '../../base/fault.ts'
import {
  MOI_INTERACTION_BYTES_MAX,
  MOI_NAME_BYTES_MAX,
  MOI_OPERATIONS_MAX,
  MOI_PARTICIPANTS_MAX,
} from '../../base/limits.ts'
import { type MoiId, poloMoiId, poloMoiIdOrZeros } from './identifier.ts'
import { poloArray, poloArrayOrNull, poloNamed, poloStruct } from './polo/container.ts'
import {
  poloBool,
  poloBytes,
  poloBytesOrNull,
  poloNatural,
  poloText,
  poloWhole,
} from './polo/scalar.ts'
import { encodePolo, type Polo, poloMapped, poloNullable, readPolo } from './polo/schema.ts'
import { tooLarge } from './polo/wire.ts'

export type MoiLock = 'mutate' | 'read' | 'none'

export type MoiSender = {
  readonly id: MoiId
  readonly sequence: bigint
  readonly keyId: number
}

export type MoiFund = { readonly assetId: MoiId; readonly amount: bigint }

/** What is done, its payload unread: a message of its own, see `operation.ts`. */
export type RawOperation = { readonly type: number; readonly payload: Uint8Array }

export type MoiParticipant = {
  readonly id: MoiId
  readonly lock: MoiLock
  readonly notary: boolean
}

export type MoiConsensus = { readonly mtq: bigint; readonly trustedNodes: readonly string[] }

export type MoiPreferences = { readonly compute: Uint8Array; readonly consensus: MoiConsensus }

export type MoiInteraction = {
  readonly sender: MoiSender
  /** Who pays for fuel, where it is not the sender. */
  readonly payer: MoiId | undefined
  readonly fuelPrice: bigint
  readonly fuelLimit: bigint
  readonly funds: readonly MoiFund[]
  readonly operations: readonly RawOperation[]
  readonly participants: readonly MoiParticipant[]
  readonly preferences: MoiPreferences | undefined
  readonly perception: Uint8Array | undefined
}

/** In the order of their numbers. */
export const MOI_LOCKS: readonly MoiLock[] = ['mutate', 'read', 'none']

/** A key's number, counted from 0 for each account. */
export const poloKeyId: Polo<number> = poloWhole(0xffff_ffff)

const amount = poloNatural(256)
const word = poloNatural(64)
const payload = poloBytes(MOI_INTERACTION_BYTES_MAX)

const lock: Polo<MoiLock> = poloMapped(
  poloWhole(Number.MAX_SAFE_INTEGER),
  (number) => {
    const found = MOI_LOCKS[number]
    if (found === undefined)
      throw new Fault('moi-interaction/unknown-lock', `no lock has the number ${number}`)
    return found
  },
  (name) => MOI_LOCKS.indexOf(name),
)

const interaction: Polo<MoiInteraction> = poloStruct<MoiInteraction>({
  sender: poloStruct<MoiSender>({ id: poloMoiId, sequence: word, keyId: poloKeyId }),
  payer: poloMoiIdOrZeros,
  fuelPrice: amount,
  fuelLimit: word,
  funds: poloArrayOrNull(poloStruct<MoiFund>({ assetId: poloMoiId, amount }), MOI_PARTICIPANTS_MAX),
  operations: poloNamed(
    'ix_operations',
    poloArray(
      poloStruct<RawOperation>({ type: poloWhole(Number.MAX_SAFE_INTEGER), payload }),
      MOI_OPERATIONS_MAX,
    ),
  ),
  participants: poloArray(
    poloStruct<MoiParticipant>({
      id: poloMoiId,
      lock: poloNamed('lock_type', lock),
      notary: poloBool,
    }),
    MOI_PARTICIPANTS_MAX,
  ),
  preferences: poloNullable(
    poloStruct<MoiPreferences>({
      compute: poloBytesOrNull(MOI_NAME_BYTES_MAX),
      consensus: poloStruct<MoiConsensus>({
        mtq: word,
        trustedNodes: poloArrayOrNull(poloText(MOI_NAME_BYTES_MAX), MOI_PARTICIPANTS_MAX),
      }),
    }),
  ),
  perception: poloNullable(payload),
})

/** What the bytes of an interaction say; or why they are none, or too many. */
export const readInteraction = (bytes: Uint8Array): MoiInteraction | Fault =>
  faultFrom(() => {
    if (bytes.length > MOI_INTERACTION_BYTES_MAX)
      throw tooLarge(bytes.length, 'bytes', MOI_INTERACTION_BYTES_MAX)
    return readPolo(interaction, bytes)
  })

/** As MOI's client writes it. Raises `polo/out-of-range` and `polo/too-large`. */
export const writeInteraction = (of: MoiInteraction): Uint8Array => encodePolo(interaction, of)

/** Names an interaction, and is what every signature on it signs. */
export const interactionHash = (bytes: Uint8Array): Uint8Array => blake2b256(bytes)
