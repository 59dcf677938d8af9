/**
 * Who is to hold a machine, as the options of a command say it: custodians, how many of them decide, and who stands in while too many are
 * silent.
 *
 * Promise. What is not said is filled in so that the model admits it, or it is asked for: that stand-ins leave fewer liars to spare is
 * said and not passed over. Whether the whole is safe is for the model to say (`models/custodians/policy.ts`).
 */
import { bytesFromHex } from 'tallystick/base'
import { type RelayedAsk, usageError } from 'tallystick/command'
import { type CustodianPolicy, policyOf } from 'tallystick/models'
import type { EscalationTag } from 'tallystick/nostr'
import { keyFrom } from './link.ts'
import { AFTER_SECONDS, NAME_CHARACTERS_MAX } from './limits.ts'

export type Keeper = { readonly key: string; readonly name: string }

export type AskedCustody = {
  readonly custodians: readonly Keeper[]
  readonly threshold: number
  /** Missing where it is the most that the threshold bears. */
  readonly faulty: number | undefined
  readonly escalation: EscalationTag | undefined
}

/** Raises usage errors. */
export const custodyFrom = (ask: RelayedAsk): AskedCustody => {
  const custodians = (ask.custodian ?? []).map((one) => keeperFrom(one, '--custodian'))
  const count = custodians.length
  if (count === 0) {
    throw usageError(
      'nobody is named who holds the machine',
      'add --custodian NAME=KEY, best four times',
    )
  }
  const standIns = (ask.standIn ?? []).map((one) => keeperFrom(one, '--stand-in'))
  const keys = [...custodians, ...standIns].map((one) => one.key)
  if (new Set(keys).size < keys.length) {
    throw usageError('one key is named twice', 'name each custodian and each stand-in once')
  }
  const threshold = numberFrom(ask.threshold, '--threshold', [1, count]) ?? Math.max(1, count - 1)
  const given = numberFrom(ask.faulty, '--faulty', [0, count])
  if (standIns.length === 0) {
    const idle = [ask.after, ask.standInThreshold, ask.standInFaulty, ask.beside]
    if (idle.every((one) => one === undefined)) {
      return { custodians, threshold, faulty: given, escalation: undefined }
    }
    throw usageError('nobody is named who stands in', 'add --stand-in NAME=KEY')
  }
  const faulty = given ?? faultyBeside(count, threshold)
  return {
    custodians,
    threshold,
    faulty,
    escalation: escalationFrom(ask, { standIns, count, threshold, faulty }),
  }
}

/** The policy of it, for terms that follow others: names are keys, as in the charter of a definition. */
export const policyFromCustody = (of: AskedCustody): CustodianPolicy => {
  const even = policyOf(of.custodians.map(signerOf), of.threshold)
  const { escalation } = of
  return {
    ...even,
    faulty: of.faulty ?? even.faulty,
    escalation: escalation && {
      ...escalation,
      after: BigInt(escalation.after),
      standIns: escalation.standIns.map(signerOf),
    },
  }
}

const signerOf = ({ key }: Keeper): CustodianPolicy['custodians'][number] => ({
  name: key,
  scheme: 'bip340',
  publicKey: bytesFromHex(key),
})

/** A third of them, as far as stand-ins can then be of use. Raises a usage error where none could lie any more. */
const faultyBeside = (count: number, threshold: number): number => {
  const faulty = Math.min(2 * threshold - count - 2, Math.floor((count - 1) / 3))
  if (faulty > 0) return faulty
  throw usageError(
    `with ${threshold} of ${count}, stand-ins are of use only if no custodian lies`,
    'name more custodians, ask for a higher --threshold, or say --faulty 0',
  )
}

const escalationFrom = (
  ask: RelayedAsk,
  of: {
    readonly standIns: readonly Keeper[]
    readonly count: number
    readonly threshold: number
    readonly faulty: number
  },
): EscalationTag => {
  const { standIns, count, faulty } = of
  const number = standIns.length
  const threshold =
    numberFrom(ask.standInThreshold, '--stand-in-threshold', [1, number]) ??
    Math.floor(number / 2) + 1
  const liars = numberFrom(ask.standInFaulty, '--stand-in-faulty', [0, number])
  // Each of their quorums is to share more than the liars with every quorum of custodians.
  const fewest = Math.max(1, count + faulty + 1 - of.threshold)
  if (fewest >= of.threshold) {
    throw usageError(
      `with ${of.threshold} of ${count} and ${faulty} liars, stand-ins could do nothing that custodians cannot`,
      'name more custodians, or say a smaller --faulty',
    )
  }
  return {
    after: (numberFrom(ask.after, '--after', [1, 999_999_999]) ?? AFTER_SECONDS) * 1000,
    standIns,
    threshold,
    faulty: liars ?? Math.max(0, 2 * threshold - number - 1),
    custodians: numberFrom(ask.beside, '--beside', [1, of.threshold - 1]) ?? fewest,
  }
}

const keeperFrom = (typed: string, option: string): Keeper => {
  const [, name, given = ''] = /^(?:([^=]*)=)?(.*)$/.exec(typed) ?? []
  const key = keyFrom(given)
  if (key === undefined) {
    throw usageError(`${option} ${typed} names no key`, 'use NAME=npub1…, or the 64 digits')
  }
  return {
    key,
    name: Array.from(name ?? '')
      .slice(0, NAME_CHARACTERS_MAX)
      .join(''),
  }
}

const numberFrom = (
  typed: string | undefined,
  option: string,
  [least, most]: readonly [number, number],
): number | undefined => {
  if (typed === undefined) return undefined
  const value = /^[0-9]{1,9}$/.test(typed) ? Number(typed) : -1
  if (value >= least && value <= most) return value
  throw usageError(`${option} cannot be "${typed}"`, `use a number from ${least} to ${most}`)
}
