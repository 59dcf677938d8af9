/**
 * Payments: what a step that moves money amounts to for whoever is paid, in five names.
 *
 * | state | what holds |
 * |---|---|
 * | `proposed` | the payer, or nobody yet, has signed; the payee relies on nothing |
 * | `accepted` | the payee has signed to take it; it is not final under the rules of the machine that takes it |
 * | `provisional` | taken, and no quorum vouches for it: `exposure` is what the payee loses if it is undone |
 * | `certified` | a quorum vouches, for the payment and for all that it rests on |
 * | `conflicted` | something else was signed in its place; `proof` convicts whoever did, where it is known |
 *
 * Promise. A state is never stronger than what its step shows: it follows from the standing and the grades alone, and none
 * of the five is called final. Mode M1 is what both signed inside a relationship whose money was certified before: exposed
 * to nobody, because each step there needs the payee's own signature, and protected for the two alone. Mode M2 is taken
 * at the payee's risk.
 *
 * Not promised. That money in state `certified` cannot be lost with a key, or that what is `provisional` will be undone.
 */
import type { MachineId } from '../base/brand.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import type { Evidence } from '../kernel/evidence.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { Prefix } from '../kernel/logic.ts'
import { type Grade, GRADES } from '../kernel/verdict.ts'
import { ledgerOperation } from './ledger-operation.ts'
import type { Account } from './ledger-record.ts'

export type PaymentState =
  | { readonly is: 'proposed' }
  | { readonly is: 'accepted' }
  | {
      readonly is: 'provisional'
      /** No quorum has seen it. */
      readonly offline: true
      readonly mode: 'M1' | 'M2'
      readonly exposure: bigint
    }
  | { readonly is: 'certified' }
  | { readonly is: 'conflicted'; readonly proof: Evidence | undefined }

/** What is known of a step that moves money. */
export type Footing = {
  /**
   * `offered`: signatures are missing. `agreed`: the payee's is there, and others are missing. `signed`: all parties or the
   * owner have signed, and it rests on something weaker or is not certified. `final`: its machine's policy is met, and that
   * of all it rests on. `lost`: another step was signed for in its place, or in the place of what it rests on.
   */
  readonly standing: 'offered' | 'agreed' | 'signed' | 'final' | 'lost'
  /** The lowest on its way, its own certificate included. */
  readonly grade: Grade
  /** The lowest of what it relies on in other machines; `proven` if it relies on nothing. */
  readonly relied: Grade
  /** What the machine has taken that rests on less than a quorum's receipts, this step included. */
  readonly exposed: bigint
  /** Evidence against whoever signed in its place. */
  readonly proof?: Evidence | undefined
}

/** One movement of money by a step. `from` is a machine and a name wherever the step says so. */
export type Movement = {
  readonly is: 'transfer' | 'send' | 'claim'
  readonly from: Account
  readonly to: Account
  readonly amount: bigint
}

export type Payment = Movement & { readonly state: PaymentState }

/** Whether a quorum vouches that a step is the only one, or more than that. */
export const isReceipted = (grade: Grade): boolean =>
  GRADES.indexOf(grade) >= GRADES.indexOf('receipted')

/** What a movement of money amounts to for whoever is paid. */
export const paymentState = ({ is, amount }: Movement, of: Footing): PaymentState => {
  const { standing } = of
  if (standing === 'lost') return { is: 'conflicted', proof: of.proof }
  if (standing === 'offered') return { is: 'proposed' }
  if (standing === 'agreed') return { is: 'accepted' }
  switch (is) {
    case 'send':
      // What nobody has taken exposes nobody; a quorum's word is all that makes it more than a proposal.
      return standing === 'final' && isReceipted(of.grade)
        ? { is: 'certified' }
        : { is: 'proposed' }
    case 'claim':
      if (!isReceipted(of.relied)) return atRisk(amount)
      return standing === 'final' ? { is: 'certified' } : { is: 'accepted' }
    case 'transfer':
      return transferState(amount, of)
  }
}

const transferState = (amount: bigint, of: Footing): PaymentState => {
  if (of.standing === 'final' && isReceipted(of.grade)) return { is: 'certified' }
  if (of.exposed > 0n) return atRisk(of.exposed < amount ? of.exposed : amount)
  // All have signed and nothing is exposed: money set aside earlier. With an owner's signature alone it is all at risk.
  return of.standing === 'final'
    ? { is: 'provisional', offline: true, mode: 'M1', exposure: 0n }
    : atRisk(amount)
}

const atRisk = (exposure: bigint): PaymentState => ({
  is: 'provisional',
  offline: true,
  mode: 'M2',
  exposure,
})

/** The movements of one asset that an interaction makes in a machine, or out of it, or into it. */
export const movementsIn = (
  asset: Prefix,
  machine: MachineId,
  { operations }: Interaction,
): readonly Movement[] =>
  operations.flatMap((one): readonly Movement[] => {
    if (one.machine !== asset.machine || one.logic !== asset.logic) return []
    const operation = faultFrom(() => ledgerOperation.decode(one.argument))
    if (isFault(operation)) return []
    const { is } = operation
    if (is === 'claim') {
      const { source, out } = operation
      const from = { machine: source, holder: out.from }
      return out.to.machine === machine ? [{ is, from, to: out.to, amount: out.amount }] : []
    }
    if (is !== 'transfer' && is !== 'send') return []
    const { from, to, amount } = operation
    const isHere = from.machine === machine || (is === 'transfer' && to.machine === machine)
    return isHere ? [{ is, from, to, amount }] : []
  })

/** What a step amounts to for whom it pays. */
export const paymentsIn = (
  asset: Prefix,
  machine: MachineId,
  step: { readonly interaction: Interaction; readonly footing: Footing },
): readonly Payment[] =>
  movementsIn(asset, machine, step.interaction).map((one) => ({
    ...one,
    state: paymentState(one, step.footing),
  }))
