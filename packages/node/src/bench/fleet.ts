/** Operators in processes of their own on this machine, for measurements. Their data lies in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { bytesFromHex } from 'tallystick/base'
import type { DirectoryPolicy } from 'tallystick/models'
import { guardWrites } from '../store/guard-file.ts'
import { GUARD } from '../store/open.ts'
import { askProcess, type Spent, spentIn } from './processor.ts'

export type FleetMember = {
  readonly name: string
  readonly url: string
  readonly token: string
  readonly publicKey: Uint8Array
  /** Largest resident memory that the process has had, in bytes; 0 where the system keeps no account of it. */
  readonly residentBytes: () => number
}

/** One that runs in a process that was started here. */
export type StartedMember = FleetMember & {
  readonly process: ChildProcess
  /** Processor time that it has taken so far. */
  readonly spent: () => Promise<Spent>
  /** Batches of vows that it has stored so far: each is synced in the database and in the guard. */
  readonly batches: () => number
}

export type Fleet = {
  readonly members: readonly StartedMember[]
  readonly policy: DirectoryPolicy
  readonly close: () => Promise<void>
}

const NAMES = ['north', 'east', 'south', 'west'] as const

/** Starts four operators. `databaseOf` names a database for each. */
export const startFleet = async (databaseOf?: (name: string) => string): Promise<Fleet> => {
  const base = mkdtempSync(join(tmpdir(), 'tally-fleet-'))
  const starting = NAMES.map((name) => {
    const database = databaseOf?.(name)
    return startMember(name, [join(base, name), ...(database === undefined ? [] : [database])])
  })
  const close = async (): Promise<void> => {
    const started = await Promise.allSettled(starting)
    await Promise.all(
      started.flatMap((one) => (one.status === 'fulfilled' ? [stopMember(one.value)] : [])),
    )
    rmSync(base, { recursive: true, force: true })
  }
  try {
    const members = await Promise.all(starting)
    return { members, policy: policyOf(members), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Three receipts make a certificate, and one of the four may lie. */
export const policyOf = (
  members: readonly Pick<FleetMember, 'name' | 'publicKey'>[],
): DirectoryPolicy => ({
  operators: members.map(({ name, publicKey }) => ({ name, scheme: 'ed25519', publicKey })),
  threshold: 3,
  faulty: 1,
})

/** Starts one operator; what `bench-operator.ts` takes behind the name is a folder, and a database if it has one. */
export const startMember = async (
  name: string,
  [folder, ...database]: readonly [string, ...string[]],
): Promise<StartedMember> => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = fileURLToPath(new URL(`./bench-operator.${extension}`, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, program, name, folder, ...database], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const { url, token, publicKey } = greetingFrom(JSON.parse(await firstLine(child, name)))
  const { pid } = child
  return {
    name,
    url,
    token,
    publicKey: bytesFromHex(publicKey),
    residentBytes: () => (pid === undefined ? 0 : peakBytes(pid)),
    process: child,
    spent: async () => spentIn(await askProcess(child, 0)),
    batches: () => guardWrites(join(folder, GUARD)),
  }
}

export const stopMember = async ({ process: child }: StartedMember): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

const STOP_MS = 8000

const firstLine = (child: ChildProcess, name: string): Promise<string> =>
  new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`operator ${name} ended before it listened`)))
    if (child.stdout) createInterface({ input: child.stdout }).once('line', resolve)
  })

type Greeting = { readonly url: string; readonly token: string; readonly publicKey: string }

const greetingFrom = (said: unknown): Greeting => {
  if (typeof said === 'object' && said !== null && 'url' in said && 'token' in said) {
    const publicKey = 'publicKey' in said ? String(said.publicKey) : ''
    return { url: String(said.url), token: String(said.token), publicKey }
  }
  throw new Error('an operator said something else than where it listens')
}

/** Peak of the resident set, where the system keeps account of it. */
const peakBytes = (pid: number): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(status) ?? []
    return Number(kilobytes) * 1024
  } catch {
    return 0
  }
}
