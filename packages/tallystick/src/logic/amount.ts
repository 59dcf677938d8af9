/**
 * Amounts: unsigned whole numbers of an asset's smallest unit, below 2^128, as `bigint`.
 *
 * Promise. Nothing here wraps, saturates or rounds: what does not fit is a fault that names the party. One text has one
 * meaning, and no text that a person would call odd has any.
 *
 * Text. Digits without a leading zero, then, if the asset has decimals, at most one point followed by one to
 * `decimals` digits. No sign, exponent, blank, group mark or other script's digits.
 */
import { U128_MAX } from '../base/codec.ts'
import { Fault, type FaultPlace } from '../base/fault.ts'
import { AMOUNT_TEXT_MAX, DECIMALS_MAX } from '../base/limits.ts'

export const AMOUNT_MAX: bigint = U128_MAX

/** The amount itself. Raises `amount/not-whole`, `amount/negative` or `amount/too-large`. */
export const checkedAmount = (value: bigint, place: FaultPlace = {}): bigint => {
  // A caller without types may pass 4.2; a number, even a whole one, is no exact amount above 2^53.
  if (typeof value !== 'bigint') {
    throw new Fault(
      'amount/not-whole',
      `${String(value)} is no whole amount given as a bigint`,
      place,
    )
  }
  if (value < 0n) throw new Fault('amount/negative', `${value} is below zero`, place)
  if (value > AMOUNT_MAX)
    throw new Fault('amount/too-large', `${value} does not fit 128 bits`, place)
  return value
}

/** As `checkedAmount`, where nothing is senseless: also raises `amount/zero`. */
export const positiveAmount = (value: bigint, place: FaultPlace = {}): bigint => {
  if (checkedAmount(value, place) === 0n) throw new Fault('amount/zero', 'an amount of zero', place)
  return value
}

/** Raises `amount/too-large`. */
export const addAmounts = (a: bigint, b: bigint, place: FaultPlace = {}): bigint =>
  checkedAmount(checkedAmount(a, place) + checkedAmount(b, place), place)

/** Raises `amount/negative` where there is less than is to be taken. */
export const subtractAmounts = (from: bigint, taken: bigint, place: FaultPlace = {}): bigint =>
  checkedAmount(checkedAmount(from, place) - checkedAmount(taken, place), place)

/**
 * Reads an amount of an asset with `decimals` decimals: '4.2' is 420 with two.
 * Raises `amount/malformed`, `amount/negative`, `amount/too-precise` or `amount/too-large`.
 */
export const amountFromText = (
  spelling: string,
  decimals: number,
  place: FaultPlace = {},
): bigint => {
  checkDecimals(decimals, place)
  if (spelling.length > AMOUNT_TEXT_MAX) {
    throw new Fault('amount/malformed', `${spelling.length} characters are no amount`, place)
  }
  if (/^-[0-9]/.test(spelling))
    throw new Fault('amount/negative', `${spelling} is below zero`, place)
  const match = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(spelling)
  const [, whole, fraction = ''] = match ?? []
  if (whole === undefined) {
    // The text is somebody else's: it is quoted as JSON would, so that it cannot rewrite the line that shows it.
    throw new Fault('amount/malformed', `${quoted(spelling)} is no amount`, place)
  }
  if (fraction.length > decimals) {
    throw new Fault('amount/too-precise', `${spelling} has more than ${decimals} decimals`, place)
  }
  return checkedAmount(BigInt(whole + fraction.padEnd(decimals, '0')), place)
}

/** Writes an amount with all of its asset's decimals: 420 is '4.20' with two. The exact opposite of `amountFromText`. */
export const textFromAmount = (amount: bigint, decimals: number): string => {
  checkDecimals(decimals, {})
  const digits = checkedAmount(amount)
    .toString()
    .padStart(decimals + 1, '0')
  const point = digits.length - decimals
  return decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
}

/** Raises `amount/too-precise` for a number of decimals that 128 bits cannot carry. */
export const checkDecimals = (decimals: number, place: FaultPlace): void => {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > DECIMALS_MAX) {
    throw new Fault('amount/too-precise', `${decimals} decimals; at most ${DECIMALS_MAX}`, place)
  }
}

const quoted = (spelling: string): string => `"${spelling.replace(/[^\x20-\x21\x23-\x7e]/gu, '?')}"`
