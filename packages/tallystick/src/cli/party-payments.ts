/** Payments as a party of a relationship knows them, the one on its way included. */
import type { Interaction } from '../kernel/interaction.ts'
import { lowerGrade } from '../kernel/verdict.ts'
import type { Asset } from '../logic/ledger-asset.ts'
import { exposureByPayer, totalOf } from '../logic/ledger-exposure.ts'
import { type Footing, isReceipted, paymentsIn } from '../logic/payment.ts'
import { type PartyState, stepsOf } from '../models/bilateral/state.ts'
import type { PaymentFound } from '../verify/payments.ts'

/** Every payment, in the order of the steps; last what is on its way. */
export const partyPayments = (
  state: PartyState,
  assets: readonly Asset[],
): readonly PaymentFound[] =>
  assets.flatMap((asset) => {
    const { prefix } = asset
    const { machine, pending } = state
    const found: PaymentFound[] = []
    let exposed = 0n
    const add = (interaction: Interaction, footing: Footing, step: PaymentFound['step']): void => {
      for (const one of paymentsIn(prefix, machine.id, { interaction, footing })) {
        found.push({ ...one, asset, step })
      }
    }
    for (const { interaction, grade = 'proven', transition, id } of stepsOf(state)) {
      exposed += totalOf(exposureByPayer(prefix, machine.id, [{ interaction, grade }]))
      const footing: Footing = {
        standing: isReceipted(grade) ? 'final' : 'signed',
        grade: lowerGrade(grade, 'cosigned'),
        relied: grade,
        exposed,
      }
      add(interaction, footing, { machine: machine.id, sequence: transition.sequence, id })
    }
    if (pending) {
      // Who has voted is bound by it; until then the step is somebody's wish.
      const standing = pending.stage === 'accepted' ? 'agreed' : 'offered'
      const place = {
        machine: machine.id,
        sequence: machine.head.sequence + 1n,
        id: machine.headId,
      }
      const { interaction } = pending.draft
      add(interaction, { standing, grade: 'local', relied: 'local', exposed }, place)
    }
    return found
  })

/** What a person has to look at: whatever is not simply signed by both out of money that nobody can take back. */
export const isOpen = ({ state }: PaymentFound): boolean =>
  state.is !== 'provisional' || state.exposure > 0n
