/** Readers of what a guardian answers: each returns what it says, or raises a failure that names the member. */
import { callFailure } from './call.ts'

export type Shape = { readonly [name: string]: unknown }

const wrong = (name: string, wanted: string): never => {
  throw callFailure('malformed', `the guardian answers with ${name} that is no ${wanted}`)
}

export const objectFrom = (value: unknown, name: string): Shape =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ...value }
    : wrong(name, 'object')

export const listFrom = (value: unknown, name: string): readonly unknown[] =>
  Array.isArray(value) ? value : wrong(name, 'list')

export const textFrom = (value: unknown, name: string): string =>
  typeof value === 'string' ? value : wrong(name, 'text')

export const numberFrom = (value: unknown, name: string): number =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : wrong(name, 'number')

/** A quantity is written in hexadecimal, with `0x` in front. */
export const quantityFrom = (value: unknown, name: string): bigint =>
  typeof value === 'string' && /^0x[0-9a-f]{1,64}$/i.test(value)
    ? BigInt(value)
    : wrong(name, 'quantity')

export const hexFrom = (value: unknown, name: string): Uint8Array =>
  typeof value === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(value)
    ? new Uint8Array(Buffer.from(value.slice(2), 'hex'))
    : wrong(name, 'hexadecimal')
