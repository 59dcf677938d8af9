/** The operators of `tally dev`: processes of their own, started, looked after and stopped. */
import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bytesFromUtf8, hexFromBytes, type SuiteId } from 'tallystick/base'
import { replaceFile } from 'tallystick/shell'
import type { Operator } from 'tallystick/models'
import type { OperatorAddress } from '../client/operator.ts'
import { startChild, stopChild } from './child.ts'

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
  const ready = readyOf(of, begun)
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

/** What asks them is loaded while they start: a client of operators is most of what their own processes load too. */
const readyOf = async (of: Starting, begun: readonly Begun[]): Promise<readonly Started[]> => {
  const { untilReady } = await import('./ready.ts')
  return Promise.all(begun.map((one) => untilReady(of, one)))
}

export type Begun = {
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
