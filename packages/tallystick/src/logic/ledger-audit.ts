/**
 * Audits: both sides of a ledger's equation over a set of machines, and what a receiver has at risk.
 *
 * Promise. For the machines given, balances + locks + bonds + money on its way = issued − burned + unbacked. `unbacked` is
 * what was credited without a matching send in the set: zero when the set holds every source and none of them forked.
 * So value is neither lost nor made exactly if `isConserved`.
 */
import type { MachineId } from '../base/brand.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import type { Machine } from '../kernel/execute.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { Prefix } from '../kernel/logic.ts'
import { type Grade, GRADES } from '../kernel/verdict.ts'
import { ledgerOperation } from './ledger-operation.ts'
import { type In, type LedgerRecord, type Out, recordsIn } from './ledger-record.ts'

export type Audit = {
  readonly issued: bigint
  readonly burned: bigint
  readonly balances: bigint
  readonly locked: bigint
  readonly bonded: bigint
  /** Sent and not yet claimed. */
  readonly onTheWay: bigint
  /** Claimed, and not sent by any machine of the set in the state given. */
  readonly unbacked: bigint
}

/** Adds up one asset over machines, each at one point of its history. */
export const auditOf = (asset: Prefix, machines: readonly Machine[]): Audit => {
  const books = machines.flatMap((one) =>
    recordsIn(one, asset).map((record) => ({ machine: one.id, record })),
  )
  const sent = new Map<string, bigint>()
  for (const { machine, record } of books)
    if (record.is === 'out') sent.set(routeOfOut(machine, record), record.amount)
  let claimed = 0n
  let unbacked = 0n
  for (const { machine, record } of books) {
    if (record.is !== 'in') continue
    if (sent.get(routeOfIn(machine, record)) === record.amount) claimed += record.amount
    else unbacked += record.amount
  }
  const sum = (is: LedgerRecord['is']): bigint =>
    books.reduce(
      (total, { record }) =>
        record.is === is && 'amount' in record ? total + record.amount : total,
      0n,
    )
  const supply = books.find((one) => one.record.is === 'supply' && one.machine === asset.machine)
  const [issued, burned] =
    supply?.record.is === 'supply' ? [supply.record.issued, supply.record.burned] : [0n, 0n]
  return {
    issued,
    burned,
    balances: sum('balance'),
    locked: sum('lock'),
    bonded: sum('bond'),
    onTheWay: sum('out') - claimed,
    unbacked,
  }
}

/** Both sides of the equation, whatever happened: false means that a rule of the ledger was broken. */
export const isBalanced = (of: Audit): boolean =>
  of.balances + of.locked + of.bonded + of.onTheWay === of.issued - of.burned + of.unbacked

/** Balanced, and every claim backed: value was neither lost nor made. */
export const isConserved = (of: Audit): boolean => isBalanced(of) && of.unbacked === 0n

/** A step, and the lowest grade that its premises were found to have. */
export type Credited = { readonly interaction: Interaction; readonly grade: Grade }

/**
 * What receivers would lose if every claim resting on less than a quorum's receipts were undone: the sum of such claims
 * into `machine`. A send shown by a co-signed step counts too, because only its own parties are protected from a second
 * branch. The receiver compares it with its own cap before it agrees.
 */
export const exposureOf = (
  asset: Prefix,
  machine: MachineId,
  steps: readonly Credited[],
): bigint => {
  let exposed = 0n
  for (const { interaction, grade } of steps) {
    if (GRADES.indexOf(grade) >= GRADES.indexOf('receipted')) continue
    for (const one of interaction.operations) {
      if (one.machine !== asset.machine || one.logic !== asset.logic) continue
      const operation = faultFrom(() => ledgerOperation.decode(one.argument))
      if (isFault(operation) || operation.is !== 'claim') continue
      if (operation.out.to.machine === machine) exposed += operation.out.amount
    }
  }
  return exposed
}

const routeOfOut = (source: MachineId, of: Out): string =>
  [source, of.to.machine, of.interaction, of.nonce].join(' ')

const routeOfIn = (destination: MachineId, of: In): string =>
  [of.source, destination, of.interaction, of.nonce].join(' ')
