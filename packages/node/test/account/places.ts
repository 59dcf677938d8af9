/** Accounts in temporary folders at the directory of `../client/town.ts`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Signer } from 'tallystick/base'
import { createOutput } from 'tallystick/command'
import type { Charter } from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import { STANDARD_MODELS } from 'tallystick'
import { addContact } from '../../src/account/contacts.ts'
import { type AccountDesk, openAccountDesk } from '../../src/account/desk.ts'
import { type AccountFolder, createAccountFolder } from '../../src/account/folder.ts'
import { sendOperation } from '../../src/account/money.ts'
import type { Office } from '../../src/account/office.ts'
import { assetsOf } from '../../src/account/view.ts'
import { createDirectoryClient } from '../../src/client/directory.ts'
import {
  accountCharter,
  engine,
  type FakeNet,
  mintCharter,
  person,
  type Person,
} from '../client/town.ts'

export type Place = { readonly path: string; readonly remove: () => void }

export const createPlace = (): Place => {
  const path = mkdtempSync(join(tmpdir(), 'tallystick-account-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export type Holder = {
  readonly person: Person
  readonly folder: AccountFolder
  readonly guards: string
}

export const createHolder = (place: Place, name: string, charter?: Charter): Holder => {
  const owner = person(name)
  const card = {
    charter: charter ?? accountCharter(owner),
    identity: name,
    device: 'first',
    development: undefined,
  }
  const folder = createAccountFolder(join(place.path, name), card, [])
  return { person: owner, folder, guards: join(place.path, 'guards') }
}

/** The mint and alice, who know each other. */
export const createTwo = (place: Place): readonly [Holder, Holder] => {
  const mint = createHolder(place, 'mint', mintCharter(person('mint')))
  const alice = createHolder(place, 'alice')
  addContact(mint.folder, alice.folder.charter)
  addContact(alice.folder, mint.folder.charter)
  return [mint, alice]
}

export const signerOf = ({ secret, publicKey }: Person): Signer => ({
  scheme: 'ed25519',
  publicKey,
  sign: (digest) => engine.sign('ed25519', secret, digest),
})

export const deskOf = ({ folder, guards }: Holder): AccountDesk =>
  openAccountDesk(folder, { verifier: engine, guards, durable: false })

/** Opens an account for as long as `work` takes. */
export const within = async <T>(
  holder: Holder,
  net: FakeNet,
  work: (office: Office) => Promise<T>,
): Promise<T> => {
  const desk = deskOf(holder)
  try {
    return await work({
      folder: holder.folder,
      desk,
      directory: createDirectoryClient(net.addresses, {
        surroundings: net.surroundings,
        verifier: engine,
      }),
      engine,
      checks: { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine },
      signer: () => Promise.resolve(signerOf(holder.person)),
      output: createOutput({ json: true }),
    })
  } finally {
    desk.close()
  }
}

/** Signs a payment of one TICK and stores it. */
export const pay = (desk: AccountDesk, from: Holder, to: Holder): void => {
  const spending = { state: desk.state(), assets: assetsOf({ desk }), own: from.folder.own }
  const operation = sendOperation(spending, {
    to: { machine: to.folder.id, holder: to.folder.own },
    amount: '1',
    symbol: 'TICK',
  })
  desk.wish(
    { operations: [operation], premises: [], proven: [], beside: [], consents: [] },
    signerOf(from.person),
  )
}
