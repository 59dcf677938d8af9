/**
 * Starts an operator in this process: over a store, on a port of this machine.
 *
 * Promise. What is answered is durable in the store. `close` accepts nothing more, finishes what is in work within
 * `limits.stopMs`, and leaves the store open: whoever opened it closes it.
 */
import { randomBytes } from 'node:crypto'
import type { SchemeId, SuiteId } from 'tallystick/base'
import { suiteRules, type Verifier } from 'tallystick/base'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import { createKeyPreparation, createNativeEngine } from 'tallystick/engine-native'
import type { Watched } from 'tallystick/models'
import { createDirectoryClient } from '../client/directory.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import type { Store } from '../store/store.ts'
import { createBudget } from './budget.ts'
import { serveFollowers } from './http/follow.ts'
import type { Token } from './http/peer.ts'
import { serveHttp } from './http/serve.ts'
import { DEFAULT_LIMITS, type ServerLimits } from './limits.ts'
import { createOperatorLogger, type LogFields } from './log.ts'
import { createMetrics } from './metrics.ts'
import { assembleOperator, type Operator, type OperatorParts } from './operator.ts'
import { type OperatorCard, operatorKeyFrom } from './operator-key.ts'
import { createPeerOperator, type PeerAddress } from './peers.ts'
import { ROUTES } from './routes/table.ts'
import { VOWS } from './steps.ts'

export type StartOptions = {
  /** What policies and people call it. */
  readonly name: string
  readonly store: Store
  /** 32 bytes from which the key is made; new ones where they are missing. */
  readonly seed?: Uint8Array
  /** Of the machines that it certifies; its key is one for steps in it. `classic` if missing. */
  readonly suite?: SuiteId
  /** One that may submit, made at random, where none is given. */
  readonly tokens?: readonly Token[]
  /** `127.0.0.1` if missing. */
  readonly host?: string
  /** A free one if missing. */
  readonly port?: number
  /** Values of `Host` that are answered to, beside those of this machine. */
  readonly hosts?: readonly string[]
  readonly limits?: Partial<ServerLimits>
  /** Other operators that this one agrees with in rounds by itself; without them participants carry the messages. */
  readonly peers?: readonly PeerAddress[]
  /** Milliseconds since 1970. */
  readonly clock?: () => bigint
}

export type RunningOperator = {
  readonly url: string
  /** Of the first token. */
  readonly token: string
  readonly card: OperatorCard
  readonly operator: Operator
  readonly close: () => Promise<void>
}

export const startOperator = async (options: StartOptions): Promise<RunningOperator> => {
  const tokens = options.tokens ?? [createToken('local')]
  const [first] = tokens
  if (!first) throw new Error('an operator needs a token that it answers to')
  const operator = operatorFrom(options)
  const { limits, log, metrics } = operator
  await operator.healing.restore()
  const { loaded } = await operator.vowLog.restore()
  await operator.peerAudits.restore()
  loaded.then(
    () => log('info', 'log loaded', { vows: operator.vowLog.size() }),
    (error: unknown) => {
      log('error', 'the log could not be loaded', errorFields(error))
      operator.stop('stopped')
    },
  )
  const budget = createBudget({
    units: limits.budget,
    perSecond: limits.budgetPerSecond,
    sizeMax: limits.budgets,
    clock: () => performance.now(),
  })
  const host = options.host ?? '127.0.0.1'
  const http = await serveHttp({
    operator,
    routes: ROUTES,
    tokens,
    budget,
    host,
    port: options.port ?? 0,
    hosts: options.hosts ?? [],
    onFailure: (error, route) => log('error', 'request failed', { route, ...errorFields(error) }),
    onTurnedAway: (code) => log('info', 'request turned away', { code }),
    onAnswer: (route, status, startedMs) => {
      metrics.answered(route, status, (performance.now() - startedMs) / 1000)
      if (status >= 400) log('info', 'request refused', { route: route.path, status })
    },
  })
  const followers = serveFollowers({ ...http, operator, budget })
  metrics.watch({
    connections: http.connections.count,
    strangers: http.connections.strangers,
    followers: followers.count,
    checksWaiting: operator.checks.waiting,
    logSize: async () => Number((await options.store.head(VOWS)).size),
  })
  operator.peerAudits.begin()
  log('info', 'operator started', { host, port: http.port })
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${http.port}`
  const { name, key } = operator
  return {
    url,
    token: first.token,
    card: { name, scheme: key.scheme, publicKey: key.publicKey, url },
    operator,
    close: async () => {
      operator.stop()
      followers.close()
      await http.close()
      metrics.close()
      log('info', 'operator stopped')
    },
  }
}

/** Tells a running operator of the others, as if it had been started with them. */
export const meetOthers = (
  { operator }: RunningOperator,
  others: readonly PeerAddress[],
  suite: SuiteId,
): Promise<void> =>
  operator.meet({
    peers: others.map(createPeerOperator),
    auditing: auditingFrom(others, suite, operator.verifier),
  })

const operatorFrom = (options: StartOptions): Operator => {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const engine = createNativeEngine()
  const suite = options.suite ?? 'classic'
  const seed = options.seed ?? new Uint8Array(randomBytes(32))
  return assembleOperator({
    name: options.name,
    key: operatorKeyFrom(engine, schemeOf(suite), seed),
    suite,
    store: options.store,
    verifier: engine,
    prepare: createKeyPreparation(engine),
    models: STANDARD_MODELS,
    logics: STANDARD_LOGICS,
    peers: (options.peers ?? []).map(createPeerOperator),
    auditing: auditingFrom(options.peers ?? [], suite, engine),
    limits,
    clock: options.clock ?? (() => BigInt(Date.now())),
    log: createOperatorLogger({
      operator: options.name,
      linesPerSecond: limits.logLines,
      clockMs: () => performance.now(),
    }),
    metrics: createMetrics(options.name),
  })
}

/** Those of the others whose keys are known. */
const auditingFrom = (
  peers: readonly PeerAddress[],
  suite: SuiteId,
  verifier: Verifier,
): OperatorParts['auditing'] => {
  const known = peers.flatMap(({ name, key }): readonly Watched[] =>
    key ? [{ name, suite, ...key }] : [],
  )
  const addresses = peers.filter(({ key }) => key !== undefined)
  return {
    operators: known,
    directory: createDirectoryClient(addresses, { surroundings: platformSurroundings(), verifier }),
  }
}

/** A token that nobody guesses. */
export const createToken = (name: string, tier: Token['tier'] = 'submit'): Token => ({
  name,
  tier,
  token: randomBytes(32).toString('hex'),
})

const schemeOf = (suite: SuiteId): SchemeId => {
  const [scheme] = suiteRules(suite).schemes.step
  if (!scheme) throw new Error('a suite has a scheme for steps')
  return scheme
}

/** For the log alone: answers never show it. */
export const errorFields = (error: unknown): LogFields =>
  error instanceof Error
    ? { message: error.message, stack: error.stack }
    : { message: String(error) }
