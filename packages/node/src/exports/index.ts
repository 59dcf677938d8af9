/** Door: storage, the operator's process and the client that talks to it. */
export { type OperatorCard } from '../server/operator-key.ts'
export {
  createToken,
  type RunningOperator,
  startOperator,
  type StartOptions,
} from '../server/start-operator.ts'
export type { Token } from '../server/http/peer.ts'
export type { ServerLimits } from '../server/limits.ts'
export type * from '../store/store.ts'
export * from '../store/errors.ts'
export { createMemoryStore } from '../store/memory.ts'
export { openSqliteStore } from '../store/sqlite.ts'
