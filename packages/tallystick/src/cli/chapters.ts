/** A machine's steps over all its eras, as one bundle: who certified which stands in the file itself. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { MachineId, TransitionId } from '../base/brand.ts'
import { isFault } from '../base/fault.ts'
import { type Charter, machineId } from '../kernel/charter.ts'
import { openMachine } from '../kernel/execute.ts'
import type { Interaction } from '../kernel/interaction.ts'
import { transitionId } from '../kernel/transition.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { agreedStep, type AgreedStep } from '../models/rounds/agreed-step.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { type Bundle, bundleFromFile, type BundleLeg, EMPTY_BUNDLE } from '../verify/bundle.ts'
import { joinBundles } from '../verify/join.ts'
import { openJournal } from './desk/journal.ts'
import { type Era, erasOf, isUnderOperators } from './eras.ts'
import { bundleFromState } from './machine-bundle.ts'
import { type MachineDesk, openDeskIn } from './machine-desk.ts'
import type { MachineFolder } from './machine-folder.ts'

const STEPS_FILE = 'steps'

/** Steps that operators have certified, as the folder keeps them. */
export const agreedIn = (era: Era): readonly AgreedStep[] => {
  const path = join(era.path, STEPS_FILE)
  if (!existsSync(path)) return []
  const journal = openJournal(path, { durable: true })
  journal.close()
  return journal.records.map((one) => agreedStep.decode(one))
}

/** Adds steps; they are on disk when it returns. */
export const keepAgreed = (era: Era, steps: readonly AgreedStep[]): void => {
  const journal = openJournal(join(era.path, STEPS_FILE), { durable: true })
  try {
    journal.append(steps.map((one) => agreedStep.encode(one)))
  } finally {
    journal.close()
  }
}

/** Steps that certifiers have agreed on, as part of a bundle, with what they rely on elsewhere. */
export const bundleFromAgreed = (charter: Charter, steps: readonly AgreedStep[]): Bundle => {
  const attached = steps.flatMap((one) => one.candidate.attachments)
  const own = bundleOfSteps(charter, steps)
  return attached.length === 0 ? own : joinBundles([own, ...attached.map(bundleFromFile)])
}

const bundleOfSteps = (charter: Charter, steps: readonly AgreedStep[]): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [charter, ...steps.flatMap((one) => one.candidate.beside)],
  steps: steps.map(({ transition, candidate, certificate, accepted }) =>
    bundleStepFrom(
      {
        transition,
        certificate,
        accepted,
        interaction: candidate.interaction,
        consents: candidate.consents,
      },
      (machine) => genesisOf(candidate.beside, machine),
    ),
  ),
})

const genesisOf = (charters: readonly Charter[], id: MachineId): TransitionId | undefined => {
  const charter = charters.find((one) => machineId(one) === id)
  const machine = charter && openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return machine?.headId
}

/** What came before the era that the machine is in now; empty while it is in its first. */
export const earlierBundle = (folder: MachineFolder): Bundle => {
  const eras = erasOf(folder)
  return joinBundles(
    eras.map((next, at) => {
      const era = eras[at - 1]
      const bundle =
        era && isUnderOperators(era)
          ? bundleFromAgreed(folder.charter, agreedIn(era))
          : withDeskIn(folder, era, (desk) => bundleFromState(desk.state(), desk.engine))
      return withAcceptance(bundle, next)
    }),
  )
}

/** The steps of earlier eras, for who looks for what they did. */
export const earlierInteractions = (folder: MachineFolder): readonly Interaction[] =>
  erasOf(folder).length === 0
    ? []
    : earlierBundle(folder)
        .steps.map((one) => one.interaction)
        .filter((one) => one.legs.some((leg) => leg.machine === folder.id))

const withDeskIn = <T>(
  folder: MachineFolder,
  era: Era | undefined,
  work: (desk: MachineDesk) => T,
): T => {
  const desk = openDeskIn(folder, era)
  try {
    return work(desk)
  } finally {
    desk.close()
  }
}

/** The bundle with the acceptance of those who follow, at the step that brought them in. */
export const withAcceptance = (bundle: Bundle, { start, accepted }: Omit<Era, 'path'>): Bundle => ({
  ...bundle,
  steps: bundle.steps.map((step) => ({
    ...step,
    legs: step.legs.map((leg): BundleLeg => {
      const isIt =
        leg.is === 'written' &&
        leg.transition.machine === start.id &&
        transitionId(step.interaction.suite, leg.transition) === start.headId
      return isIt ? { ...leg, accepted } : leg
    }),
  })),
})

/** Everything that a party can show of a machine that the two certify. */
export const wholeBundle = (desk: MachineDesk): Bundle =>
  joinBundles([earlierBundle(desk.folder), bundleFromState(desk.state(), desk.engine)])
