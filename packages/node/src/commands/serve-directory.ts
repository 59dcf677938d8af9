/** `tally serve directory`: runs one operator of a directory until it is told to stop. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { hexFromBytes } from 'tallystick/base'
import { type ExitCode, type Output, usageError } from 'tallystick/shell'
import {
  openOperatorSeed,
  type OperatorFolder,
  readPeers,
  readTokens,
  writeCard,
} from '../server/operator-folder.ts'
import { heal, type HealReport, rememberSetBack } from '../server/heal.ts'
import type { PeerAddress } from '../server/peers.ts'
import { createOperatorClient } from '../client/operator.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import type { GuardedStore } from '../store/guard.ts'
import { meetOthers, type RunningOperator, startOperator } from '../server/start-operator.ts'
import { VOWS } from '../server/steps.ts'
import { openGuardedPostgres, openGuardedSqlite } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { type DirectoryFlags, POSTGRES_VARIABLE } from './serve-directory-flags.ts'
import { configureLogs, folderFrom } from './serve-folder.ts'
import { type Failure, untilStopped } from './until-stopped.ts'

const SHARED_POLL_MS = 500

export const serveDirectory = async (flags: DirectoryFlags, output: Output): Promise<ExitCode> => {
  const folder = resolve(flags.data)
  if (flags.heal === true && flags.peers === undefined) {
    throw usageError('healing takes others to ask', '--heal --peers peers.json')
  }
  const { of, passphrase } = await folderFrom(flags, folder, output)
  await configureLogs(flags)
  const url = flags.postgres ?? process.env[POSTGRES_VARIABLE]
  const store = url
    ? await openGuardedPostgres({ url }, folder, VOWS)
    : await openGuardedSqlite(folder, VOWS)
  try {
    const running = await startOperator({
      name: of.name,
      suite: of.suite,
      store,
      seed: openOperatorSeed(folder, passphrase),
      tokens: readTokens(folder),
      host: flags.host,
      port: portFrom(flags.port),
      hosts: flags.hostName ?? [],
      peers: flags.peers === undefined ? [] : readPeers(flags.peers),
      // Other processes may store what followers of this one wait for.
      limits: {
        peerAuditMs: auditMsFrom(flags),
        ...machinesFrom(flags),
        ...(url ? { followPollMs: SHARED_POLL_MS } : {}),
      },
    }).catch((error: unknown): never => {
      throw isPortTaken(error)
        ? usageError(`port ${flags.port} of ${flags.host} is taken`, 'name another with --port')
        : error
    })
    // Whoever has read the card may stop it.
    const stopped = untilStopped(running.operator.log, () => failureOf(running, store))
    writeCard(folder, { ...running.card, suite: of.suite })
    if (store.wasSetBack()) await rememberSetBack(running.operator)
    present(flags, of, running, output)
    if (flags.peersLater !== undefined) meetLater(running, of, flags.peersLater)
    if (flags.heal === true && flags.peers !== undefined) {
      tellHealing(output, await healRunning(running, store, readPeers(flags.peers)))
    }
    const code = await stopped
    await running.close()
    return code
  } finally {
    await store.close()
  }
}

const LOOK_MS = 500

/** Others who start at the same time are known when all are there: looks for their file from time to time, and delays no end. */
const meetLater = (running: RunningOperator, of: OperatorFolder, path: string): void => {
  const timer = setInterval(() => {
    if (!existsSync(path)) return
    clearInterval(timer)
    const meet = async (): Promise<void> => meetOthers(running, readPeers(path), of.suite)
    meet().catch((error: unknown) => {
      running.operator.log('error', 'others are not met', { message: String(error) })
    })
  }, LOOK_MS)
  timer.unref()
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

const portFrom = (text: string): number => {
  const port = /^(?:0|[1-9][0-9]{0,4})$/.test(text) ? Number(text) : 65_536
  if (port > 65_535) throw usageError(`${text} is no port`, '--port 4701')
  return port
}

const DAY_SECONDS = 86_400

const auditMsFrom = ({ auditEvery }: DirectoryFlags): number => {
  const seconds = /^(?:0|[1-9][0-9]{0,4})$/.test(auditEvery) ? Number(auditEvery) : Number.NaN
  if (seconds <= DAY_SECONDS) return seconds * 1000
  throw usageError(`${auditEvery} is no number of seconds`, '--audit-every 60')
}

const machinesFrom = ({ machines }: DirectoryFlags): { readonly machines?: number } => {
  if (machines === undefined) return {}
  if (/^[1-9][0-9]{0,8}$/.test(machines)) return { machines: Number(machines) }
  throw usageError(`${machines} is no number of machines`, '--machines 2000000')
}

const present = (
  flags: DirectoryFlags,
  of: OperatorFolder,
  running: RunningOperator,
  output: Output,
): void => {
  const { card, url } = running
  const publicKey = hexFromBytes(card.publicKey)
  output.line([{ text: of.name, tone: 'strong' }, ' answers at ', { text: url, tone: 'strong' }])
  output.table([
    ['suite', of.suite],
    ['key', publicKey.length > 96 ? `${publicKey.slice(0, 96)}…` : publicKey],
    ['card', `${resolve(flags.data)}/operator.json`],
    ['token', `${resolve(flags.data)}/token`],
  ])
  if (!of.isSealed) {
    output.line(
      'its key lies open in the folder: good for trying out, and for nothing else',
      'warn',
    )
  }
  output.result({
    name: of.name,
    suite: of.suite,
    scheme: card.scheme,
    publicKey,
    url,
    tokenFile: `${resolve(flags.data)}/token`,
    pid: process.pid,
  })
  output.next(`curl ${url}/readyz`)
  output.resultNow()
}

/** Asks those whose keys are known: an answer of somebody else counts for nothing. */
const healRunning = (
  { operator }: RunningOperator,
  store: GuardedStore,
  peers: readonly PeerAddress[],
): Promise<HealReport> => {
  const known = peers.flatMap(({ key, ...address }) =>
    key ? [{ client: createOperatorClient(address, platformSurroundings()), key }] : [],
  )
  return heal({ operator, store, peers: known })
}

const tellHealing = (output: Output, report: HealReport): void => {
  const { is, answered, silent, vows, lost } = report
  const heard = answered.length === 0 ? 'nobody' : answered.join(', ')
  output.event({ event: 'healing', state: is, answered, silent: [...silent.keys()], vows })
  for (const [name, why] of silent) output.line(`${name} is not counted: ${why}`, 'warn')
  switch (is) {
    case 'whole':
      output.line('Nothing is missing, so there is nothing to heal.')
      return
    case 'recovered':
      output.line(`All vows came back: ${vows}, from ${heard}. It vows as before.`)
      return
    case 'healed':
      output.line(`Healed: ${heard} answered, ${vows} vows came back.`)
      if (lost !== undefined && lost > 0n) output.line(`${lost} vows are lost for good.`, 'warn')
      output.line(
        'It signs where it cannot have signed before, and no checkpoint any more: see docs/operations.md.',
        'warn',
      )
      return
    case 'waiting':
      output.line(`Too few have answered (${heard}). It stays in quarantine; ask again.`, 'bad')
      return
    case 'refused':
      output.line('This is another history than the guard remembers: give the key up.', 'bad')
  }
}

const failureOf = (running: RunningOperator, store: Store): Failure | undefined => {
  if (running.operator.readiness() !== 'stopped') return undefined
  const status = store.status()
  return { says: 'the operator has stopped', why: 'why' in status ? status.why : undefined }
}
