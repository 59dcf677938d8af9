/**
 * A run: what one verification knows while it goes through a file. Made by `verify.ts`, filled by `walk.ts`, judged by
 * `standing.ts`, told by `report.ts`. Nothing of it outlives the run.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import type { Fault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import type { Charter } from '../kernel/charter.ts'
import type { Evidence } from '../kernel/evidence.ts'
import type { Machine } from '../kernel/execute.ts'
import type { Interaction, Leg } from '../kernel/interaction.ts'
import type { LogicRegistry, Told } from '../kernel/logic.ts'
import type { Attestation, ModelRegistry } from '../kernel/model.ts'
import type { Transition } from '../kernel/transition.ts'
import type { Finality, Grade, Millis, Wait } from '../kernel/verdict.ts'
import type { BundleLeg, WithheldStep } from './bundle.ts'
import type { Assumption, LieReport, MachineReport, Voice } from './report.ts'

/**
 * A head that the verifier remembers from an earlier run. A file that ends before it is stale, one that contradicts
 * it is contested. A fact proven under its state root is believed at the remembered grade.
 */
export type Remembered = {
  readonly head: Transition
  readonly grade: Grade
  /** The certificate it came with, so that a contradiction convicts somebody; empty if it was not kept. */
  readonly certificate: Uint8Array
  /** When it was known to be the newest, in milliseconds since 1970, if anybody said so. */
  readonly asOf: Millis | undefined
}

export type VerifyOptions = {
  readonly models: ModelRegistry
  readonly logics: LogicRegistry
  readonly verifier: Verifier
  /** The time, for judgements that need one. A verifier never looks at a clock itself. */
  readonly now?: Millis
  readonly anchors?: readonly Remembered[]
  /** Checks flat chains (`chains.ts`). Without it a file that holds one is incomplete. */
  readonly chains?: JudgeChains
  /** Judges proofs that take a model or a machine's rules (`lies.ts`). Without it a file that holds one is incomplete. */
  readonly lies?: JudgeLies
}

/** What is said of a machine whose state is cells. */
export type ChainFound = {
  readonly machine: MachineReport
  readonly assumptions: readonly Assumption[]
}

export type JudgeChains = (run: Run, framed: readonly Uint8Array[]) => readonly ChainFound[]

export type JudgeLies = (run: Run, framed: readonly Uint8Array[]) => readonly LieReport[]

/** What a step's own certificate says, apart from what the step rests on. */
export type Own =
  | { readonly is: 'final'; readonly finality: Finality }
  | { readonly is: 'provisional' | 'pending'; readonly waitingFor: readonly Wait[] }
  | { readonly is: 'contested'; readonly evidence: Evidence }

/** One step of one machine that holds, or a machine's genesis. */
export type Node = {
  readonly machine: Machine
  /** The step before; missing at genesis. */
  readonly parent: Node | undefined
  /** What was done; missing at genesis and where it is withheld. */
  readonly interaction: Interaction | undefined
  /** The model's memory after this step. */
  readonly anchor: Uint8Array
  readonly own: Own
  /** What the step relies on beside its parent: states read, premises, and the parents of its other legs. */
  readonly rests: readonly Rest[]
  /** The ids of all transitions that the same interaction made, this one included. */
  readonly siblings: readonly TransitionId[]
  readonly described: readonly string[]
  /** What the step's operations say of records that this machine keeps. */
  readonly told: readonly Told[]
  /** Which parties agreed to the step, by signatures that were checked. */
  readonly voices: () => readonly Voice[]
  /** Whether only the header is known. */
  readonly withheld: boolean
  /** Who signed for this step, signatures checked. */
  readonly attested: () => readonly Attestation[]
}

export type Rest =
  | { readonly is: 'node'; readonly node: Node }
  | { readonly is: 'remembered'; readonly head: Remembered }

/** A step that did not become a node. `unchecked`: something before it is missing or refused. */
export type Rejected = { readonly header: Transition; readonly standing: 'refused' | 'unchecked' }

/** What a fact in the file shows about a remembered step. */
export type Finding = {
  readonly value: Uint8Array | undefined
  readonly head: Remembered
}

export type Run = {
  readonly models: ModelRegistry
  readonly logics: LogicRegistry
  readonly verifier: Verifier
  readonly now: Millis | undefined
  readonly anchors: readonly Remembered[]
  readonly charters: Map<MachineId, Charter>
  readonly genesis: Map<MachineId, Node>
  readonly nodes: Map<TransitionId, Node>
  /** The same nodes, by machine, in the order of the file. */
  readonly byMachine: Map<MachineId, Node[]>
  /** Machines that steps speak of and no charter in the file describes. */
  readonly uncharted: Set<MachineId>
  /** Machines of which a step was rejected: what is missed there later is missed for that reason. */
  readonly broken: Set<MachineId>
  readonly rejected: Map<TransitionId, Rejected>
  /** What the bundle's facts show about remembered steps. */
  readonly findings: Map<string, Finding>
  /** Withheld steps that have not found the step they follow yet, by the id of that step. */
  readonly waiting: Map<TransitionId, Waiting[]>
  /** Values of fields, by `fieldKey`. */
  readonly opened: Map<string, string>
  readonly faults: Fault[]
}

export type Waiting = { readonly step: WithheldStep; readonly part: string }

/** A leg of an interaction, what the file says of it, and the node it builds on or looks at. */
export type Base = { readonly leg: Leg; readonly part: BundleLeg; readonly node: Node }

/** A written leg on the way to become a node. */
export type WrittenBase = Base & { readonly part: Extract<BundleLeg, { is: 'written' }> }

/** Codes that say that something is missing, and nothing is false. */
export const INCOMPLETE_CODES: ReadonlySet<string> = new Set([
  'bundle/missing-charter',
  'bundle/missing-fact',
  'bundle/missing-step',
  'bundle/unknown-chain',
  'bundle/unknown-lie',
  'bundle/unknown-logic',
  'bundle/unknown-model',
  // Only a state of which a part is withheld raises these.
  'state/unknown-neighbour',
  'state/unknown-place',
])

/** Adds a node under its id and its machine. */
export const addNode = (run: Run, node: Node): void => {
  run.nodes.set(node.machine.headId, node)
  const known = run.byMachine.get(node.machine.id)
  if (known) known.push(node)
  else run.byMachine.set(node.machine.id, [node])
}
