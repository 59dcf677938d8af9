/**
 * Signed transfers through one guardian: over HTTP and in process, beside what checking their signatures alone allows on one core
 * in the same run; on one hot account; and one at a time while nothing else happens.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { atLeast, atMost, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { readSignatures, verifiesMoiDigest } from 'tallystick/moi'
import { isFault } from 'tallystick/base'
import { openBenchGuardian } from './bench-guardian.ts'
import { quantileOf } from './load.ts'
import {
  carryInProcess,
  carryOverHttp,
  type MoiLoadResult,
  type Plan,
  planOf,
  runMoiLoad,
} from './moi-load.ts'
import { payerAt, type Ready } from './moi-payers.ts'
import { secondsOf } from './processor.ts'

const PAIRS = 128
const SHARE_MIN = 0.6
const CORES_MIN = 1.7
const WARM_UP = 3
const IDLE_MS_MAX = 50

const eachFor = ({ rounds }: Rounds): number => Math.max(4, Math.min(60, rounds * 5))

const withFolder = async <Result>(use: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-bench-moi-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const LIMIT_ROUNDS = 8

/** Signatures of these transfers that one core checks in a second, if it does nothing else. */
const signatureLimit = (plan: Plan): number => {
  const engine = createNativeEngine()
  const some = plan.map((own, at) => ({ ready: own[0], key: payerAt(2 * at).publicKey }))
  let before = process.cpuUsage()
  let count = 0
  // The first round is for the compiler, and does not count.
  for (let round = -1; round < LIMIT_ROUNDS; round += 1) {
    if (round === 0) before = process.cpuUsage()
    for (const { ready, key } of some) {
      if (!ready || !checks(engine, key, ready)) throw new Error('a transfer is signed wrongly')
      if (round >= 0) count += 1
    }
  }
  const { user, system } = process.cpuUsage(before)
  return count / ((user + system) / 1e6)
}

const checks = (
  engine: ReturnType<typeof createNativeEngine>,
  key: Uint8Array,
  { signatures, digest }: Ready,
): boolean => {
  const read = readSignatures(signatures)
  const signature = isFault(read) ? undefined : read[0]?.signature
  return signature !== undefined && verifiesMoiDigest(engine, key, digest, signature)
}

type Measured = {
  readonly id: string
  readonly what: string
  readonly result: MoiLoadResult
  /** Signatures that one core checks in a second of its time, and what the guardian took of it. */
  readonly limit: number
  readonly cpuSeconds: number
  /** Whether the goal is meant: it is one for one core. */
  readonly isGoal?: true
}

/** On one core: how much of the processor's time goes into what has to be done anyway. */
const figuresOf = ({ id, what, result, limit, cpuSeconds, isGoal }: Measured): Figure[] => [
  figureFrom(
    {
      id,
      name: `transfers with receipts, ${what}`,
      unit: '1/s',
      note: `${result.receipts} transfers of ${PAIRS} disjoint pairs, by the clock`,
    },
    [result.perSecond],
  ),
  figureFrom(
    {
      id,
      name: `share of what signatures allow, ${what}`,
      unit: 'ratio',
      ...(isGoal === true ? { goal: atLeast(SHARE_MIN) } : {}),
      note: `${(result.receipts / cpuSeconds).toFixed(0)} transfers in a second of processor time, signatures alone ${limit.toFixed(0)}`,
    },
    [result.receipts / cpuSeconds / limit],
  ),
  figureFrom({ id, name: `send to receipt under load, p99, ${what}`, unit: 'ms' }, [
    quantileOf(result.latenciesMs, 0.99),
  ]),
]

type Started = {
  readonly url: string
  readonly process: ChildProcess
  /** Seconds of processor time that it has taken so far. */
  readonly cpuSeconds: () => Promise<number>
}

