/**
 * Signed transfers through one guardian over HTTP: many at once beside what their signatures alone allow, with threads and on one, and
 * one at a time while nothing else happens. The guardian has a process of its own; who sends shares the machine with it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { atMost, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { quantileOf } from './load.ts'
import { carryOverHttp, planOf, runMoiLoad } from './moi-load.ts'
import { measureMoi, PAIRS, withFolder } from './moi-measure.ts'

type Started = {
  readonly url: string
  readonly process: ChildProcess
  /** Seconds of processor time that it has taken so far. */
  readonly cpuSeconds: () => Promise<number>
}

const startProcess = async (folder: string, payers: number, threads?: number): Promise<Started> => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = fileURLToPath(new URL(`./bench-guardian.${extension}`, import.meta.url))
  const argv = [...process.execArgv, program, folder, String(payers)]
  if (threads !== undefined) argv.push(String(threads))
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const out = child.stdout
  if (!out) throw new Error('its output is a pipe')
  const line = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the guardian ended before it listened')))
    createInterface({ input: out }).once('line', resolve)
  })
  const said: unknown = JSON.parse(line)
  if (typeof said !== 'object' || said === null || !('url' in said)) throw new Error(line)
  return {
    url: String(said.url),
    process: child,
    cpuSeconds: () =>
      new Promise((resolve) => {
        child.once('message', (seconds) => resolve(Number(seconds)))
        child.send('how much')
      }),
  }
}

const stopProcess = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })

/** As a guardian runs, and on one thread. */
export const benchMoiHttp = async (rounds: Rounds): Promise<readonly Figure[]> => [
  ...(await overHttp(rounds, undefined)),
  ...(await overHttp(rounds, 0)),
]

const overHttp = (rounds: Rounds, threads: number | undefined): Promise<readonly Figure[]> =>
  withFolder(async (folder) => {
    const started = await startProcess(folder, 2 * PAIRS, threads)
    const { carry, close } = carryOverHttp(started.url)
    const isOne = threads === 0
    try {
      const { figures } = await measureMoi({
        id: 'M1',
        what: isOne ? 'over HTTP, one thread' : 'over HTTP',
        rounds,
        carry,
        spent: started.cpuSeconds,
        // Who sends keeps a core busy, too.
        busy: isOne ? Math.min(2, availableParallelism()) : availableParallelism(),
        isApart: true,
        ...(isOne ? { isGoal: true } : {}),
      })
      return figures
    } finally {
      close()
      await stopProcess(started.process)
    }
  })

const IDLE_MS_MAX = 50
const IDLE_TRANSFERS = 200

/** One payer, nothing else on the way. */
export const benchMoiIdle = (rounds: Rounds): Promise<readonly Figure[]> =>
  withFolder(async (folder) => {
    const each = Math.min(IDLE_TRANSFERS, 20 * rounds.rounds)
    const started = await startProcess(folder, 2)
    const { carry, close } = carryOverHttp(started.url)
    try {
      await runMoiLoad(planOf({ pairs: 1, each: 20, from: 0 }), carry)
      const { latenciesMs } = await runMoiLoad(planOf({ pairs: 1, each, from: 20 }), carry)
      return [0.5, 0.99].map((share) =>
        figureFrom(
          {
            id: 'M4',
            name: `send to receipt at idle, over HTTP, p${share * 100}`,
            unit: 'ms',
            ...(share === 0.5 ? { goal: atMost(IDLE_MS_MAX) } : {}),
            note: `${latenciesMs.length} transfers, one after the other`,
          },
          [quantileOf(latenciesMs, share)],
        ),
      )
    } finally {
      close()
      await stopProcess(started.process)
    }
  })
