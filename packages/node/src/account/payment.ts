/**
 * Payments: money that others have sent to this account, found in the files that they hand over.
 *
 * Promise. What is found is proven: the file shows, run from its beginning, the step that sent the money, and how firm that step
 * is. A file that is not whole by itself is completed from the directory first. Nothing that was claimed is found again.
 *
 * What a payment amounts to is said in the words of `tallystick/payments`: before it is claimed by the step that sent it, and
 * afterwards by the claim, which is exposed where it rests on less than a quorum's word.
 */
import { type Fault, faultFrom, isFault, type MachineId, zeroId } from 'tallystick/base'
import { claimOfSend, type FoundSend, isTaken, payoutsTo, sendsTo } from 'tallystick/shell'
import {
  type Charter,
  type Grade,
  GRADES,
  type Operation,
  type Premise,
  type ProvenPremise,
} from 'tallystick/kernel'
import { ledgerParams, moneyText } from 'tallystick/logic'
import { bundleFromFile, fileFromBundle, joinBundles } from 'tallystick/verify'
import {
  isReceipted,
  type PaymentState,
  paymentState,
  provePremises,
  survey,
} from 'tallystick/payments'
import { gatherBundle } from '../client/gather.ts'
import type { Office } from './office.ts'

/** Money that may be claimed. */
export type Payment = {
  /** Who sent it, as the machine it comes from calls them. */
  readonly from: string
  readonly source: MachineId
  /** With the symbol. */
  readonly amount: string
  /** As it was sent. */
  readonly state: PaymentState
  /** What a claim of it amounts to once that is certified. */
  readonly claimed: PaymentState
  readonly grade: Grade
  /** In the asset’s units, and on how many people’s word it rests. */
  readonly units: bigint
  readonly hops: number
  /** Its sender’s step, and which of its sends it is. */
  readonly key: string
  readonly operation: Operation
  readonly premise: Premise
  readonly proven: readonly ProvenPremise[]
  /** Of the machine whose rules move the money. */
  readonly asset: Charter
  /** What proves it. */
  readonly file: Uint8Array
}

export type Looked = {
  readonly payments: readonly Payment[]
  /** Why sends to this account that the file names are not proven by it. */
  readonly refused: readonly Fault[]
  /** Sends in whose place their sender has signed another step: they are not to be counted on. */
  readonly conflicted: readonly Conflicted[]
  /** Sends that were claimed before. */
  readonly known: number
}

export type Conflicted = {
  readonly key: string
  readonly from: string
  readonly amount: string
  /** Both steps, and what is known of them. */
  readonly file: Uint8Array
}

/** Raises what reading the file raises. */
export const paymentsIn = async (office: Office, file: Uint8Array): Promise<Looked> => {
  const bundle = bundleFromFile(file)
  const payments: Payment[] = []
  const refused: Fault[] = []
  const conflicted: Conflicted[] = []
  let known = 0
  const { folder, desk } = office
  const sent = sendsTo(bundle, folder.id)
  for (const found of [...sent, ...payoutsTo(bundle, folder.id, office.checks)]) {
    const { source, out } = found
    if (out.to.holder !== folder.own) continue
    if (isTaken(desk.state().machine, found)) {
      known += 1
      continue
    }
    const { payment, whole } = await prove(office, found, file)
    const isFirm = !isFault(payment) && isReceipted(payment.grade)
    if (!isFirm && isConflicted(office, found, whole)) {
      const amount = moneyIn(found.charter, found.asset.logic, out.amount)
      conflicted.push({ key: keyOf(found), from: out.from, amount, file: whole })
    } else if (isFault(payment)) {
      refused.push(payment.at({ machine: source, party: out.from }))
    } else payments.push(payment)
  }
  return { payments, refused, conflicted, known }
}

const keyOf = ({ out }: FoundSend): string => `${out.interaction.slice(0, 32)}-${out.nonce}`

/** Whether the file shows another step in the place of the one that sends. */
const isConflicted = ({ checks }: Office, found: FoundSend, whole: Uint8Array): boolean => {
  const surveyed = survey(whole, checks)
  if (isFault(surveyed)) return false
  const standing = surveyed.settlement.get(found.transition)?.standing
  return standing === 'superseded' || standing === 'contested'
}

type Proving = { readonly payment: Payment | Fault; readonly whole: Uint8Array }

const prove = async (office: Office, found: FoundSend, file: Uint8Array): Promise<Proving> => {
  const { source, out, asset, charter } = found
  const { operation, premise } = claimOfSend(found)
  const direct = provePremises(file, [premise], office.checks)
  const whole =
    isFault(direct) || !isReceipted(direct.grade) ? await completed(office, source, file) : file
  const proven = whole === file ? direct : provePremises(whole, [premise], office.checks)
  if (isFault(proven)) return { payment: proven, whole }
  const payment: Payment = {
    from: out.from,
    source,
    amount: moneyIn(charter, asset.logic, out.amount),
    ...statesOf(out.amount, proven.grade),
    grade: proven.grade,
    units: out.amount,
    hops: proven.hops,
    key: keyOf(found),
    operation,
    premise,
    proven: proven.proven,
    asset: charter,
    file: whole,
  }
  return { payment, whole }
}

/** The file with what the directory has of the payer's machine, and of what that rests on. */
const completed = async (
  { directory }: Office,
  source: MachineId,
  file: Uint8Array,
): Promise<Uint8Array> => {
  const known = bundleFromFile(file)
  const { bundle } = await gatherBundle(directory, [source], { known })
  return fileFromBundle(joinBundles([known, bundle]))
}

const statesOf = (amount: bigint, grade: Grade): Pick<Payment, 'state' | 'claimed'> => {
  const nowhere = { machine: zeroId<'machine'>(), holder: '' }
  const movement = { from: nowhere, to: nowhere, amount }
  // What its owner alone has signed is not final; what the parties of a relationship have signed is, for them.
  const standing = GRADES.indexOf(grade) < GRADES.indexOf('cosigned') ? 'signed' : 'final'
  const sent = { standing, grade, relied: grade, exposed: 0n } as const
  const taken = { ...sent, standing: 'final', exposed: isReceipted(grade) ? 0n : amount } as const
  return {
    state: paymentState({ ...movement, is: 'send' }, sent),
    claimed: paymentState({ ...movement, is: 'claim' }, taken),
  }
}

const moneyIn = (charter: Charter, logic: number, amount: bigint): string => {
  const params = charter.logics[logic]?.params
  const text = params && faultFrom(() => moneyText(amount, ledgerParams.decode(params)))
  return text === undefined || isFault(text) ? `${amount} units` : text
}
