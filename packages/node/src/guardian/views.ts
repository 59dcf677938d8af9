/**
 * Views: what accounts hold, as it is now or was at some height, for questions that change nothing.
 *
 * Whoever asks hands in a function that reads by path and is told of it as if everything were in memory. What is not yet there is
 * fetched, and the function is run again: so a question about a large account reads the values that it needs and no others. Readers
 * are pure, so running them again does no harm, and how many values one question may fetch is bounded.
 */
import { idFromHex } from 'tallystick/base'
import type { Path } from 'tallystick/kernel'
import type { At } from './rpc/param.ts'
import { rpcError } from './rpc/error.ts'
import { type MoiId, path as pathCodec } from './store/entry.ts'
import type { Height, Lattice } from './store/lattice.ts'
import { heightOf } from './store/rows.ts'

export type ReadAccount = (account: MoiId, path: Path) => Uint8Array | undefined

/** An account at one of its tesseracts. */
export type View = Height

export type Views = {
  /** Raises `unknown-account` and `unknown-tesseract`. */
  readonly at: (account: MoiId, at: At) => Promise<View>
  /** The newest, where there is one. */
  readonly newest: (account: MoiId) => Promise<View | undefined>
  /** Runs a reader over these views, and over the newest state of any other account. */
  readonly ask: <T>(views: readonly View[], reader: (read: ReadAccount) => T) => Promise<T>
  /** The same for a reader that is dear to run: what it looks at comes into memory whole, and only so many times it is run. */
  readonly askOnce: <T>(views: readonly View[], reader: (read: ReadAccount) => T) => Promise<T>
}

export type ViewsOptions = {
  readonly lattice: Lattice
  /** The newest state of an account that is in memory anyway: a reader of it, and its height. */
  readonly ready: (account: MoiId) => ReadyAccount | undefined
  /** Brings an account into memory. */
  readonly load: (account: MoiId) => Promise<unknown>
  /** Values that one question may fetch, and times that a dear reader is run. */
  readonly leavesRead: number
  readonly callRuns: number
}

export type ReadyAccount = {
  readonly height: bigint
  readonly read: (path: Path) => Uint8Array | undefined
}

export const createViews = (options: ViewsOptions): Views => {
  const { lattice } = options
  const newest = (account: MoiId): Promise<View | undefined> => lattice.stepOf(account)
  return {
    newest,
    at: async (account, at) => {
      const head = await newest(account)
      if (!head) throw rpcError('unknown-account')
      switch (at.is) {
        case 'latest':
          return head
        case 'height': {
          const found = await lattice.stepOf(account, at.height)
          if (found?.height === at.height) return found
          throw rpcError('unknown-tesseract')
        }
        case 'hash': {
          const found = await lattice.entryByTesseract(idFromHex<'tesseract'>(at.hash))
          const step = found?.entry.steps.find((one) => one.account === account)
          if (!found || !step) throw rpcError('unknown-tesseract')
          const { transition } = step
          const { index, entry } = found
          return {
            account,
            height: heightOf(transition),
            tesseract: entry.tesseract,
            transition,
            index,
          }
        }
      }
    },
    ask: (views, reader) => ask(options, views, reader),
    askOnce: (views, reader) =>
      ask({ ...options, leavesRead: options.callRuns }, views, reader, true),
  }
}

const ask = async <T>(
  { lattice, ready, load, leavesRead }: ViewsOptions,
  views: readonly View[],
  reader: (read: ReadAccount) => T,
  isDear = false,
): Promise<T> => {
  const heights = new Map(views.map((one) => [one.account, one.height]))
  const fetched = new Map<string, Uint8Array | undefined>()
  for (;;) {
    const missing: { account: MoiId; path: Path; name: string }[] = []
    const read: ReadAccount = (account, path) => {
      const height = heights.get(account)
      const held = ready(account)
      if (held && (height === undefined || height === held.height)) return held.read(path)
      const name = `${account} ${Buffer.from(pathCodec.encode(path)).toString('latin1')}`
      if (fetched.has(name)) return fetched.get(name)
      missing.push({ account, path, name })
      throw STOP
    }
    try {
      return reader(read)
    } catch (error) {
      const [next] = missing
      // A reader may have caught ours and thrown its own; what it lacks decides.
      if (!next) throw error
      if (fetched.size >= leavesRead) throw rpcError('too-large', 'this question reads too much')
      const pinned = heights.get(next.account)
      if (isDear && pinned === undefined) await load(next.account)
      const height = pinned ?? (await lattice.stepOf(next.account))?.height
      const value =
        height === undefined ? undefined : await lattice.leafAt(next.account, next.path, height)
      fetched.set(next.name, value)
    }
  }
}

/** Ends a run of a reader that lacks a value. */
const STOP = new Error('a value has to be fetched first')
