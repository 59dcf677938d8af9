/** Methods about what accounts have made: assets, and the deeds that say whose they are. */
import { utf8FromBytes } from 'tallystick/base'
import {
  assetOf,
  countRecord,
  deedPath,
  hexFromMoiId,
  type MetadataKind,
  metadataKeysOf,
  metadataOf,
  moiIdRecord,
  PATH,
  supplyOf,
  valueOr,
} from 'tallystick/moi'
import { rpcError } from '../rpc/error.ts'
import { hexOf, quantityOf } from '../rpc/hex.ts'
import { type Answer, method, type Method } from '../rpc/method.ts'
import { identifier, options } from '../rpc/param.ts'
import type { MoiId } from '../store/entry.ts'
import type { ReadAccount } from '../views.ts'
import { accountQuestion, LATEST, PAST } from './account-question.ts'
import { type GuardianContext, viewAt } from './context.ts'

const ID = `0x10030000${'2b'.repeat(24)}00000000`

/** Undefined for what is no asset. */
const assetAnswer = (read: ReadAccount, asset: MoiId): Answer | undefined => {
  const of = assetOf(read, asset)
  if (!of) return undefined
  const logic = read(asset, PATH.logic)
  return {
    asset_id: hexFromMoiId(asset),
    symbol: utf8FromBytes(of.symbol),
    dimension: quantityOf(of.dimension),
    decimals: quantityOf(of.decimals),
    standard: quantityOf(of.standard),
    creator: hexFromMoiId(of.creator),
    manager: hexFromMoiId(of.manager),
    max_supply: quantityOf(of.maxSupply),
    circulating_supply: quantityOf(supplyOf(read, asset)),
    enable_events: of.hasEvents,
    metadata: metadataAnswer(read, asset, 'static'),
    dynamic_metadata: metadataAnswer(read, asset, 'dynamic'),
    logic_id: logic === undefined ? undefined : hexFromMoiId(asset),
  }
}

/** Keys are texts for who set them through MOI's client; others show as hexadecimal. */
const metadataAnswer = (read: ReadAccount, asset: MoiId, kind: MetadataKind): Answer =>
  Object.fromEntries(
    metadataKeysOf(read, asset, kind).map((bytes) => {
      const key = utf8FromBytes(bytes)
      return [key, hexOf(metadataOf(read, asset, { kind, key }) ?? new Uint8Array(0))] as const
    }),
  )

const assetInfo = method({
  name: 'moi.AssetInfoByAssetID',
  what: 'What an asset is: its symbol, its supply, who made it and who manages it.',
  params: { asset_id: identifier('the asset'), options: options('which tesseract of its account') },
  result:
    '`asset_id`, `symbol`, `dimension`, `decimals`, `standard`, `creator`, `manager`, `max_supply`, `circulating_supply`, `enable_events`, `metadata`, `dynamic_metadata`, and `logic_id` where it has a logic of its own',
  example: [{ asset_id: ID, options: LATEST }],
  errors: ['unknown-asset', ...PAST],
  cost: 5,
  run: async (context: GuardianContext, { asset_id: id, options: at }) => {
    const view = await viewAt(context, { id, options: at })
    const answer = await context.views.ask([view], (read) => assetAnswer(read, id))
    if (answer === undefined) throw rpcError('unknown-asset')
    return answer
  },
})

/** What an account made, in the order in which it did. */
const deedsOf = (read: ReadAccount, account: MoiId): readonly MoiId[] =>
  Array.from({ length: valueOr(countRecord, read(account, PATH.deedCount), 0) }, (_, at) =>
    read(account, deedPath(at)),
  ).flatMap((value) => (value === undefined ? [] : [moiIdRecord.decode(value)]))

const deeds = accountQuestion({
  name: 'moi.Deeds',
  what: 'The assets that an account made, as they are now.',
  result: 'list of `asset_id` and `asset_info`',
  cost: 20,
  answer: (read, account) =>
    deedsOf(read, account).flatMap((asset) => {
      const info = assetAnswer(read, asset)
      return info === undefined ? [] : [{ asset_id: hexFromMoiId(asset), asset_info: info }]
    }),
})

export const HOLDING_METHODS: readonly Method<GuardianContext>[] = [assetInfo, deeds]
