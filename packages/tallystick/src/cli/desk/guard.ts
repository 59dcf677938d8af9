/**
 * The guard: a small file beside a journal that says what was signed last, so that a journal put back from a backup is
 * noticed before anything is signed again.
 *
 * Promise. When `write` returns, the vow is on disk, and whatever happens to the file afterwards through a crash, either this
 * vow or a later one is read. Two slots take turns, each with a counter and a checksum, so that a torn write spoils
 * only the one that was older.
 *
 * Not promised. Anything when the guard is put back together with the journal: keep it elsewhere if backups take the whole
 * folder. The peer then is the last to know better, and shows it with its next message.
 */
import { existsSync, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { MachineId } from '../../base/brand.ts'
import { bytes, type Codec, id, optional, struct, u32, u64 } from '../../base/codec.ts'
import { faultFrom, isFault } from '../../base/fault.ts'
import { lastVow } from '../../models/bilateral/input.ts'
import type { LastVow } from '../../models/bilateral/state.ts'
import { closeOnce, syncFolder } from './journal.ts'

export type GuardFinding =
  | { readonly is: 'missing' }
  /** Nothing has been signed yet. */
  | { readonly is: 'none' }
  | { readonly is: 'vow'; readonly last: LastVow }

export type Guard = {
  /** What was found on opening. `missing`: no file, or no readable slot of this machine. */
  readonly found: GuardFinding
  /** Remembers a vow, or that there is none yet. It is on disk when this returns. */
  readonly write: (last: LastVow | undefined) => void
  readonly close: () => void
}

const SLOT_BYTES = 512
const SLOTS = [0, 1] as const

type Slot = {
  readonly counter: bigint
  readonly machine: MachineId
  readonly last: LastVow | undefined
}

const slot: Codec<Slot> = struct<Slot>({
  counter: u64,
  machine: id<'machine'>(),
  last: optional(lastVow),
})

const framed: Codec<{ checksum: number; body: Uint8Array }> = struct<{
  checksum: number
  body: Uint8Array
}>({ checksum: u32, body: bytes(SLOT_BYTES - 8) })

/**
 * Opens the guard of a machine, or makes an empty file. One that was missing stays so until something is written: that it is
 * missing must be found again by whoever opens next, if a crash comes before anybody has acted on it.
 */
export const openGuard = (
  path: string,
  options: { readonly machine: MachineId; readonly durable: boolean },
): Guard => {
  const isNew = !existsSync(path)
  const file = openSync(path, isNew ? 'wx+' : 'r+', 0o600)
  const slots = SLOTS.map((at) => readSlot(file, at)).filter(
    (one) => one?.machine === options.machine,
  )
  const newest = slots.reduce(
    (a, b) => ((a?.counter ?? -1n) >= (b?.counter ?? -1n) ? a : b),
    undefined,
  )
  let counter = newest?.counter ?? 0n
  const put = (last: LastVow | undefined): void => {
    counter += 1n
    const body = slot.encode({ counter, machine: options.machine, last })
    const whole = new Uint8Array(SLOT_BYTES)
    whole.set(framed.encode({ checksum: crc32(body), body }))
    writeSync(file, whole, 0, SLOT_BYTES, Number(counter % 2n) * SLOT_BYTES)
    if (options.durable) fdatasyncSync(file)
  }
  if (isNew) syncFolder(dirname(path))
  return { found: findingFrom(newest), write: put, close: closeOnce(file) }
}

const findingFrom = (newest: Slot | undefined): GuardFinding => {
  if (!newest) return { is: 'missing' }
  return newest.last ? { is: 'vow', last: newest.last } : { is: 'none' }
}

const readSlot = (file: number, at: number): Slot | undefined => {
  const whole = new Uint8Array(SLOT_BYTES)
  if (readSync(file, whole, 0, SLOT_BYTES, at * SLOT_BYTES) !== SLOT_BYTES) return undefined
  const read = faultFrom(() => {
    const size = new DataView(whole.buffer).getUint32(4, true)
    const { checksum, body } = framed.decode(whole.subarray(0, 8 + size))
    return crc32(body) === checksum ? slot.decode(body) : undefined
  })
  return isFault(read) ? undefined : read
}
