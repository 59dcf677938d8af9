/**
 * What a party's state wants done. Everything here follows from the state, so the same state wants the same after a
 * crash as before it.
 */
import { hexFromBytes } from '../../base/bytes.ts'
import { faultFrom, isFault } from '../../base/fault.ts'
import { AMEND, type Operation } from '../../kernel/interaction.ts'
import type { Wait } from '../../kernel/verdict.ts'
import {
  abortBody,
  confirmBody,
  declineMessage,
  messageFrom,
  offerBody,
  requestBody,
  stepsMessage,
  voteBody,
} from './compose.ts'
import type { Endorsement } from './evidence.ts'
import type { Message, MessageBody } from './message.ts'
import { wantedSignatures } from './sign.ts'
import {
  boundChild,
  nameOf,
  type PartyConfig,
  type PartyEffect,
  type PartyState,
  peerOf,
  positionOfState,
} from './state.ts'

export const outstandingOf = (config: PartyConfig, state: PartyState): readonly PartyEffect[] => [
  ...wantedSignatures(config, state).map(({ key, digest, what, name }): PartyEffect => ({
    is: 'sign',
    // What is signed is part of the id: an answer that changes wants another signature.
    id: `sign ${name} ${key} ${hexFromBytes(digest)}`,
    key,
    digest,
    what,
  })),
  ...questions(config, state),
  ...sends(config, state),
]

const questions = (config: PartyConfig, state: PartyState): readonly PartyEffect[] => {
  const { pending } = state
  if (!pending || state.quarantine || state.evidence.length > 0) return []
  const { draft } = pending
  const { interaction, id: interactionId, attachments, grade, next } = draft
  if (pending.stage === 'proving') {
    return [{ is: 'prove', id: `prove ${pending.serial}`, interaction, interactionId, attachments }]
  }
  if (pending.stage !== 'asking' || !next) return []
  const described = interaction.operations.map((one) => describe(config, state, one))
  const id = `ask ${pending.serial}`
  return [{ is: 'ask', id, interaction, interactionId, described, grade, next }]
}

/** One line of what an operation says; the logic's words, or its name and the bare fact that it says nothing. */
const describe = (config: PartyConfig, state: PartyState, operation: Operation): string => {
  const owner =
    operation.machine === state.machine.id ? state.machine : state.known.get(operation.machine)
  if (operation.logic === AMEND) return 'change the terms'
  const use = owner?.charter.logics[operation.logic]
  const logic = use && config.logics.get(use.name)
  if (!owner || !logic) return `unknown logic ${operation.logic}`
  const words = faultFrom(() => logic.describe(operation.argument, use.params, owner.terms))
  return isFault(words) ? `${logic.name}: ${words.message}` : words
}

const sends = (config: PartyConfig, state: PartyState): readonly PartyEffect[] => {
  if (state.evidence.length > 0) return []
  const to = peerOf(state)
  const bodies = dutiesOf(state)
  const answer = answerOf(config, state)
  const answers: readonly PartyEffect[] = answer
    ? [{ is: 'send', id: `answer ${state.talk.answers}`, to, message: answer }]
    : []
  if (bodies.length === 0) return answers
  const { head } = state.machine
  const step = state.pending?.serial ?? 0
  const at = `${head.sequence} ${state.book.round} ${step} ${state.talk.attempt}`
  const duties = bodies.map((body): PartyEffect => {
    const message = messageFrom(state, body)
    return { is: 'send', id: `send ${nameFor(body)} ${at}`, to, message }
  })
  return answer ? [...duties, ...answers] : duties
}

/** A question is told from an earlier one by its challenge: whoever was put back twice has to ask again. */
const nameFor = (body: MessageBody): string =>
  body.is === 'catchup' && body.challenge ? `${body.is} ${hexFromBytes(body.challenge)}` : body.is

/** What is to be said until the peer is known to have heard it. */
const dutiesOf = (state: PartyState): readonly MessageBody[] => {
  const { quarantine, peer, pending, book } = state
  if (quarantine) return [{ is: 'catchup', challenge: quarantine.challenge }]
  const own = positionOfState(state)
  if (
    peer &&
    (peer.sequence > own.sequence || (peer.sequence === own.sequence && peer.round > own.round))
  ) {
    return [{ is: 'catchup', challenge: undefined }]
  }
  const duties: (MessageBody | undefined)[] = []
  // After a restore: we voted for a step that we do not have. The peer may, and need not know that we are without it.
  if (!pending && !book.leaving && boundChild(state) !== undefined) {
    duties.push({ is: 'catchup', challenge: undefined })
  }
  if (peer && peer.sequence < own.sequence) {
    const isOneBehind = peer.head === state.history?.step.transition.parent
    duties.push(isOneBehind ? confirmBody(state) : { is: 'ack' })
  } else if ((peer?.round ?? 0) < own.round) {
    duties.push(abortBody(state))
  }
  if (pending?.stage === 'requested') duties.push(requestBody(pending.draft))
  if (pending?.stage === 'offered') duties.push(offerBody(state, pending.draft))
  if (pending?.stage === 'accepted') {
    const is = pending.regretted ? 'cancel-ask' : 'accept'
    duties.push(voteBody(is, pending.draft, pending.own))
  }
  return duties.filter((one) => one !== undefined)
}

const answerOf = (config: PartyConfig, state: PartyState): Message | undefined => {
  const { answer } = state.talk
  const { pending } = state
  const said = (body: MessageBody | undefined): Message | undefined =>
    body && messageFrom(state, body)
  switch (answer?.is) {
    case undefined:
      return undefined
    case 'ack':
      return said({ is: 'ack' })
    case 'accept':
      return pending?.stage === 'accepted'
        ? said(voteBody('accept', pending.draft, pending.own))
        : undefined
    case 'confirm':
      return said(confirmBody(state))
    case 'abort':
      return said(abortBody(state))
    case 'catchup':
      return said({ is: 'catchup', challenge: undefined })
    case 'decline':
      return answer.seal && !isSealed(config, answer.seal)
        ? undefined
        : declineMessage(state, answer)
    case 'steps':
      return answer.challenge && !isSealed(config, answer.seal)
        ? undefined
        : stepsMessage(state, answer)
  }
}

const isSealed = (config: PartyConfig, seal: readonly Endorsement[]): boolean =>
  config.keys.every((key) => seal.some((one) => one.key === key))

export const waitingFor = (state: PartyState): readonly Wait[] => {
  const [own, peer] = [nameOf(state, state.party), nameOf(state, peerOf(state))]
  if (state.evidence.length > 0) return [{ is: 'fact', about: `a person: ${peer} broke a vow` }]
  if (state.quarantine) return [{ is: 'fact', about: `what ${peer} remembers of this machine` }]
  const { head, headId } = state.machine
  if (state.peer && state.peer.sequence > head.sequence) {
    return [{ is: 'step', sequence: head.sequence + 1n, parent: headId }]
  }
  if (state.book.leaving) return [{ is: 'signers', names: [own] }]
  switch (state.pending?.stage) {
    case undefined:
      return []
    case 'proving':
      return [{ is: 'fact', about: `the premises of ${state.pending.draft.id}` }]
    case 'asking':
    case 'consenting':
    case 'accepting':
    case 'confirming':
      return [{ is: 'signers', names: [own] }]
    case 'requested':
    case 'offered':
    case 'accepted':
      return [{ is: 'signers', names: [peer] }]
  }
}
