/** One line for people about an operation of a ledger: who pays whom how much. Machines appear by their first digits. */
import { textFromAmount } from './amount.ts'
import type { LedgerOperation } from './ledger-operation.ts'
import type { LedgerParams } from './ledger-params.ts'
import type { Account } from './ledger-record.ts'

export const describeLedger = (of: LedgerOperation, params: LedgerParams): string => {
  const money = (amount: bigint): string => moneyText(amount, params)
  switch (of.is) {
    case 'issue':
      return `${money(of.amount)} issued to ${accountText(of.to)}`
    case 'burn':
      return `${accountText(of.from)} burns ${money(of.amount)}`
    case 'transfer':
      return of.from.machine === of.to.machine
        ? `${of.from.holder} pays ${of.to.holder} ${money(of.amount)}`
        : `${accountText(of.from)} pays ${accountText(of.to)} ${money(of.amount)}`
    case 'send':
      return `${of.from.holder} sends ${accountText(of.to)} ${money(of.amount)}`
    case 'claim':
      return `${of.out.to.holder} receives ${money(of.out.amount)} that ${of.out.from} sent from ${short(of.source)}`
    case 'lock':
      return `${of.from} locks ${money(of.amount)} for ${of.to}, lock ${short(of.id)}, as ${deciderText(of)}`
    case 'release':
      return `lock ${short(of.id)} is paid out`
    case 'bond':
      return `${of.from.holder} puts up ${money(of.amount)} for key ${short(of.signer)} on ${short(of.covers)}`
    case 'unbond':
      return `${money(of.amount)} of the bond for key ${short(of.signer)} on ${short(of.covers)} go back`
    case 'slash': {
      const victims = of.victims.map(
        ({ out }) => `${accountText(out.to)} (sent ${money(out.amount)})`,
      )
      return `a bond pays for a proven fork: ${victims.join(', ')}`
    }
  }
}

/** '4.20 TICK'. */
export const moneyText = (amount: bigint, params: LedgerParams): string =>
  `${textFromAmount(amount, params.decimals)} ${params.symbol}`

/** First digits of an id, enough to tell a handful apart; never enough to rely on. */
export const short = (id: string): string => (id.length > 8 ? `${id.slice(0, 8)}…` : id)

/** Who decides is part of what is signed: it may give all of it to either. */
const deciderText = ({ machine, unlocker }: Extract<LedgerOperation, { is: 'lock' }>): string =>
  unlocker.machine === machine
    ? `logic ${unlocker.logic} decides`
    : `logic ${unlocker.logic} of machine ${short(unlocker.machine)} decides`

const accountText = (of: Account): string => `${of.holder}@${short(of.machine)}`
