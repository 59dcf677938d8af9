/** Descriptions: one line for each operation, as the logic puts it. For people only; nothing is judged by them. */
import { faultFrom, isFault } from '../base/fault.ts'
import { terms } from '../kernel/charter.ts'
import type { Machine } from '../kernel/execute.ts'
import { AMEND, type Interaction, type Operation } from '../kernel/interaction.ts'
import type { Run } from './run.ts'

export const describeOperations = (run: Run, of: Interaction): readonly string[] =>
  of.operations.map((one) => describeOperation(run, one))

const describeOperation = (run: Run, operation: Operation): string => {
  if (operation.logic === AMEND) return describeAmend(operation)
  const charter = run.charters.get(operation.machine)
  const use = charter?.logics[operation.logic]
  const logic = use && run.logics.get(use.name)
  if (!charter || !logic) return `operation of ${operation.argument.length} bytes`
  const line = faultFrom(() => logic.describe(operation.argument, use.params, charter.terms))
  return isFault(line) ? `${use.name}: ${line.message}` : line
}

const describeAmend = (operation: Operation): string => {
  const next = faultFrom(() => terms.decode(operation.argument))
  if (isFault(next)) return 'change of terms'
  const names = next.participants.map((one) => one.name).join(', ')
  return `change of terms: suite ${next.suite}, parties ${names}, policy ${next.policy.kind}`
}

/** The parties' names, joined: how a machine is called for people. */
export const nameOf = (machine: Pick<Machine, 'terms'>): string =>
  machine.terms.participants.map((one) => one.name).join('–')
