/**
 * Operations of MOI: what an interaction does, each type with a payload of its own.
 *
 * | type | operation | fields, in order |
 * |---|---|---|
 * | 1 | participant-create | id, keys_payload, value |
 * | 2 | account-configure | add, revoke |
 * | 3 | account-inherit | target_account, value, sub_account_index |
 * | 4 | asset-create | symbol, dimension, decimals, standard, enable_events, manager, max_supply, static_metadata, dynamic_metadata, logic_payload |
 * | 5 | asset-action | asset_id, callsite, calldata, funds |
 * | 6 | guardian-register | krama_id, wallet_id, consensus_key, kyc_proof, amount |
 * | 7 to 10 | guardian-stake, -unstake, -withdraw, -claim | krama_id, amount |
 * | 11 | logic-deploy | manifest, logic_id (null), callsite, calldata, interface |
 * | 12, 13 | logic-invoke, logic-enlist | manifest (null), logic_id, callsite, calldata, interface |
 * | 14, 15 | logic-interact, logic-upgrade | none: the names are reserved, and both are refused |
 *
 * A key is the struct of public_key, weight and signature_algorithm; a value is an asset-action. The layouts of 1 to 5 and of
 * 11 to 13 are those of MOI's client; those of 6 to 10 are ours, since none is published.
 *
 * Promise. `readOperation` is total. It says what a payload holds; whether it may be done is judged where state is known.
 */
import { Fault, faultFrom } from '../../base/fault.ts'
import {
  MOI_INTERACTION_BYTES_MAX,
  MOI_KEYS_MAX,
  MOI_MAP_ENTRIES_MAX,
  MOI_NAME_BYTES_MAX,
} from '../../base/limits.ts'
import { type MoiId, poloMoiId, poloMoiIdOrNull } from './identifier.ts'
import { poloKeyId, type RawOperation } from './interaction.ts'
import { poloArray, poloArrayOrNull, poloMap, poloNamed, poloStruct } from './polo/container.ts'
import {
  poloBool,
  poloBytes,
  poloBytesOrNull,
  poloNatural,
  poloText,
  poloWhole,
} from './polo/scalar.ts'
import { encodePolo, type Polo, poloMapped, poloNullable, readPolo } from './polo/schema.ts'
import { WIRE } from './polo/wire.ts'

export type MoiKey = {
  readonly publicKey: Uint8Array
  readonly weight: bigint
  /** 0 is ECDSA on secp256k1, and no other is known. */
  readonly signatureAlgorithm: number
}

export type AssetAction = {
  readonly assetId: MoiId
  readonly callsite: string
  readonly calldata: Uint8Array
  /** Written by nobody so far; a client's type has amounts here, the documentation interfaces. */
  readonly funds: ReadonlyMap<string, bigint | Uint8Array>
}

export type ParticipantCreate = {
  readonly id: MoiId
  readonly keys: readonly MoiKey[]
  readonly value: AssetAction | undefined
}

export type AccountConfigure = {
  readonly add: readonly MoiKey[]
  /** Numbers of keys. */
  readonly revoke: readonly number[]
}

export type AccountInherit = {
  readonly targetAccount: MoiId
  readonly value: AssetAction | undefined
  readonly subAccountIndex: number
}

/** A logic that comes with an asset. Its manifest is empty where the asset's standard says what happens. */
export type AssetLogic = {
  readonly manifest: Uint8Array
  readonly callsite: string
  readonly calldata: Uint8Array
  readonly interfaces: ReadonlyMap<string, string>
}

export type AssetCreate = {
  readonly symbol: string
  readonly dimension: number
  readonly decimals: number
  readonly standard: number
  readonly enableEvents: boolean
  readonly manager: MoiId
  readonly maxSupply: bigint
  readonly staticMetadata: ReadonlyMap<string, Uint8Array>
  readonly dynamicMetadata: ReadonlyMap<string, Uint8Array>
  readonly logic: AssetLogic | undefined
}

export type GuardianRegister = {
  readonly kramaId: string
  readonly walletId: MoiId
  readonly consensusKey: Uint8Array
  readonly kycProof: Uint8Array
  readonly amount: bigint
}

export type GuardianAmount = { readonly kramaId: string; readonly amount: bigint }

export type LogicDeploy = AssetLogic

export type LogicCall = {
  readonly logicId: MoiId
  readonly callsite: string
  readonly calldata: Uint8Array
  readonly interfaces: ReadonlyMap<string, string>
}

