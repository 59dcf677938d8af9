/**
 * A guardian: its store, what executes, what answers, and the network around it.
 *
 * Promise. When `startGuardian` resolves, the guardian answers, and everything that it ever called executed is there. A folder that
 * holds another network, or vows of another key, is refused. `close` finishes what is in work and then lets go of everything.
 */
import { availableParallelism } from 'node:os'
import { bytesFromId, equalBytes, isFault, type Signer } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import { charter as charterCodec, type Charter } from 'tallystick/kernel'
import {
  MOI,
  MOI_LOGIC,
  moiLogic,
  type NetworkMachine,
  openNetwork,
  prepareGenesis,
} from 'tallystick/moi'
import { createOperatorLogger, type OperatorLogger } from '../server/log.ts'
import { errorFields } from '../server/start-operator.ts'
import { storeError } from '../store/errors.ts'
import type { GuardedStore } from '../store/guard.ts'
import type { Store } from '../store/store.ts'
import { genesisEntry } from './entries.ts'
import { createExecutor } from './executor.ts'
import { createFaucet } from './faucet.ts'
import { type HttpServer, serveHttp } from './http/serve.ts'
import { createHub } from './hub.ts'
import { GUARDIAN_LIMITS, type GuardianLimits } from './limits.ts'
import { createMachines } from './machines.ts'
import type { GuardianContext } from './methods/context.ts'
import { METHODS } from './methods/table.ts'
import { createGuardianMetrics, type GuardianMetrics } from './metrics.ts'
import { newsOf } from './news.ts'
import { createPool } from './pool.ts'

import { createProofs } from './proofs.ts'
import { createQuestions } from './questions.ts'
import { createDispatch } from './rpc/dispatch.ts'
import { createScheduler } from './scheduler.ts'
import { createSealer } from './sealer.ts'
import { createShapes } from './shapes/tesseract.ts'
import { openLattice, type Lattice } from './store/lattice.ts'
import { createSubmissions } from './submissions.ts'
import { createTrouble } from './trouble.ts'
import { createViews } from './views.ts'
import { createWaits } from './waits.ts'

export type GuardianOptions = {
  /** For people, in logs and metrics. */
  readonly name: string
  readonly store: GuardedStore
  readonly charter: Charter
  readonly signer: Signer
  readonly kramaId: string
  /** `127.0.0.1` if missing. */
  readonly host?: string
  /** A free one if missing. */
  readonly port?: number
  readonly hosts?: readonly string[]
  /** Further origins of pages that may call. */
  readonly pages?: readonly string[]
  readonly limits?: Partial<GuardianLimits>
  /** That check signatures and execute beside this one; as many as there are processors but one, if missing. */
  readonly threads?: number
  /** Whose KMOI the faucet gives away; missing but for development. */
  readonly faucet?: Signer
  /** Milliseconds since 1970. */
  readonly clock?: () => bigint
}

export type RunningGuardian = {
  readonly url: string
  readonly socketUrl: string
  readonly context: GuardianContext
  readonly network: NetworkMachine
  readonly metrics: GuardianMetrics
  readonly log: OperatorLogger
  /** A word why no work should be sent here, or `ready`. */
  readonly readiness: () => string
  /** Why it has stopped by itself, if it has. */
  readonly failure: () => string | undefined
  readonly close: () => Promise<void>
}

