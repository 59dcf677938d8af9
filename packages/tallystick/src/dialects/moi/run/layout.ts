/**
 * What a MOI network keeps in the state of each account, and where.
 *
 * Promise. Everything that concerns an account lies in its own state: what it holds, what it has locked up and whom it lets
 * spend; an asset's account has what concerns all its holders, a logic's account its manifest and its own state. So two
 * interactions that share no account share no value. A path has text parts of at most 64 characters, and bytes where somebody
 * else chose them; each value is one record of `record.ts`, or bytes of a logic as they are.
 *
 * Lists are counted: `['keys']` says how many, `['key', n]` is the n-th from 0. They only grow, and entries that ran out keep
 * their place with zero in them, because a tree of hashed keys cannot be asked what it holds.
 *
 * Settled paths are written when their account is created and never again. They may be read under any declared lock; the others
 * need the account to be held for reading at least, or two executors could see different values.
 */
import type { MoiId } from '../identifier.ts'
import type { Path } from '../../../kernel/logic.ts'

type OnePath = readonly [string]

/** Paths of which each account has one. */
export const PATH: {
  readonly account: OnePath
  readonly context: OnePath
  /** Hash of the last interaction that the account sent and of its receipt. */
  readonly receipt: OnePath
  /** KMOI that the account has paid as fuel, ever. */
  readonly fuel: OnePath
  readonly keyCount: OnePath
  readonly holdingCount: OnePath
  readonly mandateCount: OnePath
  readonly lockupCount: OnePath
  readonly subAccountCount: OnePath
  /** Assets that the account created. */
  readonly deedCount: OnePath
  /** Logics that the account deployed or enlisted with. */
  readonly logicCount: OnePath
  readonly asset: OnePath
  readonly supply: OnePath
  readonly logic: OnePath
  readonly guardianCount: OnePath
  /** What is left to pay guardians with: in the genesis account. */
  readonly rewards: OnePath
} = {
  account: ['account'],
  context: ['context'],
  receipt: ['receipt'],
  fuel: ['fuel'],
  keyCount: ['keys'],
  holdingCount: ['holdings'],
  mandateCount: ['mandates'],
  lockupCount: ['lockups'],
  subAccountCount: ['sub-accounts'],
  deedCount: ['deeds'],
  logicCount: ['logics'],
  asset: ['asset'],
  supply: ['supply'],
  logic: ['logic'],
  guardianCount: ['guardians'],
  rewards: ['rewards'],
}

type PathAt = (at: number) => Path

const numbered =
  (name: string): PathAt =>
  (at) => [name, String(at)]

export const keyPath: PathAt = numbered('key')
export const sequencePath: PathAt = numbered('sequence')
export const holdingPath: PathAt = numbered('holding')
export const mandatePlacePath: PathAt = numbered('mandate-place')
export const lockupPlacePath: PathAt = numbered('lockup-place')
export const deedPath: PathAt = numbered('deed')
export const logicPlacePath: PathAt = numbered('logic-place')
export const guardianPlacePath: PathAt = numbered('guardian-place')
export const manifestPath: PathAt = numbered('manifest')

export const balancePath = (asset: MoiId, token: bigint): Path => ['balance', asset, String(token)]

export const mandatePath = (asset: MoiId, token: bigint, spender: MoiId): Path => [
  'mandate',
  asset,
  String(token),
  spender,
]

export const lockupPath = (asset: MoiId, token: bigint, beneficiary: MoiId): Path => [
  'lockup',
  asset,
  String(token),
  beneficiary,
]

export const tokenSupplyPath = (token: bigint): Path => ['supply', String(token)]

/** Metadata of an asset as a whole, or of one of its tokens. The key's bytes are its owner's choice. */
export type MetadataKind = 'static' | 'dynamic'

export const metadataPath = (kind: MetadataKind, key: Uint8Array, token?: bigint): Path =>
  token === undefined ? [kind, key] : [kind, key, String(token)]

export const metadataCountPath = (kind: MetadataKind): Path => ['metadata', kind]

export const metadataPlacePath = (kind: MetadataKind, at: number): Path => [
  'metadata',
  kind,
  String(at),
]

/** A logic's own state. */
export const statePath = (key: Uint8Array): Path => ['state', key]

/** What a logic keeps at somebody else's account. */
export const actorPath = (logic: MoiId, key: Uint8Array): Path => ['actor', logic, key]

/** Whether an account has enlisted with a logic. */
export const enlistedPath = (logic: MoiId): Path => ['enlisted', logic]

export const guardianPath = (kramaId: string): Path => ['guardian', kramaId]

const SETTLED: ReadonlySet<string> = new Set(['account', 'asset', 'logic', 'manifest'])

export const isSettled = (path: Path): boolean => {
  const [first] = path
  return typeof first === 'string' && SETTLED.has(first)
}
