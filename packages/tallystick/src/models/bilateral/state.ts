/**
 * What a party remembers, what it takes in and what it wants done: the types of the `party` role, and questions to a
 * state that need no more than the state.
 */
import type { InteractionId, MachineId, TransitionId } from '../../base/brand.ts'
import type { Fault } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { Charter } from '../../kernel/charter.ts'
import type { Consent } from '../../kernel/consent.ts'
import type { Evidence } from '../../kernel/evidence.ts'
import type { Machine } from '../../kernel/execute.ts'
import type { Interaction, Leg, Operation, Premise } from '../../kernel/interaction.ts'
import type { LogicRegistry, ProvenPremise } from '../../kernel/logic.ts'
import type { Attestation } from '../../kernel/model.ts'
import type { Statement } from '../../kernel/statement.ts'
import type { Transition } from '../../kernel/transition.ts'
import type { Grade } from '../../kernel/verdict.ts'
import type { Vow, Vows } from '../../kernel/vow.ts'
import type { Endorsement, RoundAbort } from './evidence.ts'
import type { Message, SharedStep } from './message.ts'

/** What a party is made with. Stays the same for the machine's life and is no part of the state. */
export type PartyConfig = {
  readonly charter: Charter
  /** Own position among the participants: 0 or 1. */
  readonly party: number
  /** Positions of the keys that this shell signs with; together they reach the own controller's threshold. */
  readonly keys: readonly number[]
  readonly logics: LogicRegistry
  readonly verifier: Verifier
  /** Where the party begins, if not at the genesis: a machine that came from other terms, as its shell has verified it. */
  readonly start?: Machine
}

/** A final step, ready to go into a bundle. */
export type PartyStep = SharedStep & {
  readonly id: TransitionId
  /** For a step that changed the terms: the certificate as it holds under the new ones, else empty. */
  readonly accepted: Uint8Array
  /** Lowest grade of the premises it rests on; undefined if it rests on none. */
  readonly grade: Grade | undefined
}

/** Final steps, newest first. A list that grows at its head, so that a step costs the same however long the past. */
export type History = { readonly step: PartyStep; readonly before: History | undefined }

/** A step on its way: what is wanted and how far checking it has come. */
export type Draft = {
  readonly interaction: Interaction
  readonly id: InteractionId
  /** Checked consents, the proposer's own included once given. */
  readonly consents: readonly Consent[]
  readonly attachments: readonly Uint8Array[]
  /** In the premises' order; undefined until the shell's verifier has answered. */
  readonly proven: readonly ProvenPremise[] | undefined
  readonly grade: Grade | undefined
  /** The machine after the step; undefined until it was executed. */
  readonly next: Machine | undefined
}

/**
 * How far a pending step has come. Proposer: proving, (asking, if it was requested), consenting, offered, confirming.
 * Responder: proving, asking, accepting, accepted. Who requests: proving, consenting, requested.
 */
export type Stage =
  | 'proving'
  | 'asking'
  | 'consenting'
  | 'requested'
  | 'offered'
  | 'accepting'
  | 'accepted'
  | 'confirming'

export type Pending = {
  readonly stage: Stage
  /** Tells two pending steps with the same content apart. */
  readonly serial: number
  /** Whose idea it was. */
  readonly by: 'self' | 'peer'
  readonly round: number
  readonly draft: Draft
  /** What the proposer says the step leads to; undefined where we propose. */
  readonly claimed: Transition | undefined
  /** Own commit signatures, as far as the keys have made them. */
  readonly own: readonly Endorsement[]
  /** The peer's commit signatures, checked. */
  readonly peer: readonly Endorsement[]
  /** We have voted and would rather not have: the peer is asked to abort. */
  readonly regretted: boolean
}

