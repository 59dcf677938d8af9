/** What is wrong with an expression: a fault whose message begins with the place in the source. */
import { Fault, type FaultCode } from '../../base/fault.ts'

/** `at` counts the source's UTF-16 units from 0, as editors do. */
export const problem = (code: FaultCode, at: number, why: string): Fault =>
  new Fault(code, `at ${at}: ${why}`)
