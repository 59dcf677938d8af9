/**
 * The functions of the language: what each takes, gives and does.
 *
 * Promise. Each is total: for every value it gives a value or fails, and costs what `docs/spec/expressions.md` says.
 * There is no clock, no randomness and no pattern matching among them.
 */
import { MAP_FUNCTIONS } from './function-map.ts'
import { PROOF_FUNCTIONS } from './function-proof.ts'
import { TEXT_FUNCTIONS } from './function-text.ts'
import type { LanguageFunction } from './function.ts'

export const FUNCTIONS: ReadonlyMap<string, LanguageFunction> = new Map([
  ...TEXT_FUNCTIONS,
  ...MAP_FUNCTIONS,
  ...PROOF_FUNCTIONS,
])

/** Functions of CEL that are left out, with what to write instead. */
export const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['matches', 'patterns may take for ever; use contains, startsWith or endsWith'],
  ['timestamp', 'times are ints; compare event.now, in milliseconds'],
  ['duration', 'spans of time are ints, in milliseconds'],
  ['double', 'fractions are left out; count in a smaller unit'],
  ['uint', 'unsigned numbers are left out; use int'],
  ['bytes', 'bytes are left out; write them in hexadecimal'],
  ['bool', 'compare with "true" instead'],
  ['type', 'types are known when the expression is read'],
])
