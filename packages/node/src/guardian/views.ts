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
}

export type ViewsOptions = {
  readonly lattice: Lattice
  /** The newest state of an account that is in memory anyway: a reader of it, and its height. */
  readonly ready: (account: MoiId) => ReadyAccount | undefined
  /** Values of one account that are fetched one by one, and that are fetched at all. */
  readonly leavesFetched: number
  readonly leavesRead: number
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
  }
}

type Missing = { readonly account: MoiId; readonly path: Path; readonly name: string }

const ask = async <T>(
  options: ViewsOptions,
  views: readonly View[],
  reader: (read: ReadAccount) => T,
): Promise<T> => {
  const heights = new Map(views.map((one) => [one.account, one.height]))
  const fetched: Fetched = { values: new Map(), counts: new Map(), whole: new Set() }
  for (;;) {
    let missing: Missing | undefined
    const read: ReadAccount = (account, path) => {
      const height = heights.get(account)
      const held = options.ready(account)
      if (held && (height === undefined || height === held.height)) return held.read(path)
      const name = nameOf(account, path)
      if (fetched.values.has(name) || fetched.whole.has(account)) return fetched.values.get(name)
      missing ??= { account, path, name }
      throw STOP
    }
    try {
      return reader(read)
    } catch (error) {
      // A reader may have caught ours and thrown its own; what it lacks decides.
      if (!missing) throw error
      await fetchMissing(options, missing, { fetched, height: heights.get(missing.account) })
    }
  }
}

/** What was fetched for a question, by account and path. */
type Fetched = {
  readonly values: Map<string, Uint8Array | undefined>
  readonly counts: Map<MoiId, number>
  /** Accounts of which everything was fetched. */
  readonly whole: Set<MoiId>
}

const nameOf = (account: MoiId, path: Path): string =>
  `${account} ${Buffer.from(pathCodec.encode(path)).toString('latin1')}`

/** One value, or all of an account of which many were asked for: else a reader of a long list would run as often as the list is long. */
const fetchMissing = async (
  { lattice, ready, leavesFetched, leavesRead }: ViewsOptions,
  { account, path, name }: Missing,
  of: { readonly fetched: Fetched; readonly height: bigint | undefined },
): Promise<void> => {
  const { fetched } = of
  if (of.height === undefined && ready(account)) return
  const height = of.height ?? (await lattice.stepOf(account))?.height
  if (height === undefined) {
    fetched.whole.add(account)
    return
  }
  const count = (fetched.counts.get(account) ?? 0) + 1
  fetched.counts.set(account, count)
  if (count <= leavesFetched) {
    fetched.values.set(name, await lattice.leafAt(account, path, height))
    return
  }
  for (const leaf of await lattice.leavesAt(account, height, leavesRead)) {
    fetched.values.set(nameOf(account, leaf.path), leaf.value)
  }
  fetched.whole.add(account)
}

/** Ends a run of a reader that lacks a value. */
const STOP = new Error('a value has to be fetched first')
