/**
 * One line for people about an operation of a vault. Amounts are in smallest units, because a vault does not know its asset's
 * decimals; the ledger's own line beside it says the rest.
 *
 * A line tells vaults apart for a careful reader and proves nothing: ids and keys stand here by their first digits. That terms are
 * the ones which were meant is shown by their id alone, hashed anew from terms that one made oneself.
 */
import { hexFromBytes } from '../base/bytes.ts'
import type { SuiteId } from '../base/suite.ts'
import { textFromMillis } from './calendar.ts'
import { keyText } from './key-text.ts'
import { short } from './ledger-describe.ts'
import type { Outcome } from './outcome.ts'
import { conditionText, valueText } from './vault-condition.ts'
import type { VaultOperation } from './vault-operation.ts'
import { type Arbiter, vaultId, type VaultTerms } from './vault-terms.ts'

export const describeVault = (of: VaultOperation, suite: SuiteId): string => {
  switch (of.is) {
    case 'open':
      return `vault ${short(vaultId(suite, of.terms))}: ${termsText(of.terms)}`
    case 'claim':
      return `vault ${short(of.id)}: claimed for its payee`
    case 'refund':
      return `vault ${short(of.id)}: back to its payer`
    case 'rule':
      return `vault ${short(of.id)}: ${divisionText(of.outcome)}`
    case 'publish':
      return `${of.party} says ${short(hexFromBytes(of.value))} about ${short(hexFromBytes(of.subject))}`
  }
}

/** '100 units of asset 1a2b3c4d… from alice locked for bob until …, released on bob’s word'. */
export const termsText = (of: VaultTerms): string => {
  const money = `${of.amount} units of asset ${short(of.asset.machine)} from ${of.payer}`
  const until = of.expiry ? ` until ${textFromMillis(of.expiry.at)}${clockText(of)}` : ''
  const arbiter = of.arbiter === undefined ? '' : `, or ${arbiterText(of.arbiter)}`
  return `${money} locked for ${of.payee}${until}, released ${conditionText(of.release)}${arbiter}`
}

/** Whose clock counts, where that is another machine. */
const clockText = ({ expiry, machine }: VaultTerms): string =>
  !expiry || expiry.clock === machine ? '' : ` by the clock of machine ${short(expiry.clock)}`

const arbiterText = (of: Arbiter): string => {
  switch (of.is) {
    case 'party':
      return `as ${of.name} divides`
    case 'fact':
      return `as machine ${short(of.machine)} divides under ${keyText(of)}`
    case 'facts': {
      const ways = of.of.map((one) => {
        const { machine, value, toPayee } = one
        const share = toPayee === 0n ? 'back' : `${toPayee} units paid`
        return `${share} where machine ${short(machine)}, ${keyText(one)}, shows ${valueText(value)}`
      })
      return ways.join(', or ')
    }
  }
}

const divisionText = ({ toPayee, toPayer }: Outcome): string => {
  if (toPayee === 0n) return `divided, all ${toPayer} units back to its payer`
  if (toPayer === 0n) return `divided, all ${toPayee} units to its payee`
  return `divided, ${toPayee} units to its payee, ${toPayer} back`
}
