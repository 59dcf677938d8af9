/** Reads and evaluates in one breath, for tests. */
import { isFault } from '../../../src/base/fault.ts'
import { evaluate, readExpression } from '../../../src/logic/expression/expression.ts'
import type { Gas } from '../../../src/logic/expression/run.ts'
import type { Value } from '../../../src/logic/expression/value.ts'
import { createPortableEngine } from '../../../src/engine/portable.ts'

export const GAS = 100_000

const engine = createPortableEngine()

export type Answer =
  | { readonly value: Value; readonly gas: number }
  | { readonly fault: string; readonly why: string; readonly gas: number }

export const answerTo = (
  source: string,
  variables: { readonly [name: string]: Value } = {},
  limit: number = GAS,
): Answer => {
  const gas: Gas = { used: 0, limit }
  const read = readExpression(source, new Set(Object.keys(variables)))
  if (isFault(read)) return { fault: read.code, why: read.message, gas: 0 }
  try {
    const value = evaluate(read, { variables, gas, verifies: engine.verify })
    return { value, gas: gas.used }
  } catch (error) {
    if (!isFault(error)) throw error
    return { fault: error.code, why: error.message, gas: gas.used }
  }
}

/** The value, or the code of the fault. */
export const ask = (
  source: string,
  variables: { readonly [name: string]: Value } = {},
): Value | { readonly fault: string } => {
  const answer = answerTo(source, variables)
  return 'fault' in answer ? { fault: answer.fault } : answer.value
}

export const fault = (what: string): { readonly fault: string } => ({ fault: `expression/${what}` })

export const gasOf = (source: string, variables: { readonly [name: string]: Value } = {}): number =>
  answerTo(source, variables).gas
