/**
 * Operations on records.
 *
 * Wire. A u8 tag, then the fields. `fields` are those of `kernel/field.ts`; a rule is u8 at least, list of texts.
 *
 * | tag | operation | fields |
 * |---|---|---|
 * | 0 | open | machine 32, id 32, maker text, about text, holder (u8 0 party text, or u8 1 scheme u8 and key bytes), fields |
 * | 1 | hand | machine 32, id 32, from text, to text, fields |
 * | 2 | hold | machine 32, id 32, rule |
 * | 3 | release | machine 32, id 32, rule, fields |
 * | 4 | entrust | machine 32, id 32, to text, at machine 32 and u8 |
 * | 5 | agree | machine 32, id 32, home 32, from text, to text, fields |
 * | 6 | settle | machine 32, id 32, from text, to text, at machine 32 and u8 |
 * | 7 | end | machine 32, id 32 |
 */
import { bytesFromId, type MachineId } from '../base/brand.ts'
import { bytes, type Codec, id, list, literal, struct, text, u8, union } from '../base/codec.ts'
import { NAME_BYTES_MAX, PARTICIPANTS_MAX, PUBLIC_KEY_BYTES_MAX } from '../base/limits.ts'
import { scheme, type SchemeId } from '../base/suite.ts'
import { type Field, fieldList, type RecordId } from '../kernel/field.ts'
import type { Operation } from '../kernel/interaction.ts'
import type { Path, Prefix } from '../kernel/logic.ts'

/** A participant by name, or a key that takes part in nothing: the holder of a credential. */
export type Holder =
  | { readonly is: 'party'; readonly name: string }
  | { readonly is: 'key'; readonly scheme: SchemeId; readonly publicKey: Uint8Array }

/** So many of the named participants have to agree. */
export type Rule = { readonly atLeast: number; readonly of: readonly string[] }

type At = { readonly machine: MachineId; readonly id: RecordId }
type Change = { readonly from: string; readonly to: string }
type With = { readonly fields: readonly Field[] }

export type RecordOperation =
  /** Begins a record. The maker consents, and the holder where it is another participant. */
  | (At &
      With & { readonly is: 'open'; readonly maker: string; readonly about: string } & {
        readonly holder: Holder
      })
  /** From hand to hand. Both consent. */
  | (At & Change & With & { readonly is: 'hand' })
  /** The holder keeps it back until the rule is met. */
  | (At & { readonly is: 'hold'; readonly rule: Rule })
  /** Enough of those named in the rule consent; it can be handed on again. */
  | (At & With & { readonly is: 'release'; readonly rule: Rule })
  /** Holder and taker say that what they agree on in another machine counts here. */
  | (At & { readonly is: 'entrust'; readonly to: string; readonly at: Prefix })
  /** In the other machine: from hand to hand, of a record that is kept at `home`. Both consent. */
  | (At & Change & With & { readonly is: 'agree'; readonly home: MachineId })
  /** Takes in what was agreed there, on the proof alone. */
  | (At & Change & { readonly is: 'settle'; readonly at: Prefix })
  /** Ends a record for good: a credential is revoked, goods are used up. The maker consents, and a holding participant. */
  | (At & { readonly is: 'end' })

type Case<Name extends RecordOperation['is']> = Extract<RecordOperation, { is: Name }>

const name = text(NAME_BYTES_MAX)
const at = { machine: id<'machine'>(), id: id<'record'>() }
const prefix: Codec<Prefix> = struct<Prefix>({ machine: id<'machine'>(), logic: u8 })

export const rule: Codec<Rule> = struct<Rule>({ atLeast: u8, of: list(name, PARTICIPANTS_MAX) })

export const holder: Codec<Holder> = union<Holder>({
  party: struct({ is: literal('party'), name }),
  key: struct({ is: literal('key'), scheme, publicKey: bytes(PUBLIC_KEY_BYTES_MAX) }),
})

export const trust: Codec<{ readonly to: string; readonly at: Prefix }> = struct({
  to: name,
  at: prefix,
})

export const recordOperation: Codec<RecordOperation> = union<RecordOperation>({
  open: struct<Case<'open'>>({
    is: literal('open'),
    ...at,
    maker: name,
    about: name,
    holder,
    fields: fieldList,
  }),
  hand: struct<Case<'hand'>>({
    is: literal('hand'),
    ...at,
    from: name,
    to: name,
    fields: fieldList,
  }),
  hold: struct<Case<'hold'>>({ is: literal('hold'), ...at, rule }),
  release: struct<Case<'release'>>({ is: literal('release'), ...at, rule, fields: fieldList }),
  entrust: struct<Case<'entrust'>>({ is: literal('entrust'), ...at, to: name, at: prefix }),
  agree: struct<Case<'agree'>>({
    is: literal('agree'),
    ...at,
    home: id<'machine'>(),
    from: name,
    to: name,
    fields: fieldList,
  }),
  settle: struct<Case<'settle'>>({
    is: literal('settle'),
    ...at,
    from: name,
    to: name,
    at: prefix,
  }),
  end: struct<Case<'end'>>({ is: literal('end'), ...at }),
})

export const operationOnRecord = (records: Prefix, of: RecordOperation): Operation => ({
  machine: records.machine,
  logic: records.logic,
  argument: recordOperation.encode(of),
})

/** What two parties agreed on, as it stands in the machine they agreed in. */
export const agreed: Codec<Change> = struct<Change>({ from: name, to: name })

/** Where a machine keeps what was agreed about a record that another machine keeps. */
export const agreedPath = (home: MachineId, of: RecordId): Path => [
  'agreed',
  bytesFromId(home),
  bytesFromId(of),
]