type Is<Name extends string, Fields> = { readonly is: Name } & Fields

export type MoiOperation =
  | Is<'participant-create', ParticipantCreate>
  | Is<'account-configure', AccountConfigure>
  | Is<'account-inherit', AccountInherit>
  | Is<'asset-create', AssetCreate>
  | Is<'asset-action', AssetAction>
  | Is<'guardian-register', GuardianRegister>
  | Is<'guardian-stake', GuardianAmount>
  | Is<'guardian-unstake', GuardianAmount>
  | Is<'guardian-withdraw', GuardianAmount>
  | Is<'guardian-claim', GuardianAmount>
  | Is<'logic-deploy', LogicDeploy>
  | Is<'logic-invoke', LogicCall>
  | Is<'logic-enlist', LogicCall>

/** The number of each type. */
export const MOI_OPERATION_TYPES: Readonly<Record<MoiOperation['is'], number>> = {
  'participant-create': 1,
  'account-configure': 2,
  'account-inherit': 3,
  'asset-create': 4,
  'asset-action': 5,
  'guardian-register': 6,
  'guardian-stake': 7,
  'guardian-unstake': 8,
  'guardian-withdraw': 9,
  'guardian-claim': 10,
  'logic-deploy': 11,
  'logic-invoke': 12,
  'logic-enlist': 13,
}

const name = poloText(MOI_NAME_BYTES_MAX)
const blob = poloBytes(MOI_INTERACTION_BYTES_MAX)
const blobOrNull = poloBytesOrNull(MOI_INTERACTION_BYTES_MAX)
const amount = poloNatural(256)
const small = poloWhole(0xffff_ffff)

/** An empty map is written as null, as the client writes one that was not given. */
const mapOrNull = <V>(value: Polo<V>): Polo<ReadonlyMap<string, V>> => {
  const inner = poloMap(name, value, MOI_MAP_ENTRIES_MAX)
  return {
    ...inner,
    write: (out, entries) => (entries.size === 0 ? WIRE.null : inner.write(out, entries)),
  }
}

const amountOrBytes: Polo<bigint | Uint8Array> = {
  write: (out, value) =>
    typeof value === 'bigint' ? amount.write(out, value) : blob.write(out, value),
  read: (from, wire, start, end) =>
    (wire === WIRE.word ? blob : amount).read(from, wire, start, end),
}

const key = poloStruct<MoiKey>({
  publicKey: blob,
  weight: poloNatural(64),
  signatureAlgorithm: small,
})

const assetAction = poloStruct<AssetAction>({
  assetId: poloMoiId,
  callsite: name,
  calldata: blob,
  funds: mapOrNull(amountOrBytes),
})

const participantCreate = poloStruct<ParticipantCreate>({
  id: poloMoiId,
  keys: poloNamed('keys_payload', poloArray(key, MOI_KEYS_MAX)),
  value: poloNullable(assetAction),
})

const revocation: Polo<number> = poloMapped(
  poloStruct<{ readonly keyId: number }>({ keyId: poloKeyId }),
  ({ keyId }) => keyId,
  (keyId) => ({ keyId }),
)

const accountConfigure = poloStruct<AccountConfigure>({
  add: poloArrayOrNull(key, MOI_KEYS_MAX),
  revoke: poloArrayOrNull(revocation, MOI_KEYS_MAX),
})

const accountInherit = poloStruct<AccountInherit>({
  targetAccount: poloMoiId,
  value: poloNullable(assetAction),
  subAccountIndex: small,
})

type LogicPayload = {
  readonly manifest: Uint8Array
  readonly logicId: MoiId | undefined
  readonly callsite: string
  readonly calldata: Uint8Array
  readonly interfaces: ReadonlyMap<string, string>
}

const logicPayload = (manifest: Polo<Uint8Array>): Polo<LogicPayload> =>
  poloStruct<LogicPayload>({
    manifest,
    logicId: poloMoiIdOrNull,
    callsite: name,
    calldata: blob,
    interfaces: poloNamed('interface', mapOrNull(name)),
  })

const misplaced = (what: string): Fault => new Fault('moi-operation/misplaced-field', what)

const logicDeploy: Polo<LogicDeploy> = poloMapped(
  logicPayload(blob),
  ({ logicId, ...rest }) => {
    if (logicId !== undefined)
      throw misplaced(`a logic to deploy that is called ${logicId} already`)
    return rest
  },
  (of) => ({ ...of, logicId: undefined }),
)

