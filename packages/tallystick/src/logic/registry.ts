/** The logics that a charter can name. A name carries its version: what it does never changes, a new rule is a new name. */
import { Fault } from '../base/fault.ts'
import type { Logic, LogicRegistry } from '../kernel/logic.ts'
import { ledger } from './ledger.ts'
import { oracle } from './oracle.ts'
import { record } from './record.ts'
import { statechart } from './statechart/logic.ts'
import { vault } from './vault.ts'

/** A registry of the logics given. Raises `logic/name-twice`. */
export const createLogicRegistry = (logics: readonly Logic[]): LogicRegistry => {
  const registry = new Map<string, Logic>()
  for (const one of logics) {
    if (registry.has(one.name)) throw new Fault('logic/name-twice', `two logics are "${one.name}"`)
    registry.set(one.name, one)
  }
  return registry
}

/** Every logic of this version. */
export const STANDARD_LOGICS: LogicRegistry = createLogicRegistry([
  ledger,
  oracle,
  record,
  statechart,
  vault,
])
