/**
 * Money on its way to a machine, as a bundle names it, and what claims it there. Nothing is proven here: whoever takes the money
 * proves the claim's premise from the file.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import type { SuiteId } from '../base/suite.ts'
import { type Charter, machineId } from '../kernel/charter.ts'
import type { Machine } from '../kernel/execute.ts'
import { interactionId, type Operation, type Premise } from '../kernel/interaction.ts'
import type { Prefix } from '../kernel/logic.ts'
import { transitionId } from '../kernel/transition.ts'
import { claimOf, type LedgerOperation, ledgerOperation } from '../logic/ledger-operation.ts'
import { type Out, recordsIn } from '../logic/ledger-record.ts'
import { assetsIn } from '../logic/ledger-asset.ts'
import { ledger } from '../logic/ledger.ts'
import { type Bundle, fileFromBundle } from '../verify/bundle.ts'
import type { VerifyOptions } from '../verify/run.ts'
import { survey } from '../verify/verify.ts'

export type FoundSend = {
  /** The machine that was debited, and the step that did it. */
  readonly source: MachineId
  readonly transition: TransitionId
  readonly suite: SuiteId
  readonly out: Out
  readonly asset: Prefix
  /** Of the machine whose rules move the money. */
  readonly charter: Charter
}

/** Every send to somebody in a machine. */
export const sendsTo = (bundle: Bundle, machine: MachineId): readonly FoundSend[] => {
  const charters = new Map(bundle.charters.map((one) => [machineId(one), one]))
  return bundle.steps.flatMap((step) =>
    step.interaction.operations.flatMap((operation): readonly FoundSend[] => {
      const charter = charters.get(operation.machine)
      const of = charter && ledgerCall(charter, operation)
      if (!charter || of?.is !== 'send' || of.to.machine !== machine) return []
      const source = of.from.machine
      const { suite } = step.interaction
      const written = step.legs.find(
        (one) => one.is === 'written' && one.transition.machine === source,
      )
      if (written?.is !== 'written') return []
      const { to, amount, nonce } = of
      const interaction = interactionId(step.interaction)
      const from = of.from.holder
      return [
        {
          source,
          transition: transitionId(suite, written.transition),
          suite,
          out: { is: 'out', from, to, amount, nonce, interaction },
          asset: { machine: operation.machine, logic: operation.logic },
          charter,
        },
      ]
    }),
  )
}

const ledgerCall = (charter: Charter, operation: Operation): LedgerOperation | undefined => {
  if (charter.logics[operation.logic]?.name !== ledger.name) return undefined
  const of = faultFrom(() => ledgerOperation.decode(operation.argument))
  return isFault(of) ? undefined : of
}

/**
 * What bonds have paid to a machine, as a bundle shows it. Such money stands in no operation: it is found in the states that
 * the steps lead to, so the bundle is run for it.
 */
export const payoutsTo = (
  bundle: Bundle,
  machine: MachineId,
  checks: VerifyOptions,
): readonly FoundSend[] => {
  const charters = new Map(bundle.charters.map((one) => [machineId(one), one]))
  const isSlashed = bundle.steps.some(({ interaction }) =>
    interaction.operations.some((one) => {
      const charter = charters.get(one.machine)
      return charter !== undefined && ledgerCall(charter, one)?.is === 'slash'
    }),
  )
  const surveyed = isSlashed ? survey(fileFromBundle({ ...bundle, facts: [] }), checks) : undefined
  if (surveyed === undefined || isFault(surveyed)) return []
  const sent = new Set(sendsTo(bundle, machine).map((one) => keyOf(one)))
  const found = [...surveyed.run.nodes.values()].flatMap(({ machine: source }) =>
    assetsIn(surveyed.run.charters).flatMap(({ prefix }): readonly FoundSend[] => {
      const charter = charters.get(prefix.machine)
      if (!charter) return []
      return recordsIn(source, prefix).flatMap((out): readonly FoundSend[] => {
        const isHere = out.is === 'out' && out.to.machine === machine
        if (!isHere || out.interaction !== source.head.interaction) return []
        const { suite } = source.terms
        return [
          { source: source.id, transition: source.headId, suite, out, asset: prefix, charter },
        ]
      })
    }),
  )
  return found.filter((one) => !sent.has(keyOf(one)))
}

const keyOf = ({ source, out }: FoundSend): string => `${source} ${out.interaction} ${out.nonce}`

/** Whether a machine has taken in a send already. */
export const isTaken = (machine: Machine, { asset, source, out }: FoundSend): boolean =>
  recordsIn(machine, asset).some(
    (one) =>
      one.is === 'in' &&
      one.source === source &&
      one.interaction === out.interaction &&
      one.nonce === out.nonce,
  )

export const claimOfSend = ({
  asset,
  source,
  suite,
  transition,
  out,
}: FoundSend): { readonly operation: Operation; readonly premise: Premise } =>
  claimOf({ asset, source, suite, transition, out })
