/**
 * Outcomes: the one thing that a ledger reads from whoever unlocks money, and so the whole of their contract.
 *
 * Wire. Two u128: what the payee gets and what the payer gets back. Written once under the path 'outcome', lock id,
 * below the unlocker's own prefix.
 */
import { bytesFromId } from '../base/brand.ts'
import { type Codec, struct, u128 } from '../base/codec.ts'
import type { Path } from '../kernel/logic.ts'
import type { LockId } from './ledger-record.ts'

export type Outcome = { readonly toPayee: bigint; readonly toPayer: bigint }

export const outcome: Codec<Outcome> = struct<Outcome>({ toPayee: u128, toPayer: u128 })

export const outcomePath = (of: LockId): Path => ['outcome', bytesFromId(of)]
