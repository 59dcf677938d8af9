/** The terms of a machine, as a user reads them before agreeing to keep it. */
import { type Participant, signerOf } from '../kernel/controller.ts'
import { type Charter, CLOSED, type Terms } from '../kernel/charter.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import { hexFromBytes } from '../base/bytes.ts'
import { textFromAmount } from '../logic/amount.ts'
import { type LedgerParams, ledgerParams } from '../logic/ledger-params.ts'
import { ledger } from '../logic/ledger.ts'
import { statechart } from '../logic/statechart/logic.ts'
import { vault } from '../logic/vault.ts'
import { chartLines } from './chart-view.ts'
import { DIRECTORY, type DirectoryPolicy, directoryPolicy } from '../models/directory/policy.ts'
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
  warnOfOtherOperators(output, operatorsIn(before), after)
}

/** An operator as somebody knows it: by name, and by key in hexadecimal where that is known. */
export type KnownOperator = { readonly name: string; readonly publicKey?: string }

/** "north (2152f8d19b791d24)": names are anybody's to choose, so whoever consents compares the key. */
export const operatorsText = ({ operators }: Pick<DirectoryPolicy, 'operators'>): string =>
  operators.map(({ name, publicKey }) => `${name} (${operatorKeyText(publicKey)})`).join(', ')

export const operatorKeyText = (publicKey: Uint8Array): string =>
  hexFromBytes(publicKey).slice(0, OPERATOR_KEY_DIGITS)

/** 64 bits: too many to search for a key that looks like another one on purpose. */
const OPERATOR_KEY_DIGITS = 16

/**
 * Says which operators of terms have the name of one that is known, and another key.
 *
 * Attack: terms name four strangers north, east, south and west, and whoever knows operators of these names consents.
 */
export const warnOfOtherOperators = (
  output: Output,
  known: readonly KnownOperator[],
  terms: Terms,
): readonly string[] => {
  const keys = new Set(known.map((one) => one.publicKey))
  const names = new Set(known.flatMap((one) => (one.publicKey === undefined ? [] : [one.name])))
  const others = operatorsIn(terms).filter((one) => names.has(one.name) && !keys.has(one.publicKey))
  for (const { name } of others) {
    output.line(`ANOTHER KEY: this ${name} is not the operator ${name} that you know.`, 'bad')
  }
  return others.map((one) => one.name)
}

const operatorsIn = ({ policy }: Terms): readonly Required<KnownOperator>[] =>
  policy.kind === DIRECTORY
    ? directoryPolicy.decode(policy.params).operators.map(({ name, publicKey }) => ({
        name,
        publicKey: hexFromBytes(publicKey),
      }))
    : []

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
      const directory = directoryPolicy.decode(policy.params)
      return `a step is final when ${directory.threshold} of ${operatorsText(directory)} certify it`
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
