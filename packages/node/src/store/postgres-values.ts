/** Values on their way into PostgreSQL, as array literals, and out of it, checked for their type. */
import { storeError } from './errors.ts'

/* Lists travel as one literal each, so that a statement has one text however long its lists are. */

export const bytesList = (values: readonly (Uint8Array | undefined)[]): string =>
  listOf(
    values.map((value) =>
      value === undefined ? 'NULL' : `"\\\\x${Buffer.from(value).toString('hex')}"`,
    ),
  )

export const numberList = (values: readonly bigint[]): string => listOf(values.map(String))

export const textList = (values: readonly string[]): string =>
  listOf(values.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`))

const listOf = (items: readonly string[]): string => `{${items.join(',')}}`

export type Row = Readonly<Record<string, unknown>>

/** The driver hands 64-bit numbers out as text. */
export const bigintOf = (value: unknown): bigint => {
  if (typeof value === 'string' && /^\d{1,19}$/.test(value)) return BigInt(value)
  throw storeError('store/damaged', 'a column holds no number')
}

export const stringOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  throw storeError('store/damaged', 'a column holds no text')
}

/** A plain array: that of the driver is a Buffer, whose `slice` shares memory. */
export const plainBytes = (value: unknown): Uint8Array => {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw storeError('store/damaged', 'a column holds no bytes')
}
