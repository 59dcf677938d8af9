/**
 * What an interaction costs before it runs: fuel by its limit, and what its operations say they will move.
 *
 * "FuelPrice × FuelLimit + KMOITokenValue", as the source has it. The value is what the operations name in KMOI; funds are a
 * declaration of what the sender brings, and are looked for and not moved, since they name nobody who would get them.
 */
import { isFault } from '../../../base/fault.ts'
import type { MoiId } from '../identifier.ts'
import type { MoiInteraction } from '../interaction.ts'
import type { AssetAction, MoiOperation } from '../operation.ts'
import { readDocument } from '../polo/document.ts'
import { poloNatural } from '../polo/scalar.ts'
import { decodePolo } from '../polo/schema.ts'
import { payerOf } from './fuel.ts'
import type { MoiNetwork } from './network.ts'

export type Cost = { readonly account: MoiId; readonly asset: MoiId; readonly amount: bigint }

/** What must be there, each account and asset once. */
export const costsOf = (
  args: MoiInteraction,
  operations: readonly MoiOperation[],
  network: MoiNetwork,
): readonly Cost[] => {
  const sender = args.sender.id
  const payer = payerOf(args)
  const fuel = args.fuelPrice * args.fuelLimit
  const funds = new Map<MoiId, bigint>()
  for (const { assetId, amount } of args.funds) {
    funds.set(assetId, (funds.get(assetId) ?? 0n) + amount)
  }
  const named = operations.reduce((sum, one) => sum + valueOf(one, network), 0n)
  const declared = funds.get(network.kmoi) ?? 0n
  // Funds say what the operations take; both together would count it twice.
  const value = named > declared ? named : declared
  funds.delete(network.kmoi)
  const others = [...funds].map(([asset, amount]) => ({ account: sender, asset, amount }))
  const { kmoi: asset } = network
  if (payer === sender) return [{ account: sender, asset, amount: fuel + value }, ...others]
  return [
    { account: payer, asset, amount: fuel },
    { account: sender, asset, amount: value },
    ...others,
  ]
}

/** KMOI that an operation takes from the sender. */
const valueOf = (operation: MoiOperation, network: MoiNetwork): bigint => {
  switch (operation.is) {
    case 'participant-create':
    case 'account-inherit':
      return operation.value ? amountOf(operation.value, network) : 0n
    case 'asset-action':
      return amountOf(operation, network)
    case 'guardian-register':
    case 'guardian-stake':
      return operation.amount
    case 'account-configure':
    case 'asset-create':
    case 'guardian-unstake':
    case 'guardian-withdraw':
    case 'guardian-claim':
    case 'logic-deploy':
    case 'logic-invoke':
    case 'logic-enlist':
      return 0n
  }
}

const TAKING: ReadonlySet<string> = new Set(['Transfer', 'Lockup', 'Burn'])
const amount = poloNatural(256)

/** Calldata that cannot be read takes nothing: it will fail when it runs. */
const amountOf = ({ assetId, callsite, calldata }: AssetAction, network: MoiNetwork): bigint => {
  if (assetId !== network.kmoi || !TAKING.has(callsite)) return 0n
  const entries = readDocument(calldata)
  const given = isFault(entries) ? undefined : entries.get('amount')
  const read = given && decodePolo(amount, given)
  return read === undefined || isFault(read) ? 0n : read
}
