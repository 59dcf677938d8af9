/** Messages out of states: what a party would say now, word for word the same whenever it is asked. */
import { equalBytes } from '../../base/bytes.ts'
import { CATCHUP_BYTES_MAX, CATCHUP_STEPS_MAX } from '../../base/limits.ts'
import { bilateralCertificate } from './certificate.ts'
import type { Endorsement } from './evidence.ts'
import {
  type HeldStatement,
  type Message,
  type MessageBody,
  type Proposal,
  type SharedStep,
  sharedStep,
} from './message.ts'
import { type Answer, type Draft, type PartyState, peerOf } from './state.ts'

export const messageFrom = (state: PartyState, body: MessageBody): Message => ({
  machine: state.machine.id,
  from: state.party,
  sequence: state.machine.head.sequence,
  head: state.machine.headId,
  round: state.book.round,
  body,
})

export const requestBody = (draft: Draft): MessageBody => ({ is: 'request', ...proposalOf(draft) })

export const offerBody = (state: PartyState, draft: Draft): MessageBody | undefined =>
  draft.next && {
    is: 'offer',
    ...proposalOf(draft),
    transition: draft.next.head,
    aborts: state.book.aborts,
  }

/** Our vote again, plainly or with the wish to be let out of it. */
export const voteBody = (
  is: 'accept' | 'cancel-ask',
  draft: Draft,
  signatures: readonly Endorsement[],
): MessageBody | undefined => draft.next && { is, transition: draft.next.head, signatures }

/** The whole certificate of the last step. */
export const confirmBody = (state: PartyState): MessageBody | undefined => {
  const last = state.history?.step
  return (
    last && {
      is: 'confirm',
      transition: last.transition,
      certificate: bilateralCertificate.decode(last.certificate),
    }
  )
}

export const abortBody = (state: PartyState): MessageBody => ({
  is: 'abort',
  aborts: state.book.aborts,
})

/** The answer to a peer that is behind: steps in order, what ended rounds, what of its own we hold, what is open. */
export const stepsMessage = (
  state: PartyState,
  answer: Extract<Answer, { is: 'steps' }>,
): Message => {
  const { pending } = state
  const steps = stepsAfter(state, answer.after)
  const isOpen = pending?.stage === 'accepting' || pending?.stage === 'accepted'
  const next = isOpen ? pending.draft.next : undefined
  return messageFrom(state, {
    is: 'steps',
    steps,
    aborts: state.book.aborts,
    held: heldStatements(state),
    open: pending && next ? { ...proposalOf(pending.draft), transition: next.head } : undefined,
    challenge: answer.challenge,
    sound: state.quarantine === undefined,
    seal: answer.seal,
  })
}

export const declineMessage = (
  state: PartyState,
  answer: Extract<Answer, { is: 'decline' }>,
): Message =>
  messageFrom(state, {
    is: 'decline',
    interaction: answer.interaction,
    seal: answer.seal ?? [],
  })

const proposalOf = (draft: Draft): Proposal => ({
  interaction: draft.interaction,
  consents: draft.consents,
  attachments: draft.attachments,
})

const stepsAfter = (state: PartyState, after: bigint): readonly SharedStep[] => {
  const newestFirst: SharedStep[] = []
  for (let at = state.history; at && at.step.transition.sequence > after; at = at.before) {
    const { interaction, consents, attachments, transition, certificate } = at.step
    newestFirst.push({ interaction, consents, attachments, transition, certificate })
  }
  const steps: SharedStep[] = []
  let size = 0
  for (const one of newestFirst.reverse().slice(0, CATCHUP_STEPS_MAX)) {
    size += sharedStep.encode(one).length
    if (size > CATCHUP_BYTES_MAX && steps.length > 0) break
    steps.push(one)
  }
  return steps
}

const heldStatements = (state: PartyState): readonly HeldStatement[] => {
  const keys = state.machine.terms.participants[peerOf(state)]?.controller.keys ?? []
  return state.book.seen.flatMap((one): readonly HeldStatement[] => {
    const key = keys.findIndex((of) => equalBytes(of.publicKey, one.publicKey))
    const { statement, signature } = one
    return key < 0 ? [] : [{ key, statement, signature }]
  })
}
