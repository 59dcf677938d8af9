/** The guardian of `tally dev`: a process of its own, started, listened to until it answers, and stopped. */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { usageError } from 'tallystick/shell'
import { member } from '../account/folder.ts'
import { lastWords, logOf, startChild, stopChild } from './child.ts'

export type StartedGuardian = {
  readonly url: string
  /** Of accounts that have KMOI, as MOI writes them. */
  readonly accounts: readonly string[]
  readonly process: ChildProcess
  /** What starts it again alone. */
  readonly command: readonly string[]
}

export type GuardianStart = {
  /** Rejects with a usage error where it does not start. */
  readonly ready: Promise<StartedGuardian>
  readonly stop: (patienceMs: number) => Promise<void>
}

export type StartingGuardian = {
  readonly path: string
  /** 0 takes a free one. */
  readonly port: number
  readonly patienceMs: number
}

export const startGuardianProcess = ({
  path,
  port,
  patienceMs,
}: StartingGuardian): GuardianStart => {
  const data = join(path, 'guardian')
  const told = { data, port: `${port}` }
  const child = startChild({ program: PROGRAM, told, data, path, isHeard: true })
  const ready = untilReady(child, { data, patienceMs })
  // Whoever waits hears of it; whoever was interrupted before does not.
  ready.catch(() => undefined)
  return { ready, stop: (ms) => stopChild(child, ms) }
}

/** What `tally serve guardian --dev` runs. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const PROGRAM = fileURLToPath(new URL(`../commands/dev-guardian.${EXTENSION}`, import.meta.url))

const untilReady = async (
  child: ChildProcess,
  { data, patienceMs }: { readonly data: string; readonly patienceMs: number },
): Promise<StartedGuardian> => {
  const late = new AbortController()
  const said = await Promise.race([
    wordsOf(child),
    pause(patienceMs, undefined, { signal: late.signal }).catch(() => undefined),
  ])
  late.abort()
  const url = member(said, 'url')
  if (typeof url === 'string') {
    const port = new URL(url).port
    const command = ['serve', 'guardian', '--dev', '--data', data, '--port', port]
    return { url, accounts: accountsIn(said), process: child, command }
  }
  const message = member(said, 'message')
  throw usageError(
    `the guardian did not start${typeof message === 'string' ? `: ${message}` : lastWords(data)}`,
    `its log may say more: ${logOf(data)}; another port may help: --guardian 1700`,
  )
}

/** The object that it says once it answers, or when it gives up; undefined where it ends without a word. */
const wordsOf = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => {
    let text = ''
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString('utf8')
      if (text.endsWith('}\n')) resolve(JSON.parse(text))
    })
    child.once('close', () => resolve(undefined))
  })

const accountsIn = (said: unknown): readonly string[] => {
  const accounts = member(said, 'accounts')
  if (!Array.isArray(accounts)) return []
  return accounts.map((one) => member(one, 'id')).filter((id) => typeof id === 'string')
}
