/**
 * Metadata of assets and of their tokens.
 *
 * Promise. A static value, once set, stays. A dynamic one may be set again, but for the counter of tokens, which is the engine's.
 * The manager sets an asset's; whoever holds a token sets the token's.
 */
import { bytesFromUtf8, equalBytes } from '../../../base/bytes.ts'
import { MOI_NAME_BYTES_MAX, STATE_VALUE_BYTES_MAX } from '../../../base/limits.ts'
import type { MoiId } from '../identifier.ts'
import { encodePolo, readPolo } from '../polo/schema.ts'
import { poloNatural } from '../polo/scalar.ts'
import { append, exception } from './account.ts'
import { balanceIn, type Engine } from './asset-engine.ts'
import type { Draft, ReadAccount } from './draft.ts'
import { metadataCountPath, type MetadataKind, metadataPath, metadataPlacePath } from './layout.ts'
import { countRecord, nameRecord, valueOr } from './record.ts'

/** Where the number of the next token stands, for assets whose tokens have numbers. */
export const TOKEN_COUNT_KEY = '__token_count__'

const counter = poloNatural(64)

export type Metadata = {
  readonly kind: MetadataKind
  readonly key: string
  /** Missing for the asset as a whole. */
  readonly token?: bigint | undefined
}

const keyBytes = (key: string): Uint8Array => {
  const bytes = bytesFromUtf8(key)
  if (bytes.length === 0 || bytes.length > MOI_NAME_BYTES_MAX) throw exception('invalid key')
  return bytes
}

export const metadataOf = (
  read: ReadAccount,
  asset: MoiId,
  { kind, key, token }: Metadata,
): Uint8Array | undefined => read(asset, metadataPath(kind, keyBytes(key), token))

/** Raises `moi/exception` where nothing was set. */
export const getMetadata = (engine: Engine, of: Metadata): Uint8Array => {
  const value = metadataOf(engine.draft.read, engine.asset, of)
  if (value === undefined) throw exception(`invalid key: ${of.key}`)
  return value
}

/** As whoever sent the interaction. Raises `moi/exception` where that is not allowed. */
export const setMetadata = (engine: Engine, of: Metadata, value: Uint8Array): void => {
  const { sender, record } = engine
  if (of.token === undefined) {
    if (sender !== record.manager && !engine.isCreating) {
      throw exception('sender is not the manager of the asset')
    }
  } else if (balanceIn(engine, sender, of.token) === 0n) {
    throw exception('sender is not the owner of the token')
  }
  if (of.key === TOKEN_COUNT_KEY) throw exception(`invalid key: ${of.key}`)
  putMetadata(engine.draft, engine.asset, of, value)
}

/** Whoever may. Raises `moi/exception` for a value too long, or for another than a static one has. */
export const putMetadata = (draft: Draft, asset: MoiId, of: Metadata, value: Uint8Array): void => {
  if (value.length > STATE_VALUE_BYTES_MAX) {
    throw exception(`metadata of ${value.length} bytes where ${STATE_VALUE_BYTES_MAX} may stand`)
  }
  const key = keyBytes(of.key)
  const path = metadataPath(of.kind, key, of.token)
  const before = draft.read(asset, path)
  if (of.kind === 'static' && before !== undefined && !equalBytes(before, value)) {
    throw exception(`static metadata is set already: ${of.key}`)
  }
  if (before === undefined && of.token === undefined) {
    const list = {
      count: metadataCountPath(of.kind),
      place: (at: number) => metadataPlacePath(of.kind, at),
    }
    append(draft, asset, list, nameRecord.encode(key))
  }
  draft.write(asset, path, value)
}

/** Begins to number an asset's tokens. */
export const openTokens = (draft: Draft, asset: MoiId): void => {
  const at = { kind: 'dynamic', key: TOKEN_COUNT_KEY } as const
  putMetadata(draft, asset, at, encodePolo(counter, 0n))
}

/** The number of the next token, which is then taken. Raises `moi/exception` where they were never begun to be numbered. */
export const takeToken = (engine: Engine): bigint => {
  const at = { kind: 'dynamic', key: TOKEN_COUNT_KEY } as const
  const token = readPolo(counter, getMetadata(engine, at))
  putMetadata(engine.draft, engine.asset, at, encodePolo(counter, token + 1n))
  return token
}

/** The keys that an asset has metadata under, as they are. */
export const metadataKeysOf = (
  read: ReadAccount,
  asset: MoiId,
  kind: MetadataKind,
): readonly Uint8Array[] => {
  const count = valueOr(countRecord, read(asset, metadataCountPath(kind)), 0)
  return Array.from({ length: count }, (_, at) => read(asset, metadataPlacePath(kind, at)))
    .filter((value) => value !== undefined)
    .map((value) => nameRecord.decode(value))
}
