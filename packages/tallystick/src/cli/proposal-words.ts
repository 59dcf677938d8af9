/**
 * What people type to propose a step, as operations. A small fixed grammar:
 *
 *     pay NAME AMOUNT            give money to the other party
 *     lock NAME AMOUNT           set money aside for NAME, released on your word or refunded if both agree
 *     lock NAME AMOUNT on HASH   the same, released for the secret with this digest
 *     release VAULT [SECRET]     pay a vault out to its payee
 *     refund VAULT               give it back to its payer
 *     close                      end the machine: no further step can ever become final
 *
 * An amount may be followed by its symbol where a machine has several assets. A vault is named by the first digits of its id.
 */
import { bytesFromHex } from '../base/bytes.ts'
import { isFault, faultFrom } from '../base/fault.ts'
import { CLOSED, terms } from '../kernel/charter.ts'
import type { Machine } from '../kernel/execute.ts'
import { AMEND, type Operation } from '../kernel/interaction.ts'
import type { Prefix } from '../kernel/logic.ts'
import { amountFromText } from '../logic/amount.ts'
import { operationOnLedger } from '../logic/ledger-operation.ts'
import { depositOperations, settleOperations, type Vault } from '../logic/vault-operation.ts'
import { vaultsIn } from '../logic/vault-record.ts'
import { vault } from '../logic/vault.ts'
import { type Asset, assetsIn } from '../logic/ledger-asset.ts'
import { eventsIn } from './chart-view.ts'
import { usageError } from './print.ts'

export type Proposing = {
  readonly machine: Machine
  /** The name of the one who proposes. */
  readonly own: string
  /** 32 fresh random bytes, for what must be told apart. */
  readonly nonce: Uint8Array
  /** Assets whose rules stand elsewhere and that the machine may hold. */
  readonly assets?: readonly Asset[]
}

/** Raises a usage error for words outside the grammar, and the faults of amounts. */
export const operationsFromWords = (text: string, of: Proposing): readonly Operation[] => {
  const [verb = '', ...words] = wordsOf(text, of.machine)
  switch (verb) {
    case 'pay':
      return pay(words, of)
    case 'lock':
      return lock(words, of)
    case 'release':
    case 'refund':
      return settle(verb, words, of)
    case 'close':
      return close(words, of)
    default:
      throw unknownStep(text, of.machine)
  }
}

const unknownStep = (text: string, machine: Machine): Error => {
  const events = eventsIn(machine.charter)
  return events.length === 0
    ? usageError(`"${text}" is no step that I know`, `say ${GRAMMAR}, or use --op FILE`)
    : usageError(`"${text}" is no event of this machine`, `send one of ${events.join(', ')}`)
}

/** Words apart at blanks, except that a party's name stays one word where it follows the verb. */
const wordsOf = (text: string, machine: Machine): readonly string[] => {
  const [verb = '', ...rest] = text.trim().split(/\s+/)
  const said = rest.join(' ')
  const name = machine.terms.participants
    .map((one) => one.name)
    .find((one) => one.includes(' ') && `${said} `.startsWith(`${one} `))
  if (name === undefined) return [verb, ...rest]
  const after = said.slice(name.length).trim()
  return after === '' ? [verb, name] : [verb, name, ...after.split(' ')]
}

export const GRAMMAR =
  '"pay NAME AMOUNT", "lock NAME AMOUNT", "release VAULT [SECRET]", "refund VAULT", "close" or, of records, "open WHAT", "hand RECORD to NAME" and more (tally propose --help)'

const pay = (words: readonly string[], of: Proposing): readonly Operation[] => {
  const [name, amount, symbol, ...rest] = words
  if (name === undefined || amount === undefined || rest.length > 0) {
    throw usageError('"pay" takes a name and an amount', 'for example: tally propose "pay bob 10"')
  }
  const { machine, own } = of
  const asset = assetIn(of, symbol)
  return [
    operationOnLedger(asset.prefix, {
      is: 'transfer',
      from: { machine: machine.id, holder: own },
      to: { machine: machine.id, holder: partyIn(machine, name) },
      amount: amountFromText(amount, asset.params.decimals, { party: own }),
    }),
  ]
}

