/** Numbers out of a query: one spelling, and a largest one. */
import { Fault, U64_MAX } from 'tallystick/base'

const DIGITS_MAX = 20

/** Raises `request/bad-query`. What is larger than `largest` is taken as that. */
export const numberFrom = (
  text: string | undefined,
  missing: bigint,
  largest: bigint = U64_MAX,
): bigint => {
  if (text === undefined) return missing
  if (text.length > DIGITS_MAX || !/^(?:0|[1-9][0-9]*)$/.test(text)) {
    throw new Fault('request/bad-query', 'a number has decimal digits and nothing else')
  }
  const number = BigInt(text)
  return number > largest ? largest : number
}
