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
import { claimOfSend, type FoundSend, isTaken, sendsTo } from 'tallystick/command'
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
import { isReceipted, type PaymentState, paymentState, provePremises } from 'tallystick/payments'
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
  /** Sends that were claimed before. */
  readonly known: number
}

/** Raises what reading the file raises. */
export const paymentsIn = async (office: Office, file: Uint8Array): Promise<Looked> => {
  const bundle = bundleFromFile(file)
  const payments: Payment[] = []
  const refused: Fault[] = []
  let known = 0
  const { folder, desk } = office
  for (const found of sendsTo(bundle, folder.id)) {
    const { source, out } = found
    if (out.to.holder !== folder.own) continue
    if (isTaken(desk.state().machine, found)) {
      known += 1
      continue
    }
    const payment = await prove(office, found, file)
    if (isFault(payment)) refused.push(payment.at({ machine: source, party: out.from }))
    else payments.push(payment)
  }
  return { payments, refused, known }
}

const prove = async (
  office: Office,
  found: FoundSend,
  file: Uint8Array,
): Promise<Payment | Fault> => {
  const { source, out, asset, charter } = found
  const { operation, premise } = claimOfSend(found)
  const direct = provePremises(file, [premise], office.checks)
  const whole =
    isFault(direct) || !isReceipted(direct.grade) ? await completed(office, source, file) : file
  const proven = whole === file ? direct : provePremises(whole, [premise], office.checks)
  if (isFault(proven)) return proven
  return {
    from: out.from,
    source,
    amount: moneyIn(charter, asset.logic, out.amount),
    ...statesOf(out.amount, proven.grade),
    grade: proven.grade,
    operation,
    premise,
    proven: proven.proven,
    asset: charter,
    file: whole,
  }
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