export const startGuardian = async (options: GuardianOptions): Promise<RunningGuardian> => {
  const { store } = options
  const limits: GuardianLimits = { ...GUARDIAN_LIMITS, ...options.limits }
  const network = networkFrom(options.charter)
  const log = createOperatorLogger({
    operator: options.name,
    linesPerSecond: limits.logLines,
    clockMs: () => performance.now(),
  })
  const metrics = createGuardianMetrics(options.name)
  const lattice = await openLattice(store)
  await checkCharter(store, lattice, options.charter)
  const core = await assemble({ ...options, limits, network, log, metrics, lattice })
  const { context, executor } = core
  let isStopping = false
  const readiness = (): string => {
    const { is } = store.status()
    if (isStopping) return 'stopping'
    if (executor.failure() !== undefined) return 'stopped'
    return is === 'open' ? 'ready' : is
  }
  core.closeWhen(() => (readiness() === 'ready' ? undefined : readiness()))
  const end = async (): Promise<void> => {
    await core.scheduler.close()
    await context.questions.close()
    context.hub.close()
    metrics.close()
  }
  const { http, place } = await open(options, { core, network, readiness }).catch(
    async (error: unknown): Promise<never> => {
      // Threads that nobody ends would keep the process.
      await end()
      throw error
    },
  )
  watchGauges(core, http)
  const expiring = setInterval(context.submissions.expire, EXPIRE_MS)
  log('info', 'guardian started', { place, entries: lattice.size() })
  return {
    url: `http://${place}`,
    socketUrl: `ws://${place}`,
    context,
    network,
    metrics,
    log,
    readiness,
    failure: executor.failure,
    close: async () => {
      isStopping = true
      clearInterval(expiring)
      await http.close()
      await executor.stop().catch((error: unknown) => log('error', 'unsealed', errorFields(error)))
      // The next start completes them where the store takes nothing now.
      await lattice.finish().catch((error: unknown) => log('error', 'rows', errorFields(error)))
      await end()
      log('info', 'guardian stopped')
    },
  }
}

type Served = { readonly http: HttpServer; readonly place: string }

/** The network's beginning and what is left to be sealed first, and then the port. */
const open = async (
  options: GuardianOptions,
  of: {
    readonly core: Core
    readonly network: NetworkMachine
    readonly readiness: () => string
  },
): Promise<Served> => {
  const { core, network } = of
  await begin({ network, lattice: core.context.lattice, now: core.now })
  await core.sealer.catchUp()
  return serve(options, core, of.readiness)
}

const serve = async (
  options: GuardianOptions,
  { context, log, metrics }: Core,
  readiness: () => string,
): Promise<Served> => {
  const { limits } = context
  const host = options.host ?? '127.0.0.1'
  const http = await serveHttp({
    host,
    port: options.port ?? 0,
    hosts: options.hosts ?? [],
    pages: options.pages ?? [],
    limits,
    readiness,
    dispatch: createDispatch({
      context,
      methods: METHODS.filter((one) => one.isDev !== true || options.faucet !== undefined),
      ...limits,
      onAnswer: (method, reason, startedMs) => {
        metrics.answered(method, reason, (performance.now() - startedMs) / 1000)
        if (reason !== 'ok') log('debug', 'call refused', { method, reason })
      },
      onFailure: (error, method) => log('error', 'call failed', { method, ...errorFields(error) }),
    }),
    metrics: async () => ({ text: await metrics.text(), type: metrics.contentType }),
    onFailure: (error, where) => log('error', 'request failed', { where, ...errorFields(error) }),
    onTurnedAway: (why) => log('info', 'request turned away', { why }),
  })
  return { http, place: `${host.includes(':') ? `[${host}]` : host}:${http.port}` }
}

const EXPIRE_MS = 1000

/**
 * One for each core, beside this thread: checking signatures is most of the work, so cores would rest where this thread had one to
 * itself. On a single core there is nothing to share out.
 */
const threadsHere = (): number => {
  const cores = availableParallelism()
  return cores === 1 ? 0 : Math.min(THREADS_MAX, cores)
}
const THREADS_MAX = 16

const networkFrom = (charter: Charter): NetworkMachine => {
  const network = openNetwork(charter, new Map([[MOI_LOGIC, moiLogic]]))
  if (isFault(network)) throw network
  return network
}

const CHARTERS = 'guardian/charter'
const CHARTER_KEY: Uint8Array = Buffer.from('charter', 'latin1')

/** The network that a folder has begun; undefined of a new one. */
export const storedCharter = async (store: Store): Promise<Charter | undefined> => {
  const found = await store.get(CHARTERS, CHARTER_KEY)
  return found && charterCodec.decode(found.value)
}

/** A folder belongs to one network for good. Raises `store/unfit`. */
const checkCharter = async (
  store: GuardedStore,
  lattice: Lattice,
  charter: Charter,
): Promise<void> => {
  const key = CHARTER_KEY
  const value = charterCodec.encode(charter)
  const found = await store.get(CHARTERS, key)
  if (found && equalBytes(found.value, value)) return
  if (found || lattice.size() > 0n) {
    throw storeError('store/unfit', 'this folder holds another network, or another guardian’s')
  }
  await store.commit({ appends: [], puts: [{ space: CHARTERS, key, value, ifVersion: 0n }] })
}

