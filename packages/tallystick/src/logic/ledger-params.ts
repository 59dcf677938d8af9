/**
 * Parameters of a ledger: what the charter of an asset's machine fixes for the asset's life.
 *
 * The asset is its machine's id and the ledger's position there; the symbol is for people and proves nothing.
 */
import type { MachineId } from '../base/brand.ts'
import { type Codec, list, optional, struct, text, u128, u8 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { NAME_BYTES_MAX, PARTICIPANTS_MAX, SYMBOL_BYTES_MAX } from '../base/limits.ts'
import type { Terms } from '../kernel/charter.ts'
import { addAmounts, checkDecimals, positiveAmount } from './amount.ts'

export type Allocation = { readonly holder: string; readonly amount: bigint }

export type LedgerParams = {
  readonly symbol: string
  readonly decimals: number
  /** Most that may be in circulation at any time: issued less burned. */
  readonly cap: bigint
  /** The participant of the asset's machine whose consent issues; missing if nothing is issued after the start. */
  readonly issuer: string | undefined
  /** What participants of the asset's machine hold from the start. */
  readonly initial: readonly Allocation[]
}

export const ledgerParams: Codec<LedgerParams> = struct<LedgerParams>({
  symbol: text(SYMBOL_BYTES_MAX),
  decimals: u8,
  cap: u128,
  issuer: optional(text(NAME_BYTES_MAX)),
  initial: list(
    struct<Allocation>({ holder: text(NAME_BYTES_MAX), amount: u128 }),
    PARTICIPANTS_MAX,
  ),
})

/**
 * Checks parameters against the terms of the asset's machine and returns the initial supply. Raises `ledger/bad-symbol`,
 * `ledger/unknown-holder`, `ledger/holder-twice`, `ledger/above-cap` or a fault of `amount.ts`.
 */
export const checkParams = (params: LedgerParams, terms: Terms, machine: MachineId): bigint => {
  // Plain letters only: two symbols that look alike are one trick fewer.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(params.symbol)) {
    throw new Fault(
      'ledger/bad-symbol',
      'a symbol is ASCII letters, digits, point, dash, underscore',
      {
        machine,
        part: 'symbol',
      },
    )
  }
  checkDecimals(params.decimals, { machine, part: 'decimals' })
  const names = new Set(terms.participants.map((one) => one.name))
  const named = params.initial.map((one) => one.holder)
  for (const holder of params.issuer === undefined ? named : [...named, params.issuer]) {
    if (!names.has(holder)) {
      throw new Fault('ledger/unknown-holder', 'no participant has this name', {
        machine,
        party: holder,
      })
    }
  }
  if (new Set(named).size !== named.length) {
    throw new Fault('ledger/holder-twice', 'a holder is allotted twice', { machine })
  }
  let supply = 0n
  for (const { holder, amount } of params.initial) {
    supply = addAmounts(supply, positiveAmount(amount, { machine, party: holder }), { machine })
  }
  if (supply > params.cap) {
    throw new Fault('ledger/above-cap', `${supply} allotted where ${params.cap} may exist`, {
      machine,
    })
  }
  return supply
}
