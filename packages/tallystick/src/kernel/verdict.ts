/**
 * Verdicts: what a model says about a transition and its certificate, as data that a program can test.
 *
 * Promise. *Final* never turns into *pending* or *refused* when more becomes known, only into *contested*
 * (invariant 6). A verdict says who vouches, whom that reaches, since when it is firm, which clock it rests on and how
 * many would have to lie to undo it.
 */
import type { TransitionId } from '../base/brand.ts'
import type { Fault } from '../base/fault.ts'
import type { Evidence } from './evidence.ts'

/** Milliseconds since 1970, as attested by somebody named; never read from a clock of ours. */
export type Millis = bigint

/**
 * How strong a finality is, weakest first. `local`: somebody wrote it. `provisional`: accepted at a stated risk,
 * can still be undone. `cosigned`: all parties signed. `published`: a directory shows it. `receipted`: a quorum vouches
 * that it is the only child. `certified`: a cluster decided it. `proven`: another machine accepted a proof of it.
 * A value's grade is the lowest on its way from issuance.
 */
export const GRADES = [
  'local',
  'provisional',
  'cosigned',
  'published',
  'receipted',
  'certified',
  'proven',
] as const
export type Grade = (typeof GRADES)[number]

export const lowerGrade = (a: Grade, b: Grade): Grade =>
  GRADES.indexOf(a) <= GRADES.indexOf(b) ? a : b

export type Finality = {
  readonly grade: Grade
  /** `parties`: nobody but the participants is protected from a second branch. */
  readonly reach: 'parties' | 'anyone'
  /** Names of those who signed. */
  readonly vouchers: readonly string[]
  /** How many of the named would have to lie for another child to become final as well, and who they are. */
  readonly undo: { readonly atLeast: number; readonly of: readonly string[] }
  /** Attested time since which it is firm, where the model has a clock. */
  readonly since: Millis | undefined
  readonly clock: 'none' | 'attested'
}

/** What a verdict is waiting for. */
export type Wait =
  | { readonly is: 'signers'; readonly names: readonly string[] }
  | { readonly is: 'time'; readonly until: Millis }
  | { readonly is: 'fact'; readonly about: string }
  | { readonly is: 'step'; readonly sequence: bigint; readonly parent: TransitionId | undefined }

export type Verdict<Anchor> =
  | { readonly is: 'final'; readonly finality: Finality; readonly anchor: Anchor }
  | { readonly is: 'pending'; readonly waitingFor: readonly Wait[]; readonly anchor: Anchor }
  | { readonly is: 'refused'; readonly fault: Fault }
  | { readonly is: 'contested'; readonly evidence: Evidence }
