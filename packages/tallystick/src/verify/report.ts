/**
 * Reports: what checking a file says, as values that a program can test.
 *
 * Promise. A report is a function of the file and the verifier's arguments. It never says more than was shown: each
 * step has a standing of its own and the lowest grade on its way, and what the whole rests on is listed as
 * assumptions. `words.ts` renders it for people, `json.ts` for other programs.
 */
import type { InteractionId, MachineId, SignerId, TransitionId } from '../base/brand.ts'
import type { Fault } from '../base/fault.ts'
import type { SchemeId, SuiteId } from '../base/suite.ts'
import type { Conviction, Evidence } from '../kernel/evidence.ts'
import type { RecordId } from '../kernel/field.ts'
import type { Deed } from '../kernel/logic.ts'
import type { Finality, Grade, Millis, Wait } from '../kernel/verdict.ts'

/**
 * `valid`: everything in the file holds and every step on a main line is final. `invalid`: something in it is false,
 * or contested. `incomplete`: nothing is false, but the file does not show that every step is final.
 */
export type Outcome = 'valid' | 'invalid' | 'incomplete'

/**
 * How one step of one machine stands.
 *
 * `vouched`: its certificate says that it is the only one, and nobody ran the rules here: it is withheld itself, or it
 * was run on a state that a withheld step left. `final`: its own certificate makes it final and nothing it rests on is weaker than `grade` says. `provisional`: it
 * can still be undone, by its own certifiers or because something it rests on can. `pending`: signatures or facts are
 * missing. `superseded`: another child of the same parent is final, and this one claimed nothing. `contested`: a
 * second child was signed for as well. `refused`: it breaks a rule. `unchecked`: it builds on a step that was
 * refused or is missing.
 */
export type Standing =
  | 'final'
  | 'vouched'
  | 'provisional'
  | 'pending'
  | 'superseded'
  | 'contested'
  | 'refused'
  | 'unchecked'

export type StepReport = {
  readonly sequence: bigint
  readonly id: TransitionId
  readonly interaction: InteractionId
  /** One line for each operation. */
  readonly described: readonly string[]
  readonly standing: Standing
  /** The lowest grade on the way: own certificate, step before, premises, other legs. */
  readonly grade: Grade
  /** What its own certificate says by itself, if it is final by itself. */
  readonly finality: Finality | undefined
  /** What it waits for, where its standing is `pending` or `provisional`. */
  readonly waitingFor: readonly Wait[]
  /** The step that lowered the standing or grade below what its own certificate says. */
  readonly restsOn: { readonly machine: MachineId; readonly sequence: bigint } | undefined
  /** Whether only its header is shown, so that what it did is not known. */
  readonly withheld: boolean
  readonly fields: readonly FieldReport[]
  readonly deeds: readonly DeedReport[]
  /** Names of the stand-ins among those who vouch; missing where nobody of them does. */
  readonly standIns?: readonly string[]
}

/** A field that the step committed to. */
export type FieldReport = {
  readonly record: RecordId
  readonly name: string
  /** What it was opened as; missing where it is withheld. */
  readonly value: string | undefined
}

/** What the step did, and which parties agreed to it with how many keys. */
export type DeedReport = {
  readonly record: RecordId
  readonly deed: Deed
  readonly agreed: readonly Voice[]
}

/** A party whose signatures reach its threshold, and the keys that made them. */
export type Voice = { readonly name: string; readonly signers: readonly SignerId[] }

/** Whether the newest step in the file can be taken for the newest there is. */
export type Freshness =
  | { readonly is: 'closed' }
  | { readonly is: 'latest'; readonly asOf: Millis }
  | { readonly is: 'unknown' }

export type PartyReport = {
  readonly name: string
  readonly keys: readonly { readonly scheme: SchemeId; readonly signer: SignerId }[]
  readonly threshold: number
}

export type MachineReport = {
  readonly id: MachineId
  /** The parties' names, joined; for people only. */
  readonly name: string
  readonly network: string
  readonly suite: SuiteId
  readonly parties: readonly PartyReport[]
  readonly policy: string
  /** In the order of the file, all branches. */
  readonly steps: readonly StepReport[]
  /** The last step of the main line; the genesis if there is none. */
  readonly head: {
    readonly sequence: bigint
    readonly id: TransitionId
    readonly standing: Standing
    /**
     * The lowest on the way; what vouches for the step itself stands in its `finality`. Missing at genesis, for which nobody
     * vouches: it follows from the charter.
     */
    readonly grade: Grade | undefined
  }
  readonly freshness: Freshness
}

/** Evidence that convicts a key, and whose key it is as far as the file says. */
export type ConvictionReport = {
  readonly kind: Conviction['kind']
  readonly name: string | undefined
  readonly signer: SignerId
  readonly machine: MachineId
  readonly sequence: bigint
  readonly evidence: Evidence
  /** Size of the evidence as an object of its own. */
  readonly bytes: number
}

/** A certifier that is convicted by a proof which takes a model or a machine's rules, and not by two statements alone. */
export type LieReport = Omit<ConvictionReport, 'evidence' | 'bytes'> & {
  /** Size of the proof. */
  readonly bytes: number
}

/** What the report rests on, so that a reader can say which of it he accepts. */
export type Assumption = {
  readonly is:
    | 'keys'
    | 'reach'
    | 'clock'
    | 'undo'
    | 'freshness'
    | 'cryptography'
    | 'anchor'
    | 'disclosure'
  readonly machine: MachineId | undefined
  readonly text: string
}

export type Report = {
  readonly outcome: Outcome
  /** What was found wrong or missing, in the order found. */
  readonly faults: readonly Fault[]
  readonly machines: readonly MachineReport[]
  readonly convictions: readonly ConvictionReport[]
  readonly lies: readonly LieReport[]
  readonly assumptions: readonly Assumption[]
  readonly bytes: number
}
