/** What a custodian knows of one machine, and the bytes in which its shell keeps it. */
import { bytes, type Codec, optional, struct } from '../../base/codec.ts'
import { type Fault, isFault } from '../../base/fault.ts'
import { CUSTODIAN_RECORD_BYTES_MAX } from '../../base/limits.ts'
import type { Machine } from '../../kernel/execute.ts'
import type { Millis } from '../../kernel/verdict.ts'
import type { Followed } from '../rounds/agreed-step.ts'
import type { CandidateOptions } from '../rounds/candidate.ts'
import {
  beginMember,
  memberFromRecord,
  type MemberState,
  recordFrom as memberRecordFrom,
} from '../rounds/member-state.ts'
import type { MemberOptions } from '../rounds/office.ts'
import { beginSuccessor } from '../rounds/takeover.ts'
import { type Heartbeat, heartbeat } from './heartbeat.ts'
import { type Waiting, waitingList } from './waiting.ts'

/** An operation that was not put forward any more, and why. */
export type Rejection = { readonly id: string; readonly by: string; readonly fault: Fault }

export type CustodianState = {
  readonly member: MemberState
  readonly waiting: readonly Waiting[]
  /** The newest heartbeat; its signature is missing until the key has signed. */
  readonly beat: Heartbeat | undefined
  readonly beatSignature: Uint8Array | undefined
  /** Newest last; bounded, and forgotten over a restart. */
  readonly rejected: readonly Rejection[]
}

/** A custodian that begins to follow a machine from a state that its shell has verified, if not from the genesis. */
export const beginCustodian = (machine: Machine, since?: Millis): CustodianState =>
  custodianOn(beginMember(machine, since))

/**
 * A custodian that comes in with the newest step of a machine that others have certified, and accepts it. Undefined where that
 * step's terms do not name its key.
 */
export const beginIncoming = (
  options: Pick<MemberOptions, 'rounds' | 'publicKey'>,
  followed: Followed,
  now: Millis,
): CustodianState | undefined => {
  const member = beginSuccessor(options, followed, now)
  return member && custodianOn(member)
}

const custodianOn = (member: MemberState): CustodianState => ({
  member,
  waiting: [],
  beat: undefined,
  beatSignature: undefined,
  rejected: [],
})

type CustodianRecord = {
  readonly member: Uint8Array
  readonly waiting: readonly Waiting[]
  readonly beat: Heartbeat | undefined
}

const custodianRecord: Codec<CustodianRecord> = struct<CustodianRecord>({
  member: bytes(CUSTODIAN_RECORD_BYTES_MAX),
  waiting: waitingList,
  beat: optional(heartbeat),
})

/** The bytes to store before any effect of the state is performed. */
export const custodianRecordFrom = ({ member, waiting, beat }: CustodianState): Uint8Array =>
  custodianRecord.encode({ member: memberRecordFrom(member), waiting, beat })

/** As `memberFromRecord`. A heartbeat that was not signed is signed again. */
export const custodianFromRecord = (
  options: CandidateOptions,
  stored: Followed,
  record: Uint8Array,
): CustodianState | Fault => {
  const { member, waiting, beat } = custodianRecord.decode(record)
  const read = memberFromRecord(options, stored, member)
  return isFault(read) ? read : { ...custodianOn(read), waiting, beat }
}
