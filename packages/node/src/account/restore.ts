/**
 * Restoring an account whose folder is lost, from the directory: for whoever has the device's key again.
 *
 * Safety. The folder is made beside its place and moved there after every step that the operators know of was fetched, run and taken
 * over; until then nothing here can sign. All operators have to answer, since a step that was handed to one of them alone is found at
 * that one only (`models/directory/resume.ts` in the other package argues it); whoever cannot wait says that a quorum is enough, and
 * risks a second child of such a step.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { equalBytes, Fault, type MachineId, type SignerKey } from 'tallystick/base'
import { type Output, usageError } from 'tallystick/shell'
import { createNativeEngine } from 'tallystick/engine-native'
import { createDirectoryClient } from '../client/directory.ts'
import { fetchCharter } from '../client/history.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import type { DirectoryFile } from './directory-file.ts'
import {
  type AccountFolder,
  CARD,
  createAccountFolder,
  ownerOf,
  readAccountFolder,
} from './folder.ts'
import { withOffice } from './office.ts'
import { recoverAccount } from './recover.ts'

export type Restoring = {
  readonly directory: DirectoryFile
  readonly machine: MachineId
  /** Where it is to lie. */
  readonly path: string
  readonly identity: string
  readonly device: string
  readonly key: SignerKey
  readonly isQuorumEnough: boolean
}

export type Restored =
  | { readonly is: 'restored'; readonly folder: AccountFolder; readonly steps: number }
  /** Nothing was made: these have to answer first. */
  | { readonly is: 'waiting'; readonly names: readonly string[] }

/**
 * Raises `account/unknown` where no operator has the charter, `account/other-key` where another key owns the machine, a usage error
 * for a place that is taken, and what recovering raises.
 */
export const restoreAccount = async (output: Output, of: Restoring): Promise<Restored> => {
  const { directory, machine, path, identity, device } = of
  if (existsSync(join(path, CARD))) throw usageError(`${path} exists`, 'choose another --dir')
  const client = createDirectoryClient(directory.addresses, {
    surroundings: platformSurroundings(),
    verifier: createNativeEngine(),
  })
  const charter = await fetchCharter(client, machine)
  if (!charter) throw new Fault('account/unknown', 'no operator shows this machine', { machine })
  const owner = ownerOf(charter)
  const isOwn =
    owner?.key.scheme === of.key.scheme && equalBytes(owner.key.publicKey, of.key.publicKey)
  if (!isOwn) {
    throw new Fault('account/other-key', `the key of ${device} does not own it`, { machine })
  }
  const draft = `${path}.restoring`
  rmSync(draft, { recursive: true, force: true })
  try {
    const card = { charter, identity, device, development: undefined }
    createAccountFolder(draft, card, directory.addresses)
    const outcome = await withOffice(output, draft, {}, (office) =>
      recoverAccount(office, { isQuorumEnough: of.isQuorumEnough }),
    )
    if (outcome.is === 'waiting') return { is: 'waiting', names: outcome.names }
    renameSync(draft, path)
    return { is: 'restored', folder: readAccountFolder(path), steps: outcome.adopted }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}
