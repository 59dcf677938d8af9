/**
 * Plain transfers at `anvil`, the development node of Foundry, on the same machine: what somebody who develops for another system
 * has on the desk. Its accounts are its own, so it signs each transfer itself and then checks it; it keeps everything in memory
 * and makes a block for each transfer.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { quantileOf } from './load.ts'

const ACCOUNTS = 64
const START_MS = 10_000

export const benchAnvil = async ({ rounds }: Rounds): Promise<readonly Figure[]> => {
  const program = programPath()
  if (program === undefined) return []
  const each = Math.max(4, Math.min(60, rounds * 5))
  const id = 'M5'
  const sustained = await atAnvil(program, (url) => payAll(url, ACCOUNTS, each))
  const idle = await atAnvil(program, (url) => payAll(url, 1, each * 2))
  const note = `anvil, ${ACCOUNTS} payers, in memory, a block for each`
  return [
    figureFrom({ id, name: 'transfers with receipts at anvil, over HTTP', unit: '1/s', note }, [
      sustained.length / sustained.seconds,
    ]),
    figureFrom({ id, name: 'send to receipt at idle at anvil, p50', unit: 'ms' }, [
      quantileOf(idle.latenciesMs, 0.5),
    ]),
  ]
}

/** Undefined where it is not installed. */
const programPath = (): string | undefined => {
  let folder = import.meta.dirname
  for (let up = 0; up < 6; up += 1) {
    const found = join(folder, 'node_modules/.bin/anvil')
    if (existsSync(found)) return found
    folder = join(folder, '..')
  }
  return undefined
}

const atAnvil = async <Result>(
  program: string,
  use: (url: string) => Promise<Result>,
): Promise<Result> => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const argv = ['--port', String(port), '--accounts', String(2 * ACCOUNTS), '--silent']
  const child = spawn(program, argv, { stdio: 'ignore' })
  try {
    await untilUp(url, child)
    return await use(url)
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })

const untilUp = async (url: string, child: ChildProcess): Promise<void> => {
  const end = performance.now() + START_MS
  while (performance.now() < end && child.exitCode === null) {
    const answer = await call(url, 'eth_chainId', []).catch(() => undefined)
    if (answer !== undefined) return
    await pause(50)
  }
  throw new Error('anvil does not answer')
}

const call = async (url: string, method: string, params: readonly unknown[]): Promise<unknown> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const answer: unknown = await response.json()
  if (typeof answer === 'object' && answer !== null && 'result' in answer) return answer.result
  throw new Error(`anvil refuses ${method}: ${JSON.stringify(answer)}`)
}

type Paid = {
  readonly length: number
  readonly seconds: number
  readonly latenciesMs: readonly number[]
}

const payAll = async (url: string, payers: number, each: number): Promise<Paid> => {
  const accounts = await call(url, 'eth_accounts', [])
  if (!Array.isArray(accounts)) throw new Error('anvil has no accounts')
  const latenciesMs: number[] = []
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: payers }, async (_, at) => {
      const from: unknown = accounts[2 * at]
      const to: unknown = accounts[2 * at + 1]
      for (let count = 0; count < each; count += 1) {
        const before = performance.now()
        const hash = await call(url, 'eth_sendTransaction', [{ from, to, value: '0x1' }])
        while ((await call(url, 'eth_getTransactionReceipt', [hash])) === null) await pause(1)
        latenciesMs.push(performance.now() - before)
      }
    }),
  )
  return {
    length: latenciesMs.length,
    seconds: (performance.now() - begun) / 1000,
    latenciesMs,
  }
}
