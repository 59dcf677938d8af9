/** Runs the real command in a process of its own, as a user would. */
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programEnv, programPath } from '../../../../scripts/programs.ts'
import type { SuiteId } from '../../src/base/suite.ts'
import { newIdentity } from '../../src/cli/identity-change.ts'
import { COST_MIN } from '../../src/cli/key-file.ts'
import { createNativeEngine } from '../../src/engine/native.ts'

export const MAIN: string = programPath('tallystick/src/cli/main.ts')

export const PASSPHRASE = 'correct horse battery staple'

export type Ended = {
  readonly code: number
  /** Standard output. */
  readonly out: string
  /** Standard error. */
  readonly err: string
}

export type Tally = {
  /** Where the command stands. */
  readonly cwd: string
  readonly home: string
  readonly passphraseFile: string
  readonly run: (...args: readonly string[]) => Promise<Ended>
}

/** A user of the command, with a home and a folder of its own; `cwd` for one who stands elsewhere. */
export const createUser = (place: { readonly cwd?: string } = {}): Tally => {
  const base = mkdtempSync(join(tmpdir(), 'tallystick-user-'))
  const { cwd = base } = place
  const home = join(base, 'home')
  const passphraseFile = join(base, 'passphrase')
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 })
  const env = { ...programEnv(), TALLY_HOME: home, NO_COLOR: '1' }
  const run = (...args: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [MAIN, ...args],
        { cwd, env, encoding: 'utf8' },
        (error, out, err) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
          resolve({ code, out, err })
        },
      )
      // Nobody is there to answer.
      child.stdin?.end()
    })
  return { cwd, home, passphraseFile, run }
}

/**
 * What `tally id new` makes, at the least cost that a key file may have: each command that signs opens one, and nobody
 * guesses passphrases here.
 */
export const giveKeys = (user: Tally, name: string, suite: SuiteId = 'classic'): void => {
  const { home } = user
  const ring = { home, name, engine: createNativeEngine(), passphrase: PASSPHRASE, cost: COST_MIN }
  newIdentity({ ...ring, suite })
}
