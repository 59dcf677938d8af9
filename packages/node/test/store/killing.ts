/**
 * Kills a writing process at random moments, opens what it left, and compares with what it had acknowledged.
 *
 * What this shows: that nothing rests in the memory of the process. What it does not show: anything about power cuts,
 * because the kernel still has all that was written (`power.ts` is about those).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { chainNext, chainStart } from '../../src/store/chain.ts'
import type { Entry, Store } from '../../src/store/store.ts'
import { bundleInto } from '../bundled.ts'
import { text } from './contract-values.ts'
import { temporaryFolder } from './temporary.ts'
import { valueOf } from './written.ts'

export type Killing = {
  readonly mode: 'sqlite' | 'postgres'
  readonly place: string
  readonly folder: string
  readonly kills: number
  readonly open: () => Promise<Store>
  /** Milliseconds after the first acknowledgement, at most. */
  readonly withinMs: number
  /** What else is killed, at the same moment. */
  readonly alsoKill?: (round: number) => Promise<void>
  /** Before the store is opened again. */
  readonly before?: () => Promise<void>
}

export type Killed = {
  readonly acknowledged: number
  /** Entries found at the end; those that were stored and not acknowledged are among them. */
  readonly found: number
  readonly lost: readonly string[]
}

/** With the program, where it was put together. */
type Writing = Killing & { readonly writer: string }

type Checked = { readonly size: bigint; readonly chain: Uint8Array }

export const killOften = async (killing: Killing): Promise<Killed> => {
  const made = temporaryFolder()
  try {
    const writer = await bundleInto(made, join(import.meta.dirname, 'writer.ts'))
    return await killEach({ ...killing, writer })
  } finally {
    rmSync(made, { recursive: true })
  }
}

const killEach = async (killing: Writing): Promise<Killed> => {
  const present = new Set<string>()
  const lost: string[] = []
  let checked: Checked = { size: 0n, chain: chainStart('vows') }
  let acknowledged = 0
  let next = 0
  for (let round = 0; round < killing.kills; round++) {
    const said = await killOnce(killing, round, next)
    await killing.before?.()
    const store = await killing.open()
    try {
      const status = store.status()
      if (status.is !== 'open') lost.push(`round ${round}: ${JSON.stringify(status)}`)
      checked = await check(store, checked, (entry) => {
        const key = text(entry.key)
        present.add(key)
        next = Math.max(next, Number(key.slice(1)) + 1)
        if (text(entry.value) !== valueOf(Number(key.slice(1))))
          lost.push(`${key} has another value`)
      })
    } finally {
      await store.close()
    }
    for (const n of said) if (!present.has(`k${n}`)) lost.push(`round ${round}: ${n} is gone`)
    acknowledged += said.length
    next = Math.max(next, ...said.slice(-64).map((n) => n + 1))
  }
  return { acknowledged, found: present.size, lost }
}

/** The journal goes on from where it was checked, and its chain leads to its head. */
const check = async (
  store: Store,
  from: Checked,
  each: (entry: Entry) => void,
): Promise<Checked> => {
  let { size, chain } = from
  for (;;) {
    const page = await store.read('vows', size, 1000)
    for (const entry of page) {
      chain = chainNext(chain, entry)
      size += 1n
      each(entry)
    }
    if (page.length === 0) break
  }
  const head = await store.head('vows')
  if (head.size !== size || Buffer.compare(head.chain, chain) !== 0)
    throw new Error(`the journal does not hold together before ${size}`)
  return { size, chain }
}

const killOnce = async (
  killing: Writing,
  round: number,
  from: number,
): Promise<readonly number[]> => {
  const child = startWriter(killing, from)
  let output = ''
  const first = new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString('latin1')
      resolve()
    })
    child.once('exit', (code) => reject(new Error(`the writer ended by itself (${code})`)))
  })
  const gone = once(child, 'close')
  await first
  await new Promise((resolve) => setTimeout(resolve, Math.random() * killing.withinMs))
  child.kill('SIGKILL')
  await killing.alsoKill?.(round)
  await gone
  // A last line that the kill cut in two was not said.
  return output.slice(0, output.lastIndexOf('\n')).split('\n').map(Number)
}

/** Its standard input closes when this process is gone, and then it ends. */
const startWriter = ({ writer, mode, place, folder }: Writing, from: number): ChildProcess =>
  spawn(process.execPath, ['--no-warnings', writer, mode, place, folder, String(from)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
