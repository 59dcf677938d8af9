/**
 * Why a store did not do what it was asked. These are troubles of the machine underneath or of our own, so they are
 * ordinary errors with a code, not faults of another party.
 */

export type StoreErrorCode =
  /** A name, key, value or unit is larger or stranger than a store takes. Nothing was stored. */
  | 'store/out-of-bounds'
  /** Too much waits already. Nothing was stored. */
  | 'store/busy'
  /** No space, or no leave to write. Nothing was stored; later it may work. */
  | 'store/full'
  /** The database does not answer. Whether this unit was stored is open: the same keys, sent again, tell. */
  | 'store/unreachable'
  /** The vow guard remembers more than the store holds. Nothing was stored. */
  | 'store/quarantined'
  /** The disk failed. Whether this unit was stored shows at the next start. */
  | 'store/stopped'
  /** What was read is not what was written. */
  | 'store/damaged'
  /** Another process works in this folder. */
  | 'store/locked'
  /** Others can read or replace what is in this folder, or it is somebody else's. */
  | 'store/exposed'
  /** The files were written by a newer version of this program. */
  | 'store/newer'
  /** The engine or its settings are not what durability needs. */
  | 'store/unfit'
  /** It was closed. */
  | 'store/closed'

export type StoreError = Error & { readonly code: StoreErrorCode }

export const storeError = (code: StoreErrorCode, message: string, cause?: unknown): StoreError =>
  Object.assign(new Error(message, { cause }), { name: 'StoreError', code })

/** The code of an error that a store raised, else undefined. */
export const storeErrorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? CODE.exec(error.code)?.[0]
    : undefined

const CODE = /^store\/[a-z-]+$/

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
