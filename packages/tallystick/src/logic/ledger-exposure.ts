/**
 * Exposure and its caps: how much a receiver may lose, to each payer and in all, and what it says before it takes more.
 *
 * What counts is what was claimed and rests on less than a quorum's receipts (`exposureOf`), over every machine in which the
 * receiver is paid. A payer is the machine that the money comes from. Somebody with two accounts is two payers, which is
 * why there is a cap on the whole as well.
 *
 * One hop. Money that is itself provisional is not taken as payment by default: whoever took it would rest on two people's
 * word at once, and neither cap would say so. For the same reason it is not offered (`spendableOf`).
 */
import type { MachineId } from '../base/brand.ts'
import { Fault } from '../base/fault.ts'
import type { Prefix } from '../kernel/logic.ts'
import type { Credited } from './ledger-audit.ts'
import { isReceipted, movementsIn } from './payment.ts'

export type Caps = {
  readonly perPayer: bigint
  readonly total: bigint
  /** How many people's word a payment may rest on; one unless somebody knows better. */
  readonly hopsMax?: number
}

/** By the machine that the money came from. */
export type Exposure = ReadonlyMap<MachineId, bigint>

/** What steps of a machine have taken that rests on less than a quorum's receipts, by payer. */
export const exposureByPayer = (
  asset: Prefix,
  machine: MachineId,
  steps: readonly Credited[],
): Exposure => {
  const found = new Map<MachineId, bigint>()
  for (const { interaction, grade } of steps) {
    if (isReceipted(grade)) continue
    for (const { is, from, amount } of movementsIn(asset, machine, interaction)) {
      if (is === 'claim') found.set(from.machine, (found.get(from.machine) ?? 0n) + amount)
    }
  }
  return found
}

/** What is exposed in several machines together. */
export const joinExposures = (of: readonly Exposure[]): Exposure => {
  const found = new Map<MachineId, bigint>()
  for (const one of of) {
    for (const [payer, amount] of one) found.set(payer, (found.get(payer) ?? 0n) + amount)
  }
  return found
}

export const totalOf = (of: Exposure): bigint =>
  [...of.values()].reduce((sum, one) => sum + one, 0n)

/** What a step would add, and how many people's word that rests on. */
export type Risk = { readonly exposure: Exposure; readonly hops: number }

/**
 * Why a receiver takes no more: `payment/second-hop`, `payment/above-payer-cap` or `payment/above-cap`. A step that exposes
 * to nothing passes, however much is exposed already.
 */
export const capFault = (caps: Caps, held: Exposure, next: Risk): Fault | undefined => {
  if (totalOf(next.exposure) === 0n) return undefined
  const far = hopFault(next, caps.hopsMax)
  if (far) return far
  const after = joinExposures([held, next.exposure])
  for (const [payer] of next.exposure) {
    const sum = after.get(payer) ?? 0n
    if (sum <= caps.perPayer) continue
    const says = `${sum} would be exposed to this payer, ${caps.perPayer} may be`
    return new Fault('payment/above-payer-cap', says, { machine: payer })
  }
  const total = totalOf(after)
  return total > caps.total
    ? new Fault('payment/above-cap', `${total} would be exposed in all, ${caps.total} may be`)
    : undefined
}

/** `payment/second-hop` where money is to be taken that its payer has only at a risk himself. */
export const hopFault = (next: Risk, hopsMax = 1): Fault | undefined =>
  totalOf(next.exposure) > 0n && next.hops > hopsMax
    ? new Fault('payment/second-hop', `it rests on the word of ${next.hops} people in a row`)
    : undefined

/** What of a balance may be spent on: what rests on other people's word alone stays until it is certified. */
export const spendableOf = (balance: bigint, exposed: bigint): bigint =>
  balance > exposed ? balance - exposed : 0n
