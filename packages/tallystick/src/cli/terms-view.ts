/** The terms of a machine, as a user reads them before agreeing to keep it. */
import { signerOf } from '../kernel/controller.ts'
import type { Charter, Turn } from '../kernel/charter.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import { textFromAmount } from '../logic/amount.ts'
import { type LedgerParams, ledgerParams } from '../logic/ledger-params.ts'
import { ledger } from '../logic/ledger.ts'
import { idText, type Output, type Span } from './print.ts'

/** Shows terms; `notes` says something about a party beside its name. */
export const showTerms = (
  output: Output,
  charter: Charter,
  notes: (party: number) => string,
): void => {
  const { terms } = charter
  const rows: Span[][] = terms.participants.map(({ name, controller }, party) => [
    'party',
    { text: name, tone: 'strong' },
    `${controller.keys.map((key) => `${key.scheme} key ${idText(signerOf(terms.suite, key))}`).join(', ')}`,
    notes(party),
  ])
  output.table(rows)
  output.table([
    ['final', policyText(charter)],
    ['turn ', turnText(terms.turn, charter)],
    ...charter.logics.map(({ name, params }): Span[] => [
      name === ledger.name ? 'money' : 'logic',
      name === ledger.name ? moneyTerms(params) : name,
    ]),
    ['suite', `${terms.suite}, network ${charter.network}`],
  ])
}

const policyText = ({ terms }: Charter): string =>
  terms.policy.kind === 'bilateral' ? 'a step is final when both have signed it' : terms.policy.kind

const turnText = (turn: Turn, { terms }: Charter): string => {
  const nameOf = (party: number): string => terms.participants[party]?.name ?? `party ${party}`
  switch (turn.is) {
    case 'alternate':
      return `in turn; ${nameOf(0)} proposes the first step, and each may ask for one`
    case 'leader':
    case 'owner':
      return `${nameOf(turn.party)} proposes every step, and the other may ask for one`
    case 'anyone':
      return 'anyone may propose'
  }
}

const moneyTerms = (params: Uint8Array): string => {
  const read = faultFrom(() => ledgerParams.decode(params))
  return isFault(read) ? `unreadable: ${read.message}` : ledgerText(read)
}

const ledgerText = (of: LedgerParams): string => {
  const held = of.initial.map(
    (one) => `${one.holder} ${textFromAmount(one.amount, of.decimals)} ${of.symbol}`,
  )
  const more =
    of.issuer === undefined
      ? 'nothing more is ever issued'
      : `${of.issuer} may issue up to ${textFromAmount(of.cap, of.decimals)}`
  return [...held, more].join(', ')
}
