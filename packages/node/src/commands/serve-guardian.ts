/** `tally serve guardian`: runs the one guardian of a MOI network, and with `--dev` a network to develop against. */
import { resolve } from 'node:path'
import { hexFromBytes, type Signer } from 'tallystick/base'
import {
  createPrivateFolder,
  type ExitCode,
  type Output,
  readInputFile,
  usageError,
} from 'tallystick/shell'
import { createNativeEngine } from 'tallystick/engine-native'
import type { Charter } from 'tallystick/kernel'
import { type DevNetwork, devNetwork, signerFrom } from '../guardian/dev-network.ts'
import {
  charterFrom,
  GENESIS_FILE_BYTES_MAX,
  kramaIdOf,
  readGenesisFile,
} from '../guardian/genesis.ts'
import {
  type GuardianOptions,
  type RunningGuardian,
  startGuardian,
  storedCharter,
} from '../guardian/start-guardian.ts'
import { INTERACTIONS } from '../guardian/store/lattice.ts'
import { DEV_WORDS } from '../moi/hd-keys.ts'
import { openOperatorSeed } from '../server/operator-folder.ts'
import { openGuardedSqlite } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { configureLogs, folderFrom } from './serve-folder.ts'
import { PORT } from './guardian-port.ts'
import type { GuardianFlags } from './serve-guardian-flags.ts'
import { type Failure, untilStopped } from './until-stopped.ts'

type Who = Pick<GuardianOptions, 'name' | 'signer' | 'faucet'> & {
  readonly charter: (store: Store) => Promise<Charter>
  readonly dev: DevNetwork | undefined
}

export const serveGuardian = async (flags: GuardianFlags, output: Output): Promise<ExitCode> => {
  const startedMs = performance.now()
  const folder = resolve(flags.data)
  const who = flags.dev === true ? devWho(flags, folder) : await ownWho(flags, folder, output)
  await configureLogs({ logLevel: flags.dev === true ? quieter(flags.logLevel) : flags.logLevel })
  const store = await openGuardedSqlite(folder, INTERACTIONS)
  try {
    const running = await startGuardian({
      name: who.name,
      store,
      charter: await who.charter(store),
      signer: who.signer,
      kramaId: kramaIdOf(who.signer.publicKey),
      host: flags.host,
      port: portFrom(flags.port),
      hosts: flags.hostName ?? [],
      pages: flags.origin ?? [],
      ...(who.faucet ? { faucet: who.faucet } : {}),
    }).catch((error: unknown): never => {
      throw isPortTaken(error)
        ? usageError(`port ${flags.port} of ${flags.host} is taken`, 'name another with --port')
        : error
    })
    const stopped = untilStopped(running.log, () => failureOf(running, store))
    present({ running, who, folder, ms: performance.now() - startedMs }, output)
    const code = await stopped
    await running.close()
    return code
  } finally {
    await store.close()
  }
}

/** Reads one page each second, and says nothing unless something is wrong: the terminal is for the developer. */
const quieter = (level: string): string => (level === 'info' ? 'warning' : level)

const devWho = (flags: GuardianFlags, folder: string): Who => {
  const words = (flags.words ?? DEV_WORDS).trim().split(/\s+/)
  if (![12, 15, 18, 21, 24].includes(words.length)) {
    throw usageError(`a sentence of ${words.length} words`, 'it has 12, 15, 18, 21 or 24 words')
  }
  createPrivateFolder(folder)
  const dev = devNetwork(createNativeEngine(), flags.words ?? DEV_WORDS)
  return {
    name: 'guardian',
    signer: dev.guardian,
    faucet: dev.faucet,
    charter: async () => dev.charter,
    dev,
  }
}

