/**
 * What one wants done, as an interaction: operations, and the participants that they take.
 *
 * A participant that is not declared makes an interaction fail, and one that is locked without need makes others wait. So each
 * maker here names what its operation touches, as MOI's client does: who pays or receives is locked, the asset of a transfer is
 * only named, a logic that is invoked is locked unless the caller says that its routine writes nothing there.
 */
import {
  type AssetLogic,
  KMOI_ASSET,
  type MoiId,
  type MoiLock,
  type MoiOperation,
  type MoiParticipant,
  poloBytes,
  encodePolo,
  poloNatural,
  bytesFromMoiId,
  writeDocument,
} from 'tallystick/moi'

export type Act = {
  readonly operations: readonly MoiOperation[]
  /** Beside the sender. */
  readonly participants: readonly MoiParticipant[]
}

const ID_BYTES = 32
const none = new Map<string, never>()

export const identifierMessage = (of: MoiId): Uint8Array =>
  encodePolo(poloBytes(ID_BYTES), bytesFromMoiId(of))

const amountMessage = (of: bigint): Uint8Array => encodePolo(poloNatural(256), of)

const participant = (id: MoiId, lock: MoiLock): MoiParticipant => ({ id, lock, notary: false })

export type Transfer = {
  readonly asset: MoiId
  readonly to: MoiId
  readonly amount: bigint
}

const transferOf = ({ asset, to, amount }: Transfer) => ({
  assetId: asset,
  callsite: 'Transfer',
  calldata: writeDocument(
    new Map([
      ['amount', amountMessage(amount)],
      ['beneficiary', identifierMessage(to)],
    ]),
  ),
  funds: none,
})

export const transfer = (of: Transfer): Act => ({
  operations: [{ is: 'asset-action', ...transferOf(of) }],
  participants: [participant(of.asset, 'none'), participant(of.to, 'mutate')],
})

/** Registers an account with one key that speaks for it, and gives it something to begin with. */
export const create = (of: {
  readonly id: MoiId
  readonly publicKey: Uint8Array
  readonly amount: bigint
}): Act => ({
  operations: [
    {
      is: 'participant-create',
      id: of.id,
      keys: [{ publicKey: of.publicKey, weight: 1000n, signatureAlgorithm: 0 }],
      value: transferOf({ asset: KMOI_ASSET, to: of.id, amount: of.amount }),
    },
  ],
  participants: [participant(KMOI_ASSET, 'none')],
})

export const deploy = (of: Omit<AssetLogic, 'interfaces'>): Act => ({
  operations: [{ is: 'logic-deploy', ...of, interfaces: none }],
  participants: [],
})

export const invoke = (of: {
  readonly kind: 'invoke' | 'enlist'
  readonly logic: MoiId
  readonly callsite: string
  readonly calldata: Uint8Array
  readonly lock: MoiLock
  readonly others: readonly MoiId[]
}): Act => ({
  operations: [
    {
      is: of.kind === 'enlist' ? 'logic-enlist' : 'logic-invoke',
      logicId: of.logic,
      callsite: of.callsite,
      calldata: of.calldata,
      interfaces: none,
    },
  ],
  participants: [
    participant(of.logic, of.lock),
    ...of.others.map((id) => participant(id, 'mutate')),
  ],
})
