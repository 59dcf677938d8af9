/** Values of options, checked as they come in. */
import { usageError } from './print.ts'

/** The one of `known` that was typed. Raises a usage error that lists them. */
export const oneOf = <Name extends string>(
  known: readonly Name[],
  typed: string,
  option: string,
): Name => {
  const found = known.find((one) => one === typed)
  if (found === undefined) {
    throw usageError(`${option} cannot be "${typed}"`, `use one of ${known.join(', ')}`)
  }
  return found
}

/** A whole number between two bounds. Raises a usage error. */
export const countFrom = (
  typed: string,
  option: string,
  [least, most]: readonly [number, number],
): number => {
  const value = /^[0-9]{1,9}$/.test(typed) ? Number(typed) : Number.NaN
  if (!(value >= least && value <= most)) {
    throw usageError(`${option} cannot be "${typed}"`, `use a number from ${least} to ${most}`)
  }
  return value
}
