/**
 * Clients in processes of their own, as many as there are cores: one alone would leave the other cores with nothing to do
 * whenever the operators wait for it, which no operator can help.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { hexFromBytes } from 'tallystick/base'
import type { Fleet } from './fleet.ts'
import type { LoadResult } from './load.ts'
import { askProcess, numberIn, numbersIn, type Spent, spentBetween, spentIn } from './processor.ts'

/** What one client answers. */
export type ClientResult = Pick<LoadResult, 'latenciesMs' | 'refused'> & Spent

export type Clients = {
  readonly count: number
  /** What they came to together, and the processor time that they took. */
  readonly run: (seconds: number) => Promise<{ readonly result: LoadResult; readonly spent: Spent }>
  readonly close: () => void
}

/** Starts them, with so many payers together. */
export const startClients = async (fleet: Fleet, payers: number): Promise<Clients> => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = fileURLToPath(new URL(`./bench-client.${extension}`, import.meta.url))
  const count = availableParallelism()
  const where = fleet.members.flatMap(({ name, url, token, publicKey }) => [
    name,
    url,
    token,
    hexFromBytes(publicKey),
  ])
  const words = [program, String(Math.ceil(payers / count)), ...where]
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, [...process.execArgv, ...words], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  )
  const close = (): void => {
    for (const child of children) child.kill('SIGTERM')
  }
  try {
    await Promise.all(
      children.map((child) =>
        Promise.race([
          once(child, 'message'),
          once(child, 'exit').then(() => {
            throw new Error('a client ended before its accounts were open')
          }),
        ]),
      ),
    )
  } catch (error) {
    close()
    throw error
  }
  const run = async (seconds: number): ReturnType<Clients['run']> => {
    const answers = await Promise.all(children.map((child) => askProcess(child, seconds)))
    const latenciesMs = answers.flatMap((one) => numbersIn(one, 'latenciesMs'))
    const certified = latenciesMs.length
    const refused = answers.reduce<number>((sum, one) => sum + numberIn(one, 'refused'), 0)
    const perSecond = certified / seconds
    const spent = spentBetween([], answers.map(spentIn))
    return { result: { certified, seconds, perSecond, latenciesMs, refused }, spent }
  }
  return { count, run, close }
}
