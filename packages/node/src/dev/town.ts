/**
 * The town of `tally dev`: who is there, what each holds, and how it is made the first time. Everything lies in one folder:
 *
 *     operators/NAME    an operator's key, token, log and store
 *     home/             identities of all four people
 *     passphrase        what opens them: for development only
 *     directory.json    what `tally account new` takes
 *     mint, alice, …    an account each
 *
 * Making it may be broken off at any point; the next start finishes it.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bytesFromUtf8, type Signer, type SuiteId } from 'tallystick/base'
import {
  COST_MIN,
  createFile,
  createOutput,
  createPrivateFolder,
  listIdentities,
  newIdentity,
  openSigner,
  usageError,
} from 'tallystick/shell'
import { createNativeEngine } from 'tallystick/engine-native'
import {
  type Charter,
  type Consent,
  consentDigest,
  interactionId,
  type Machine,
  type Operation,
  type Participant,
  signerOf as signerIdOf,
  soleController,
} from 'tallystick/kernel'
import { ledgerParams, operationOnLedger } from 'tallystick/logic'
import { ownerInteraction } from 'tallystick/models'
import { acceptInbox } from '../account/accept.ts'
import { addContact } from '../account/contacts.ts'
import type { DirectoryFile } from '../account/directory-file.ts'
import {
  type AccountFolder,
  CARD,
  createAccountFolder,
  joinAddresses,
  readAccountFolder,
  readAddresses,
  writeAddresses,
} from '../account/folder.ts'
import type { OwnerWish } from '../account/desk.ts'
import { sendOperation } from '../account/money.ts'
import { type Office, withOffice } from '../account/office.ts'
import { accountCharter } from '../account/open-account.ts'
import { settle } from '../account/settle.ts'
import { assetsOf } from '../account/view.ts'

export const PEOPLE = ['mint', 'alice', 'bob', 'carol'] as const
export const SYMBOL = 'TICK'
const GIFT = '100'
/** What answers for the key of each account, in hundredths. */
const BOND = 50_00n
const PASSPHRASE = 'for development only'
const DEVICE = 'first'
const WAIT_MS = 90_000

export type DevFolder = { readonly path: string; readonly suite: SuiteId }

const homeOf = ({ path }: DevFolder): string => join(path, 'home')
export const passphraseFileOf = ({ path }: DevFolder): string => join(path, 'passphrase')
const accountPathOf = ({ path }: DevFolder, name: string): string => join(path, name)

/** Makes the identities that are not there yet. Their keys are sealed with a passphrase that lies beside them. */
export const makePeople = (of: DevFolder): void => {
  createPrivateFolder(of.path)
  if (!existsSync(passphraseFileOf(of))) {
    createFile(passphraseFileOf(of), bytesFromUtf8(`${PASSPHRASE}\n`))
  }
  const home = homeOf(of)
  const known = listIdentities(home)
  const engine = createNativeEngine()
  for (const name of PEOPLE) {
    if (known.includes(name)) continue
    const ring = { home, name, engine, passphrase: PASSPHRASE, cost: COST_MIN }
    newIdentity({ ...ring, suite: of.suite, device: DEVICE })
  }
}

/** Opens the accounts that are not there yet, funds them, and puts everybody into everybody's address book. */
export const makeAccounts = async (
  of: DevFolder,
  directory: DirectoryFile,
): Promise<readonly AccountFolder[]> => {
  const signers = new Map<string, Signer>()
  const signerOf = (name: string): Signer => {
    const known = signers.get(name)
    if (known) return known
    const ring = { home: homeOf(of), name, engine: createNativeEngine() }
    const signer = openSigner({ ...ring, passphrase: PASSPHRASE, device: DEVICE })
    signers.set(name, signer)
    return signer
  }
  const folders = PEOPLE.map((name) => {
    const path = accountPathOf(of, name)
    if (existsSync(join(path, CARD))) {
      // An account may have gone to other operators, whose addresses are not the town's to forget.
      const known = readAddresses(path)
      writeAddresses(path, joinAddresses(known, directory.addresses, directory.policy.operators))
      return readAccountFolder(path)
    }
    const charter = charterOf(name, directory, signerOf)
    const development = { home: '../home', passphraseFile: '../passphrase' }
    const card = { charter, identity: name, device: DEVICE, development }
    return createAccountFolder(path, card, directory.addresses)
  })
  for (const folder of folders) {
    for (const other of folders) if (other !== folder) addContact(folder, other.charter)
  }
  await fund(folders, signerOf)
  return folders
}

