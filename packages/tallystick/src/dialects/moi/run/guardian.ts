/**
 * Guardians: registering, staking, unstaking, withdrawing, and rewards. All of it lies in the genesis account.
 *
 * Promise. What leaves a balance comes into a stake, and back after the withdrawal period. A guardian is its wallet's, which alone
 * acts for it after it was registered and gets what it pays out. Rewards grow with stake and time alone and come out of what the
 * genesis put aside for them, so they make no new KMOI; when that is used up, nothing is paid.
 *
 * Not promised. That a guardian did any work: MOI publishes no rule for rewards, and one guardian cannot be measured against others.
 * The form of a KYC proof is not known either, so its hash is kept and nothing is concluded from it.
 */
import { blake2b256 } from '../../../base/blake2b.ts'
import { isFault } from '../../../base/fault.ts'
import { MOI_UNSTAKINGS_MAX, PUBLIC_KEY_BYTES_MAX } from '../../../base/limits.ts'
import type { MoiId } from '../identifier.ts'
import { readKramaId } from '../krama-id.ts'
import type { GuardianAmount, GuardianRegister } from '../operation.ts'
import { append, exception } from './account.ts'
import { expectAccount } from './asset-engine.ts'
import type { Draft, ReadAccount } from './draft.ts'
import { credit, debit, type Holding } from './holding.ts'
import { guardianPath, guardianPlacePath, PATH } from './layout.ts'
import type { MoiNetwork } from './network.ts'
import {
  amountRecord,
  countRecord,
  type GuardianRecord,
  guardianRecord,
  kramaIdRecord,
  valueOr,
} from './record.ts'

/** What an operation on a guardian happens in. */
export type Guarded = {
  readonly draft: Draft
  readonly network: MoiNetwork
  readonly sender: MoiId
  readonly time: bigint
}

const YEAR_SECONDS = 31_536_000n
const MILLION = 1_000_000n

export const guardianOf = (
  read: ReadAccount,
  network: MoiNetwork,
  kramaId: string,
): GuardianRecord | undefined => {
  const value = read(network.genesis, guardianPath(kramaId))
  return value && guardianRecord.decode(value)
}

/** KramaIDs of all that ever registered. */
export const guardianIdsOf = (read: ReadAccount, network: MoiNetwork): readonly string[] => {
  const count = valueOr(countRecord, read(network.genesis, PATH.guardianCount), 0)
  return Array.from({ length: count }, (_, at) => read(network.genesis, guardianPlacePath(at)))
    .filter((value) => value !== undefined)
    .map((value) => kramaIdRecord.decode(value))
}

const kmoi = ({ network, sender }: Guarded, account = sender): Holding => ({
  account,
  asset: network.kmoi,
  token: 0n,
})

const put = ({ draft, network }: Guarded, kramaId: string, record: GuardianRecord): void =>
  draft.write(network.genesis, guardianPath(kramaId), guardianRecord.encode(record))

/** Raises `moi/exception`. */
export const registerGuardian = (in_: Guarded, of: GuardianRegister): void => {
  const { draft, network, time } = in_
  const fault = guardianFault(of) ?? registerFault(of)
  if (fault !== undefined) throw exception(fault)
  if (guardianOf(draft.read, network, of.kramaId)) throw exception('guardian already registered')
  if (of.amount < network.guardians.stakeMin) {
    throw exception(
      `insufficient stake: ${of.amount} where ${network.guardians.stakeMin} is needed`,
    )
  }
  if (of.walletId !== in_.sender) expectAccount(draft, of.walletId)
  debit(draft, kmoi(in_), of.amount)
  const list = { count: PATH.guardianCount, place: guardianPlacePath }
  append(draft, network.genesis, list, kramaIdRecord.encode(of.kramaId))
  put(in_, of.kramaId, {
    wallet: of.walletId,
    consensusKey: of.consensusKey,
    kycHash: blake2b256(of.kycProof),
    stake: of.amount,
    unstaking: [],
    rewards: 0n,
    since: time,
  })
}