/** Own vows under the present head, and what was signed there. */
export type Book = {
  readonly vows: Vows
  /** Rounds 0 to `round` − 1 are dead. */
  readonly round: number
  /** What shows that they are, in the certificate's order. */
  readonly aborts: readonly RoundAbort[]
  /** Own abort of the present round, vowed and being signed; undefined if none is. */
  readonly leaving: readonly RoundAbort[] | undefined
  /** Statements of the peer, checked, for comparison with new ones. */
  readonly seen: readonly Attestation[]
}

/** A vow together with where it was taken, as the guard file keeps it. */
export type LastVow = {
  readonly parent: TransitionId
  /** Sequence number of the parent. */
  readonly sequence: bigint
  readonly vow: Vow
}

/** Memory was lost: nothing is signed for finality until the peer has answered the challenge. */
export type Quarantine = { readonly challenge: Uint8Array }

/** Where somebody stands. Compared by sequence, then round. */
export type Position = {
  readonly sequence: bigint
  readonly head: TransitionId
  readonly round: number
}

/** The last proposal that came to nothing. */
export type Ended = {
  readonly interaction: InteractionId
  readonly round: number
  /** Position of the party that aborted. */
  readonly by: number
}

/** What the last message wants in answer; volatile. */
export type Answer =
  | { readonly is: 'ack' | 'accept' | 'confirm' | 'abort' | 'catchup' }
  | {
      readonly is: 'decline'
      readonly interaction: InteractionId
      /** The seal as far as it is made; undefined where none is needed. */
      readonly seal: readonly Endorsement[] | undefined
    }
  | {
      readonly is: 'steps'
      readonly after: bigint
      readonly challenge: Uint8Array | undefined
      readonly seal: readonly Endorsement[]
    }

/** Conversation, not memory: may be lost in a crash, and changes without anything having happened. */
export type Talk = {
  /** Counts how often everything outstanding was to be sent again. */
  readonly attempt: number
  /** Counts steps that were taken up, so that the effects of each are its own. */
  readonly begun: number
  /** Counts answers, so that each is sent. */
  readonly answers: number
  readonly answer: Answer | undefined
  /** Why the last inputs were refused, newest last. */
  readonly refusals: readonly Fault[]
}

export type PartyState = {
  /** Own position among the participants. */
  readonly party: number
  /** The machine at its head. */
  readonly machine: Machine
  readonly history: History | undefined
  /** Machines that steps may refer to, at their genesis. */
  readonly known: ReadonlyMap<MachineId, Machine>
  readonly book: Book
  readonly pending: Pending | undefined
  /** Where the peer said it stands, in the last message that made sense; undefined if none came yet. */
  readonly peer: Position | undefined
  /** Proof of the peer's fault. With any, the role stops. */
  readonly evidence: readonly Evidence[]
  readonly quarantine: Quarantine | undefined
  /** After a restore: the vow that the guard remembers, kept until the head has passed it. */
  readonly guarded: LastVow | undefined
  readonly ended: Ended | undefined
  /** The machine was handed over to terms that this role does not serve. */
  readonly closed: boolean
  readonly talk: Talk
}

/** Something its owner wants done on the machine. */
export type Wish = {
  readonly operations: readonly Operation[]
  readonly premises: readonly Premise[]
  /** Legs beside the machine itself: machines whose charters are needed. */
  readonly legs: readonly Leg[]
  /** Consents that others gave beforehand on those. */
  readonly consents: readonly Consent[]
  readonly attachments: readonly Uint8Array[]
}

/** The input of a wish for operations alone: it relies on nothing, and on no other machine. */
export const createWish = (
  operations: readonly Operation[],
): Extract<PartyInput, { readonly is: 'wish' }> => ({
  is: 'wish',
  operations,
  premises: [],
  legs: [],
  consents: [],
  attachments: [],
})

