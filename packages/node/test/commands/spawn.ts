/** The real command in processes of its own, as in a terminal. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../../..')
const PROGRAM = [
  '--import',
  join(ROOT, 'scripts/source.mjs'),
  join(ROOT, 'packages/tallystick/src/cli/main.ts'),
]

const env = (): NodeJS.ProcessEnv => ({
  ...process.env,
  NO_COLOR: '1',
  // Compiling the same sources for each of many processes would cost more than what they do.
  NODE_COMPILE_CACHE: join(tmpdir(), `tallystick-compiled-${process.pid}`),
})

export type Ended = { readonly code: number; readonly out: string; readonly err: string }

/** Where a command is typed, and by whom if not by the user of this machine. */
export type Place = string | { readonly cwd: string; readonly home: string }

/** Runs a command to its end. */
export const tally = (place: Place, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const { cwd, home } = typeof place === 'string' ? { cwd: place, home: undefined } : place
    const child = execFile(
      process.execPath,
      [...PROGRAM, ...args],
      { cwd, env: { ...env(), ...(home && { TALLY_HOME: home }) }, encoding: 'utf8' },
      (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, out, err })
      },
    )
    child.stdin?.end()
  })

export type Running = {
  readonly process: ChildProcess
  readonly out: () => string
  /** Resolves when its standard output matches; rejects when it ends before. */
  readonly until: (pattern: RegExp) => Promise<string>
  readonly ended: Promise<number | null>
}

/** Starts a command that goes on. */
export const start = (cwd: string, ...args: readonly string[]): Running => {
  const child = spawn(process.execPath, [...PROGRAM, ...args], {
    cwd,
    env: env(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  const waiting = new Set<() => void>()
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString()
    for (const one of waiting) one()
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    process: child,
    out: () => out,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(out)) return
          waiting.delete(look)
          resolve(out)
        }
        waiting.add(look)
        void ended.then(() => reject(new Error(`ended before ${String(pattern)}: ${out}`)))
        look()
      }),
  }
}
