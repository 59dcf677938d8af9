/** Door: storage, the operator's process and the client that talks to it. */
export type * from '../store/store.ts'
