/**
 * Histories: what somebody needs to run an account again from the genesis on, in the shape of a bundle's charters and steps.
 *
 * Promise. Made into a file, it is checked by the kernel's own walk, with the network's logic and the guardians' model: every
 * signature of a sender, every rule, every state root and every seal. Nothing in it is believed.
 *
 * Not promised. That it is short: an account's history needs those of the accounts that it dealt with, up to the tesseract in which
 * they met, and of what they looked at. `neededBy` says what an entry rests on; who has the entries follows it until nothing is
 * missing, and hands them over in the order in which they were executed.
 */
import type { MachineId, TransitionId } from '../../base/brand.ts'
import type { Charter } from '../../kernel/charter.ts'
import type { Interaction } from '../../kernel/interaction.ts'
import type { Transition } from '../../kernel/transition.ts'
import { accountCharter, type NetworkMachine } from './charters.ts'
import type { MoiId } from './identifier.ts'
import { heightOf } from './tesseract.ts'

/** One interaction as a guardian keeps it. */
export type HistoryEntry = {
  readonly interaction: Interaction
  readonly steps: readonly {
    readonly account: MoiId
    readonly transition: Transition
    /** In the bytes of `kramaCertificate`; empty where it is not sealed yet. */
    readonly certificate: Uint8Array
  }[]
  readonly seen: readonly {
    readonly account: MoiId
    /** Undefined for one that did not exist. */
    readonly height: bigint | undefined
    readonly at: TransitionId
  }[]
}

/** The tesseracts that must stand before an entry: of those who moved the one before, of the others the one looked at. */
export const neededBy = ({
  steps,
  seen,
}: HistoryEntry): readonly { readonly account: MoiId; readonly height: bigint }[] => [
  ...steps.flatMap(({ account, transition }) => {
    const height = heightOf(transition)
    return height === undefined || height === 0n ? [] : [{ account, height: height - 1n }]
  }),
  ...seen.flatMap(({ account, height }) => (height === undefined ? [] : [{ account, height }])),
]

type HistoryLeg =
  | {
      readonly is: 'written'
      readonly transition: Transition
      readonly proposal: readonly []
      readonly certificate: Uint8Array
      readonly accepted: Uint8Array
    }
  | { readonly is: 'read'; readonly at: TransitionId }

export type MoiHistory = {
  readonly charters: readonly Charter[]
  readonly steps: readonly {
    readonly legs: readonly HistoryLeg[]
    readonly interaction: Interaction
    readonly consents: readonly []
  }[]
}

/** The history of these entries, in their order. */
export const historyOf = (
  network: NetworkMachine,
  entries: readonly HistoryEntry[],
): MoiHistory => {
  const accounts = new Set(
    entries.flatMap(({ steps, seen }) => [...steps, ...seen].map((one) => one.account)),
  )
  const { id, terms } = network.machine
  return {
    charters: [
      network.charter,
      ...Array.from(accounts, (account) => accountCharter(id, terms, account)),
    ],
    steps: entries.map((entry) => {
      const written = new Map(entry.steps.map((one) => [one.transition.machine, one]))
      const looked = new Map<MachineId, TransitionId>([
        [id, network.machine.headId],
        ...entry.seen.map((one) => [network.machineOf(one.account), one.at] as const),
      ])
      const legs = entry.interaction.legs.flatMap(({ machine }): readonly HistoryLeg[] => {
        const step = written.get(machine)
        if (step) {
          const { transition, certificate } = step
          return [{ is: 'written', transition, proposal: [], certificate, accepted: NONE }]
        }
        const at = looked.get(machine)
        return at === undefined ? [] : [{ is: 'read', at }]
      })
      return { legs, interaction: entry.interaction, consents: [] }
    }),
  }
}

const NONE = new Uint8Array(0)
