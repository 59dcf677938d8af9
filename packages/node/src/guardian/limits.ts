/**
 * Limits of a guardian's process, with the reason for each size. All are options of `startGuardian`, so that tests reach each of
 * them and a large machine can have more. Costs are in units; a plain read costs one, and the table of methods says the others.
 */
export type GuardianLimits = {
  /** Bytes of one request: an interaction of 128 KiB in hexadecimal, its signatures, and room. */
  readonly bodyBytes: number
  /** Bytes of all headers of a request. */
  readonly headerBytes: number
  /** Milliseconds for the headers of a request, and for all of it. */
  readonly headersMs: number
  readonly requestMs: number
  /** Milliseconds that a connection may rest between requests. */
  readonly idleMs: number
  /** Connections in all, sockets among them; those who come later are turned away. */
  readonly connections: number
  /** Sockets on which somebody may subscribe. */
  readonly sockets: number
  /** Bytes of requests that are read or in work at once, from everybody together. */
  readonly workBytes: number
  /** Bytes of an answer; lists end before that or are refused. The largest receipt, in hexadecimal, is smaller. */
  readonly answerBytes: number
  /** Requests of one connection that are in work at once. */
  readonly requestsEach: number
  /** Units that each connection may spend at once, and how many come back each second. */
  readonly budget: number
  readonly budgetPerSecond: number
  /** Connections whose budgets are remembered. */
  readonly budgets: number
  /** Subscriptions of one socket. */
  readonly subscriptions: number
  /** Parts of one frame. */
  readonly fragments: number
  /** Bytes that wait to be read on a socket; who leaves more unread is told nothing and then closed. */
  readonly backlogBytes: number
  readonly slowMs: number
  /** Milliseconds between two looks whether the other end of a socket is still there. */
  readonly pingMs: number
  /** Filters in all, what one of them keeps before it is given up, and how long it lives without being asked. */
  readonly filters: number
  readonly filterItems: number
  readonly filterBytes: number
  readonly filterMs: number
  /** Interactions in the pool and their bytes, those of one sender and theirs, and how far ahead of the next number one may be. */
  readonly poolItems: number
  readonly poolBytes: number
  readonly poolEach: number
  readonly poolEachBytes: number
  readonly poolAhead: number
  /** Milliseconds after which an interaction that could not be executed leaves the pool. */
  readonly poolMs: number
  /** Interactions that left the pool without a receipt, and whose reasons are remembered. */
  readonly droppedKept: number
  /** Interactions that are executed before what they made is stored: they share one sync and one signature. And their fuel. */
  readonly batchItems: number
  readonly batchFuel: bigint
  /** Milliseconds that a question for a receipt waits for an interaction that is in the pool, and questions that wait. */
  readonly receiptWaitMs: number
  readonly receiptWaits: number
  /** Accounts whose state is kept ready, and their bytes; the one that was used last is kept whatever it has. */
  readonly accountsKept: number
  readonly accountsBytes: number
  /** Accounts that each thread which executes keeps, and their bytes; and values of an account that is handed to one. */
  readonly laneAccounts: number
  readonly laneBytes: number
  readonly laneValues: number
  /** Values of one account that a question may fetch one by one, then all at once, and values of an account to be kept ready. */
  readonly leavesFetched: number
  readonly leavesRead: number
  readonly leavesHeld: number
  /** Heights that one question for logs may span; MOI's client refuses more by itself. */
  readonly logHeights: number
  /** Items of one list in an answer. */
  readonly listItems: number
  /** Calls and estimates that wait for their turn, from everybody together and of one connection, and values that one of them may look up. */
  readonly callsWaiting: number
  readonly callsWaitingEach: number
  readonly callValues: number
  /** Fuel that answering a call or an estimate may burn, and fuel that costs one unit: burnt here, it is paid by nobody else. */
  readonly callFuel: number
  readonly callFuelPerUnit: number
  /** Units that calls of everybody together may cost at once, and each second: so much of one core at most. */
  readonly calls: number
  readonly callsPerSecond: number
  /** Interactions in a history that is made for somebody. */
  readonly historyEntries: number
  /** Milliseconds for what is in work when the process is told to stop. */
  readonly stopMs: number
  /** Log lines of one kind in one second; the rest is counted. */
  readonly logLines: number
}

export const GUARDIAN_LIMITS: GuardianLimits = {
  bodyBytes: 393_216,
  headerBytes: 8192,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 60_000,
  connections: 2048,
  sockets: 512,
  workBytes: 134_217_728,
  answerBytes: 16_777_216,
  requestsEach: 512,
  budget: 200_000,
  budgetPerSecond: 100_000,
  budgets: 4096,
  subscriptions: 64,
  fragments: 64,
  backlogBytes: 1_048_576,
  slowMs: 10_000,
  pingMs: 30_000,
  filters: 4096,
  filterItems: 1024,
  filterBytes: 4_194_304,
  filterMs: 60_000,
  poolItems: 16_384,
  poolBytes: 67_108_864,
  poolEach: 4096,
  poolEachBytes: 8_388_608,
  poolAhead: 4096,
  poolMs: 120_000,
  droppedKept: 4096,
  batchItems: 64,
  batchFuel: 10_000_000n,
  receiptWaitMs: 1000,
  receiptWaits: 4096,
  accountsKept: 16_384,
  accountsBytes: 268_435_456,
  laneAccounts: 16_384,
  laneBytes: 134_217_728,
  laneValues: 512,
  leavesFetched: 32,
  leavesRead: 65_536,
  leavesHeld: 1_048_576,
  logHeights: 10,
  listItems: 4096,
  callsWaiting: 64,
  callsWaitingEach: 8,
  callValues: 16_384,
  callFuel: 10_000_000,
  callFuelPerUnit: 100,
  calls: 200_000,
  callsPerSecond: 50_000,
  historyEntries: 256,
  stopMs: 5000,
  logLines: 20,
}
