/**
 * Steps that need both: whoever wants one signs it and hands it over in a bundle, as a step that nobody has certified yet; the other
 * signs too and takes it to the operators.
 *
 * Promise. What is signed is the very interaction that stands in the file, pinned at the head that both know. Where somebody is
 * faster, it can no longer be done, and nothing else was signed.
 */
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import {
  bundleFromAgreed,
  createPrivateFolder,
  earlierBundle,
  outFolder,
  pathFromHere,
  PUBLIC_FILE,
  replaceFile,
  usageError,
  withAcceptance,
} from 'tallystick/command'
import {
  type Consent,
  consentDigest,
  execute,
  type Interaction,
  interactionId,
  type Machine,
  type Operation,
} from 'tallystick/kernel'
import { applicationAt } from 'tallystick/models'
import {
  type Bundle,
  type BundleStep,
  bundleStepFrom,
  EMPTY_BUNDLE,
  fileFromBundle,
  joinBundles,
} from 'tallystick/verify'
import type { SharedOffice } from './office.ts'

/** Everything that this folder can show, with the attempt of somebody or the acceptances of the two behind it. */
export const bundleOf = (office: SharedOffice, more: readonly Bundle[] = []): Bundle => {
  const { folder, era, steps } = office
  const own = bundleFromAgreed(folder.charter, steps)
  return joinBundles([withAcceptance(earlierBundle(folder), era), own, ...more])
}

/** Signs a step that the other has to sign too, and writes the file for it. */
export const writeTogether = async (
  office: SharedOffice,
  operations: readonly Operation[],
): Promise<string> => {
  const { folder, followed } = office
  const { machine } = followed
  const interaction = applicationAt(machine, { operations, beside: [] })
  const after = ifBothAgree(office, interaction)
  const own = await consentOn(office, interaction)
  const step = bundleStepFrom(
    { interaction, consents: [own], transition: after.head },
    () => undefined,
  )
  const part = { ...EMPTY_BUNDLE, charters: [folder.charter], steps: [step] }
  return writeOut(
    office,
    bundleOf(office, [part]),
    `step${machine.head.sequence + 1n}-${folder.own}`,
  )
}

/** The machine after a step that both have consented to. Raises why the rules refuse it even then. */
export const ifBothAgree = (
  { followed: { machine }, options }: SharedOffice,
  interaction: Interaction,
): Machine => {
  const done = execute({
    interaction,
    machines: new Map([[machine.id, machine]]),
    logics: options.logics,
    consents: (id) => id === machine.id,
    proven: [],
    verifier: options.verifier,
  })
  if (isFault(done)) throw done
  const [after] = done.written
  if (!after) throw new Error('a step writes the machine that it is of')
  return after
}

export const consentOn = async (
  { followed, folder, signer }: SharedOffice,
  interaction: Interaction,
): Promise<Consent> => {
  const { machine } = followed
  const key = await signer()
  const signature = key.sign(consentDigest(machine.terms.suite, interactionId(interaction)))
  return { machine: machine.id, party: folder.party, key: 0, form: 'raw', signature }
}

export const writeOut = (office: SharedOffice, bundle: Bundle, name: string): string => {
  const out = outFolder(office.folder)
  createPrivateFolder(out)
  const path = join(out, `${office.folder.id.slice(0, 8)}-${name}.tally`)
  replaceFile(path, fileFromBundle(bundle), PUBLIC_FILE)
  return pathFromHere(path)
}

/** Steps of this machine that stand in a bundle, with what was signed for them. */
export const stepsIn = ({ folder }: SharedOffice, bundle: Bundle): readonly BundleStep[] =>
  bundle.steps.filter((one) =>
    one.legs.some((leg) => leg.is === 'written' && leg.transition.machine === folder.id),
  )

/** The step in a bundle that the other wants at the head, if there is one. Raises a usage error for a file of the past. */
export const wantedOf = (office: SharedOffice, bundle: Bundle): BundleStep | undefined => {
  const { machine } = office.followed
  const open = stepsIn(office, bundle).filter((one) =>
    one.legs.some((leg) => leg.is === 'written' && leg.certificate.length === 0),
  )
  const here = open.find((one) => one.interaction.legs[0]?.parent === machine.headId)
  if (open.length > 0 && !here) {
    throw usageError(
      `what ${office.folder.peer} wants was overtaken: step ${machine.head.sequence} is another`,
      'ask for it again',
    )
  }
  return here
}
