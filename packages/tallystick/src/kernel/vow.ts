/**
 * Vows: a certifier's durable record of what it has signed under a parent.
 *
 * Safety. No role has an outstanding finality signature that its recorded vows do not permit (invariant 4). The rule
 * is `permits`; it is the same for parties, owners, operators, custodians and guardians:
 *
 * 1. one child per round and phase;
 * 2. an abort of a round and a commit in that round exclude each other;
 * 3. rounds do not go back: nothing new is signed below the highest round vowed in;
 * 4. who has committed to a child in an earlier round may hold or commit to another one only if the vote cites a later
 *    round, and may cite only what is permitted: a quorum that held the other child, and rounds that can no longer
 *    become final because somebody whose signature they needed has aborted (they are *released*);
 * 5. one parent per sequence number of a machine, and never a sequence number below one vowed at (`permitsAt`).
 *
 * Liveness. Rule 4 is what lets honest participants leave a round that failed; without it two honest proposers could
 * freeze a machine. Recording a vow twice changes nothing.
 *
 * A vow is recorded before the signature is asked for and is never dropped while its parent may still get a child.
 */
import type { TransitionId } from '../base/brand.ts'
import { choice, type Codec, id, list, optional, struct, u32 } from '../base/codec.ts'
import { ROUNDS_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import type { Phase, Statement } from './statement.ts'
import { transitionId } from './transition.ts'

export type VowPhase = Phase | 'abort'

export type Vow = {
  readonly round: number
  readonly phase: VowPhase
  /** The child signed for; missing for an abort. */
  readonly child: TransitionId | undefined
  /** As in the statement; 0 for an abort. */
  readonly cited: number
}

/** All vows of one signer under one parent of one machine, in the order they were taken. */
export type Vows = readonly Vow[]

export const vow: Codec<Vow> = struct<Vow>({
  round: u32,
  phase: choice<VowPhase>(['propose', 'hold', 'commit', 'abort']),
  child: optional(id<'transition'>()),
  cited: u32,
})

export const vows: Codec<Vows> = list(vow, ROUNDS_MAX * 4)

export const vowOf = (suite: SuiteId, of: Statement): Vow =>
  of.is === 'vote'
    ? {
        round: of.round,
        phase: of.phase,
        child: transitionId(suite, of.transition),
        cited: of.cited,
      }
    : { round: of.round, phase: 'abort', child: undefined, cited: 0 }

/** What lets a signer move on: rounds that can no longer become final, and the round its vote cites. */
export type Permission = {
  /** Rounds in which somebody whose signature is needed has aborted. The caller has checked the signatures. */
  readonly released: ReadonlySet<number>
  /** Round of a held quorum for the very child voted for, checked by the caller; missing if there is none. */
  readonly heldAt: number | undefined
}

export const NO_PERMISSION: Permission = { released: new Set(), heldAt: undefined }

/**
 * The most that a vote may cite: the round from which on other children may still become final. Rounds below it are
 * superseded by the held quorum or released, one by one and without a gap. What a vote cites is signed, so that moving
 * on without permission convicts (`lock-broken`); citing more than this is a lie that the missing quorum shows.
 */
export const citationOf = (permission: Permission): number => {
  let cited = permission.heldAt === undefined ? 0 : permission.heldAt + 1
  while (permission.released.has(cited)) cited += 1
  return cited
}

const sameVow = (a: Vow, b: Vow): boolean =>
  a.round === b.round && a.phase === b.phase && a.child === b.child && a.cited === b.cited

/** Whether a signer with these vows may sign for `wish`. A repeat of a vow taken is always permitted. */
export const permits = (taken: Vows, wish: Vow, permission: Permission): boolean => {
  if (taken.some((one) => sameVow(one, wish))) return true
  if (wish.round >= ROUNDS_MAX || wish.cited > citationOf(permission)) return false
  for (const one of taken) {
    if (one.round > wish.round) return false
    if (one.round === wish.round && excludes(one, wish)) return false
    if (one.round < wish.round && binds(one, wish)) return false
  }
  return true
}

/** Adds a vow; a repeat changes nothing. */
export const withVow = (taken: Vows, vow: Vow): Vows =>
  taken.some((one) => sameVow(one, vow)) ? taken : [...taken, vow]

/** A signer's vows at the highest sequence number of a machine that it has vowed at. */
export type Pledge = Position & { readonly vows: Vows }

/** Where a child goes: below which parent, with which sequence number. */
export type Position = { readonly parent: TransitionId; readonly sequence: bigint }

/**
 * As `permits`, across parents. One pledge per machine is enough: what lies below it is never signed again, so older
 * vows may be dropped. Two parents at one number are refused even where both look final (attack: certifiers beyond the
 * bound show an honest signer a second branch, and have it sign there too).
 */
export const permitsAt = (
  pledge: Pledge | undefined,
  at: Position,
  wish: Vow,
  permission: Permission,
): boolean => {
  if (!pledge || at.sequence > pledge.sequence) return permits([], wish, permission)
  if (at.sequence < pledge.sequence || at.parent !== pledge.parent) return false
  return permits(pledge.vows, wish, permission)
}

/** The pledge after a vow that `permitsAt` allows. */
export const withPledge = (pledge: Pledge | undefined, at: Position, vow: Vow): Pledge => ({
  parent: at.parent,
  sequence: at.sequence,
  vows: withVow(
    pledge?.sequence === at.sequence && pledge.parent === at.parent ? pledge.vows : [],
    vow,
  ),
})

const excludes = (taken: Vow, wish: Vow): boolean => {
  // The same vote with another citation is no repeat: it could say that the signer was never bound.
  if (taken.phase === wish.phase) return true
  const phases = [taken.phase, wish.phase]
  if (phases.includes('abort')) return phases.includes('commit')
  // Holding one child and committing to another in the same round would split the quorum that others rely on.
  return phases.includes('hold') && phases.includes('commit') && taken.child !== wish.child
}

const binds = (taken: Vow, wish: Vow): boolean => {
  if (taken.phase !== 'commit' || taken.child === wish.child) return false
  if (wish.phase === 'abort' || wish.phase === 'propose') return false
  return taken.round >= wish.cited
}
