/**
 * Proofs: what somebody can take away and check offline (`tally verify`): a value with the seal that vouches for it, and a history
 * that can be run again.
 *
 * Promise. A proof holds what its checkers ask for and is made from what is on disk; a mistake here makes one that is refused, never
 * one that lies. What is not sealed yet is waited for, a moment.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { interaction as kernelInteraction, type Machine, type Path } from 'tallystick/kernel'
import {
  certificateUnder,
  type HistoryEntry,
  historyOf,
  type KramaCertificate,
  kramaCertificate,
  MOI,
  neededBy,
  type NetworkMachine,
  networkState,
  networkStateOf,
  sealed,
} from 'tallystick/moi'
import { EMPTY_BUNDLE, fileFromBody, fileFromBundle } from 'tallystick/verify'
import { rpcError } from './rpc/error.ts'
import type { MoiId } from './store/entry.ts'
import type { Lattice, StoredEntry } from './store/lattice.ts'
import type { View } from './views.ts'

export type Proofs = {
  /** A file with values of an account at a tesseract of it, where its machine is this one. Raises `later` where it is not sealed yet. */
  readonly networkState: (
    view: View,
    machine: Machine,
    paths: readonly Path[],
  ) => Promise<Uint8Array>
  /** A file with the account's history up to a tesseract, and what that rests on. Raises `too-large` for more entries. */
  readonly history: (view: View, entriesMax: number) => Promise<Uint8Array>
}

export type ProofsOptions = {
  readonly lattice: Lattice
  readonly network: NetworkMachine
  /** Resolves when what was executed is sealed. */
  readonly sealed: () => Promise<void>
}

export const createProofs = (options: ProofsOptions): Proofs => ({
  networkState: async (view, machine, paths) => {
    const { network, lattice } = options
    const found = await lattice.entryAt(view.index)
    if (!found) throw rpcError('unknown-tesseract')
    const certificate = await certificateOf(options, found, view.account)
    if (!certificate) throw rpcError('later')
    const { account } = view
    const of = networkStateOf({ network, account, machine, certificate, paths })
    return fileFromBody('network-state', networkState.encode(of))
  },
  history: async (view, entriesMax) => {
    const entries = await restsOn(options, view.index, entriesMax)
    const of = historyOf(options.network, entries)
    return fileFromBundle({ ...EMPTY_BUNDLE, ...of })
  },
})

/** Undefined where nobody has signed yet. */
const certificateOf = async (
  { lattice, sealed: settled }: ProofsOptions,
  { index, entry }: StoredEntry,
  account: MoiId,
): Promise<KramaCertificate | undefined> => {
  const at = entry.steps.findIndex((one) => one.account === account)
  let found = await lattice.certificateOf(index)
  if (!found) {
    await settled()
    found = await lattice.certificateOf(index)
  }
  if (!found || at < 0) return undefined
  const tesseract = Number(index - found.first)
  return certificateUnder(MOI, sealed.decode(found.certificate), { tesseract, at })
}

const ENTRIES_EACH_TURN = 16

/** What an entry rests on, itself last, in the order in which it was executed. */
const restsOn = async (
  options: ProofsOptions,
  last: bigint,
  entriesMax: number,
): Promise<readonly HistoryEntry[]> => {
  const known = new Map<bigint, HistoryEntry>()
  const open = [last]
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (known.has(index)) continue
    if (known.size >= entriesMax) {
      throw rpcError('too-large', `this history has more than ${entriesMax} interactions`)
    }
    // Hundreds of entries take longer than others may wait for.
    if (known.size % ENTRIES_EACH_TURN === 0) await nextTurn()
    const found = await options.lattice.entryAt(index)
    if (!found) throw rpcError('unknown-tesseract')
    const entry = await historyEntry(options, found)
    known.set(index, entry)
    for (const { account, height } of neededBy(entry)) {
      const step = await options.lattice.stepOf(account, height)
      if (step) open.push(step.index)
    }
  }
  return [...known].sort(([one], [two]) => (one < two ? -1 : 1)).map(([, entry]) => entry)
}

const historyEntry = async (options: ProofsOptions, found: StoredEntry): Promise<HistoryEntry> => {
  const { entry } = found
  const steps: HistoryEntry['steps'][number][] = []
  for (const { account, transition } of entry.steps) {
    const certificate = await certificateOf(options, found, account)
    steps.push({
      account,
      transition,
      certificate: certificate ? kramaCertificate.encode(certificate) : new Uint8Array(0),
    })
  }
  return {
    interaction: kernelInteraction.decode(entry.interaction),
    steps,
    seen: entry.seen.map(({ account, height, head }) => ({ account, height, at: head })),
  }
}
