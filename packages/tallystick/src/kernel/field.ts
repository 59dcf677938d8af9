/**
 * Fields: named values that an operation commits to by a salted hash, so that what is hashed and signed says that there
 * is a value, and nothing about it. The *opening* carries salt and value, beside the interaction and never inside it.
 *
 * Promise. An opening that `opens` a field is the only one that does, as far as the suite's hash holds. Without the
 * opening the commitment tells nothing about the value, as long as the salt was drawn at random, used once and not
 * handed on: two equal prices have two commitments. Machine and record are hashed along, so that a commitment copied
 * to another record or another machine opens nothing there.
 *
 * Not promised. That a value is true: whoever signed the step said so. That the number of fields and their names are
 * hidden: both stand in the operation. That whoever was given an opening keeps it to himself.
 *
 * | bytes | what is hashed under `tallystick/1 field` |
 * |---|---|
 * | 32 | machine in which the record is kept |
 * | 32 | record |
 * | text | name |
 * | 32 | salt |
 * | text | value |
 */
import type { Id, InteractionId, MachineId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { type Codec, codecFrom, fixedBytes, id, list, struct, text } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { HASH_BYTES, hash } from '../base/hash.ts'
import { FIELD_NAME_BYTES_MAX, FIELD_VALUE_BYTES_MAX, FIELDS_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'

/** What a field is about: a record of a machine. */
export type RecordId = Id<'record'>

export type Field = { readonly name: string; readonly commitment: Uint8Array }

/** Salt and value of one field. */
export type Opening = {
  /** The machine that keeps the record. */
  readonly machine: MachineId
  readonly record: RecordId
  /** The interaction that committed to it; not part of the hash, because it covers the commitment. */
  readonly interaction: InteractionId
  readonly name: string
  readonly salt: Uint8Array
  readonly value: string
}

export const SALT_BYTES = 32

const plainName = text(FIELD_NAME_BYTES_MAX)

/**
 * Lower-case words with single dashes. Anything else is refused, so that no two names look alike and a name never needs
 * quotes where a person types it.
 */
const checkedName = (name: string): string => {
  if (/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) return name
  throw new Fault('field/bad-name', 'the name of a field is lower-case words joined by dashes')
}

/** A field's name. Raises `field/bad-name`. */
export const fieldName: Codec<string> = codecFrom(
  (writer, value) => plainName.write(writer, checkedName(value)),
  (reader) => checkedName(plainName.read(reader)),
)

const plainFields = list(
  struct<Field>({ name: fieldName, commitment: fixedBytes(HASH_BYTES) }),
  FIELDS_MAX,
)

const checkedFields = (fields: readonly Field[]): readonly Field[] => {
  for (let at = 1; at < fields.length; at++) {
    const [before, after] = [fields[at - 1]?.name ?? '', fields[at]?.name ?? '']
    // Attack: two fields of one name, of which only one is ever opened.
    if (before >= after) throw new Fault('field/out-of-order', `field "${after}" twice or too late`)
  }
  return fields
}

/** Fields of one operation, strictly ascending by name. Raises `field/out-of-order`. */
export const fieldList: Codec<readonly Field[]> = codecFrom(
  (writer, value) => plainFields.write(writer, checkedFields(value)),
  (reader) => checkedFields(plainFields.read(reader)),
)

const hashed: Codec<Omit<Opening, 'interaction'>> = struct<Omit<Opening, 'interaction'>>({
  machine: id(),
  record: id(),
  name: fieldName,
  salt: fixedBytes(SALT_BYTES),
  value: text(FIELD_VALUE_BYTES_MAX),
})

/** An opening as bytes: what is hashed, and the interaction behind it. */
export const opening: Codec<Opening> = struct<Opening>({
  machine: id(),
  record: id(),
  name: fieldName,
  salt: fixedBytes(SALT_BYTES),
  value: text(FIELD_VALUE_BYTES_MAX),
  interaction: id(),
})

/** What an operation shows of a value. The suite is that of the machine. */
export const commitmentOf = (suite: SuiteId, of: Omit<Opening, 'interaction'>): Uint8Array =>
  hash(suite, TAGS.field, hashed.encode(of))

/** Whether an opening is that of a field. */
export const opens = (suite: SuiteId, of: Opening, field: Field): boolean =>
  of.name === field.name && equalBytes(commitmentOf(suite, of), field.commitment)

/** Where values are to be committed to. */
export type FieldPlace = {
  readonly suite: SuiteId
  readonly machine: MachineId
  readonly record: RecordId
}

/** A value with the fresh salt that hides it. */
export type SaltedValue = { readonly salt: Uint8Array; readonly value: string }

/** Fields in their order, for an operation. */
export const fieldsFrom = (
  { suite, machine, record }: FieldPlace,
  values: ReadonlyMap<string, SaltedValue>,
): readonly Field[] =>
  [...values]
    .map(([name, one]): Field => {
      return { name, commitment: commitmentOf(suite, { machine, record, name, ...one }) }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))

/** The openings that belong to `fieldsFrom`, once the interaction is known. */
export const openingsFrom = (
  { machine, record }: FieldPlace,
  values: ReadonlyMap<string, SaltedValue>,
  interaction: InteractionId,
): readonly Opening[] =>
  [...values].map(([name, one]) => ({ machine, record, interaction, name, ...one }))
