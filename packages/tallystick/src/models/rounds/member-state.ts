/**
 * What an operator knows of one shared machine, and the bytes in which a store keeps it.
 *
 * Promise. The bytes hold everything that an operator has vowed at the newest parent, the candidates that it has found
 * valid there, and the certified steps that its shell has not stored yet. Read back on top of the machine as the stored
 * steps lead to it, they give the same operator. Bytes that are ahead of the stored steps give one that signs nothing
 * before it has the missing steps, because it must not vow at a place that it has passed.
 *
 * A store keeps one record for each machine: it is written again with each vow, and once a child is certified the record is
 * about that child's place. Signatures in it are not checked again: nobody else writes there.
 */
import type { MachineId, TransitionId } from '../../base/brand.ts'
import { bytes, type Codec, flag, id, list, optional, struct, u32, u64 } from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import {
  CHILDREN_MAX,
  EVIDENCE_KEPT_MAX,
  MEMBER_CANDIDATES_KEPT_MAX,
  MEMBER_CANDIDATES_MAX,
  MEMBER_CASTS_MAX,
  SHARED_STEPS_MAX,
  SIGNATURE_BYTES_MAX,
} from '../../base/limits.ts'
import type { SuiteId } from '../../base/suite.ts'
import { type OfferedCast, offeredCast } from '../../kernel/cast.ts'
import { evidence, type Evidence } from '../../kernel/evidence.ts'
import type { Machine } from '../../kernel/execute.ts'
import type { QuorumSigner } from '../../kernel/quorum.ts'
import { beginRounds, roundState, type RoundState } from '../../kernel/round-state.ts'
import { transition, type Transition } from '../../kernel/transition.ts'
import type { Millis } from '../../kernel/verdict.ts'
import { candidate, type Candidate, type CandidateOptions } from './candidate.ts'
import type { Acceptance } from './acceptance.ts'
import { namedSigner } from './round-model.ts'
import {
  beginFollowing,
  follow,
  type Followed,
  agreedStep,
  type AgreedStep,
} from './agreed-step.ts'

/** Rounds about the children of one parent. */
export type Run = {
  readonly parent: TransitionId
  readonly sequence: bigint
  /** Found valid here, in the order in which they were. */
  readonly candidates: readonly Candidate[]
  readonly rounds: RoundState
  /** When there first was something to decide here, by the own clock; missing before that. */
  readonly waitsSince: Millis | undefined
  /** Whether one who only helps out takes part by now (`RoundModel.waitsFor`). */
  readonly isCalled: boolean
}

/** A vote by which an operator of the old terms takes over under the new ones. */
export type Takeover = {
  readonly transition: Transition
  readonly acceptance: Omit<Acceptance, 'signature'>
  /** The own key, as the new terms have it. */
  readonly by: QuorumSigner
  /** Missing until the key has signed. */
  readonly signature: Uint8Array | undefined
}

export type MemberState = {
  readonly followed: Followed
  readonly run: Run
  /** Certified steps that the shell has not stored yet, in their order. */
  readonly unkept: readonly AgreedStep[]
  readonly takeover: Takeover | undefined
  /**
   * The latest time that anything signed by the own key here has attested or rests on, over all lives of the process: what is
   * signed later attests no earlier one, also where a clock was put back.
   */
  readonly attested: Millis
  /** The highest step that others have spoken of. */
  readonly heardOf: bigint
  /** Against signers of this machine, one for each; bounded. */
  readonly forks: readonly Evidence[]
  /** Why the last inputs were refused, newest last; bounded. */
  readonly refusals: readonly Fault[]
}

/** What operators send to each other, and participants to operators. */
export type MemberMessage = {
  readonly machine: MachineId
  /** The newest step that the sender knows, so that whoever is one behind catches up. */
  readonly newest: AgreedStep | undefined
  readonly casts: readonly OfferedCast[]
  readonly candidates: readonly Candidate[]
}

export const memberMessage: Codec<MemberMessage> = struct<MemberMessage>({
  machine: id<'machine'>(),
  newest: optional(agreedStep),
  casts: list(offeredCast, MEMBER_CASTS_MAX),
  candidates: list(candidate, MEMBER_CANDIDATES_MAX),
})

export const beginRun = ({ headId, head }: Machine): Run => ({
  parent: headId,
  sequence: head.sequence + 1n,
  candidates: [],
  rounds: beginRounds(),
  waitsSince: undefined,
  isCalled: false,
})

/** An operator that begins to follow a machine from a state that its shell has verified, if not from the genesis. */
export const beginMember = (machine: Machine, since?: Millis): MemberState => ({
  followed: beginFollowing(machine, since),
  run: beginRun(machine),
  unkept: [],
  takeover: undefined,
  attested: 0n,
  heardOf: 0n,
  forks: [],
  refusals: [],
})

/** Whether the operator has the machine at the parent that its vows are about. */
export const isInPlace = ({ run, followed }: MemberState): boolean =>
  run.parent === followed.machine.headId && run.sequence === followed.machine.head.sequence + 1n

type MemberRecord = Pick<MemberState, 'unkept' | 'takeover' | 'attested' | 'forks'> & {
  readonly run: Run
}

const takeover: Codec<Takeover> = struct<Takeover>({
  transition,
  acceptance: struct<Takeover['acceptance']>({ signer: u32, round: u32, cited: u32, time: u64 }),
  by: namedSigner,
  signature: optional(bytes(SIGNATURE_BYTES_MAX)),
})

const memberRecord = (suite: SuiteId): Codec<MemberRecord> =>
  struct<MemberRecord>({
    run: struct<Run>({
      parent: id<'transition'>(),
      sequence: u64,
      candidates: list(candidate, MEMBER_CANDIDATES_KEPT_MAX + CHILDREN_MAX),
      rounds: roundState(suite),
      waitsSince: optional(u64),
      isCalled: flag,
    }),
    unkept: list(agreedStep, SHARED_STEPS_MAX),
    takeover: optional(takeover),
    attested: u64,
    forks: list(evidence, EVIDENCE_KEPT_MAX),
  })

/** The bytes to store before any effect of the state is performed. */
export const recordFrom = (state: MemberState): Uint8Array =>
  memberRecord(state.followed.machine.terms.suite).encode({
    run: state.run,
    unkept: state.unkept,
    takeover: state.takeover,
    attested: state.attested,
    forks: state.forks,
  })

/**
 * The operator that wrote a record, on top of the machine as the stored steps lead to it. Returns `member/other-record` for
 * bytes about another place than the steps lead to, and raises what decoding raises.
 */
export const memberFromRecord = (
  options: CandidateOptions,
  stored: Followed,
  record: Uint8Array,
): MemberState | Fault => {
  const { suite } = stored.machine.terms
  const read = memberRecord(suite).decode(record)
  let followed = stored
  for (const step of read.unkept) {
    if (step.transition.sequence <= followed.machine.head.sequence) continue
    const next = follow(options, followed, step)
    if (isFault(next)) return next
    followed = next
  }
  const { head, headId } = followed.machine
  const isBehind = read.run.sequence <= head.sequence
  if (!isBehind && read.run.sequence === head.sequence + 1n && read.run.parent !== headId) {
    const place = { machine: head.machine, step: read.run.sequence }
    return new Fault('member/other-record', 'vows under another parent than is stored', place)
  }
  return {
    ...beginMember(followed.machine),
    followed,
    // More steps are stored than the record knows of: its vows are about a place that is passed.
    run: isBehind ? beginRun(followed.machine) : read.run,
    unkept: read.unkept,
    takeover: read.takeover,
    attested: read.attested,
    forks: read.forks,
  }
}
