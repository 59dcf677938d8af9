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
export type Entry = Append & { readonly index: bigint }

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
  /** From 1 on, one more with each change. */
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
}

export type Store = {
  readonly commit: (unit: Unit) => Promise<Outcome>
  /** The entry under a key. */
  readonly find: (journal: string, key: Uint8Array) => Promise<Entry | undefined>
  /** Up to `limit` entries from an index on, in order. */
  readonly read: (journal: string, from: bigint, limit: number) => Promise<readonly Entry[]>
  readonly head: (journal: string) => Promise<JournalHead>
  readonly get: (space: string, key: Uint8Array) => Promise<Recorded | undefined>
  /** Up to `limit` records of a space whose keys come after `after`, in ascending order of keys. */
  readonly scan: (
    space: string,
    after: Uint8Array | undefined,
    limit: number,
  ) => Promise<readonly Recorded[]>
  /** A copy of everything, taken while the store is in use. Raises an error where the engine has a way of its own. */
  readonly backup: (path: string) => Promise<void>
  readonly close: () => Promise<void>
}
