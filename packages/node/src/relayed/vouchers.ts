/** Who has certified a step of a machine on relays, by the terms under which it was decided. */
import { faultFrom, isFault } from 'tallystick/base'
import type { Terms } from 'tallystick/kernel'
import {
  CUSTODIAN_ROUNDS,
  DIRECTORY,
  directoryCertificate,
  directoryPolicy,
} from 'tallystick/models'
import { isHeld, keepersIn, standInsIn } from '../relay/changes.ts'

export type Vouchers = {
  /** Keys of the custodians in its certificate, in the order of their seats. */
  readonly custodians: readonly string[]
  /** Keys of the stand-ins in it. */
  readonly standIns: readonly string[]
  /** Names of the operators of a directory in it. */
  readonly operators: readonly string[]
}

/** Nobody where the certificate has no form that is known. */
export const vouchersOf = (terms: Terms, certificate: Uint8Array): Vouchers => {
  const signed = faultFrom(() => signersIn(terms, certificate))
  if (isFault(signed)) return { custodians: [], standIns: [], operators: [] }
  if (!isHeld(terms)) return { custodians: [], standIns: [], operators: signed }
  const reserve = standInsIn(terms)
  return {
    custodians: signed.filter((one) => !reserve.includes(one)),
    standIns: signed.filter((one) => reserve.includes(one)),
    operators: [],
  }
}

const signersIn = (terms: Terms, certificate: Uint8Array): readonly string[] => {
  if (isHeld(terms)) {
    const keys = keepersIn(terms)
    const commits = CUSTODIAN_ROUNDS.roundsIn(certificate)?.commits ?? []
    return commits.flatMap(({ signer }) => keys[signer] ?? [])
  }
  if (terms.policy.kind !== DIRECTORY) return []
  const { operators } = directoryPolicy.decode(terms.policy.params)
  const read = directoryCertificate.decode(certificate)
  const commits = read.is === 'rounds' ? read.rounds.commits : []
  return commits.flatMap(({ signer }) => operators[signer]?.name ?? [])
}
