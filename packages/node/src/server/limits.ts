/**
 * Limits of an operator's process, with the reason for each size. All are options of `startOperator`, so that tests reach each
 * of them and a large machine can have more.
 *
 * Costs are in units; a plain read costs one. What costs what stands in the table of routes.
 */
export type ServerLimits = {
  /** Bytes of a request's body where its route names no other. */
  readonly bodyBytes: number
  /** Bytes of one submitted step: its interaction with all consents. */
  readonly interactionBytes: number
  /** Bytes of an answer after which a list ends, however few it has. */
  readonly answerBytes: number
  /** Bytes of all headers of a request. */
  readonly headerBytes: number
  readonly headersCount: number
  /** Milliseconds for the headers of a request, and for all of it. */
  readonly headersMs: number
  readonly requestMs: number
  /** Milliseconds that a connection may rest between requests. */
  readonly idleMs: number
  /** Connections in all; those who come later are turned away. */
  readonly connections: number
  /** Connections that have not yet shown a token. One more, and the oldest of them is closed. */
  readonly strangers: number
  /** Units that each token, and each address, may spend at once, and how many come back each second. */
  readonly budget: number
  readonly budgetPerSecond: number
  /** Addresses and tokens whose budgets are remembered. */
  readonly budgets: number
  /** What a bad signature costs on top, in units. */
  readonly badSignatureCost: number
  /** Bad signatures of one connection, after which it is closed. */
  readonly badSignatures: number
  /** Signature checks that run at once, that wait in all, and that wait for one token. */
  readonly checksRunning: number
  readonly checksWaiting: number
  readonly checksWaitingEach: number
  /** Failed checks that are remembered. */
  readonly failuresKept: number
  /** Requests of one token that are in work at once. */
  readonly requestsEach: number
  /** Charters that are kept ready: an ML-DSA-44 key in memory has 20 KB. */
  readonly chartersKept: number
  /** Machines in all, those that were handed over too: a charter takes a kilobyte or more, and stays. */
  readonly machines: number
  /** Keys of one charter. Checking an Ed25519 key costs as much as checking a signature. */
  readonly charterKeys: number
  /** Machines whose newest position is remembered. */
  readonly headsKept: number
  /** Steps above the newest certified one that vows are taken for: after a loss, an operator is silent for so many. */
  readonly vowsAhead: number
  /** Items of one inbox that its device has not acknowledged, and their bytes. */
  readonly inboxItems: number
  readonly inboxBytes: number
  /** Inboxes in all. */
  readonly inboxes: number
  /** Identities in all, and those whose state is kept ready: a log of 256 post-quantum events takes seconds to judge. */
  readonly identities: number
  readonly identitiesKept: number
  /** Pieces of evidence that others hand over, in all; a post-quantum one has some ten kilobytes. */
  readonly accusations: number
  /** Sockets that follow, subscriptions of one, and bytes of a frame that one may send. */
  readonly followers: number
  readonly subscriptions: number
  readonly frameBytes: number
  /** Parts of one frame. */
  readonly fragments: number
  /** Bytes that wait to be read by a follower; while there are more, it is told nothing. */
  readonly backlogBytes: number
  /** Milliseconds that a follower may leave more than that unread. */
  readonly slowMs: number
  /** Milliseconds between two looks at what other processes have stored; 0 where there are none. */
  readonly followPollMs: number
  /** Milliseconds between two looks whether a follower is still there. */
  readonly pingMs: number
  /** Shared machines that are kept ready, with their whole state. */
  readonly sharedKept: number
  /** Milliseconds that a first round on a shared machine may take. */
  readonly roundMs: number
  /** Milliseconds between two checkpoints. */
  readonly checkpointMs: number
  /** Milliseconds between two audits of the other operators, more or less; 0 for none. */
  readonly peerAuditMs: number
  /** Milliseconds for what is in work when the process is told to stop. */
  readonly stopMs: number
  /** Log lines of one kind in one second; the rest is counted. */
  readonly logLines: number
}

export const DEFAULT_LIMITS: ServerLimits = {
  bodyBytes: 1_048_576,
  interactionBytes: 131_072,
  answerBytes: 4_194_304,
  headerBytes: 8192,
  headersCount: 64,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 60_000,
  connections: 2048,
  strangers: 256,
  budget: 40_000,
  budgetPerSecond: 20_000,
  budgets: 4096,
  badSignatureCost: 400,
  badSignatures: 64,
  checksRunning: 2,
  checksWaiting: 4096,
  checksWaitingEach: 1024,
  failuresKept: 16_384,
  requestsEach: 512,
  chartersKept: 4096,
  machines: 1_048_576,
  charterKeys: 128,
  headsKept: 65_536,
  vowsAhead: 256,
  inboxItems: 1024,
  inboxBytes: 67_108_864,
  inboxes: 65_536,
  identities: 65_536,
  identitiesKept: 1024,
  accusations: 65_536,
  followers: 256,
  subscriptions: 20,
  frameBytes: 131_072,
  fragments: 64,
  backlogBytes: 1_048_576,
  slowMs: 10_000,
  followPollMs: 0,
  pingMs: 30_000,
  sharedKept: 64,
  roundMs: 2000,
  checkpointMs: 1000,
  peerAuditMs: 60_000,
  stopMs: 5000,
  logLines: 20,
}
