/**
 * Putting a slash together: out of evidence and the sends that its two steps made, the operation as the ledger wants it.
 *
 * Promise. Whatever the order in which victims came forward, the operation is the same: victims in ascending order of
 * their records' keys, nobody twice. What the ledger would refuse is raised here, before anybody is asked to propose it.
 * Who cannot be listed is said, and why: a step that the evidence does not show, or more victims than one operation takes.
 *
 * Not promised. That everybody who was harmed has come forward. A place is slashed for once, so waiting for claims is the
 * business of whoever proposes on the machine that keeps the bond.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import { VICTIMS_MAX } from '../base/limits.ts'
import { type Evidence, evidence } from '../kernel/evidence.ts'
import { pathKey } from '../kernel/execute.ts'
import type { Operation } from '../kernel/interaction.ts'
import type { Prefix } from '../kernel/logic.ts'
import { transitionId } from '../kernel/transition.ts'
import type { Proof } from '../state/proof.ts'
import { owedTo, payeeOf, splitProRata, stepsOf } from './ledger-bond.ts'
import { type Instead, operationOnLedger, type Victim } from './ledger-operation.ts'
import { type Account, type Out, recordPath } from './ledger-record.ts'

/** A send that a step made, shown under that step's state root. */
export type Owed = {
  readonly step: TransitionId
  readonly out: Out
  readonly proof: Proof
  /** Where the addressee is to be paid instead of where the send was to go. */
  readonly instead?: Instead | undefined
}

export type LeftOut = { readonly owed: Owed; readonly why: 'other-step' | 'too-many' }

export type Victims = {
  readonly listed: readonly Victim[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Who can be paid on this evidence. Of more than one operation takes, those who were sent the most are listed.
 * Raises `ledger/no-fork` for evidence without two steps.
 */
export const victimsOf = (asset: Prefix, held: Evidence, owed: readonly Owed[]): Victims => {
  const steps = stepsOf(held).map((one) => transitionId(held.suite, one))
  const keyed = new Map(
    owed.map((one) => [pathKey(held.suite, asset, recordPath(one.out)), one] as const),
  )
  const leftOut: LeftOut[] = []
  const known = [...keyed].filter(([, one]) => {
    const isShown = steps.includes(one.step)
    if (!isShown) leftOut.push({ owed: one, why: 'other-step' })
    return isShown
  })
  const bySize = known.toSorted(([a, x], [b, y]) =>
    x.out.amount === y.out.amount ? (a < b ? -1 : 1) : x.out.amount > y.out.amount ? -1 : 1,
  )
  for (const [, one] of bySize.slice(VICTIMS_MAX)) leftOut.push({ owed: one, why: 'too-many' })
  const listed = bySize
    .slice(0, VICTIMS_MAX)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { step, out, proof, instead }]) => ({
      child: steps.indexOf(step),
      out,
      proof,
      instead,
    }))
  return { listed, leftOut }
}

/** Whom a bond of this size pays how much, in the order of the list. Raises the faults of `owedTo`. */
export const sharesOf = (
  asset: Prefix,
  of: { readonly evidence: Evidence; readonly victims: readonly Victim[]; readonly bond: bigint },
): readonly Share[] => {
  const shares = splitProRata(of.bond, owedTo(asset, of.evidence, of.victims))
  return of.victims.map((one, at) => ({
    out: one.out,
    share: shares[at] ?? 0n,
    paidTo: payeeOf(one),
  }))
}

/** What one victim gets, and where. */
export type Share = { readonly out: Out; readonly share: bigint; readonly paidTo: Account }

/** The operation that pays these victims from the bond kept in `at`. Raises the faults of `owedTo` and of the codec. */
export const slashOn = (
  asset: Prefix,
  of: {
    readonly at: MachineId
    readonly evidence: Evidence
    readonly victims: readonly Victim[]
  },
): Operation => {
  owedTo(asset, of.evidence, of.victims)
  for (const one of of.victims) payeeOf(one)
  return operationOnLedger(asset, {
    is: 'slash',
    at: of.at,
    evidence: evidence.encode(of.evidence),
    victims: of.victims,
  })
}
