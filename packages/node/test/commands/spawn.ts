/** The real command in other processes, as in a terminal. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { newIdentity, COST_MIN } from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { runCommand } from '../../../../scripts/kept.ts'
import { programPath } from '../../../../scripts/programs.ts'

export const MAIN: string = programPath('tallystick/src/cli/main.ts')

const env = (): NodeJS.ProcessEnv => ({ ...process.env, NO_COLOR: '1' })

export type Ended = { readonly code: number; readonly out: string; readonly err: string }

/** Where a command is typed, and by whom if not by the user of this machine. */
export type Place = string | { readonly cwd: string; readonly home: string }

/** Runs a command to its end. */
export const tally = (place: Place, ...args: readonly string[]): Promise<Ended> => {
  const { cwd, home } = typeof place === 'string' ? { cwd: place, home: undefined } : place
  return runCommand(MAIN, { args, cwd, env: { ...env(), ...(home && { TALLY_HOME: home }) } })
}

export type Running = {
  readonly process: ChildProcess
  readonly out: () => string
  /** Resolves when its standard output matches; rejects when it ends before. */
  readonly until: (pattern: RegExp) => Promise<string>
  readonly ended: Promise<number | null>
}

/** Starts a command that goes on. */
export const start = (cwd: string, ...args: readonly string[]): Running =>
  startScript(cwd, MAIN, args)

const RUN = join(import.meta.dirname, '../../../../scripts/run.mjs')

/** The same from the sources, as `npm run tally --` does. */
export const startFromSources = (cwd: string, ...args: readonly string[]): Running =>
  startScript(cwd, RUN, ['tally', ...args])

const startScript = (cwd: string, script: string, args: readonly string[]): Running => {
  const child = spawn(process.execPath, [script, ...args], {
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

/**
 * What `tally id new` makes, at the least cost that a key file may have: each command that signs opens one, and nobody guesses
 * passphrases here.
 */
export const giveKeys = (
  home: string,
  name: string,
  of: { readonly suite: 'classic' | 'nostr'; readonly passphrase: string },
): void => {
  newIdentity({ home, name, engine: createNativeEngine(), cost: COST_MIN, ...of })
}