/** The mint's account keeps the bonds of all, so they are participants there, with money that can be put up and nothing else. */
const charterOf = (
  name: string,
  directory: DirectoryFile,
  signerOf: (name: string) => Signer,
): Charter => {
  const key = signerOf(name)
  const params = ledgerParams.encode({
    symbol: SYMBOL,
    decimals: 2,
    cap: 1_000_000_000_00n,
    issuer: name,
    initial: PEOPLE.map((holder) => ({
      holder,
      amount: holder === name ? 1_000_000_00n : BOND,
    })),
  })
  const logics = name === 'mint' ? [{ name: 'ledger/1', params }] : []
  const charter = accountCharter({ directory, name, key, logics })
  if (name !== 'mint') return charter
  const others = PEOPLE.filter((one) => one !== name).map((one): Participant => {
    const { scheme, publicKey } = signerOf(one)
    return { name: one, controller: soleController(scheme, publicKey) }
  })
  const participants = [...charter.terms.participants, ...others]
  return { ...charter, terms: { ...charter.terms, participants } }
}

/** Everybody's own money at the mint answers for the conduct of the key of the own account. Each depositor consents. */
const bondsOf = (
  mint: Machine,
  others: readonly AccountFolder[],
  signerOf: (name: string) => Signer,
): OwnerWish => {
  const { suite, participants } = mint.terms
  const operations = others.map((one): Operation =>
    operationOnLedger(
      { machine: mint.id, logic: 0 },
      {
        is: 'bond',
        from: { machine: mint.id, holder: one.own },
        at: mint.id,
        covers: one.id,
        signer: signerIdOf(suite, one.key),
        amount: BOND,
      },
    ),
  )
  const wish = { operations, premises: [], beside: [] }
  const digest = consentDigest(suite, interactionId(ownerInteraction(mint, wish)))
  const consents = others.map((one): Consent => ({
    machine: mint.id,
    party: participants.findIndex(({ name }) => name === one.own),
    key: 0,
    form: 'raw',
    signature: signerOf(one.own).sign(digest),
  }))
  return { ...wish, proven: [], consents }
}

/** The mint pays everybody else, once, and they take it in. */
const fund = async (
  folders: readonly AccountFolder[],
  signerOf: (name: string) => Signer,
): Promise<void> => {
  const [mint, ...others] = folders
  if (!mint) return
  const work = <T>(folder: AccountFolder, task: (office: Office) => Promise<T>): Promise<T> => {
    // What is done here is not told: it is no command of anybody's.
    const output = createOutput({ json: true })
    const signer = (): Promise<Signer> => Promise.resolve(signerOf(folder.own))
    return withOffice(output, folder.path, { signer }, task)
  }
  const isFunded = await work(mint, async (office) => {
    const { desk } = office
    if (desk.state().steps.length === 0) {
      const spending = { state: desk.state(), assets: assetsOf(office), own: mint.own }
      const operations = others.map((one): Operation =>
        sendOperation(spending, {
          to: { machine: one.id, holder: one.own },
          amount: GIFT,
          symbol: SYMBOL,
        }),
      )
      const wish = { operations, premises: [], proven: [], beside: [], consents: [] }
      desk.wish(wish, await office.signer())
    }
    // A folder that was made before there were bonds has a mint of one participant.
    if (desk.state().steps.length === 1 && mint.charter.terms.participants.length > 1) {
      const { machine } = desk.state()
      desk.wish(bondsOf(machine, others, signerOf), await office.signer())
    }
    const settled = await settle(office, WAIT_MS)
    if (settled.block) throw settled.block
    return settled.waiting.length === 0
  })
  if (!isFunded) {
    throw usageError(
      'the operators were too slow to fund the accounts',
      'tally dev goes on from here',
    )
  }
  await Promise.all(
    others.map((folder) =>
      work(folder, async (office) => {
        if (office.desk.state().steps.length === 0) await acceptInbox(office, WAIT_MS)
        else await settle(office, WAIT_MS)
      }),
    ),
  )
}
