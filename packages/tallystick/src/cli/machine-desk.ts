/** The desk of a machine folder, and what a user's command does with what it wants done. */
import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'
import { isFault } from '../base/fault.ts'
import type { Fault } from '../base/fault.ts'
import type { Engine, Signer } from '../base/verifier.ts'
import { createNativeEngine } from '../engine/native.ts'
import { capFault, exposureByPayer, hopFault } from '../logic/ledger-exposure.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { createParty, type Party } from '../models/bilateral/party.ts'
import { type PartyEffect, type PartyInput, stepsOf } from '../models/bilateral/state.ts'
import { proveFromFiles } from '../verify/prove.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { type Desk, openDesk } from './desk/desk.ts'
import { openFolderStore } from './desk/store.ts'
import { createPrivateFolder } from './durable-file.ts'
import { type Era, eraOf, isUnderBoth } from './eras.ts'
import { homeFolder } from './home.ts'
import { type Keyring, listIdentities, openIdentity, sameKey } from './keystore.ts'
import { deskFolder, type MachineFolder, pathFromHere } from './machine-folder.ts'
import { assetsOf } from './machine-view.ts'
import { usageError } from './print.ts'
import { capsIn } from './risk.ts'

/** A machine's desk with what belongs to it. */
export type MachineDesk = Desk & {
  readonly folder: MachineFolder
  readonly party: Party
  readonly engine: Engine
  readonly home: string
}

/**
 * Opens the desk of a machine folder. The guard stands in the user's home: a folder put back from a backup is then noticed.
 * Raises a usage error where the home is another's, `desk/locked`, the faults of `createParty` and those of a damaged store.
 */
export const openMachineDesk = (folder: MachineFolder): MachineDesk => {
  const era = eraOf(folder)
  if (era && !isUnderBoth(era)) {
    throw usageError(
      `operators certify ${pathFromHere(folder.path)} now`,
      'propose, accept, resend, show and bundle work there',
    )
  }
  return openDeskIn(folder, era)
}

/** The desk of the two in one era; of the first one if none is named, which may be over. */
export const openDeskIn = (folder: MachineFolder, era: Era | undefined): MachineDesk => {
  const home = homeFolder(process.env)
  const engine = createNativeEngine()
  const { charter, party: position, id: machine } = folder
  checkHome(folder, { home, name: folder.identity, engine })
  const party = createParty({
    charter,
    party: position,
    keys: [0],
    logics: STANDARD_LOGICS,
    verifier: engine,
    ...(era && { start: era.start }),
  })
  if (isFault(party)) throw party
  const guards = join(home, 'guards')
  createPrivateFolder(guards)
  const guard = join(guards, `${machine}-${position}${era ? `-${basename(era.path)}` : ''}`)
  const store = era ? join(era.path, 'desk') : deskFolder(folder)
  const desk = openDesk({
    party,
    logics: STANDARD_LOGICS,
    store: openFolderStore(store, { machine, durable: true, guard }),
    // Passphrases are asked for when a signature is wanted, and not before.
    signers: new Map(),
    now: () => BigInt(Date.now()),
    random: () => new Uint8Array(randomBytes(32)),
  })
  return { ...desk, folder, party, engine, home }
}

/**
 * With another home the guard would be missing, and the folder would look like one put back from a backup. Raises a usage
 * error unless the key that the machine names has been this identity's.
 */
const checkHome = (folder: MachineFolder, ring: Keyring): void => {
  const keys = folder.charter.terms.participants[folder.party]?.controller.keys ?? []
  const isOwn =
    listIdentities(ring.home).includes(ring.name) &&
    [...openIdentity(ring).head.devices.devices.values()].some((device) =>
      keys.some((key) => sameKey(key, device.key)),
    )
  if (isOwn) return
  throw usageError(
    `${pathFromHere(folder.path)} is kept by ${folder.own}, whose identity is not in ${ring.home}`,
    'set TALLY_HOME to the folder that holds the identity',
  )
}

/** Opens the desk of a folder for as long as `work` takes. */
export const withDesk = async <T>(
  folder: MachineFolder,
  work: (desk: MachineDesk) => Promise<T>,
): Promise<T> => {
  const desk = openMachineDesk(folder)
  try {
    return await work(desk)
  } finally {
    desk.close()
  }
}

export type Asked = Extract<PartyEffect, { is: 'ask' }>

/** Who stands behind a desk: answers questions and lets keys sign. */
export type Clerk = {
  /** Yes, no, or nothing where nobody can be asked now. */
  readonly decide: (asked: Asked) => Promise<boolean | undefined>
  readonly signer: () => Promise<Signer>
}

/**
 * Does everything a desk wants done but sending, until nothing is left that can be done now. Returns why inputs were
 * refused on the way.
 */
export const attend = async (desk: MachineDesk, clerk: Clerk): Promise<readonly Fault[]> => {
  const refused: Fault[] = []
  const handled = new Set<string>()
  for (;;) {
    const effect = desk.outstanding().find((one) => one.is !== 'send' && !handled.has(one.id))
    if (!effect || effect.is === 'send') return refused
    handled.add(effect.id)
    const input = await answerTo(desk, clerk, effect)
    if (input) refused.push(...desk.take(input).refused)
  }
}

const answerTo = async (
  desk: MachineDesk,
  clerk: Clerk,
  effect: Exclude<PartyEffect, { is: 'send' }>,
): Promise<PartyInput | undefined> => {
  switch (effect.is) {
    case 'ask': {
      const yes = await clerk.decide(effect)
      return yes === undefined
        ? undefined
        : { is: 'decide', interaction: effect.interactionId, yes }
    }
    case 'sign': {
      const { digest, key } = effect
      const signer = await clerk.signer()
      return { is: 'signed', digest, key, signature: signer.sign(digest) }
    }
    case 'prove':
      return prove(desk, effect)
  }
}

/** Runs the history of what a step relies on, from the files that came with it. Money of a second hop, or above the caps, is not taken. */
const prove = (desk: MachineDesk, effect: Extract<PartyEffect, { is: 'prove' }>): PartyInput => {
  const { interactionId, interaction, attachments } = effect
  const shown = proveFromFiles({ given: attachments }, interaction.premises, {
    models: STANDARD_MODELS,
    logics: STANDARD_LOGICS,
    verifier: desk.engine,
  })
  if (isFault(shown)) return { is: 'unproven', interaction: interactionId, fault: shown }
  const { proven, grade, hops } = shown
  const { machine } = desk.state()
  const past = stepsOf(desk.state()).map((one) => ({
    interaction: one.interaction,
    grade: one.grade ?? 'cosigned',
  }))
  for (const asset of assetsOf(desk.state())) {
    const { prefix } = asset
    const exposure = exposureByPayer(prefix, machine.id, [{ interaction, grade }])
    const caps = capsIn(desk.folder.path, asset)
    const fault = caps
      ? capFault(caps, exposureByPayer(prefix, machine.id, past), { exposure, hops })
      : hopFault({ exposure, hops })
    if (fault) return { is: 'unproven', interaction: interactionId, fault }
  }
  return { is: 'proven', interaction: interactionId, proven, grade }
}
