/**
 * Statements: the only byte strings that finality signatures are made over.
 *
 * A *vote* says something for a child of a parent; an *abort* says that the signer will never vote for any child of a
 * parent in a round. Each is reduced to a 32-byte digest under its own tag, so that a vote can never be read as an abort,
 * a consent or anything else (attack: replay between message kinds), and machine, sequence and parent are inside
 * through the transition's id.
 *
 * | vote | bytes | | abort | bytes |
 * |---|---|---|---|---|
 * | transition id | 32 | | machine | 32 |
 * | round | u32 | | parent | 32 |
 * | phase | u8 | | sequence of the child | u64 |
 * | cited | u32 | | round | u32 |
 * | time | u64 | | | |
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import { choice, type Codec, id, literal, struct, u32, u64, union } from '../base/codec.ts'
import { hashValue } from '../base/hash.ts'
import type { SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import { transition, type Transition, transitionId } from './transition.ts'

/**
 * `propose`: the party whose turn it is puts this child forward. `hold`: the signer has checked it and holds it for
 * the round. `commit`: the signer helps to make it final.
 */
export type Phase = 'propose' | 'hold' | 'commit'

export type Vote = {
  readonly is: 'vote'
  readonly transition: Transition
  readonly round: number
  readonly phase: Phase
  /** Round of the held quorum that permits this vote, plus one; 0 where none is needed. See `round.ts`. */
  readonly cited: number
  /** Attested time in milliseconds since 1970; 0 where the signer attests none. */
  readonly time: bigint
}

export type Abort = {
  readonly is: 'abort'
  readonly machine: MachineId
  readonly parent: TransitionId
  /** Sequence number that the aborted child would have had. */
  readonly sequence: bigint
  readonly round: number
}

export type Statement = Vote | Abort

export const phase: Codec<Phase> = choice<Phase>(['propose', 'hold', 'commit'])

export const statement: Codec<Statement> = union<Statement>({
  vote: struct({
    is: literal('vote'),
    transition,
    round: u32,
    phase,
    cited: u32,
    time: u64,
  }),
  abort: struct({
    is: literal('abort'),
    machine: id<'machine'>(),
    parent: id<'transition'>(),
    sequence: u64,
    round: u32,
  }),
})

const voteBody = struct<{
  id: TransitionId
  round: number
  phase: Phase
  cited: number
  time: bigint
}>({ id: id<'transition'>(), round: u32, phase, cited: u32, time: u64 })

const abortBody = struct<Omit<Abort, 'is'>>({
  machine: id<'machine'>(),
  parent: id<'transition'>(),
  sequence: u64,
  round: u32,
})

/** The 32 bytes that a signer signs for a statement, in the machine's suite; made once for each object. */
export const statementDigest = (suite: SuiteId, of: Statement): Uint8Array => {
  const known = digests.get(of)
  if (known?.suite === suite) return known.digest
  const digest = freshDigest(suite, of)
  digests.set(of, { suite, digest })
  return digest
}

const digests = new WeakMap<Statement, { readonly suite: SuiteId; readonly digest: Uint8Array }>()

/**
 * The same for a statement that was put together for this one question. To remember its digest would cost more than the hash:
 * an entry in a weak table that the next collections have to look through.
 */
export const freshDigest = (suite: SuiteId, of: Statement): Uint8Array => {
  switch (of.is) {
    case 'vote':
      return voteDigest(suite, of)
    case 'abort':
      return hashValue(suite, TAGS.abort, abortBody, of)
  }
}

const voteDigest = (
  suite: SuiteId,
  { transition, round, phase: of, cited, time }: Vote,
): Uint8Array => {
  const id = transitionId(suite, transition)
  return hashValue(suite, TAGS.vote, voteBody, { id, round, phase: of, cited, time })
}

/** Machine, parent and sequence that a statement is about. */
export const positionOf = (of: Statement): Pick<Abort, 'machine' | 'parent' | 'sequence'> =>
  of.is === 'vote' ? of.transition : of

/** A plain vote to commit, in a round, with no clock. */
export const commitVote = (of: Transition, round: number): Vote => ({
  is: 'vote',
  transition: of,
  round,
  phase: 'commit',
  cited: 0,
  time: 0n,
})