/** Why nothing can happen to a guardian of this name or by this amount, whatever the state. */
export const guardianFault = ({ kramaId, amount }: GuardianAmount): string | undefined => {
  // A name is part of a path in the state, where not every text can stand.
  if (isFault(readKramaId(kramaId))) return 'invalid krama id'
  return amount > 0n ? undefined : 'amount must be positive'
}

/** Why nobody can register so, whatever the state. */
export const registerFault = (of: GuardianRegister): string | undefined => {
  if (of.consensusKey.length === 0) return 'consensus key must not be empty'
  if (of.consensusKey.length > PUBLIC_KEY_BYTES_MAX) return 'consensus key is too long'
  return undefined
}

/** What a guardian has earned up to now and not claimed. */
export const earnedBy = (record: GuardianRecord, network: MoiNetwork, time: bigint): bigint => {
  const elapsed = time > record.since ? time - record.since : 0n
  const yearly = record.stake * network.guardians.yearlyMillionths
  return record.rewards + (yearly * elapsed) / (MILLION * YEAR_SECONDS)
}

/** The sender's guardian, its rewards counted up to now. */
const ownGuardian = (in_: Guarded, kramaId: string): GuardianRecord => {
  const record = guardianOf(in_.draft.read, in_.network, kramaId)
  if (!record) throw exception(`guardian not found: ${kramaId}`)
  if (record.wallet !== in_.sender) throw exception('sender is not the wallet of the guardian')
  const since = in_.time > record.since ? in_.time : record.since
  return { ...record, rewards: earnedBy(record, in_.network, in_.time), since }
}

export const stake = (in_: Guarded, of: GuardianAmount): void => {
  const record = ownGuardian(in_, of.kramaId)
  debit(in_.draft, kmoi(in_), of.amount)
  put(in_, of.kramaId, { ...record, stake: record.stake + of.amount })
}

/** What stays is nothing, or a stake as large as one must be. */
export const unstake = (in_: Guarded, of: GuardianAmount): void => {
  const record = ownGuardian(in_, of.kramaId)
  const { stakeMin, withdrawalSeconds } = in_.network.guardians
  if (of.amount > record.stake) {
    throw exception(`insufficient stake: ${record.stake} where ${of.amount} is taken out`)
  }
  const left = record.stake - of.amount
  if (left > 0n && left < stakeMin) {
    throw exception(`insufficient stake: ${left} would stay where ${stakeMin} is needed`)
  }
  if (record.unstaking.length >= MOI_UNSTAKINGS_MAX) {
    throw exception('too many unstakings: withdraw first')
  }
  const from = in_.time + withdrawalSeconds
  const unstaking = [...record.unstaking, { amount: of.amount, from }]
  put(in_, of.kramaId, { ...record, stake: left, unstaking })
}

/** Takes from what may be withdrawn already, the oldest first. */
export const withdraw = (in_: Guarded, of: GuardianAmount): void => {
  const record = ownGuardian(in_, of.kramaId)
  let wanted = of.amount
  const unstaking = record.unstaking.flatMap((one) => {
    const taken = in_.time < one.from ? 0n : wanted < one.amount ? wanted : one.amount
    wanted -= taken
    return taken === one.amount ? [] : [{ ...one, amount: one.amount - taken }]
  })
  if (wanted > 0n) {
    throw exception(`withdrawal period has not elapsed for ${wanted} of ${of.amount}`)
  }
  put(in_, of.kramaId, { ...record, unstaking })
  credit(in_.draft, kmoi(in_), of.amount)
}

export const claim = (in_: Guarded, of: GuardianAmount): void => {
  const { draft, network } = in_
  const record = ownGuardian(in_, of.kramaId)
  if (of.amount > record.rewards) {
    throw exception(`insufficient rewards: ${record.rewards} where ${of.amount} is claimed`)
  }
  const pool = valueOr(amountRecord, draft.read(network.genesis, PATH.rewards), 0n)
  if (of.amount > pool) throw exception(`rewards are used up: ${pool} is left`)
  draft.write(network.genesis, PATH.rewards, amountRecord.encode(pool - of.amount))
  put(in_, of.kramaId, { ...record, rewards: record.rewards - of.amount })
  credit(draft, kmoi(in_), of.amount)
}
