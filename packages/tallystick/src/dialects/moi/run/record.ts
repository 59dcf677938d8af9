/**
 * The records under the paths of `layout.ts`: one codec each, fixed order, little-endian (`base/codec.ts`).
 *
 * Amounts have 256 bits, because MOI's have; a network's own asset never exceeds what 64 bits hold, other people's may.
 */
import {
  bytes,
  choice,
  type Codec,
  fixedBytes,
  flag,
  id,
  list,
  optional,
  struct,
  text,
  u128,
  u32,
  u64,
  codecFrom,
} from '../../../base/codec.ts'
import { Fault } from '../../../base/fault.ts'
import {
  MOI_CONTEXT_NODES_MAX,
  MOI_KRAMA_ID_CHARACTERS_MAX,
  MOI_NAME_BYTES_MAX,
  MOI_UNSTAKINGS_MAX,
  PUBLIC_KEY_BYTES_MAX,
} from '../../../base/limits.ts'
import type { MoiId } from '../identifier.ts'

export const U256_MAX: bigint = (1n << 256n) - 1n
const LOW_MASK = (1n << 128n) - 1n

const u256: Codec<bigint> = codecFrom(
  (writer, value) => {
    if (value < 0n || value > U256_MAX) {
      throw new Fault('codec/integer-out-of-range', `${value} is no unsigned integer of 256 bits`)
    }
    u128.write(writer, value & LOW_MASK)
    u128.write(writer, value >> 128n)
  },
  (reader) => {
    const low = u128.read(reader)
    return low | (u128.read(reader) << 128n)
  },
)

const moiId = id<'moi'>()
const name = bytes(MOI_NAME_BYTES_MAX)
const kramaId = text(MOI_KRAMA_ID_CHARACTERS_MAX)

export type AccountRecord = {
  readonly kind: 'genesis' | 'participant' | 'asset' | 'logic'
  /** Who sent the interaction that created it; missing at genesis. */
  readonly creator: MoiId | undefined
  /** The account that this is a sub-account of. */
  readonly parent: MoiId | undefined
  /** The account whose context it took over. */
  readonly inherits: MoiId | undefined
}

export const accountRecord: Codec<AccountRecord> = struct<AccountRecord>({
  kind: choice(['genesis', 'participant', 'asset', 'logic']),
  creator: optional(moiId),
  parent: optional(moiId),
  inherits: optional(moiId),
})

export type ContextRecord = {
  readonly behaviour: readonly string[]
  readonly random: readonly string[]
  readonly storage: readonly string[]
  /** What the participant asks of those who decide about it, as it was given. */
  readonly preferences: Uint8Array
}

export const contextRecord: Codec<ContextRecord> = struct<ContextRecord>({
  behaviour: list(kramaId, MOI_CONTEXT_NODES_MAX),
  random: list(kramaId, MOI_CONTEXT_NODES_MAX),
  storage: list(kramaId, MOI_CONTEXT_NODES_MAX),
  preferences: name,
})

export type KeyRecord = {
  readonly publicKey: Uint8Array
  readonly weight: bigint
  readonly algorithm: number
  readonly isRevoked: boolean
}

export const keyRecord: Codec<KeyRecord> = struct<KeyRecord>({
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
  weight: u64,
  algorithm: u32,
  isRevoked: flag,
})

/** What an account has, or has had, some of. */
export type HoldingRecord = { readonly asset: MoiId; readonly token: bigint }

export const holdingRecord: Codec<HoldingRecord> = struct<HoldingRecord>({
  asset: moiId,
  token: u64,
})

/** A mandate or a lockup by whom it is for. */
export type PlaceRecord = HoldingRecord & { readonly for: MoiId }

export const placeRecord: Codec<PlaceRecord> = struct<PlaceRecord>({
  asset: moiId,
  token: u64,
  for: moiId,
})

export type MandateRecord = { readonly amount: bigint; readonly expiresAt: bigint }

export const mandateRecord: Codec<MandateRecord> = struct<MandateRecord>({
  amount: u256,
  expiresAt: u64,
})

export type ReceiptRecord = { readonly interaction: Uint8Array; readonly receipt: Uint8Array }

export const receiptRecord: Codec<ReceiptRecord> = struct<ReceiptRecord>({
  interaction: fixedBytes(32),
  receipt: fixedBytes(32),
})

export type AssetRecord = {
  readonly symbol: Uint8Array
  readonly dimension: bigint
  readonly decimals: bigint
  readonly standard: number
  readonly hasEvents: boolean
  readonly creator: MoiId
  readonly manager: MoiId
  /** For each token: a token that cannot be divided has one piece. */
  readonly maxSupply: bigint
}

export const assetRecord: Codec<AssetRecord> = struct<AssetRecord>({
  symbol: name,
  dimension: u64,
  decimals: u64,
  standard: u32,
  hasEvents: flag,
  creator: moiId,
  manager: moiId,
  maxSupply: u256,
})

export type LogicRecord = {
  /** Of the manifest in POLO, which stands in parts beside this. */
  readonly hash: Uint8Array
  readonly size: number
  readonly isAsset: boolean
  readonly hasLogicState: boolean
  readonly hasActorState: boolean
}

export const logicRecord: Codec<LogicRecord> = struct<LogicRecord>({
  hash: fixedBytes(32),
  size: u32,
  isAsset: flag,
  hasLogicState: flag,
  hasActorState: flag,
})

export type Unstaking = {
  readonly amount: bigint
  /** The second from which it may be withdrawn. */
  readonly from: bigint
}

export type GuardianRecord = {
  readonly wallet: MoiId
  readonly consensusKey: Uint8Array
  /** Hash of what was shown; the proof itself concerns nobody else. */
  readonly kycHash: Uint8Array
  readonly stake: bigint
  /** What was taken out of the stake and waits. */
  readonly unstaking: readonly Unstaking[]
  /** What was earned up to `since` and not claimed. */
  readonly rewards: bigint
  readonly since: bigint
}

export const guardianRecord: Codec<GuardianRecord> = struct<GuardianRecord>({
  wallet: moiId,
  consensusKey: bytes(PUBLIC_KEY_BYTES_MAX),
  kycHash: fixedBytes(32),
  stake: u256,
  unstaking: list(struct<Unstaking>({ amount: u256, from: u64 }), MOI_UNSTAKINGS_MAX),
  rewards: u256,
  since: u64,
})

export const moiIdRecord: Codec<MoiId> = moiId
export const nameRecord: Codec<Uint8Array> = name
export const kramaIdRecord: Codec<string> = kramaId
export const countRecord: Codec<number> = u32
export const sequenceRecord: Codec<bigint> = u64
export const amountRecord: Codec<bigint> = u256

/** A value behind a codec, or what it is when there is none. */
export const valueOr = <T>(codec: Codec<T>, value: Uint8Array | undefined, none: T): T =>
  value === undefined ? none : codec.decode(value)
