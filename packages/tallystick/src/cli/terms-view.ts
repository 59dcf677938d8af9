/** The terms of a machine, as a user reads them before agreeing to keep it. */
import { type Participant, signerOf } from '../kernel/controller.ts'
import { type Charter, CLOSED, type Terms } from '../kernel/charter.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import { textFromAmount } from '../logic/amount.ts'
import { type LedgerParams, ledgerParams } from '../logic/ledger-params.ts'
import { ledger } from '../logic/ledger.ts'
import { statechart } from '../logic/statechart/logic.ts'
import { vault } from '../logic/vault.ts'
import { chartLines } from './chart-view.ts'
import { DIRECTORY, directoryPolicy } from '../models/directory/policy.ts'
import { idText, type Output, type Span } from './print.ts'

/** Shows terms; `notes` says something about a party beside its name. */
export const showTerms = (
  output: Output,
  charter: Charter,
  notes: (party: number) => string,
): void => {
  showParties(output, charter.terms, notes)
  output.table([
    ['final', policyText(charter.terms)],
    ['turn ', turnText(charter.terms)],
    ...charter.logics.flatMap(({ name, params }): readonly (readonly Span[])[] => {
      if (name === ledger.name) return [['money', moneyTerms(params)]]
      if (name === vault.name) return [['vault', 'money can be set aside and wait for a condition']]
      if (name === statechart.name) return chartTermsLines(params)
      return [['logic', name]]
    }),
    ['suite', `${charter.terms.suite}, network ${charter.network}`],
  ])
}

/** Shows terms that a step would put in the place of the present ones, and which keys are not those of before. */
export const showNewTerms = (output: Output, before: Terms, after: Terms): void => {
  const known = new Set(before.participants.flatMap((one) => keysOf(before, one)))
  showParties(output, after, (party) => {
    const keys = after.participants[party]
    return keys && keysOf(after, keys).every((key) => known.has(key)) ? 'as before' : 'NEW KEY'
  })
  output.table([
    ['final', policyText(after)],
    ['turn ', turnText(after)],
    ['suite', after.suite],
  ])
}

const showParties = (output: Output, terms: Terms, notes: (party: number) => string): void =>
  output.table(
    terms.participants.map((one, party): Span[] => [
      'party',
      { text: one.name, tone: 'strong' },
      keysOf(terms, one).join(', '),
      notes(party),
    ]),
  )

const keysOf = ({ suite }: Terms, { controller }: Participant): readonly string[] =>
  controller.keys.map((key) => `${key.scheme} key ${idText(signerOf(suite, key))}`)

const policyText = ({ policy }: Terms): string => {
  switch (policy.kind) {
    case 'bilateral':
      return 'a step is final when both have signed it'
    case CLOSED:
      return 'no further step can become final'
    case DIRECTORY: {
      const { operators, threshold } = directoryPolicy.decode(policy.params)
      return `a step is final when ${threshold} of ${operators.map((one) => one.name).join(', ')} certify it`
    }
    default:
      return `as the policy ${policy.kind} says`
  }
}

const turnText = (terms: Terms): string => {
  const { turn } = terms
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

const chartTermsLines = (params: Uint8Array): readonly (readonly Span[])[] => {
  const lines = faultFrom(() => chartLines(params))
  return isFault(lines) ? [['chart', `unreadable: ${lines.message}`]] : lines
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