type AssembleOptions = Omit<GuardianOptions, 'limits'> & {
  readonly limits: GuardianLimits
  readonly network: NetworkMachine
  readonly log: OperatorLogger
  readonly metrics: GuardianMetrics
  readonly lattice: Lattice
}

type Core = Awaited<ReturnType<typeof assemble>>

const assemble = async (options: AssembleOptions) => {
  const { limits, network, log, metrics, lattice, kramaId } = options
  const clock = options.clock ?? (() => BigInt(Date.now()))
  const clockMs = (): number => performance.now()
  const now = (): bigint => clock() / 1000n
  const machines = createMachines({
    lattice,
    network,
    sizeMax: limits.accountsKept,
    bytesMax: limits.accountsBytes,
    leavesMax: limits.leavesHeld,
  })
  const views = createViews({ ...limits, lattice, ready: machines.ready })
  const pool = createPool(limits)
  const hub = createHub(limits, clockMs)
  const waits = createWaits({ waitMs: limits.receiptWaitMs, sizeMax: limits.receiptWaits })
  const verifier = createNativeEngine()
  const scheduler = createScheduler({
    network,
    verifier,
    threads: options.threads ?? threadsHere(),
    keptMax: limits.laneAccounts,
    keptBytesMax: limits.laneBytes,
    valuesMax: limits.laneValues,
    onLost: (why) => log('error', 'a lane thread was lost', { error: why }),
  })
  const trouble = createTrouble({ log, clockMs })
  const sealer = await createSealer({
    ...options,
    suite: MOI,
    clock,
    trouble,
  })
  const shapes = createShapes({ lattice, views, kramaId, sealed: sealer.settled })
  let closed: () => string | undefined = () => undefined
  const shared = { ...options, machines, pool, hub, waits, scheduler, sealer, trouble, now }
  const submissions = createSubmissions({
    ...shared,
    clockMs,
    closed: () => closed(),
    wake: () => executor.wake(),
  })
  const executor = createExecutor({
    ...shared,
    drop: submissions.drop,
    news: (from, to) => newsOf({ lattice, shapes }, from, to),
  })
  const context: GuardianContext = {
    ...shared,
    network: network.network,
    networkMachine: network,
    proofs: createProofs({ ...shared, sealed: sealer.settled }),
    version: MOI_LOGIC,
    views,
    shapes,
    submissions,
    questions: createQuestions({ ...shared, views, clockMs }),
    clockMs,
    faucet:
      options.faucet && createFaucet({ ...shared, views, submissions, signer: options.faucet }),
  }
  const closeWhen = (why: () => string | undefined): void => {
    closed = why
  }
  return { context, executor, scheduler, sealer, machines, metrics, now, log, closeWhen }
}

/** The network's first steps, where there are none yet. */
const begin = async (of: {
  readonly network: NetworkMachine
  readonly lattice: Lattice
  readonly now: () => bigint
}): Promise<void> => {
  const { network, lattice } = of
  const parts = prepareGenesis(network, createNativeEngine())
  const time = of.now()
  // A process that was killed within the genesis goes on with it.
  for (const [at, part] of parts.entries()) {
    if (BigInt(at) < lattice.size()) continue
    const entry = genesisEntry(part, time)
    // No interaction has the hash of a tesseract.
    await lattice.add([{ hash: bytesFromId(entry.tesseract), entry }])
    lattice.show()
  }
}

const watchGauges = ({ context, metrics, machines }: Core, http: HttpServer): void => {
  const { pool, hub, lattice } = context
  metrics.watch({
    connections: http.connections,
    sockets: http.sockets.count,
    subscriptions: () => hub.counts().listeners,
    filters: () => hub.counts().filters,
    pending: () => pool.counts().pending,
    queued: () => pool.counts().queued,
    interactions: () => Number(lattice.size()),
    accountsReady: machines.count,
  })
}
