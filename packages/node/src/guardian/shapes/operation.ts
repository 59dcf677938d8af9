/** Operations as MOI's interface shows them: the fields of each payload under their names in the documentation. */
import { isFault } from 'tallystick/base'
import {
  type AssetAction,
  type AssetLogic,
  hexFromMoiId,
  type MoiKey,
  type MoiOperation,
  type RawOperation,
  readOperation,
} from 'tallystick/moi'
import { hexOf, quantityOf } from '../rpc/hex.ts'
import type { Answer } from '../rpc/method.ts'

type Fields = { readonly [name: string]: Answer }

/** Type and payload; the payload as it came where nobody knows what it holds. */
export const operationAnswer = ({ type, payload }: RawOperation): Answer => {
  const read = readOperation(type, payload)
  return { type, payload: isFault(read) ? { raw: hexOf(payload) } : payloadAnswer(read) }
}

const payloadAnswer = (of: MoiOperation): Fields => {
  switch (of.is) {
    case 'participant-create':
      return {
        id: hexFromMoiId(of.id),
        keys_payload: of.keys.map(keyAnswer),
        value: actionOrNull(of.value),
      }
    case 'account-configure':
      return { add: of.add.map(keyAnswer), revoke: of.revoke.map((key) => ({ key_id: key })) }
    case 'account-inherit':
      return {
        target_account: hexFromMoiId(of.targetAccount),
        value: actionOrNull(of.value),
        sub_account_index: of.subAccountIndex,
      }
    case 'asset-create':
      return {
        symbol: of.symbol,
        dimension: of.dimension,
        decimals: of.decimals,
        standard: of.standard,
        enable_events: of.enableEvents,
        manager: hexFromMoiId(of.manager),
        max_supply: quantityOf(of.maxSupply),
        static_metadata: metadataAnswer(of.staticMetadata),
        dynamic_metadata: metadataAnswer(of.dynamicMetadata),
        logic_payload: of.logic ? logicAnswer(of.logic) : null,
      }
    case 'asset-action':
      return actionAnswer(of)
    case 'guardian-register':
      return {
        krama_id: of.kramaId,
        wallet_id: hexFromMoiId(of.walletId),
        consensus_key: hexOf(of.consensusKey),
        kyc_proof: hexOf(of.kycProof),
        amount: quantityOf(of.amount),
      }
    case 'guardian-stake':
    case 'guardian-unstake':
    case 'guardian-withdraw':
    case 'guardian-claim':
      return { krama_id: of.kramaId, amount: quantityOf(of.amount) }
    case 'logic-deploy':
      return logicAnswer(of)
    case 'logic-invoke':
    case 'logic-enlist':
      return {
        logic_id: hexFromMoiId(of.logicId),
        callsite: of.callsite,
        calldata: hexOf(of.calldata),
        interfaces: Object.fromEntries(of.interfaces),
      }
  }
}

const keyAnswer = (of: MoiKey): Fields => ({
  public_key: hexOf(of.publicKey),
  weight: Number(of.weight),
  signature_algorithm: of.signatureAlgorithm,
})

const actionOrNull = (of: AssetAction | undefined): Answer => (of ? actionAnswer(of) : null)

const actionAnswer = (of: AssetAction): Fields => ({
  asset_id: hexFromMoiId(of.assetId),
  callsite: of.callsite,
  calldata: hexOf(of.calldata),
  funds: Object.fromEntries(
    [...of.funds].map(([name, value]) => [
      name,
      typeof value === 'bigint' ? quantityOf(value) : hexOf(value),
    ]),
  ),
})

const logicAnswer = (of: AssetLogic): Fields => ({
  manifest: hexOf(of.manifest),
  callsite: of.callsite,
  calldata: hexOf(of.calldata),
  interfaces: Object.fromEntries(of.interfaces),
})

export const metadataAnswer = (of: ReadonlyMap<string, Uint8Array>): Fields =>
  Object.fromEntries([...of].map(([name, value]) => [name, hexOf(value)]))
