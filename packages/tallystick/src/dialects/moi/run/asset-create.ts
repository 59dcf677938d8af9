/**
 * Creating an asset: its record, its metadata, and the logic that comes with it, if any.
 *
 * The asset's standard says what it does where its logic's manifest is empty. Then the callsite `Init` begins to number tokens,
 * without which none is ever minted in MAS1 and MAS2.
 */
import { bytesFromUtf8 } from '../../../base/bytes.ts'
import { Fault } from '../../../base/fault.ts'
import { MOI_NAME_BYTES_MAX } from '../../../base/limits.ts'
import type { MoiId } from '../identifier.ts'
import type { AssetCreate } from '../operation.ts'
import { append, createAccount, exception, type NodeSets } from './account.ts'
import { STANDARD } from './asset-routine.ts'
import type { Draft } from './draft.ts'
import { deedPath, PATH } from './layout.ts'
import { openTokens, putMetadata, TOKEN_COUNT_KEY } from './metadata.ts'
import { type AssetRecord, assetRecord, moiIdRecord } from './record.ts'

export type NewAsset = {
  readonly id: MoiId
  readonly sender: MoiId
  readonly nodes: NodeSets
  readonly payload: AssetCreate
}

/** Raises `moi/exception` for what no asset can be. */
export const createAsset = (draft: Draft, of: NewAsset): AssetRecord => {
  const { id, sender, nodes, payload } = of
  const fault = assetFault(payload)
  if (fault !== undefined) throw exception(fault)
  createAccount(draft, id, { kind: 'asset', nodes, creator: sender })
  const record: AssetRecord = {
    symbol: bytesFromUtf8(payload.symbol),
    dimension: BigInt(payload.dimension),
    decimals: BigInt(payload.decimals),
    standard: payload.standard,
    hasEvents: payload.enableEvents,
    creator: sender,
    manager: payload.manager,
    maxSupply: payload.maxSupply,
  }
  draft.write(id, PATH.asset, assetRecord.encode(record))
  const deed = moiIdRecord.encode(id)
  append(draft, sender, { count: PATH.deedCount, place: deedPath }, deed)
  for (const kind of ['static', 'dynamic'] as const) {
    const entries = kind === 'static' ? payload.staticMetadata : payload.dynamicMetadata
    for (const [key, value] of entries) {
      if (key === TOKEN_COUNT_KEY) throw exception(`invalid key: ${key}`)
      putMetadata(draft, id, { kind, key }, value)
    }
  }
  openBuiltIn(draft, id, payload)
  return record
}

const openBuiltIn = (draft: Draft, id: MoiId, { standard, logic }: AssetCreate): void => {
  if (logic === undefined || logic.manifest.length > 0 || logic.callsite === '') return
  if (logic.callsite !== 'Init' || standard === STANDARD.masx) {
    throw new Fault('moi/defect', `callsite not found: ${logic.callsite}`)
  }
  if (standard !== STANDARD.mas0) openTokens(draft, id)
}

/** Why an asset cannot be, in the words of MOI's client. */
export const assetFault = (payload: AssetCreate): string | undefined => {
  const { symbol, standard } = payload
  if (symbol.length === 0) return 'symbol must be a non-empty string'
  if (bytesFromUtf8(symbol).length > MOI_NAME_BYTES_MAX) return 'symbol is too long'
  if (!Object.values<number>(STANDARD).includes(standard))
    return `standard ${standard} is not known`
  return undefined
}
