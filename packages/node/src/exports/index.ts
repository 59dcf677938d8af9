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
export type { GuardedStore } from '../store/guard.ts'
export { openGuardedPostgres, openGuardedSqlite } from '../store/open.ts'
export { openPostgresStore } from '../store/postgres.ts'
export type { PostgresOptions } from '../store/postgres-connect.ts'
export { openSqliteStore } from '../store/sqlite.ts'
export {
  acknowledge,
  type FoundItem,
  inboxOf,
  type InboxCursors,
  type InboxRead,
  readInbox,
  type Reader,
} from '../client/inbox.ts'
export {
  type Audit,
  audit,
  type AuditedOperator,
  type Auditing,
  type ReceiptedStep,
} from '../client/audit.ts'
export { type AuditMemory, decodeAudit, encodeAudit } from '../client/audit-record.ts'
export { type Certification, certify, type Certifying } from '../client/certify.ts'
export {
  createDirectoryClient,
  type DirectoryClient,
  leaveItem,
  recoverMachine,
  type Recovered,
} from '../client/directory.ts'
export { follow, type FollowHandlers, type Following, type News } from '../client/follow.ts'
export { gatherBundle, type Gathered, type Gathering } from '../client/gather.ts'
export { fetchCharter, fetchHistory, type History } from '../client/history.ts'
export { type FetchedLog, fetchKeyLog, type HandedIn, handInKeyLog } from '../client/identities.ts'
export {
  createOperatorClient,
  type OperatorAddress,
  type OperatorClient,
  type Reply,
} from '../client/operator.ts'
export { platformSurroundings, type Surroundings } from '../client/surroundings.ts'
export { type Archive, createArchive, republish, type Republished } from '../relay/archive.ts'
export {
  createRelayClient,
  type Fetched,
  type FetchedFrom,
  type PublishedTo,
  type RelayClient,
  type RelayClientOptions,
} from '../relay/client.ts'
export type { Filter } from '../relay/filter.ts'
export type {
  FollowHandlers as RelayHandlers,
  Following as RelayFollowing,
  FollowState as RelayState,
} from '../relay/follow.ts'
export {
  fetchRelayLists,
  type RelayList,
  relayListFrom,
  relaysForInput,
  relayUrl,
} from '../relay/outbox.ts'
export { type Confirm, isOnRelay, type Published } from '../relay/publish.ts'
export type { RelayInfo } from '../relay/relay-document.ts'
export { type EventSigner, keySigner, type Wallet, walletSigner } from '../relay/signer.ts'
export { type LocalRelay, startLocalRelay } from '../relay/local-relay.ts'
export {
  newEpochKeys,
  newSharedKeys,
  type Opened,
  openPack,
  openWraps,
  type PrivateTools,
  sealPack,
  wrapEvent,
} from '../relay/private.ts'
export { type Defined, definedBy, fetchDefinition } from '../custodian/definition.ts'
export type { CustodianStart } from '../custodian/run.ts'
export { type RunningCustodian, startCustodian } from '../custodian/start-custodian.ts'
export { manifestFromFile } from '../guardian/manifest-yaml.ts'
