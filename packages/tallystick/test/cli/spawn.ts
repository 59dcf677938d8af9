/** Runs the real command in another process, as a user would. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../../../scripts/kept.ts'
import { programPath } from '../../../../scripts/programs.ts'
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
  const env = { ...process.env, TALLY_HOME: home, NO_COLOR: '1' }
  const run = (...args: readonly string[]): Promise<Ended> => runCommand(MAIN, { args, cwd, env })
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
