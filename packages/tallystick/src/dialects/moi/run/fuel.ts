/**
 * Fuel: what operations cost, and who pays.
 *
 * Promise. Every operation costs 100 before it does anything, whatever comes of it; a logic's instructions cost what their table
 * says (`docs/spec/moi-fuel.md`). The whole limit is set aside before the first operation and what is left returned after the last,
 * so no operation spends what was promised for fuel. Who pays is the payer where there is one, else the sender, and nobody gains.
 *
 * Spent fuel is counted at whoever paid it. It is out of circulation, but the asset's supply does not say so: it would lock the
 * asset in every interaction and leave nothing to run at the same time.
 */
import { Fault } from '../../../base/fault.ts'
import { MOI_FUEL_MAX } from '../../../base/limits.ts'
import type { MoiId } from '../identifier.ts'
import type { MoiInteraction } from '../interaction.ts'
import type { Meter } from '../pisa/host.ts'
import type { Draft } from './draft.ts'
import { credit, debit } from './holding.ts'
import { PATH } from './layout.ts'
import type { MoiNetwork } from './network.ts'
import { amountRecord, valueOr } from './record.ts'

/** Of every type of operation. */
export const BASE_FUEL = 100

/** The one price. */
export const FUEL_PRICE = 1n

export const payerOf = (args: MoiInteraction): MoiId => args.payer ?? args.sender.id

/** At most what one interaction may keep a guardian busy with, whatever limit it names. */
export const createMeter = (limit: bigint): Meter => ({
  used: 0,
  limit: limit > BigInt(MOI_FUEL_MAX) ? MOI_FUEL_MAX : Number(limit),
})

/** Raises `moi/exhausted`, and then the whole limit is used. */
export const burnFuel = (meter: Meter, fuel: number): void => {
  if (meter.used + fuel > meter.limit) throw exhausted(meter)
  meter.used += fuel
}

export const exhausted = (meter: Meter): Fault => {
  meter.used = meter.limit
  return new Fault('moi/exhausted', 'meter exhausted')
}

/** Raises `moi/exception` where the payer has less than the limit. */
export const reserveFuel = (draft: Draft, network: MoiNetwork, args: MoiInteraction): void =>
  debit(draft, { account: payerOf(args), asset: network.kmoi, token: 0n }, args.fuelLimit)

/** Returns what was not used, and counts what was. */
export const settleFuel = (
  draft: Draft,
  network: MoiNetwork,
  args: MoiInteraction,
  used: bigint,
): void => {
  const account = payerOf(args)
  const left = args.fuelLimit - used
  if (left > 0n) credit(draft, { account, asset: network.kmoi, token: 0n }, left)
  const spent = valueOr(amountRecord, draft.read(account, PATH.fuel), 0n)
  draft.write(account, PATH.fuel, amountRecord.encode(spent + used))
}
