/**
 * Records as they stand in a machine's state, below the prefix of the logic that keeps them.
 *
 * | path | value |
 * |---|---|
 * | 'record', id | maker text, about text, holder, held (u8 0, or 1 and the rule), entrusted (u8 0, or 1, to text, machine 32, u8), ended u8 |
 * | 'field', id, interaction 32, name | commitment 32 |
 * | 'agreed', home 32, id | from text, to text |
 *
 * Nothing is ever removed. A field's value is not in the state: only its commitment is.
 */
import { bytesFromId, type InteractionId } from '../base/brand.ts'
import { type Codec, flag, optional, struct, text } from '../base/codec.ts'
import { NAME_BYTES_MAX } from '../base/limits.ts'
import { type Machine, pathKey } from '../kernel/execute.ts'
import type { RecordId } from '../kernel/field.ts'
import type { Path, Prefix } from '../kernel/logic.ts'
import { read } from '../state/tree.ts'
import { type Holder, holder, type Rule, rule, trust } from './record-operation.ts'

export type KeptRecord = {
  readonly maker: string
  readonly about: string
  readonly holder: Holder
  /** Kept back until this is met. */
  readonly held: Rule | undefined
  /** The next hand-over may be agreed in this machine, to this taker. */
  readonly entrusted: { readonly to: string; readonly at: Prefix } | undefined
  readonly ended: boolean
}

const name = text(NAME_BYTES_MAX)

export const keptRecord: Codec<KeptRecord> = struct<KeptRecord>({
  maker: name,
  about: name,
  holder,
  held: optional(rule),
  entrusted: optional(trust),
  ended: flag,
})

export const recordPathOf = (of: RecordId): Path => ['record', bytesFromId(of)]

export const fieldPath = (of: RecordId, interaction: InteractionId, field: string): Path => [
  'field',
  bytesFromId(of),
  bytesFromId(interaction),
  field,
]

/** One record of a machine; `undefined` if there is none. */
export const recordIn = (
  machine: Machine,
  records: Prefix,
  of: RecordId,
): KeptRecord | undefined => {
  const value = read(machine.state, pathKey(machine.terms.suite, records, recordPathOf(of)))
  return value && keptRecord.decode(value)
}
