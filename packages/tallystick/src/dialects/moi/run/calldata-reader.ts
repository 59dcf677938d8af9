/**
 * Arguments of a built-in routine: the entries of a POLO document, each by its label.
 *
 * A missing argument is its kind's zero. Raises `moi/defect` for a label that the routine does not have, so that a misspelt
 * amount is not taken for none.
 */
import { Fault, isFault } from '../../../base/fault.ts'
import { readDocument } from '../polo/document.ts'
import { type Polo, readPolo } from '../polo/schema.ts'

export type Arguments = {
  /** Raises what the schema raises. */
  readonly read: <T>(label: string, schema: Polo<T>) => T
}

const NULL_MESSAGE = new Uint8Array(1)

export const readArguments = (calldata: Uint8Array, labels: readonly string[]): Arguments => {
  const entries = calldata.length === 0 ? new Map<string, Uint8Array>() : readDocument(calldata)
  if (isFault(entries)) throw new Fault('moi/defect', `invalid calldata: ${entries.message}`)
  for (const label of entries.keys()) {
    if (!labels.includes(label)) throw new Fault('moi/defect', `no argument is called ${label}`)
  }
  return { read: (label, schema) => readPolo(schema, entries.get(label) ?? NULL_MESSAGE) }
}