export type PartyInput =
  /** A machine that steps may refer to. */
  | { readonly is: 'learn'; readonly charter: Charter }
  | ({ readonly is: 'wish' } & Wish)
  | { readonly is: 'message'; readonly bytes: Uint8Array }
  /** The human's word on what `ask` showed. */
  | { readonly is: 'decide'; readonly interaction: InteractionId; readonly yes: boolean }
  | {
      readonly is: 'signed'
      readonly digest: Uint8Array
      readonly key: number
      readonly signature: Uint8Array
    }
  | {
      readonly is: 'proven'
      readonly interaction: InteractionId
      readonly proven: readonly ProvenPremise[]
      /** The lowest grade on the way to any of the premises. */
      readonly grade: Grade
    }
  | { readonly is: 'unproven'; readonly interaction: InteractionId; readonly fault: Fault }
  | { readonly is: 'withdraw' }
  /** The store says that it was put back to an earlier point; with the guard's record of the last vow, if it has one. */
  | { readonly is: 'restored'; readonly last: LastVow | undefined }
  /** Send again what is outstanding. */
  | { readonly is: 'resend' }

/** What a signature is wanted for. */
export type Signable =
  | { readonly is: 'consent'; readonly interaction: InteractionId }
  | { readonly is: 'statement'; readonly statement: Statement }
  | { readonly is: 'seal'; readonly message: Message }

export type PartyEffect =
  | {
      readonly is: 'sign'
      readonly id: string
      /** Position of the key in the own controller. */
      readonly key: number
      readonly digest: Uint8Array
      readonly what: Signable
    }
  | { readonly is: 'send'; readonly id: string; readonly to: number; readonly message: Message }
  | {
      readonly is: 'ask'
      readonly id: string
      readonly interaction: Interaction
      readonly interactionId: InteractionId
      /** One line for each operation, in the words of its logic. */
      readonly described: readonly string[]
      /** What its premises rest on: `provisional` means exposure to the payer. */
      readonly grade: Grade | undefined
      /** The machine as it would be. */
      readonly next: Machine
    }
  | {
      readonly is: 'prove'
      readonly id: string
      readonly interaction: Interaction
      readonly interactionId: InteractionId
      readonly attachments: readonly Uint8Array[]
    }

/** Where a party stands: its head and the round under it. */
export const positionOfState = (state: PartyState): Position => ({
  sequence: state.machine.head.sequence,
  head: state.machine.headId,
  round: state.book.round,
})

/** Final steps, oldest first. */
export const stepsOf = (state: PartyState): readonly PartyStep[] => {
  const steps: PartyStep[] = []
  for (let at = state.history; at; at = at.before) steps.push(at.step)
  return steps.reverse()
}

/** Final steps that rest on something that can still be undone: what the holder stands to lose. */
export const provisionalSteps = (state: PartyState): readonly PartyStep[] =>
  stepsOf(state).filter((one) => one.grade === 'provisional' || one.grade === 'local')

/** The highest vow ever taken, as far as this state knows; what the guard has to say at least. */
export const lastVowOf = (state: PartyState): LastVow | undefined => {
  const vow = state.book.vows.at(-1)
  return vow && { parent: state.machine.headId, sequence: state.machine.head.sequence, vow }
}

/** The child of the present head that this side has voted for in the present round, whether or not it knows more of it. */
export const boundChild = ({ book }: PartyState): TransitionId | undefined =>
  book.vows.find((one) => one.phase === 'commit' && one.round === book.round)?.child

export const nameOf = (state: PartyState, party: number): string =>
  state.machine.terms.participants[party]?.name ?? `party ${party}`

export const peerOf = (state: PartyState): number => 1 - state.party

/** Whether anything that must survive differs: what a shell stores before it goes on. */
export const isSameMemory = (a: PartyState, b: PartyState): boolean =>
  a.machine === b.machine &&
  a.history === b.history &&
  a.known === b.known &&
  a.book === b.book &&
  a.pending === b.pending &&
  a.peer === b.peer &&
  a.evidence === b.evidence &&
  a.quarantine === b.quarantine &&
  a.guarded === b.guarded &&
  a.ended === b.ended &&
  a.closed === b.closed