const logicCall: Polo<LogicCall> = poloMapped(
  logicPayload(blobOrNull),
  ({ manifest, logicId, ...rest }) => {
    if (manifest.length > 0) throw misplaced('a call that brings a manifest')
    if (logicId === undefined) throw misplaced('a call of no logic')
    return { logicId, ...rest }
  },
  (of) => ({ ...of, manifest: new Uint8Array(0) }),
)

const metadata = poloMap(name, blob, MOI_MAP_ENTRIES_MAX)

const assetCreate = poloStruct<AssetCreate>({
  symbol: name,
  dimension: small,
  decimals: small,
  standard: poloWhole(0xffff),
  enableEvents: poloBool,
  manager: poloMoiId,
  maxSupply: amount,
  staticMetadata: metadata,
  dynamicMetadata: metadata,
  logic: poloNamed('logic_payload', poloNullable(logicDeploy)),
})

const guardianRegister = poloStruct<GuardianRegister>({
  kramaId: name,
  walletId: poloMoiId,
  consensusKey: blob,
  kycProof: blob,
  amount,
})

const guardianAmount = poloStruct<GuardianAmount>({ kramaId: name, amount })

/**
 * What an operation does; or why nobody knows. Faults are those of POLO, `moi-id/malformed`, `moi-operation/misplaced-field`,
 * `moi-operation/reserved` and `moi-operation/unknown-type`.
 */
export const readOperation = (type: number, payload: Uint8Array): MoiOperation | Fault =>
  faultFrom(() => operationFrom(type, payload))

const operationFrom = (type: number, payload: Uint8Array): MoiOperation => {
  if (type === 1) return { is: 'participant-create', ...readPolo(participantCreate, payload) }
  if (type === 2) return { is: 'account-configure', ...readPolo(accountConfigure, payload) }
  if (type === 3) return { is: 'account-inherit', ...readPolo(accountInherit, payload) }
  if (type === 4) return { is: 'asset-create', ...readPolo(assetCreate, payload) }
  if (type === 5) return { is: 'asset-action', ...readPolo(assetAction, payload) }
  if (type === 6) return { is: 'guardian-register', ...readPolo(guardianRegister, payload) }
  if (type === 7) return { is: 'guardian-stake', ...readPolo(guardianAmount, payload) }
  if (type === 8) return { is: 'guardian-unstake', ...readPolo(guardianAmount, payload) }
  if (type === 9) return { is: 'guardian-withdraw', ...readPolo(guardianAmount, payload) }
  if (type === 10) return { is: 'guardian-claim', ...readPolo(guardianAmount, payload) }
  if (type === 11) return { is: 'logic-deploy', ...readPolo(logicDeploy, payload) }
  if (type === 12) return { is: 'logic-invoke', ...readPolo(logicCall, payload) }
  if (type === 13) return { is: 'logic-enlist', ...readPolo(logicCall, payload) }
  const reserved = RESERVED.get(type)
  if (reserved !== undefined)
    throw new Fault('moi-operation/reserved', `${reserved} is a reserved name and does nothing yet`)
  throw new Fault('moi-operation/unknown-type', `no operation has the type ${type}`)
}

const RESERVED: ReadonlyMap<number, string> = new Map([
  [14, 'logic-interact'],
  [15, 'logic-upgrade'],
])

/** As MOI's client writes it. Raises `polo/out-of-range` and `polo/too-large`. */
export const writeOperation = (of: MoiOperation): RawOperation => ({
  type: MOI_OPERATION_TYPES[of.is],
  payload: payloadOf(of),
})

const payloadOf = (of: MoiOperation): Uint8Array => {
  switch (of.is) {
    case 'participant-create':
      return encodePolo(participantCreate, of)
    case 'account-configure':
      return encodePolo(accountConfigure, of)
    case 'account-inherit':
      return encodePolo(accountInherit, of)
    case 'asset-create':
      return encodePolo(assetCreate, of)
    case 'asset-action':
      return encodePolo(assetAction, of)
    case 'guardian-register':
      return encodePolo(guardianRegister, of)
    case 'guardian-stake':
    case 'guardian-unstake':
    case 'guardian-withdraw':
    case 'guardian-claim':
      return encodePolo(guardianAmount, of)
    case 'logic-deploy':
      return encodePolo(logicDeploy, of)
    case 'logic-invoke':
    case 'logic-enlist':
      return encodePolo(logicCall, of)
  }
}
