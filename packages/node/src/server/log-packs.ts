/**
 * Packs of a journal's log: 256 entries each, with the tile of hashes above them, so that a start hashes nothing of the log
 * again and reads nothing of the vows themselves.
 *
 * Not promised. That all of them are there: what is missing is made again from the journal.
 */
import { concatBytes } from 'tallystick/base'
import { LOG_ENTRY_BYTES, LOG_TILE_BYTES, LOG_TILE_ENTRIES } from 'tallystick/models'
import type { Store } from '../store/store.ts'

export type Pack = {
  /** Bytes of the entries, one behind the other. */
  readonly entries: Uint8Array
  readonly tile: Uint8Array
}

const PACKS = 'log-packs'
const ENTRIES_BYTES = LOG_TILE_ENTRIES * LOG_ENTRY_BYTES
/** In one page of the store. */
const PACKS_EACH = 16

/** The packs from the first on, up to the first that is missing, in pages. */
export async function* readPacks(store: Store): AsyncGenerator<readonly Pack[]> {
  for (let at = 0; ;) {
    const page = await store.scan(PACKS, at === 0 ? undefined : packKey(at - 1), PACKS_EACH)
    const packs: Pack[] = []
    for (const { key, value } of page) {
      const isNext = Buffer.compare(key, packKey(at)) === 0
      if (!isNext || value.length !== ENTRIES_BYTES + LOG_TILE_BYTES) break
      packs.push({
        entries: value.subarray(0, ENTRIES_BYTES),
        tile: value.subarray(ENTRIES_BYTES),
      })
      at++
    }
    if (packs.length > 0) yield packs
    if (packs.length === 0 || packs.length < page.length) return
  }
}

export const writePack = async (store: Store, at: number, pack: Pack): Promise<void> => {
  const value = concatBytes(pack.entries, pack.tile)
  // Another process may have stored the same bytes before.
  const put = { space: PACKS, key: packKey(at), value, ifVersion: 0n }
  await store.commit({ appends: [], puts: [put] })
}

/** Highest byte first, so that packs lie in their order. */
const packKey = (at: number): Uint8Array => {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, BigInt(at))
  return key
}
