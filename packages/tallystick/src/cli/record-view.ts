/** Records of a machine as its folder knows them: what stands in its state, and what was opened of their fields. */
import { faultFrom, isFault } from '../base/fault.ts'
import type { SuiteId } from '../base/suite.ts'
import type { Machine } from '../kernel/execute.ts'
import { type Field, type Opening, opens, type RecordId } from '../kernel/field.ts'
import { type Interaction, interactionId } from '../kernel/interaction.ts'
import { holderText, ruleText } from '../logic/record-describe.ts'
import { type KeptRecord, recordIn } from '../logic/record-state.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { bundleFromFile } from '../verify/bundle.ts'
import type { Output } from './print.ts'
import { logicIn, recordIdsIn } from './record-words.ts'

/** What files open of a step's fields. An opening that does not fit is left out: anybody can write one. */
export const openingsOf = (
  machine: Pick<Machine, 'charter' | 'id'>,
  of: Interaction,
  files: readonly Uint8Array[],
): readonly Opening[] => {
  const fields = fieldsIn(machine, of)
  if (fields.length === 0) return []
  const interaction = interactionId(of)
  const shown = files.flatMap((file) => {
    const bundle = faultFrom(() => bundleFromFile(file))
    return isFault(bundle) ? [] : bundle.openings
  })
  return fields.flatMap(({ suite, field, record }) => {
    const found = shown.find(
      (one) =>
        one.machine === machine.id &&
        one.interaction === interaction &&
        one.record === record &&
        opens(suite, one, field),
    )
    return found ? [found] : []
  })
}

type Committed = { readonly suite: SuiteId; readonly field: Field; readonly record: RecordId }

const fieldsIn = (
  { charter, id }: Pick<Machine, 'charter' | 'id'>,
  { suite, operations }: Interaction,
): readonly Committed[] =>
  operations.flatMap((one) => {
    const tell = STANDARD_LOGICS.get(charter.logics[one.logic]?.name ?? '')?.tell
    if (one.machine !== id || !tell) return []
    const told = faultFrom(() => tell(one.argument))
    if (isFault(told)) return []
    return told.fields.map((field) => ({ suite, field, record: told.record }))
  })

export type ShownRecord = {
  readonly id: RecordId
  readonly about: string
  readonly maker: string
  readonly holder: string
  /** What keeps it from being handed on; empty if nothing does. */
  readonly stands: string
}

/** The records that steps of a machine have begun, as its state has them. */
export const recordsOf = (
  machine: Machine,
  steps: readonly Interaction[],
): readonly ShownRecord[] => {
  const logic = logicIn(machine.charter)
  if (logic < 0) return []
  return [...recordIdsIn(machine.charter, steps)].flatMap((id) => {
    const kept = recordIn(machine, { machine: machine.id, logic }, id)
    if (!kept) return []
    const { about, maker, holder } = kept
    return [{ id, about, maker, holder: holderText(holder), stands: standsText(kept) }]
  })
}

const standsText = ({ held, entrusted, ended }: KeptRecord): string => {
  if (ended) return 'ended'
  if (held) return `kept back until ${ruleText(held)} agree`
  return entrusted
    ? `the hand-over to ${entrusted.to} is left to machine ${entrusted.at.machine.slice(0, 8)}`
    : ''
}

export const showRecords = (output: Output, records: readonly ShownRecord[]): void =>
  output.table(
    records.map((one) => [
      `record ${one.id.slice(0, 8)}`,
      { text: one.about, tone: 'strong' },
      one.stands === 'ended' ? '' : `held by ${one.holder}`,
      one.stands,
    ]),
  )

/** Values that a step opens, one line each. */
export const openedLines = (openings: readonly Opening[]): readonly string[] =>
  openings.map((one) => `${one.name}: ${one.value}`)
