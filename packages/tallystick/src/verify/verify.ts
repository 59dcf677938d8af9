/**
 * Verification: one file in, one report out.
 *
 * Promise. `verify` is a function of its arguments: no clock, no network, no memory between runs. It never throws on
 * anything the bytes can do; whatever is wrong with them stands in the report.
 */
import { Fault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import type { LogicRegistry } from '../kernel/logic.ts'
import type { ModelRegistry } from '../kernel/model.ts'
import type { Transition } from '../kernel/transition.ts'
import type { Grade, Millis } from '../kernel/verdict.ts'
import type { Report } from './report.ts'

/**
 * A head that the verifier remembers from an earlier run. A file that ends before it is stale, one that contradicts
 * it is contested. A fact proven under its state root is believed at the remembered grade.
 */
export type Remembered = {
  readonly head: Transition
  readonly grade: Grade
  /** The certificate it came with, so that a contradiction convicts somebody; empty if it was not kept. */
  readonly certificate: Uint8Array
  /** When it was known to be the newest, in milliseconds since 1970, if anybody said so. */
  readonly asOf: Millis | undefined
}

export type VerifyOptions = {
  readonly models: ModelRegistry
  readonly logics: LogicRegistry
  readonly verifier: Verifier
  /** The time, for judgements that need one. A verifier never looks at a clock itself. */
  readonly now?: Millis
  readonly anchors?: readonly Remembered[]
}

/** Checks a bundle file. */
export const verify = (file: Uint8Array, options: VerifyOptions): Report => {
  void options
  return {
    outcome: 'incomplete',
    faults: [new Fault('bundle/not-checked', 'the walk is not written yet')],
    machines: [],
    convictions: [],
    assumptions: [],
    bytes: file.length,
  }
}
