/**
 * Honest service while somebody floods an operator with bad signatures of a post-quantum scheme: the same honest load, before the
 * flood and in it, and how long the operator's event loop stood still meanwhile. The flood runs on the same machine and has
 * a token of its own, so it takes its share of the processors too.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { bytesFromHex } from 'tallystick/base'
import { atLeast, atMost, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import type { FleetMember } from './fleet.ts'
import { openPayers, quantileOf, runLoad } from './load.ts'
import { createPayer } from './payer.ts'

const PAYERS = 8
const SHARE_MIN = 0.7
const STALL_MS_MAX = 20
const SECONDS_MAX = 10

export const benchFlood = async ({ rounds }: Rounds): Promise<readonly Figure[]> => {
  const seconds = Math.max(2, Math.min(SECONDS_MAX, rounds))
  const folder = mkdtempSync(join(tmpdir(), 'tally-flood-'))
  const children: ChildProcess[] = []
  try {
    return await measure(seconds, folder, children)
  } finally {
    for (const one of children) one.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

const measure = async (
  seconds: number,
  folder: string,
  children: ChildProcess[],
): Promise<readonly Figure[]> => {
  const operator = start('flood-operator', [folder], children)
  const { url, honest, hostile, publicKey } = saidFrom(await lineOf(operator))
  const key = { scheme: 'ml-dsa-44' as const, publicKey: bytesFromHex(publicKey) }
  const policy = { operators: [{ name: 'north', ...key }], threshold: 1, faulty: 0 }
  const payers = Array.from({ length: PAYERS }, () => createPayer(policy, 'quantum'))
  const member: FleetMember = {
    name: 'north',
    url,
    token: honest,
    publicKey: key.publicKey,
    residentBytes: () => 0,
  }
  await openPayers([member], payers)
  const load = { members: [member], payers }
  await runLoad({ ...load, seconds: 2 })
  await stallMs(member)
  const before = await runLoad({ ...load, seconds })
  const quiet = await stallMs(member)
  const attacker = start('flood-attacker', [url, hostile, publicKey], children)
  await lineOf(attacker)
  await stallMs(member)
  const during = await runLoad({ ...load, seconds })
  const stall = await stallMs(member)
  const ended = lineOf(attacker)
  attacker.kill('SIGTERM')
  const checked = Number(await ended)
  const id = 'D5'
  const p99 = quantileOf(during.latenciesMs, 0.99).toFixed(0)
  const note = `${before.perSecond.toFixed(0)}/s before, ${during.perSecond.toFixed(0)}/s in it, p99 ${p99} ms; ${(checked / seconds).toFixed(0)} bad ones looked at a second`
  return [
    figureFrom(
      { id, name: 'honest share in a flood', unit: 'ratio', goal: atLeast(SHARE_MIN), note },
      [during.perSecond / before.perSecond],
    ),
    figureFrom(
      {
        id,
        name: 'event loop stall p99',
        unit: 'ms',
        goal: atMost(STALL_MS_MAX),
        note: `${quiet.toFixed(0)} ms before`,
      },
      [stall],
    ),
  ]
}

const start = (name: string, args: readonly string[], children: ChildProcess[]): ChildProcess => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return child
}

const lineOf = async (child: ChildProcess): Promise<string> => {
  if (!child.stdout) throw new Error('the output of a child is piped')
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'exit').then(() => {
    throw new Error('a process of the flood ended early')
  })
  const said = once(lines, 'line').then(([line]) => String(line))
  return Promise.race([said, ended])
}

type Said = {
  readonly url: string
  readonly honest: string
  readonly hostile: string
  readonly publicKey: string
}

const saidFrom = (line: string): Said => {
  const said: unknown = JSON.parse(line)
  const member = (name: string): string => {
    if (typeof said !== 'object' || said === null) throw new Error('an operator said no address')
    const found: unknown = Object.entries(said).find(([key]) => key === name)?.[1]
    return typeof found === 'string' ? found : ''
  }
  return {
    url: member('url'),
    honest: member('honest'),
    hostile: member('hostile'),
    publicKey: member('publicKey'),
  }
}

/** The operator's own measure since it was asked last. */
const stallMs = async ({ url, token }: FleetMember): Promise<number> => {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const line = (await answer.text())
    .split('\n')
    .find((one) => one.startsWith('tally_event_loop_stall_seconds') && one.includes('"0.99"'))
  return Number(line?.split(' ').at(-1)) * 1000
}
