/**
 * Documents of POLO as maps from names to whole messages: calldata, outputs and events, whose fields a manifest knows.
 *
 * Names are in ascending order of their UTF-16, each once. A value is passed on as it is; whether it is a message shows when it
 * is read with a schema.
 */
import { type Fault, faultFrom } from '../../../base/fault.ts'
import { readEntries } from './container.ts'
import { encodePolo, type Polo, readPolo, wrongKind } from './schema.ts'
import { closeContainer, markElement, openContainer, putBytes, putText, WIRE } from './wire.ts'

export type PoloEntries = ReadonlyMap<string, Uint8Array>

/** The schema of any document, also inside other messages. Null is an empty one. */
export const poloEntries: Polo<PoloEntries> = {
  write: (out, entries) => {
    const first = out.marked
    for (const name of [...entries.keys()].toSorted(byUnits).toReversed()) {
      putBytes(out, entries.get(name) ?? NULL_MESSAGE)
      markElement(out, WIRE.raw)
      putText(out, name)
      markElement(out, WIRE.word)
    }
    closeContainer(out, first)
    return WIRE.document
  },
  read: (from, wire, start, end) => {
    const entries = new Map<string, Uint8Array>()
    if (wire === WIRE.null && start === end) return entries
    if (wire !== WIRE.document) throw wrongKind(wire, 'a document')
    readEntries(from, openContainer(from, start, end), (name, at, to) => {
      entries.set(name, from.bytes.slice(at, to))
    })
    return entries
  },
}

const NULL_MESSAGE = new Uint8Array(1)

const byUnits = (a: string, b: string): number => (a < b ? -1 : 1)

/** The entries of a document, each a whole message; or why these bytes are none. */
export const readDocument = (bytes: Uint8Array): PoloEntries | Fault =>
  faultFrom(() => readPolo(poloEntries, bytes))

export const writeDocument = (entries: PoloEntries): Uint8Array => encodePolo(poloEntries, entries)
