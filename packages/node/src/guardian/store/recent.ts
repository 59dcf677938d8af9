/** What was added to the lattice lately, which is asked for most: only what is seen, and only what is small. */
import { setBounded } from '../../server/bounded-map.ts'
import type { LatticeEntry, MoiId } from './entry.ts'
import type { Height, StoredEntry } from './lattice.ts'
import { heightOf } from './rows.ts'

export type Recent = {
  readonly byIndex: Map<bigint, StoredEntry>
  readonly byHash: Map<string, StoredEntry>
  readonly heads: Map<MoiId, Height>
  /** Added and not seen yet. */
  readonly waiting: StoredEntry[]
}

const ENTRIES_KEPT = 2048
const HEADS_KEPT = 65_536
/** Attack: entries of some megabytes each, so that those which are kept fill the memory. */
const ENTRY_BYTES_KEPT = 65_536

const isSmall = ({ interaction, receipt, changes }: LatticeEntry): boolean => {
  const size = changes.reduce((sum, one) => sum + (one.value?.length ?? 0), interaction.length)
  return size + receipt.length <= ENTRY_BYTES_KEPT
}

export const createRecent = (): Recent => ({
  byIndex: new Map(),
  byHash: new Map(),
  heads: new Map(),
  waiting: [],
})

export const remember = (recent: Recent): void => {
  for (const one of recent.waiting.splice(0)) {
    const { tesseract, steps } = one.entry
    if (isSmall(one.entry)) {
      setBounded(recent.byIndex, one.index, one, ENTRIES_KEPT)
      setBounded(recent.byHash, Buffer.from(one.hash).toString('latin1'), one, ENTRIES_KEPT)
    }
    for (const { account, transition } of steps) {
      const height = heightOf(transition)
      const head = { account, height, tesseract, transition, index: one.index }
      setBounded(recent.heads, account, head, HEADS_KEPT)
    }
  }
}
