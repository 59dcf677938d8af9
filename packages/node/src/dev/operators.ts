/** The operators of `tally dev`: processes of their own, started, looked after and stopped. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  bytesFromHex,
  bytesFromUtf8,
  hexFromBytes,
  SCHEME_IDS,
  type SuiteId,
} from 'tallystick/base'
import { replaceFile, usageError } from 'tallystick/shell'
import type { Operator } from 'tallystick/models'
import { jsonFrom, member } from '../account/folder.ts'
import { createOperatorClient, type OperatorAddress } from '../client/operator.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import { hasEnded, lastWords, logOf, startChild, stopChild } from './child.ts'

export const OPERATOR_NAMES = ['north', 'east', 'south', 'west'] as const

export type Started = {
  readonly operator: Operator
  readonly address: OperatorAddress
  readonly process: ChildProcess
  readonly data: string
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
      await Promise.all(begun.map((one) => stopChild(one.process, patienceMs)))
    },
  }
}

const PEERS = 'peers.json'

/** Tells each of the others, who audit one another from then on. */
export const introduceOperators = (all: readonly Started[]): void => {
  for (const { data, address } of all) {
    const others = all.filter((one) => one.address.name !== address.name)
    const listed = others.map(
      ({ operator: { scheme, publicKey }, address: { name, url, token } }) => ({
        name,
        url,
        token,
        scheme,
        publicKey: hexFromBytes(publicKey),
      }),
    )
    replaceFile(join(data, PEERS), bytesFromUtf8(`${JSON.stringify(listed, null, 2)}\n`))
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
  const port = `${of.port === 0 ? 0 : of.port + at}`
  const peersLater = join(data, PEERS)
  // Where the others were reached in an earlier life says nothing now.
  rmSync(peersLater, { force: true })
  const told = { data, port, suite: of.suite, name, peersLater }
  return {
    name,
    data,
    command: ['serve', 'directory', '--data', data, '--peers', peersLater, '--port', port],
    process: startChild({ program: PROGRAM, told, data, path: of.path, isHeard: false }),
  }
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
    if (hasEnded(child)) break
    const found = cardIn(data)
    if (found && (await answers(found.address))) {
      return { ...found, data, command, process: child }
    }
    await pause(LOOK_MS)
  }
  throw usageError(
    `operator ${name} did not start${lastWords(data)}`,
    `its log may say more: ${logOf(data)}; another port may help: --port 4801`,
  )
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
