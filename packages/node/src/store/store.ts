/**
 * The store: what a process of ours must not forget, behind one interface that every engine keeps by one contract test.
 *
 * Two shapes are enough. A *journal* is append-only: each entry has a key that no other entry of the journal has, an index
 * without gaps from 0 on, and a time that never goes back along it. An operator's vows are a journal, and so is the inbox
 * of a device. A *record* is a value under a key, with a version that lets two writers notice each other.
 *
 * Promise. A `commit` is durable when it resolves: a power cut after that loses nothing of it. Its unit is stored whole or
 * not at all. Of two units with one key for one journal, in one process or in several over one database, exactly one
 * is stored; the other learns which entry was there before. Reads see what has been committed. Many commits share one sync.
 *
 * Safety of a vow rests on this alone: the key of a vow is its machine and sequence number, so a second child of a parent
 * cannot be stored, whatever processes crash, race or are restarted.
 */

/** What is to be appended. */
export type Append = {
  readonly journal: string
  /** Unique within the journal; up to `STORE_KEY_BYTES_MAX`. */
  readonly key: Uint8Array
  readonly value: Uint8Array
  /** Milliseconds since 1970 by the writer's clock; the entry gets this or the journal's last time, whichever is later. */
  readonly time: bigint
}

/** What has been appended. */
export type Entry = Append & {
  readonly index: bigint
  /** A hash over this entry and all before it in its journal (`chain.ts`). */
  readonly chain: Uint8Array
}

/** What is to be stored under a key. */
export type Put = {
  readonly space: string
  readonly key: Uint8Array
  /** Missing to remove it. */
  readonly value: Uint8Array | undefined
  /** Store it only over this version; 0 where nothing may be there. Missing to store it whatever is there. */
  readonly ifVersion?: bigint
}

export type Recorded = {
  readonly key: Uint8Array
  readonly value: Uint8Array
  /** From 1 on, one more with each change; from 1 on again after it was removed. */
  readonly version: bigint
}

/** Stored whole or not at all. */
export type Unit = { readonly appends: readonly Append[]; readonly puts: readonly Put[] }

export type Outcome =
  /** Stored and durable. The entries are in the order of the appends. */
  | { readonly is: 'stored'; readonly entries: readonly Entry[] }
  /** Nothing was stored: an append's key stands in its journal already, in this entry. */
  | { readonly is: 'taken'; readonly entry: Entry }
  /** Nothing was stored: the record of this put, by position, has another version. */
  | { readonly is: 'stale'; readonly put: number }

export type JournalHead = {
  /** How many entries there are. */
  readonly size: bigint
  /** Time of the last one; 0 of none. */
  readonly time: bigint
  /** Chain of the last one; of none, what the first builds on. */
  readonly chain: Uint8Array
}

/** Whether commits have a chance. Reads are answered in every case, as far as the disk answers them. */
export type StoreStatus =
  | { readonly is: 'open' }
  /** What is there is still being looked at. Commits wait until that is over. */
  | { readonly is: 'checking' }
  /** The disk is full or may not be written to. The next commit tries again. */
  | { readonly is: 'full'; readonly why: string }
  /** The database does not answer. The next commit looks for it again. */
  | { readonly is: 'unreachable'; readonly why: string }
  /** The store may lack entries that were acknowledged; nothing may be appended to the guarded journal (`guard.ts`). */
  | { readonly is: 'quarantined'; readonly why: string }
  /** The disk failed or lied. Only a new start, which reads what is really there, helps. */
  | { readonly is: 'stopped'; readonly why: string }

export type Store = {
  /** Whether other processes may write to it: then nothing that was read is known to be the newest. */
  readonly isShared: boolean
  /** Raises an error of `errors.ts` where the unit was not stored, or where nobody can say whether it was. */
  readonly commit: (unit: Unit) => Promise<Outcome>
  /** The entry under a key. */
  readonly find: (journal: string, key: Uint8Array) => Promise<Entry | undefined>
  /** Up to `limit` entries from an index on, in order; fewer where they are large. None: there are no more. */
  readonly read: (journal: string, from: bigint, limit: number) => Promise<readonly Entry[]>
  readonly head: (journal: string) => Promise<JournalHead>
  readonly get: (space: string, key: Uint8Array) => Promise<Recorded | undefined>
  /** Up to `limit` records of a space whose keys come after `after`, in ascending order of keys; fewer as above. */
  readonly scan: (
    space: string,
    after: Uint8Array | undefined,
    limit: number,
  ) => Promise<readonly Recorded[]>
  /** How many records a space has, out of an index: some ten milliseconds for a million. */
  readonly count: (space: string) => Promise<number>
  /** A copy of everything, taken while the store is in use. Raises an error where the engine has a way of its own. */
  readonly backup: (path: string) => Promise<void>
  readonly status: () => StoreStatus
  readonly close: () => Promise<void>
}
