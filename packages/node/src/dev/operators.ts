/** The operators of `tally dev`: processes of their own, started, looked after and stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bytesFromHex, SCHEME_IDS, type SuiteId } from 'tallystick/base'
import { createPrivateFolder, usageError } from 'tallystick/shell'
import type { Operator } from 'tallystick/models'
import { jsonFrom, member } from '../account/folder.ts'
import { createOperatorClient, type OperatorAddress } from '../client/operator.ts'
import { platformSurroundings } from '../client/surroundings.ts'

export const OPERATOR_NAMES = ['north', 'east', 'south', 'west'] as const

export type Started = {
  readonly operator: Operator
  readonly address: OperatorAddress
  readonly process: ChildProcess
  /** What starts it again alone. */
  readonly command: readonly string[]
}

export type Starting = {
  readonly path: string
  readonly suite: SuiteId
  /** Of the first operator; the others take the next ones. 0 takes free ones. */
  readonly port: number
  readonly patienceMs: number
}

export type Starts = {
  /** All of them, when they answer. Rejects with a usage error where one does not. */
  readonly ready: Promise<readonly Started[]>
  /** Tells all of them to stop, whether they are ready or not, and waits; who does not within the time is ended. */
  readonly stop: (patienceMs: number) => Promise<void>
}

export const startOperators = (of: Starting): Starts => {
  const begun = OPERATOR_NAMES.map((name, at) => begin(of, name, at))
  const ready = Promise.all(begun.map((one) => untilReady(of, one)))
  // Whoever waits hears of it; whoever was interrupted before does not.
  ready.catch(() => undefined)
  return {
    ready,
    stop: async (patienceMs) => {
      await Promise.all(begun.map((one) => stop(one.process, patienceMs)))
    },
  }
}

type Begun = {
  readonly name: string
  readonly data: string
  readonly command: readonly string[]
  readonly process: ChildProcess
}

const begin = (of: Starting, name: string, at: number): Begun => {
  const data = join(of.path, 'operators', name)
  createPrivateFolder(data)
  const port = of.port === 0 ? 0 : of.port + at
  const command = ['serve', 'directory', '--data', data, '--port', `${port}`]
  const told = JSON.stringify({ data, port: `${port}`, suite: of.suite, name })
  const log = openSync(join(data, 'log'), 'a', 0o600)
  const child = spawn(
    process.execPath,
    [...process.execArgv, PROGRAM, told],
    // A group of its own: Ctrl-C reaches `tally dev` alone, which then stops them in order.
    {
      stdio: ['ignore', log, log],
      detached: true,
      // Four processes read the same programs: what one has compiled the others need not, nor the next start.
      env: { ...process.env, NODE_COMPILE_CACHE: join(of.path, 'compiled') },
    },
  )
  closeSync(log)
  return { name, data, command, process: child }
}

/** What `tally serve directory` runs, without the command line that takes as long to load. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const PROGRAM = fileURLToPath(new URL(`../commands/dev-operator.${EXTENSION}`, import.meta.url))

const LOOK_MS = 15

/** The card is rewritten with the address on each start, so an address that answers is the present one. */
const untilReady = async (of: Starting, begun: Begun): Promise<Started> => {
  const { name, data, command, process: child } = begun
  const until = performance.now() + of.patienceMs
  while (performance.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) break
    const found = cardIn(data)
    if (found && (await answers(found.address))) return { ...found, command, process: child }
    await pause(LOOK_MS)
  }
  throw usageError(
    `operator ${name} did not start${lastWords(join(data, 'log'))}`,
    `its log may say more: ${join(data, 'log')}; another port may help: --port 4801`,
  )
}

/** The last line that is for people: no advice, and none of the lines of JSON. */
const lastWords = (log: string): string => {
  const lines = readFileSync(log, 'utf8').split('\n')
  const said = lines.findLast((line) => /^[^{\s]/.test(line) && !line.startsWith('fix:'))
  return said === undefined ? '' : `: ${said}`
}

const cardIn = (data: string): Pick<Started, 'operator' | 'address'> | undefined => {
  const [card, token] = [join(data, 'operator.json'), join(data, 'token')]
  if (!existsSync(card) || !existsSync(token)) return undefined
  const json = jsonFrom(readFileSync(card))
  const [name, publicKey, url] = ['name', 'publicKey', 'url'].map((one) => member(json, one))
  const scheme = SCHEME_IDS.find((one) => one === member(json, 'scheme'))
  if (typeof name !== 'string' || typeof publicKey !== 'string' || scheme === undefined) {
    return undefined
  }
  if (typeof url !== 'string' || url === '') return undefined
  return {
    operator: { name, scheme, publicKey: bytesFromHex(publicKey) },
    address: { name, url, token: readFileSync(token, 'utf8').trim() },
  }
}

const answers = async (address: OperatorAddress): Promise<boolean> =>
  createOperatorClient(address, platformSurroundings()).isReady()

const stop = async (child: ChildProcess, patienceMs: number): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const late = new AbortController()
  await Promise.race([
    ended,
    pause(patienceMs, undefined, { signal: late.signal }).then(
      () => void child.kill('SIGKILL'),
      () => undefined,
    ),
  ])
  late.abort()
}
