/**
 * Descriptions: one line for each operation, as the logic puts it, for people only; and what a logic tells programs of
 * records and fields.
 */
import type { MachineId } from '../base/brand.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import { type Charter, CLOSED, terms } from '../kernel/charter.ts'
import type { Machine } from '../kernel/execute.ts'
import { AMEND, type Interaction, type Operation } from '../kernel/interaction.ts'
import type { LogicRegistry, Told } from '../kernel/logic.ts'

/** What describing needs of a run. */
export type Describing = {
  readonly charters: ReadonlyMap<MachineId, Charter>
  readonly logics: LogicRegistry
}

export const describeOperations = (run: Describing, of: Interaction): readonly string[] =>
  of.operations.map((one) => describeOperation(run, one))

const describeOperation = (run: Describing, operation: Operation): string => {
  if (operation.logic === AMEND) return describeAmend(operation)
  const charter = run.charters.get(operation.machine)
  const use = charter?.logics[operation.logic]
  const logic = use && run.logics.get(use.name)
  if (!charter || !logic) return `operation of ${operation.argument.length} bytes`
  const line = faultFrom(() => logic.describe(operation.argument, use.params, charter.terms))
  return isFault(line) ? `${use.name}: ${line.message}` : line
}

/** What operations say of records that a machine keeps. */
export const tellOperations = (
  run: Describing,
  of: Interaction,
  machine: MachineId,
): readonly Told[] =>
  of.operations.flatMap((one) => {
    const use = run.charters.get(one.machine)?.logics[one.logic]
    const tell = use && run.logics.get(use.name)?.tell
    const told = tell && faultFrom(() => tell(one.argument))
    return told && !isFault(told) && told.machine === machine ? [told] : []
  })

const describeAmend = (operation: Operation): string => {
  const next = faultFrom(() => terms.decode(operation.argument))
  if (isFault(next)) return 'change of terms'
  if (next.policy.kind === CLOSED) return 'the machine is closed'
  const names = next.participants.map((one) => one.name).join(', ')
  return `change of terms: suite ${next.suite}, parties ${names}, policy ${next.policy.kind}`
}

/** The parties' names, joined: how a machine is called for people. Of many, the first two. */
export const nameOf = (machine: Pick<Machine, 'terms'>): string => {
  const names = machine.terms.participants.map((one) => one.name)
  if (names.length <= NAMES_SHOWN) return names.join('–')
  return `${names.slice(0, 2).join('–')} and ${names.length - 2} others`
}

const NAMES_SHOWN = 5
