/**
 * What every command on a machine of two works with while operators certify it. Beside what `eras.ts` of the command keeps there:
 *
 * | file in the era’s folder | what |
 * |---|---|
 * | `directory.json` | where the operators are reached, with tokens |
 * | `steps` | steps that they have certified, oldest first |
 * | `wanted` | an own attempt that is on its way, with all its consents |
 * | `accepted` | once the two have the machine back: who of them has signed that they go on |
 *
 * Promise. A step stands in `steps` only after it was judged, and an attempt in `wanted` before it is sent, so a command that was
 * interrupted goes on with the same attempt.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, isFault, type Signer } from 'tallystick/base'
import {
  agreedIn,
  earlierBundle,
  type Era,
  eraOf,
  homeFolder,
  isUnderOperators,
  type MachineFolder,
  openSigner,
  type Output,
  passphraseOf,
  readMachineFolder,
  replaceFile,
  type SharedAsk,
  takeLock,
  usageError,
} from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { STANDARD_LOGICS } from 'tallystick/logic'
import { withProver } from 'tallystick/verify'
import { STANDARD_MODELS } from 'tallystick'
import {
  type AgreedStep,
  type Amendment,
  beginFollowing,
  type Candidate,
  candidate,
  type CandidateOptions,
  DIRECTORY,
  follow,
  type Followed,
} from 'tallystick/models'
import { fileAt, readAddresses } from '../account/folder.ts'
import { createDirectoryClient, type DirectoryClient } from '../client/directory.ts'
import { isLastOf } from '../client/shared.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import { changesIn } from './changes.ts'

export type SharedOffice = {
  readonly folder: MachineFolder
  readonly era: Era
  readonly directory: DirectoryClient
  readonly engine: Engine
  readonly options: CandidateOptions
  readonly output: Output
  readonly steps: readonly AgreedStep[]
  readonly followed: Followed
  /** All changes of terms up to the era's, for operators that have to be told of the machine. */
  readonly changes: () => readonly Amendment[]
  readonly signer: () => Promise<Signer>
}

/** Opens the machine for as long as `work` takes. Raises a usage error where operators do not certify it. */
export const withSharedOffice = async <T>(
  output: Output,
  ask: SharedAsk,
  work: (office: SharedOffice) => Promise<T>,
): Promise<T> => {
  const folder = readMachineFolder(ask.folder)
  const era = eraOf(folder)
  if (!era || !isUnderOperators(era)) {
    throw usageError('no operators certify this machine', 'tally handover --directory FILE')
  }
  const unlock = takeLock(join(era.path, 'lock'))
  try {
    const engine = createNativeEngine()
    const checks = { logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine }
    const options = withProver(checks)
    const steps = agreedIn(era)
    return await work({
      folder,
      era,
      engine,
      options,
      output,
      steps,
      directory: createDirectoryClient(readAddresses(era.path), {
        surroundings: platformSurroundings(),
        verifier: engine,
      }),
      followed: followedFrom(options, era, steps),
      changes: () => changesIn(earlierBundle(folder), folder.charter, [era.start.headId]),
      signer: createSigner(output, ask, folder, engine),
    })
  } finally {
    unlock()
  }
}

const followedFrom = (
  options: CandidateOptions,
  { start }: Era,
  steps: readonly AgreedStep[],
): Followed =>
  steps.reduce((followed, step) => {
    const next = follow(options, followed, step)
    if (isFault(next)) throw next
    return next
  }, beginFollowing(start))

/** Opens the key the first time that it is wanted. */
export const createSigner = (
  output: Output,
  ask: Pick<SharedAsk, 'passphraseFile'>,
  { identity, device }: MachineFolder,
  engine: Engine,
): (() => Promise<Signer>) => {
  let opened: Promise<Signer> | undefined
  const open = async (): Promise<Signer> => {
    const passphrase = await passphraseOf(output, ask, { name: identity })
    return openSigner({ home: homeFolder(process.env), name: identity, device, engine, passphrase })
  }
  return () => {
    opened ??= open()
    return opened
  }
}

/** Whether the operators of this era have certified that others go on, who have not accepted yet. */
export const isMoving = ({ followed }: Pick<SharedOffice, 'followed'>): boolean =>
  followed.machine.terms.policy.kind === DIRECTORY && isLastOf(followed)

const WANTED = 'wanted'

/** The attempt that is on its way. */
export const wantedIn = ({ path }: Era): Candidate | undefined => {
  const file = fileAt(join(path, WANTED))
  return file && candidate.decode(file)
}

export const keepWanted = ({ path }: Era, of: Candidate | undefined): void => {
  if (of) replaceFile(join(path, WANTED), candidate.encode(of))
  else if (existsSync(join(path, WANTED))) rmSync(join(path, WANTED))
}
