/**
 * Ids, keys and values in full, for whoever is asked to sign: a line about an operation shows how they begin, and somebody can make a
 * machine, a lock or a record whose id begins as another does (attack: an offer that sends money to a machine that looks like the one
 * that is meant).
 *
 * Promise. Of what the operations of the standard logics name, everything that a line cuts short is here, each once, in the order in
 * which it is named.
 */
import { hexFromBytes, utf8FromBytes } from '../base/bytes.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import type { MachineId } from '../base/brand.ts'
import type { Charter } from '../kernel/charter.ts'
import type { Operation } from '../kernel/interaction.ts'
import { short } from '../logic/ledger-describe.ts'
import { ledgerOperation } from '../logic/ledger-operation.ts'
import { ledger } from '../logic/ledger.ts'
import { recordOperation } from '../logic/record-operation.ts'
import { record } from '../logic/record.ts'
import { valueText } from '../logic/vault-condition.ts'
import { vaultOperation } from '../logic/vault-operation.ts'
import { vaultId } from '../logic/vault-terms.ts'
import { vault } from '../logic/vault.ts'

export type ShownShort = {
  readonly operations: readonly Operation[]
  readonly charters: ReadonlyMap<MachineId, Charter>
  /** The lines that describe them. */
  readonly described: readonly string[]
}

export type InFull = { readonly short: string; readonly full: string }

export const inFull = ({ operations, charters, described }: ShownShort): readonly InFull[] => {
  const named = operations.flatMap((one) => cutWithin(contentOf(one, charters)))
  const text = described.join('\n')
  const shown = named.filter((one) => one.short !== one.full && text.includes(one.short))
  return shown.filter((one, at) => shown.findIndex(({ full }) => full === one.full) === at)
}

const contentOf = (
  { machine, logic, argument }: Operation,
  charters: ReadonlyMap<MachineId, Charter>,
): unknown => {
  const charter = charters.get(machine)
  const name = charter?.logics[logic]?.name
  const read = faultFrom((): unknown => {
    if (name === ledger.name) return ledgerOperation.decode(argument)
    if (name === record.name) return recordOperation.decode(argument)
    if (name !== vault.name || !charter) return undefined
    const of = vaultOperation.decode(argument)
    // A vault is called by the hash of its terms.
    return of.is === 'open' ? [vaultId(charter.terms.suite, of.terms), of] : of
  })
  return isFault(read) ? undefined : read
}

/** Ids, and bytes of any length as digits and as the text that they may be, at any depth. Codecs bound how deep that is. */
const cutWithin = (value: unknown): readonly InFull[] => {
  if (typeof value === 'string') return [cutDigits(value)]
  if (value instanceof Uint8Array) {
    const digits = cutDigits(hexFromBytes(value))
    const said = valueText(value)
    // Plain letters alone are said as they are.
    return value.length === 0 || said === digits.short
      ? [digits]
      : [digits, { short: said, full: utf8FromBytes(value) }]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(cutWithin)
}

const cutDigits = (full: string): InFull => ({ short: short(full), full })
