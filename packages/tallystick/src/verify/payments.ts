/**
 * Payments in a file: what each step that moves money amounts to for whom it pays, by what the file shows.
 *
 * Promise. A payment stands no better than its step does, nor than the step that the money came from. A file that shows
 * less says less: without the receipts of the payer's step a payment is `provisional`, and `certified` in a file that has them.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import type { Evidence } from '../kernel/evidence.ts'
import { type Grade, lowerGrade } from '../kernel/verdict.ts'
import { type Asset, assetsIn } from '../logic/ledger-asset.ts'
import { type Exposure, exposureByPayer, joinExposures, totalOf } from '../logic/ledger-exposure.ts'
import { type Footing, type Payment, paymentsIn } from '../logic/payment.ts'
import type { ConvictionReport, Standing } from './report.ts'
import type { Node, Rest } from './run.ts'
import type { Settled as StepSettled, Settlement } from './standing.ts'
import type { Survey } from './verify.ts'

/** A payment, and the step that makes it. */
export type PaymentFound = Payment & {
  readonly asset: Asset
  readonly step: {
    readonly machine: MachineId
    readonly sequence: bigint
    readonly id: TransitionId
  }
}

/** Every payment that the file's steps make, in the order of the file. */
export const paymentsFrom = (surveyed: Survey): readonly PaymentFound[] => {
  const { run, settlement, branches } = surveyed
  const assets = assetsIn(run.charters)
  const exposures = new Map<string, Exposure>()
  const found: PaymentFound[] = []
  for (const node of run.nodes.values()) {
    const { parent, interaction, machine } = node
    const settled = settlement.get(machine.headId)
    if (!parent || !interaction || !settled) continue
    const relied = reliedOn(settlement, node)
    const place = { machine: machine.id, sequence: machine.head.sequence, id: machine.headId }
    for (const asset of assets) {
      const { prefix } = asset
      const key = (id: TransitionId): string => `${id} ${prefix.machine} ${prefix.logic}`
      const own = exposureByPayer(prefix, machine.id, [{ interaction, grade: relied }])
      const exposure = joinExposures([exposures.get(key(parent.machine.headId)) ?? new Map(), own])
      exposures.set(key(machine.headId), exposure)
      const footing: Footing = {
        standing: STANDS[settled.standing],
        grade: settled.grade,
        relied,
        exposed: totalOf(exposure),
        proof: proofAt(branches.convictions, place, settled),
      }
      for (const one of paymentsIn(prefix, machine.id, { interaction, footing })) {
        found.push({ ...one, asset, step: place })
      }
    }
  }
  return found
}

const STANDS: Readonly<Record<Standing, Footing['standing']>> = {
  final: 'final',
  // Nobody here has run the rules that it follows from, so it is worth what its signers say.
  vouched: 'signed',
  provisional: 'signed',
  pending: 'offered',
  unchecked: 'offered',
  superseded: 'lost',
  contested: 'lost',
  refused: 'lost',
}

/** The lowest grade of what a step relies on in other machines. */
const reliedOn = (settlement: Settlement, { rests }: Node): Grade =>
  rests.map((one) => gradeOf(settlement, one)).reduce(lowerGrade, 'proven')

const gradeOf = (settlement: Settlement, rest: Rest): Grade => {
  if (rest.is === 'remembered') return rest.head.grade
  const settled = settlement.get(rest.node.machine.headId)
  if (!settled) return 'local'
  return settled.standing === 'final' ? settled.grade : lowerGrade(settled.grade, 'provisional')
}

type Place = { readonly machine: MachineId; readonly sequence: bigint }

/** Evidence about the step itself, or about the one that it rests on. */
const proofAt = (
  convictions: readonly ConvictionReport[],
  place: Place,
  settled: StepSettled,
): Evidence | undefined => {
  const places = settled.restsOn ? [place, settled.restsOn] : [place]
  return convictions.find((one) =>
    places.some((at) => at.machine === one.machine && at.sequence === one.sequence),
  )?.evidence
}
