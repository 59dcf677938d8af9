/**
 * Operations from JSON, for everything that the words do not cover: what `tally propose --op FILE` reads.
 *
 *     { "operations": [ { "logic": 0, "argument": "<hexadecimal>" } ] }
 *
 * `logic` is the position of a logic in this machine's charter; 255 changes the terms. `argument` is in that logic's own
 * codec. The file is read strictly: one spelling, nothing unknown, nothing twice.
 */
import { bytesFromHex } from '../base/bytes.ts'
import type { MachineId } from '../base/brand.ts'
import { operation, type Operation } from '../kernel/interaction.ts'
import {
  jsonCount,
  jsonFromBytes,
  jsonList,
  jsonObjectWith,
  jsonText,
} from '../forms/strict-json.ts'

/** Raises the faults of `strict-json.ts`, `hex/not-canonical` and what the codec of operations raises. */
export const operationsFromJson = (file: Uint8Array, machine: MachineId): readonly Operation[] => {
  const { operations } = jsonObjectWith(jsonFromBytes(file), ['operations'], 'the file')
  return jsonList(operations, 'the operations').map((one, at) => {
    const what = `operation ${at + 1}`
    const fields = jsonObjectWith(one, ['logic', 'argument'], what)
    return operation.decode(
      operation.encode({
        machine,
        logic: jsonCount(fields.logic, `the logic of ${what}`),
        argument: bytesFromHex(jsonText(fields.argument, `the argument of ${what}`)),
      }),
    )
  })
}
