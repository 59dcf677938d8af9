/** What every command on an account works with: its folder, its desk, its directory, and its key when it is asked for. */
import { join } from 'node:path'
import type { Engine, Signer } from 'tallystick/base'
import {
  homeFolder,
  openSigner,
  type Output,
  passphraseOf,
  type PassphraseOption,
} from 'tallystick/shell'
import { createNativeEngine } from 'tallystick/engine-native'
import { STANDARD_LOGICS } from 'tallystick/logic'
import { STANDARD_MODELS } from 'tallystick'
import type { VerifyOptions } from 'tallystick/verify'
import { createDirectoryClient, type DirectoryClient } from '../client/directory.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import { type AccountDesk, openAccountDesk } from './desk.ts'
import { type AccountFolder, readAccountFolder, readAddresses } from './folder.ts'

export type Office = {
  readonly folder: AccountFolder
  readonly desk: AccountDesk
  readonly directory: DirectoryClient
  readonly engine: Engine
  readonly checks: VerifyOptions
  /** Opens the key the first time, which may ask for its passphrase. */
  readonly signer: () => Promise<Signer>
  readonly output: Output
}

export type OfficeOptions = PassphraseOption & {
  /** A key that is open already. */
  readonly signer?: () => Promise<Signer>
}

/** Opens an account for as long as `work` takes. Raises what opening the folder and its desk raises. */
export const withOffice = async <T>(
  output: Output,
  path: string,
  options: OfficeOptions,
  work: (office: Office) => Promise<T>,
): Promise<T> => {
  const folder = readAccountFolder(path)
  const engine = createNativeEngine()
  const { development } = folder
  const home = development ? join(path, development.home) : homeFolder(process.env)
  const desk = openAccountDesk(folder, {
    verifier: engine,
    guards: join(home, 'guards'),
    durable: true,
  })
  try {
    const directory = createDirectoryClient(readAddresses(path), {
      surroundings: platformSurroundings(),
      verifier: engine,
    })
    const open = async (): Promise<Signer> => {
      const { identity, device } = folder
      const from = development
        ? { passphraseFile: join(path, development.passphraseFile), ...options }
        : options
      const passphrase = await passphraseOf(output, from, { name: identity })
      return openSigner({ home, name: identity, device, engine, passphrase })
    }
    return await work({
      folder,
      desk,
      directory,
      engine,
      checks: { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine },
      signer: options.signer ?? once(open),
      output,
    })
  } finally {
    desk.close()
  }
}

/** The same promise every time, and another try after a failure. */
const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
