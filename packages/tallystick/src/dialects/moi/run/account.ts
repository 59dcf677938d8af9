/**
 * Accounts: how they begin, their keys, and the counter that each key has.
 *
 * Promise. A key keeps its id for good, revoked or not, so an id in an old signature never names another key. Whatever is
 * configured, the keys in force weigh 1000 or more, so an account cannot lock itself out.
 *
 * Not promised. Whoever registers an id first names its keys, as the source has it: nothing binds the id to them. Look at an
 * account's keys before paying to it, or register it yourself.
 */
import { equalBytes } from '../../../base/bytes.ts'
import { Fault } from '../../../base/fault.ts'
import { MOI_ACCOUNT_KEYS_MAX } from '../../../base/limits.ts'
import type { Path } from '../../../kernel/logic.ts'
import { hexFromMoiId, type MoiId } from '../identifier.ts'
import type { MoiKey } from '../operation.ts'
import { MOI_WEIGHT_MIN } from '../signature.ts'
import type { Draft, ReadAccount } from './draft.ts'
import { keyPath, PATH, sequencePath } from './layout.ts'
import {
  type AccountRecord,
  accountRecord,
  contextRecord,
  type ContextRecord,
  countRecord,
  type KeyRecord,
  keyRecord,
  sequenceRecord,
  valueOr,
} from './record.ts'

/** Bytes of a compressed key, and of one whose first byte, its parity, stands in each signature. */
const KEY_BYTES = 33
const BARE_KEY_BYTES = 32

/** The guardians that vouch for an account: KramaIDs. */
export type NodeSets = {
  readonly behaviour: readonly string[]
  readonly random: readonly string[]
  readonly storage: readonly string[]
}

export type NewAccount = {
  readonly kind: AccountRecord['kind']
  readonly nodes: NodeSets
  readonly keys?: readonly MoiKey[]
  readonly creator?: MoiId
  readonly parent?: MoiId
  readonly inherits?: MoiId
}

export const exception = (message: string): Fault => new Fault('moi/exception', message)

/** Why a key cannot be one, in the words of MOI's client. */
export const keyFault = (key: MoiKey): string | undefined => {
  if (key.publicKey.length === 0) return 'public key must be a non-empty hex string'
  if (!isKey(key.publicKey)) return 'public key must be a compressed secp256k1 key'
  if (key.weight <= 0n) return 'weight must be a positive number'
  if (key.signatureAlgorithm !== 0) return 'signature algorithm must be 0'
  return undefined
}

const isKey = (bytes: Uint8Array): boolean =>
  bytes.length === BARE_KEY_BYTES ||
  (bytes.length === KEY_BYTES && (bytes[0] === 2 || bytes[0] === 3))

/** Raises `moi/exception` where the account exists. */
export const createAccount = (draft: Draft, id: MoiId, of: NewAccount): void => {
  draft.create(id)
  if (draft.exists(id)) throw exception(`account already exists: ${hexFromMoiId(id)}`)
  const { kind, creator, parent, inherits, nodes } = of
  draft.write(id, PATH.account, accountRecord.encode({ kind, creator, parent, inherits }))
  draft.write(id, PATH.context, contextRecord.encode({ ...nodes, preferences: new Uint8Array() }))
  if (of.keys) addKeys(draft, id, of.keys)
}

export const accountOf = (read: ReadAccount, id: MoiId): AccountRecord | undefined => {
  const value = read(id, PATH.account)
  return value && accountRecord.decode(value)
}

/** Who vouches for an account, and what it asks of them. Nobody does for one that does not exist. */
export const contextRecordOf = (read: ReadAccount, id: MoiId): ContextRecord => {
  const value = read(id, PATH.context)
  return value ? contextRecord.decode(value) : NO_CONTEXT
}

const NO_CONTEXT: ContextRecord = {
  behaviour: [],
  random: [],
  storage: [],
  preferences: new Uint8Array(),
}

export const keyCountOf = (read: ReadAccount, id: MoiId): number =>
  valueOr(countRecord, read(id, PATH.keyCount), 0)

export const keyOf = (read: ReadAccount, id: MoiId, at: number): KeyRecord | undefined => {
  const value = read(id, keyPath(at))
  return value && keyRecord.decode(value)
}

/** All keys that the account has had; a key's place is its id. */
export const keysOf = (read: ReadAccount, id: MoiId): readonly KeyRecord[] =>
  Array.from({ length: keyCountOf(read, id) }, (_, at) => keyOf(read, id, at)).filter(
    (key) => key !== undefined,
  )

/** The number that the key's next interaction bears. */
export const sequenceOf = (read: ReadAccount, id: MoiId, key: number): bigint =>
  valueOr(sequenceRecord, read(id, sequencePath(key)), 0n)

/** Weight of the keys in force. */
export const weightOf = (keys: readonly KeyRecord[]): bigint =>
  keys.reduce((sum, key) => (key.isRevoked ? sum : sum + key.weight), 0n)

/** Puts a value at the end of a counted list. */
export const append = (
  draft: Draft,
  account: MoiId,
  list: { readonly count: Path; readonly place: (at: number) => Path },
  value: Uint8Array,
): void => {
  const count = valueOr(countRecord, draft.read(account, list.count), 0)
  draft.write(account, list.place(count), value)
  draft.write(account, list.count, countRecord.encode(count + 1))
}

/** Raises `moi/exception` for a key that is none, that is there already, or that is one too many. */
export const addKeys = (draft: Draft, id: MoiId, added: readonly MoiKey[]): void => {
  const keys = [...keysOf(draft.read, id)]
  for (const key of added) {
    const fault = keyFault(key)
    if (fault !== undefined) throw exception(fault)
    if (keys.some((one) => !one.isRevoked && equalBytes(one.publicKey, key.publicKey))) {
      throw exception('key already exists')
    }
    if (keys.length >= MOI_ACCOUNT_KEYS_MAX) {
      throw exception(`more than ${MOI_ACCOUNT_KEYS_MAX} keys`)
    }
    const record = { publicKey: key.publicKey, weight: key.weight, algorithm: 0, isRevoked: false }
    append(draft, id, { count: PATH.keyCount, place: keyPath }, keyRecord.encode(record))
    keys.push(record)
  }
}

export type Configure = {
  readonly add: readonly MoiKey[]
  readonly revoke: readonly number[]
}

/** Adds before it revokes, so that one key may take the place of another. Raises `moi/exception`. */
export const configureAccount = (draft: Draft, id: MoiId, of: Configure): void => {
  if (of.add.length === 0 && of.revoke.length === 0) {
    throw exception('payload must have either non-empty add or revoke')
  }
  addKeys(draft, id, of.add)
  for (const at of of.revoke) {
    const key = keyOf(draft.read, id, at)
    if (!key) throw exception(`key not found: ${at}`)
    if (key.isRevoked) throw exception(`key already revoked: ${at}`)
    draft.write(id, keyPath(at), keyRecord.encode({ ...key, isRevoked: true }))
  }
  const weight = weightOf(keysOf(draft.read, id))
  if (weight < MOI_WEIGHT_MIN) {
    throw exception(`total weight of active keys would be ${weight}, below ${MOI_WEIGHT_MIN}`)
  }
}

/** Gives an account the keys of another under the same ids, in force or not, their counters at zero. */
export const copyKeys = (draft: Draft, from: MoiId, to: MoiId): void => {
  const keys = keysOf(draft.read, from)
  for (const [at, key] of keys.entries()) draft.write(to, keyPath(at), keyRecord.encode(key))
  draft.write(to, PATH.keyCount, countRecord.encode(keys.length))
}
