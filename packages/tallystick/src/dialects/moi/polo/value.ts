/** Any message of POLO without a schema: what it says by its own kinds, for those who show or compare messages. */
import { POLO_BYTES_MAX, POLO_ITEMS_MAX } from '../../../base/limits.ts'
import { poloArray } from './container.ts'
import { type PoloEntries, poloEntries } from './document.ts'
import { poloBool, poloBytes, poloFloat, poloInteger, poloRaw } from './scalar.ts'
import { noBody, type Polo } from './schema.ts'
import { malformed, WIRE } from './wire.ts'

export type PoloValue =
  | { readonly is: 'null' }
  | { readonly is: 'boolean'; readonly value: boolean }
  | { readonly is: 'integer'; readonly value: bigint }
  | { readonly is: 'float'; readonly value: number }
  /** Bytes or a text: the message does not say which. */
  | { readonly is: 'word'; readonly value: Uint8Array }
  /** A message inside a message. */
  | { readonly is: 'raw'; readonly value: Uint8Array }
  /** An array, a struct or a map: the message does not say which. */
  | { readonly is: 'pack'; readonly value: readonly PoloValue[] }
  | { readonly is: 'document'; readonly value: PoloEntries }

/** Magnitudes of 256 bits with either sign. */
const integer = poloInteger(257)
const word = poloBytes(POLO_BYTES_MAX)
const raw = poloRaw(POLO_BYTES_MAX)

/** The schema below, named before it is made: it is a part of itself. */
const pack = poloArray<PoloValue>(
  {
    write: (out, of) => poloValue.write(out, of),
    read: (from, wire, start, end) => poloValue.read(from, wire, start, end),
  },
  POLO_ITEMS_MAX,
)

/** Kinds that are not given out yet, and a load where no container is, are refused. */
export const poloValue: Polo<PoloValue> = {
  write: (out, of) => {
    switch (of.is) {
      case 'null':
        return WIRE.null
      case 'boolean':
        return poloBool.write(out, of.value)
      case 'integer':
        return integer.write(out, of.value)
      case 'float':
        return poloFloat.write(out, of.value)
      case 'word':
        return word.write(out, of.value)
      case 'raw':
        return raw.write(out, of.value)
      case 'pack':
        return pack.write(out, of.value)
      case 'document':
        return poloEntries.write(out, of.value)
    }
  },
  read: (from, wire, start, end) => {
    if (wire === WIRE.null) {
      noBody(start, end)
      return { is: 'null' }
    }
    if (wire === WIRE.false || wire === WIRE.true)
      return { is: 'boolean', value: poloBool.read(from, wire, start, end) }
    if (wire === WIRE.positive || wire === WIRE.negative)
      return { is: 'integer', value: integer.read(from, wire, start, end) }
    if (wire === WIRE.float) return { is: 'float', value: poloFloat.read(from, wire, start, end) }
    if (wire === WIRE.word) return { is: 'word', value: word.read(from, wire, start, end) }
    if (wire === WIRE.raw) return { is: 'raw', value: raw.read(from, wire, start, end) }
    if (wire === WIRE.pack) return { is: 'pack', value: pack.read(from, wire, start, end) }
    if (wire === WIRE.document)
      return { is: 'document', value: poloEntries.read(from, wire, start, end) }
    throw malformed(`kind ${wire}, which is not given out,`, start)
  },
}
