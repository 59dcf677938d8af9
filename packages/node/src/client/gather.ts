/**
 * Gathering: a bundle of a machine, with the machines that its steps rest on, fetched from a directory.
 *
 * Promise. What is gathered are parts whose signatures were checked on the way; `verify` has the last word, and whoever
 * gathers should ask it. Machines that no directory serves, as relationships of two, have to be in what is handed in as known.
 *
 * Not promised. That the file is small: it goes back to the beginning of every machine in it.
 */
import { faultFrom, isFault, type MachineId } from 'tallystick/base'
import { type Charter, type Interaction, machineId, openMachine } from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import { DIRECTORY } from 'tallystick/models'
import {
  type Bundle,
  type BundleStep,
  bundleStepFrom,
  EMPTY_BUNDLE,
  joinBundles,
} from 'tallystick/verify'
import type { DirectoryClient } from './directory.ts'
import { type CertifiedSubmission, fetchCharter, fetchHistory } from './history.ts'
import { FETCHED_MACHINES_MAX } from './limits.ts'

export type Gathering = {
  /** What is in hand already, for machines that no directory serves. */
  readonly known?: Bundle
  /** Charters in hand; others are fetched. */
  readonly charters?: readonly Charter[]
  /** A machine whose steps are all among the known. */
  readonly except?: MachineId
}

export type Gathered = {
  readonly bundle: Bundle
  /** Machines that nobody showed. */
  readonly missing: readonly MachineId[]
}

/** The certified steps of these machines, and of those that they rest on. */
export const gatherBundle = async (
  directory: DirectoryClient,
  machines: readonly MachineId[],
  { known = EMPTY_BUNDLE, charters: given = [], except }: Gathering = {},
): Promise<Gathered> => {
  const charters = new Map([...known.charters, ...given].map((one) => [machineId(one), one]))
  const steps: CertifiedSubmission[] = []
  const missing: MachineId[] = []
  const seen = new Set<MachineId>()
  const queue = [...machines, ...known.steps.flatMap((one) => machinesOf(one.interaction))]
  for (let machine = queue.shift(); machine; machine = queue.shift()) {
    if (seen.has(machine) || seen.size >= FETCHED_MACHINES_MAX) continue
    seen.add(machine)
    const charter = charters.get(machine) ?? (await fetchCharter(directory, machine))
    if (!charter) {
      missing.push(machine)
      continue
    }
    charters.set(machine, charter)
    if (charter.terms.policy.kind !== DIRECTORY || machine === except) continue
    const { certified } = await fetchHistory(directory, charter)
    for (const one of certified) {
      steps.push(one)
      queue.push(...machinesOf(one.submission.interaction))
    }
  }
  const own: Bundle = {
    ...EMPTY_BUNDLE,
    charters: [...charters].flatMap(([id, one]) => (seen.has(id) ? [one] : [])),
    steps: bundleStepsFrom(steps, [...charters.values()]),
  }
  return { bundle: joinBundles([known, own]), missing }
}

/** Machines that a step touches or relies on. */
const machinesOf = (of: Interaction): readonly MachineId[] => [
  ...of.legs.map((one) => one.machine),
  ...of.premises.map((one) => one.machine),
]

/** Certified steps as parts of a bundle. Those that refer to a machine whose charter is not there are left out. */
export const bundleStepsFrom = (
  steps: readonly CertifiedSubmission[],
  charters: readonly Charter[],
): readonly BundleStep[] => {
  const genesis = new Map(
    charters.flatMap((one) => {
      const machine = openMachine(one, STANDARD_LOGICS)
      return isFault(machine) ? [] : [[machine.id, machine.headId] as const]
    }),
  )
  return steps.flatMap(({ submission, certificate, accepted }) => {
    const { interaction, transition, consents, proposal } = submission
    const step = faultFrom(() =>
      bundleStepFrom(
        {
          interaction,
          transition,
          consents,
          proposal: [{ key: 0, signature: proposal }],
          certificate,
          accepted,
        },
        (machine) => genesis.get(machine),
      ),
    )
    return isFault(step) ? [] : [step]
  })
}
