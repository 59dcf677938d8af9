/** What checks take and say. */
import { type Fault, isFault } from '../../packages/tallystick/src/base/fault.ts'

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

/** What a check says. A check may also throw a fault. */
export type Finding = { readonly expected?: Json; readonly fault?: string }

export type Check = (input: JsonObject) => Finding

/** The value, or its fault thrown on. */
export const unless = <T>(value: T | Fault): T => {
  if (isFault(value)) throw value
  return value
}
