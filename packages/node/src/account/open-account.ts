/** Opening an account: a machine that one participant owns, under the policy of a directory. */
import { randomBytes } from 'node:crypto'
import type { SignerKey } from 'tallystick/base'
import type { Charter } from 'tallystick/kernel'
import { soleController } from 'tallystick/kernel'
import { directoryTerms } from 'tallystick/models'
import type { DirectoryFile } from './directory-file.ts'

export type Opening = {
  readonly directory: DirectoryFile
  /** What the owner is called in the account. */
  readonly name: string
  readonly key: SignerKey
  readonly logics?: Charter['logics']
}

export const accountCharter = ({ directory, name, key, logics = [] }: Opening): Charter => ({
  network: directory.network,
  nonce: new Uint8Array(randomBytes(32)),
  terms: {
    suite: directory.suite,
    participants: [{ name, controller: soleController(key.scheme, key.publicKey) }],
    turn: { is: 'owner', party: 0 },
    policy: directoryTerms(directory.policy),
  },
  logics,
  state: { is: 'tree' },
})
