/**
 * What evaluation is made of: the frame that it runs in, gas, and failures as values.
 *
 * Promise. A failed part gives `undefined` and leaves the reason in the frame, because `||` and `&&` go on after one
 * and a thrown error for each would cost far more than the gas that was paid. Running out of gas is thrown: nothing
 * goes on after that.
 */
import { Fault, type FaultCode } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import { problem } from './problem.ts'
import type { Value } from './value.ts'

/** One for all expressions of an input: what the first has used, the next cannot. */
export type Gas = { used: number; readonly limit: number }

export type Frame = {
  readonly gas: Gas
  readonly verifies: Verifier['verify']
  /** Values of the names: first of the variables, then of the macros around. Missing where there is none. */
  readonly values: Result[]
  /** Why the last part that failed did. */
  failure: Failure | undefined
}

export type Failure = { readonly code: FaultCode; readonly at: number; readonly why: string }

/** Missing where it failed. */
export type Result = Value | undefined

export type Run = (frame: Frame) => Result

/** Raises `expression/out-of-gas`. */
export const spend = (gas: Gas, units: number): void => {
  gas.used += units
  if (gas.used > gas.limit) {
    throw new Fault('expression/out-of-gas', `more than the ${gas.limit} units of gas of one input`)
  }
}

/** Gas for going over so many characters, items or keys, 32 of them for one unit. */
export const spendFor = (gas: Gas, size: number): void => spend(gas, size >>> 5)

export const fail = (frame: Frame, failure: Failure): undefined => {
  frame.failure = failure
  return undefined
}

export const faultFromFailure = ({ code, at, why }: Failure): Fault => problem(code, at, why)
