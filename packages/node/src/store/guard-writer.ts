/**
 * Writes a vow guard's file for many callers, who share its syncs.
 *
 * Promise. `advance` resolves when the file is synced with that size or a larger one. A write that found no room is tried
 * again with the next call; a sync that failed is not, because what it left behind is unknown: nothing resolves any more.
 */
import { messageOf, storeError, type StoreError } from './errors.ts'
import type { GuardFile, GuardHead } from './guard-file.ts'
import type { Entry, StoreStatus } from './store.ts'

export type GuardWriter = {
  /** What is synced. */
  readonly head: () => GuardHead
  readonly advance: (head: GuardHead, entries: readonly Entry[]) => Promise<void>
  /** Writes what found no room; raises `store/full` where it still finds none. */
  readonly retry: () => Promise<void>
  readonly status: () => StoreStatus
  readonly close: () => Promise<void>
}

type Waiting = {
  readonly size: bigint
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export const createGuardWriter = (file: GuardFile, from: GuardHead): GuardWriter => {
  let head = from
  let target = from
  let status: StoreStatus = { is: 'open' }
  let entries: Entry[] = []
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined
  const settle = (): void => {
    for (const one of waiting) if (one.size <= head.size) one.resolve()
    waiting = waiting.filter(({ size }) => size > head.size)
  }
  const run = async (): Promise<void> => {
    await Promise.resolve()
    while (target.size > head.size && status.is !== 'stopped') {
      const next = target
      const written = entries
      entries = []
      try {
        await file.write(next, ascending(written))
        head = next
        status = { is: 'open' }
        settle()
      } catch (error) {
        // Each once: whoever asks again while the disk is full hands its entries in again.
        entries = [...ascending([...written, ...entries])]
        fail(error)
        break
      }
    }
    running = undefined
  }
  const fail = (error: unknown): void => {
    const refusal = refusalOf(error)
    status = {
      is: refusal.code === 'store/full' ? 'full' : 'stopped',
      why: refusal.message,
    }
    for (const { reject } of waiting) reject(refusal)
    waiting = []
  }
  const advance = (to: GuardHead, added: readonly Entry[]): Promise<void> => {
    if (to.size <= head.size) return Promise.resolve()
    if (status.is === 'stopped') return Promise.reject(storeError('store/stopped', status.why))
    for (const entry of added) if (entry.index >= head.size) entries.push(entry)
    if (to.size > target.size) target = to
    return new Promise((resolve, reject) => {
      waiting.push({ size: to.size, resolve, reject })
      running ??= run()
    })
  }
  return {
    head: () => head,
    advance,
    retry: async () => {
      if (status.is === 'stopped') throw storeError('store/stopped', status.why)
      if (status.is === 'full') await advance(target, [])
    },
    status: () => status,
    close: async () => {
      await running
      await file.close()
    },
  }
}

/** Each once, in the order of their indices; they nearly always came so. */
const ascending = (entries: readonly Entry[]): readonly Entry[] => {
  const isSo = entries.every((one, at) => at === 0 || one.index > (entries[at - 1]?.index ?? 0n))
  if (isSo) return entries
  const byIndex = new Map(entries.map((one) => [one.index, one]))
  return [...byIndex.values()].sort((one, two) => Number(one.index - two.index))
}

const refusalOf = (error: unknown): StoreError => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return NO_ROOM.has(code)
    ? storeError('store/full', `the guard cannot be written: ${messageOf(error)}`, error)
    : storeError('store/stopped', `the guard failed: ${messageOf(error)}`, error)
}

const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])
