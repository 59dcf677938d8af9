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

export type FleetMember = {
  readonly name: string
  readonly url: string
  readonly token: string
  readonly publicKey: Uint8Array
  /** Largest resident memory that the process has had, in bytes. */
  readonly residentBytes: () => number
}

export type Fleet = {
  readonly members: readonly FleetMember[]
  readonly policy: DirectoryPolicy
  readonly close: () => Promise<void>
}

const NAMES = ['north', 'east', 'south', 'west'] as const

/** Starts four operators; three receipts make a certificate and one of them may lie. */
export const startFleet = async (extra: readonly string[] = []): Promise<Fleet> => {
  const base = mkdtempSync(join(tmpdir(), 'tally-fleet-'))
  const started: ChildProcess[] = []
  const close = async (): Promise<void> => {
    await Promise.all(started.map(stopped))
    rmSync(base, { recursive: true, force: true })
  }
  try {
    const members = await Promise.all(
      NAMES.map((name) => startMember(name, [join(base, name), ...extra], started)),
    )
    const operators = members.map(({ name, publicKey }) => ({
      name,
      scheme: 'ed25519' as const,
      publicKey,
    }))
    return { members, policy: { operators, threshold: 3, faulty: 1 }, close }
  } catch (error) {
    await close()
    throw error
  }
}

const startMember = async (
  name: string,
  args: readonly string[],
  started: ChildProcess[],
): Promise<FleetMember> => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = fileURLToPath(new URL(`./bench-operator.${extension}`, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, program, name, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const said: unknown = JSON.parse(await firstLine(child, name))
  const { url, token, publicKey } = greetingFrom(said)
  const { pid } = child
  return {
    name,
    url,
    token,
    publicKey: bytesFromHex(publicKey),
    residentBytes: () => (pid === undefined ? 0 : peakBytes(pid)),
  }
}

const firstLine = async (child: ChildProcess, name: string): Promise<string> => {
  if (!child.stdout) throw new Error('the output of a child is piped')
  const lines = createInterface({ input: child.stdout })
  const ended: Promise<string> = new Promise((_, reject) =>
    child.once('exit', () => reject(new Error(`operator ${name} ended before it listened`))),
  )
  const said: Promise<string> = new Promise((resolve) => lines.once('line', resolve))
  return Promise.race([said, ended])
}

const greetingFrom = (
  said: unknown,
): { readonly url: string; readonly token: string; readonly publicKey: string } => {
  if (typeof said === 'object' && said !== null && 'url' in said && 'token' in said) {
    const publicKey = 'publicKey' in said ? String(said.publicKey) : ''
    return { url: String(said.url), token: String(said.token), publicKey }
  }
  throw new Error('an operator said something else than where it listens')
}

const stopped = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 8000)
  await ended
  clearTimeout(timer)
}

/** Peak of the resident set, where the system keeps account of it. */
const peakBytes = (pid: number): number => {
  try {
    const [, kilobytes = '0'] =
      /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  } catch {
    return 0
  }
}