const startProcess = async (folder: string, payers: number): Promise<Started> => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = fileURLToPath(new URL(`./bench-guardian.${extension}`, import.meta.url))
  const argv = [...process.execArgv, program, folder, String(payers)]
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

/** The guardian has a process of its own; the client that sends shares the machine with it. */
export const benchMoiHttp = (rounds: Rounds): Promise<readonly Figure[]> =>
  withFolder(async (folder) => {
    const plan = planOf({ pairs: PAIRS, each: eachFor(rounds), from: WARM_UP })
    const started = await startProcess(folder, 2 * PAIRS)
    const { carry, close } = carryOverHttp(started.url)
    try {
      await runMoiLoad(planOf({ pairs: PAIRS, each: WARM_UP, from: 0 }), carry)
      const limit = signatureLimit(plan)
      const before = await started.cpuSeconds()
      const result = await runMoiLoad(plan, carry)
      const cpuSeconds = (await started.cpuSeconds()) - before
      return figuresOf({ id: 'M1', what: 'over HTTP', result, limit, cpuSeconds })
    } finally {
      close()
      await stopProcess(started.process)
    }
  })

/** No network and one process: what a guardian itself does, on one core and on all. */
export const benchMoiInProcess = async (rounds: Rounds): Promise<readonly Figure[]> => {
  const one = await inProcess(rounds, 0)
  const all = await inProcess(rounds, undefined)
  const cores = availableParallelism()
  return [
    ...figuresOf({ id: 'M2', what: 'in process, one thread', isGoal: true, ...one }),
    ...figuresOf({ id: 'M2', what: `in process, ${cores} cores`, ...all }),
    figureFrom(
      {
        id: 'M2',
        name: `times as many on ${cores} cores, by the clock`,
        unit: 'ratio',
        ...(cores > 1 ? { goal: atLeast(CORES_MIN) } : {}),
      },
      [all.result.perSecond / one.result.perSecond],
    ),
  ]
}

const inProcess = (
  rounds: Rounds,
  threads: number | undefined,
): Promise<Pick<Measured, 'result' | 'limit' | 'cpuSeconds'>> =>
  withFolder(async (folder) => {
    const plan = planOf({ pairs: PAIRS, each: eachFor(rounds), from: WARM_UP })
    const { running, close } = await openBenchGuardian(folder, 2 * PAIRS, threads)
    try {
      const carry = carryInProcess(running.context)
      await runMoiLoad(planOf({ pairs: PAIRS, each: WARM_UP, from: 0 }), carry)
      const limit = signatureLimit(plan)
      const before = process.cpuUsage()
      const result = await runMoiLoad(plan, carry)
      return { result, limit, cpuSeconds: secondsOf(process.cpuUsage(before)) }
    } finally {
      await close()
    }
  })

/** Everybody pays one account, which can take one step at a time. */
export const benchMoiHot = (rounds: Rounds): Promise<readonly Figure[]> =>
  withFolder(async (folder) => {
    const each = Math.max(2, Math.floor(eachFor(rounds) / 2))
    const plan = planOf({ pairs: PAIRS, each, from: WARM_UP, isHot: true })
    const { running, close } = await openBenchGuardian(folder, 2 * PAIRS)
    try {
      const carry = carryInProcess(running.context)
      await runMoiLoad(planOf({ pairs: PAIRS, each: WARM_UP, from: 0, isHot: true }), carry)
      const result = await runMoiLoad(plan, carry)
      const note = `${PAIRS} payers, in process`
      return [
        figureFrom({ id: 'M3', name: 'transfers to one hot account', unit: '1/s', note }, [
          result.perSecond,
        ]),
      ]
    } finally {
      await close()
    }
  })

const IDLE_TRANSFERS = 200

/** One payer, nothing else on the way. */
export const benchMoiIdle = (rounds: Rounds): Promise<readonly Figure[]> =>
  withFolder(async (folder) => {
    const each = Math.min(IDLE_TRANSFERS, eachFor(rounds) * 4)
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
