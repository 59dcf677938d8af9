/** Interactions as MOI's interface shows them: what was signed, and where it ended up. */
import { hexFromMoiId, type MoiInteraction, type MoiSignature } from 'tallystick/moi'
import { hexOf, quantityOf } from '../rpc/hex.ts'
import type { Answer } from '../rpc/method.ts'
import { operationAnswer } from './operation.ts'
import { NOWHERE, type Placed } from './receipt.ts'

export type Signed = {
  readonly hash: string
  readonly read: MoiInteraction
  readonly signatures: readonly MoiSignature[]
  /** As they came. */
  readonly signatureBytes: Uint8Array
}

type Fields = { readonly [name: string]: Answer }

const NOBODY = `0x${'0'.repeat(64)}`

/** `placed` is missing for one that waits in the pool. */
export const interactionAnswer = (of: Signed, placed: Placed | undefined): Fields => {
  const { read } = of
  const { sender, preferences } = read
  return {
    nonce: quantityOf(sender.sequence),
    sender: {
      id: hexFromMoiId(sender.id),
      sequence_id: quantityOf(sender.sequence),
      key_id: quantityOf(sender.keyId),
      sequence: quantityOf(sender.sequence),
    },
    payer: read.payer ? hexFromMoiId(read.payer) : NOBODY,
    fuel_price: quantityOf(read.fuelPrice),
    fuel_limit: quantityOf(read.fuelLimit),
    funds: read.funds.map((one) => ({
      asset_id: hexFromMoiId(one.assetId),
      amount: quantityOf(one.amount),
    })),
    ix_operations: read.operations.map(operationAnswer),
    preferences: preferences
      ? {
          compute: hexOf(preferences.compute),
          consensus: {
            mtq: quantityOf(preferences.consensus.mtq),
            trusted_nodes: preferences.consensus.trustedNodes,
          },
        }
      : null,
    perception: read.perception ? hexOf(read.perception) : null,
    locks: read.participants.map((one) => ({
      id: hexFromMoiId(one.id),
      lock_type: LOCK_NUMBERS[one.lock],
      notary: one.notary,
    })),
    hash: `0x${of.hash}`,
    signature: hexOf(of.signatureBytes),
    signatures: of.signatures.map((one) => ({
      id: hexFromMoiId(one.id),
      key_id: one.keyId,
      signature: hexOf(one.signature),
    })),
    ts_hash: placed ? `0x${placed.tesseract}` : NOWHERE,
    participants: placed ? placed.participants : [],
    ix_index: '0x0',
  }
}

const LOCK_NUMBERS = { mutate: 0, read: 1, none: 2 } as const

/** What the pool shows of one: the old shape that clients have types for, and the present fields. */
export const pooledAnswer = (of: Signed): Answer => {
  const { read } = of
  const [first] = read.operations
  return {
    ...interactionAnswer(of, undefined),
    type: quantityOf(first?.type ?? 0),
    receiver: hexFromMoiId(read.participants.at(-1)?.id ?? read.sender.id),
    cost: quantityOf(read.fuelPrice * read.fuelLimit),
    input: first ? hexOf(first.payload) : '0x',
  }
}