const lock = (words: readonly string[], of: Proposing): readonly Operation[] => {
  const { machine, own, nonce } = of
  const at = words.indexOf('on')
  const digest = at < 0 ? undefined : words[at + 1]
  const [name, amount, symbol] = at < 0 ? words : words.slice(0, at)
  const isWhole = at < 0 ? words.length <= 3 : at <= 3 && words.length === at + 2
  if (name === undefined || amount === undefined || !isWhole) {
    throw usageError(
      '"lock" takes a name and an amount, and "on" and the digest of a secret if there is one',
      'for example: tally propose "lock bob 30"',
    )
  }
  const asset = assetIn(of, symbol)
  return depositOperations({
    logic: vaultLogicIn(machine),
    suite: machine.terms.suite,
    terms: {
      nonce,
      machine: machine.id,
      asset: asset.prefix,
      amount: amountFromText(amount, asset.params.decimals, { party: own }),
      payer: own,
      payee: partyIn(machine, name),
      release:
        digest === undefined
          ? { is: 'word', party: own }
          : { is: 'secret', digest: bytesOf32(digest, 'the digest') },
      expiry: undefined,
      arbiter: undefined,
    },
  })
}

const settle = (
  verb: 'release' | 'refund',
  words: readonly string[],
  { machine }: Proposing,
): readonly Operation[] => {
  const [id, secret, ...rest] = words
  if (id === undefined || rest.length > 0 || (verb === 'refund' && secret !== undefined)) {
    throw usageError(`"${verb}" takes the digits of a vault`, 'tally show lists the vaults')
  }
  const found = vaultNamed(machine, id)
  const secrets = secret === undefined ? [] : [bytesOf32(secret, 'the secret')]
  return settleOperations(found, verb === 'refund' ? { is: 'refund' } : { is: 'claim', secrets })
}

/** Terms under which nobody can certify: what the machine holds then stays as it is. */
const close = (words: readonly string[], { machine }: Proposing): readonly Operation[] => {
  if (words.length > 0) throw usageError('"close" takes nothing else', 'tally propose "close"')
  const closed = { ...machine.terms, policy: { kind: CLOSED, params: new Uint8Array(0) } }
  return [{ machine: machine.id, logic: AMEND, argument: terms.encode(closed) }]
}

const assetIn = ({ machine, assets }: Proposing, symbol: string | undefined): Asset =>
  assetAmong(assets ?? assetsIn([[machine.id, machine.charter]]), symbol)

/** The asset that is meant: by its symbol, or by symbol and first digits of its machine, TICK@3a3f. Raises a usage error. */
export const assetAmong = (assets: readonly Asset[], named: string | undefined): Asset => {
  const [symbol, digits = ''] = named?.split('@') ?? []
  const meant = assets.filter(
    ({ params, prefix }) =>
      (symbol === undefined || params.symbol === symbol) && prefix.machine.startsWith(digits),
  )
  const [only] = meant
  if (only && meant.length === 1) return only
  const symbols = assets.map((one) => one.params.symbol)
  const isPlain = new Set(symbols).size === symbols.length
  const known = isPlain
    ? symbols
    : assets.map((one) => `${one.params.symbol}@${one.prefix.machine.slice(0, 4)}`)
  throw known.length === 0
    ? usageError('this machine keeps no money', 'tally new --ledger TICK makes one that does')
    : usageError(
        `which asset? the machine keeps ${known.join(', ')}`,
        `say it behind the amount, for example ${known[0]}`,
      )
}

const partyIn = (machine: Machine, name: string): string => {
  const names = machine.terms.participants.map((one) => one.name)
  if (names.includes(name)) return name
  throw usageError(`${name} is no party of this machine`, `the parties are ${names.join(' and ')}`)
}

const vaultLogicIn = (machine: Machine): Prefix => {
  const logic = machine.charter.logics.findIndex((one) => one.name === vault.name)
  if (logic >= 0) return { machine: machine.id, logic }
  throw usageError('this machine has no vaults', 'tally new --logic vault makes one that has')
}

const vaultNamed = (machine: Machine, digits: string): Vault => {
  const logic = vaultLogicIn(machine)
  const found = vaultsIn(machine, logic).filter((one) => one.id.startsWith(digits))
  const [only] = found
  if (only && found.length === 1) {
    return { logic, suite: machine.terms.suite, terms: only.terms }
  }
  throw usageError(
    found.length === 0 ? `there is no vault ${digits}` : `${found.length} vaults begin so`,
    'tally show lists the vaults; type as many digits as it takes',
  )
}

const bytesOf32 = (hex: string, what: string): Uint8Array => {
  const bytes = faultFrom(() => bytesFromHex(hex))
  if (!isFault(bytes) && bytes.length === 32) return bytes
  throw usageError(`${what} is no 64 hexadecimal digits`, 'copy it whole, in lower case')
}
