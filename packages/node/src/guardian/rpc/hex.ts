/** Hexadecimal as MOI's interface spells it: with `0x`, quantities without leading zeros; read in either case. */
import { bytesFromHex, hexFromBytes } from 'tallystick/base'
import { rpcError } from './error.ts'

export const hexOf = (bytes: Uint8Array): string => `0x${hexFromBytes(bytes)}`

export const quantityOf = (amount: bigint | number): string => `0x${amount.toString(16)}`

/** Digits of a 256-bit number, and some zeros in front of them. */
const QUANTITY_DIGITS_MAX = 80

/** Bytes out of hexadecimal with or without `0x`, in either case. Raises `bad-params`. */
export const bytesFromParam = (text: string, what: string): Uint8Array => {
  const digits = bare(text)
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/.test(digits)) {
    throw rpcError('bad-params', `invalid params: ${what} is no hexadecimal`)
  }
  return bytesFromHex(digits)
}

/** A number from 0 on out of hexadecimal with `0x`. Raises `bad-params`. */
export const bigintFromQuantity = (text: string, what: string): bigint => {
  const digits = bare(text)
  const isQuantity =
    /^0x/i.test(text) && /^[0-9a-f]+$/.test(digits) && digits.length <= QUANTITY_DIGITS_MAX
  if (!isQuantity) throw rpcError('bad-params', `invalid params: ${what} is no quantity`)
  return BigInt(`0x${digits}`)
}

const bare = (text: string): string => (/^0x/i.test(text) ? text.slice(2) : text).toLowerCase()