const ownWho = async (flags: GuardianFlags, folder: string, output: Output): Promise<Who> => {
  const { of, passphrase } = await folderFrom({ ...flags, suite: 'moi' }, folder, output)
  if (of.suite !== 'moi') {
    throw usageError(
      `${folder} holds an operator with keys of ${of.suite}`,
      'choose another --data',
    )
  }
  const signer = signerFrom(createNativeEngine(), openOperatorSeed(folder, passphrase))
  return {
    name: of.name,
    signer,
    charter: (store) => charterOf(flags, store, { name: of.name, signer }),
    dev: undefined,
  }
}

/** What the folder began with, or what the file says where it has not begun. */
const charterOf = async (
  flags: GuardianFlags,
  store: Store,
  { name, signer }: { readonly name: string; readonly signer: Signer },
): Promise<Charter> => {
  const stored = await storedCharter(store)
  if (flags.genesis === undefined) {
    if (stored) return stored
    throw usageError('this folder holds no network yet', 'add --genesis FILE')
  }
  const file = readGenesisFile(readInputFile(resolve(flags.genesis), GENESIS_FILE_BYTES_MAX))
  return charterFrom(file, { name, scheme: signer.scheme, publicKey: signer.publicKey })
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

const portFrom = (text: string): number => {
  const port = /^(?:0|[1-9][0-9]{0,4})$/.test(text) ? Number(text) : 65_536
  if (port > 65_535) throw usageError(`${text} is no port`, `--port ${PORT}`)
  return port
}

type Shown = {
  readonly running: RunningGuardian
  readonly who: Who
  readonly folder: string
  readonly ms: number
}

const present = ({ running, who, folder, ms }: Shown, output: Output): void => {
  const { url, socketUrl, context } = running
  const readiness = running.readiness()
  output.line(
    [
      { text: who.name, tone: 'strong' },
      ' answers at ',
      { text: url, tone: 'strong' },
      ` and ${socketUrl}; up in ${(ms / 1000).toFixed(1)} s`,
    ],
    'plain',
  )
  output.table([
    ['krama id', context.kramaId],
    ['network', running.network.machine.id],
    ['data', folder],
  ])
  if (readiness !== 'ready') {
    output.line(`It is ${readiness}: it answers, and takes nothing new.`, 'warn')
    if (readiness === 'quarantined') {
      output.line('Stop it and put back the newest copy of its store, with its guard as it is.')
    }
  }
  if (who.dev) presentDev(who.dev, url, output)
  output.result({
    url,
    socketUrl,
    kramaId: context.kramaId,
    network: running.network.machine.id,
    folder,
    ms: Math.round(ms),
    pid: process.pid,
    readiness,
    ...(who.dev ? { accounts: accountsOf(who.dev) } : {}),
  })
  output.resultNow()
}

const accountsOf = (dev: DevNetwork): readonly Readonly<Record<string, string>>[] =>
  dev.accounts.map(({ path, id, privateKey, publicKey }) => ({
    path,
    id,
    publicKey: hexFromBytes(publicKey),
    privateKey: hexFromBytes(privateKey),
  }))

const presentDev = (dev: DevNetwork, url: string, output: Output): void => {
  output.line()
  output.line('Accounts, each with KMOI and one key:')
  output.table(dev.accounts.map(({ path, id }) => [path, id]))
  output.line('Everybody can know their keys: for development only.', 'warn')
  output.line()
  output.line('With npm i js-moi-sdk@0.7.1:')
  const [first] = dev.accounts
  const lines = [
    "import { JsonRpcProvider, Wallet } from 'js-moi-sdk'",
    `const provider = new JsonRpcProvider('${url}')`,
    `const wallet = await Wallet.fromMnemonic('${dev.words}', "${first?.path ?? ''}")`,
    'wallet.connect(provider)',
  ]
  for (const one of lines) output.line(`  ${one}`, 'strong')
}

const failureOf = (running: RunningGuardian, store: Store): Failure | undefined => {
  if (running.readiness() !== 'stopped') return undefined
  const status = store.status()
  const why = running.failure() ?? ('why' in status ? status.why : undefined)
  return { says: 'the guardian has stopped', why }
}
