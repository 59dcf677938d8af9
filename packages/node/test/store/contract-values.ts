/** Units for tests, from text. */
import type { Append, Put, Unit } from '../../src/store/store.ts'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (value: Uint8Array): string => new TextDecoder().decode(value)

export const append = (
  key: string,
  value: string = key,
  time: bigint = 0n,
  journal: string = 'vows',
): Append => ({
  journal,
  key: bytes(key),
  value: bytes(value),
  time,
})
export const put = (key: string, value: string | undefined, ifVersion?: bigint): Put => ({
  space: 'heads',
  key: bytes(key),
  value: value === undefined ? undefined : bytes(value),
  ...(ifVersion === undefined ? {} : { ifVersion }),
})
export const unit = (appends: readonly Append[], puts: readonly Put[] = []): Unit => ({
  appends,
  puts,
})
