/** Reports for other programs: plain values that JSON can carry. Large numbers are strings, bytes are hexadecimal. */
import { hexFromBytes } from '../base/bytes.ts'
import type { Fault } from '../base/fault.ts'
import { evidence } from '../kernel/evidence.ts'
import type { Report } from './report.ts'

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** The whole report. Evidence is given as the bytes of its codec. */
export const jsonFromReport = (report: Report): JsonValue =>
  plain({
    ...report,
    faults: report.faults.map(plainFault),
    convictions: report.convictions.map((one) => ({
      ...one,
      evidence: evidence.encode(one.evidence),
    })),
  })

/** A fault as plain values. */
export const plainFault = (fault: Fault): object => ({
  code: fault.code,
  message: fault.message,
  place: fault.place,
  docs: fault.docs,
})

/** Values that JSON can carry: numbers beyond its own as text, bytes as hexadecimal, what is missing left out. */
export const plain = (value: unknown): JsonValue => {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value
    case 'bigint':
      return value.toString()
    case 'object':
      if (value === null) return null
      if (value instanceof Uint8Array) return hexFromBytes(value)
      if (Array.isArray(value)) return value.map(plain)
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, one]): [string, JsonValue][] =>
          one === undefined ? [] : [[key, plain(one)]],
        ),
      )
    case 'undefined':
    case 'symbol':
    case 'function':
      return null
  }
}
