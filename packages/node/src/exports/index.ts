/** Door: storage, the operator's process and the client that talks to it. */
export type * from '../store/store.ts'
export * from '../store/errors.ts'
export { createMemoryStore } from '../store/memory.ts'
export { openSqliteStore } from '../store/sqlite.ts'
