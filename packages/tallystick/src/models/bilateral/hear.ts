/** What a party does with a message: where its sender stands decides what can be made of it, its body does the rest. */
import { equalBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import { statementDigest } from '../../kernel/statement.ts'
import { leaveRound, vote, whyStopped, withAnswer, withRefusal } from './absorb.ts'
import { hearCatchup, hearSteps } from './catchup.ts'
import { checkCertificate, missingFrom } from './certificate.ts'
import { idOf, isSameTransition, withStep } from './draft.ts'
import { bilateralVote, type Endorsement } from './evidence.ts'
import { type Message, message, type MessageBody } from './message.ts'
import {
  accuseAtOldHead,
  checkVotes,
  hearAborts,
  peerStatements,
  withEvidence,
  withPeer,
  withStatements,
} from './notice.ts'
import { type Heard, hearDecline, hearOffer, hearRequest, inAbortedRound } from './offer.ts'
import { nameOf, type PartyConfig, type PartyState, peerOf, type Pending } from './state.ts'
import { bilateralCertificate } from './certificate.ts'

export const hearMessage = (
  config: PartyConfig,
  state: PartyState,
  bytes: Uint8Array,
): PartyState | Fault => {
  const heard = faultFrom(() => message.decode(bytes))
  if (isFault(heard)) return heard.at({ machine: state.machine.id })
  const next = checkSender(state, heard) ?? hear(config, state, heard)
  if (!isFault(next)) return next
  return next.at({ machine: heard.machine, step: heard.sequence, party: nameOf(state, heard.from) })
}

const checkSender = (state: PartyState, heard: Message): Fault | undefined => {
  if (heard.machine !== state.machine.id) {
    return new Fault('message/other-machine', `for ${heard.machine}, this is ${state.machine.id}`)
  }
  if (heard.from !== peerOf(state)) {
    return new Fault('message/not-from-peer', `party ${heard.from} is not the other one`)
  }
  if (state.evidence.length > 0) return whyStopped(state)
  const isAnswerable = heard.body.is === 'catchup' || heard.body.is === 'steps'
  // Attack: an old message lets a party without memory sign what it has signed otherwise before.
  return state.quarantine && !isAnswerable ? whyStopped(state) : undefined
}

const hear = (config: PartyConfig, state: PartyState, heard: Message): PartyState | Fault => {
  const { head, headId } = state.machine
  // Asking and answering what is missing is possible from anywhere.
  if (isHeard('catchup', heard)) return hearCatchup(state, heard)
  if (isHeard('steps', heard)) return hearSteps(config, state, heard)
  if (heard.sequence > head.sequence) return hearAhead(config, state, heard)
  if (heard.sequence < head.sequence) return hearBehind(config, state, heard)
  if (heard.head !== headId) {
    return new Fault('message/other-history', `head ${heard.head} where this side has ${headId}`)
  }
  return hearLevel(config, state, heard)
}

const isHeard = <Is extends MessageBody['is']>(is: Is, heard: Message): heard is Heard<Is> =>
  heard.body.is === is

/** The peer has what we lack: the very certificate we wait for, or a reason to ask for steps. */
const hearAhead = (config: PartyConfig, state: PartyState, heard: Message): PartyState | Fault => {
  const { pending } = state
  const isAwaited =
    isHeard('confirm', heard) &&
    pending?.stage === 'accepted' &&
    pending.draft.next?.headId === heard.head &&
    pending.round === heard.body.certificate.round
  return isAwaited ? hearConfirm(config, state, heard, pending) : withPeer(state, heard)
}

const hearConfirm = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'confirm'>,
  pending: Pending,
): PartyState | Fault => {
  const { next } = pending.draft
  if (!next || !isSameTransition(next.head, heard.body.transition)) {
    return new Fault('confirm/other-step', 'the certificate is not for the step voted for')
  }
  const { terms } = state.machine
  const { certificate } = heard.body
  const verifier = knowingOwn(config.verifier, state, pending)
  const fault = checkCertificate(terms, next.head, certificate, verifier)
  if (fault) return fault
  const missing = missingFrom(terms, certificate.signatures)
  if (missing.length > 0) {
    return new Fault('confirm/not-enough', `not signed by ${missing.join(', ')}`)
  }
  const told = withPeer(state, heard)
  if (told.book.seen.length > 0) {
    const bytes = bilateralCertificate.encode(certificate)
    const signed = peerStatements(config, state, { transition: next.head, certificate: bytes })
    const noted = withStatements(told, signed)
    if (noted.evidence.length > 0) return noted
  }
  const final = withStep(config, told, { draft: pending.draft, next, certificate })
  return withAnswer(final, { is: 'ack' })
}

/** Our own signatures need no second look when they come back as we made them. */
const knowingOwn = (verifier: Verifier, state: PartyState, pending: Pending): Verifier => {
  const { next } = pending.draft
  const { terms } = state.machine
  const digest = next && statementDigest(terms.suite, bilateralVote(next.head, pending.round))
  const keys = terms.participants[state.party]?.controller.keys ?? []
  const isOwn = (one: Endorsement, publicKey: Uint8Array, signature: Uint8Array): boolean => {
    const key = keys[one.key]
    return (
      key !== undefined &&
      equalBytes(key.publicKey, publicKey) &&
      equalBytes(one.signature, signature)
    )
  }
  return {
    acceptsKey: verifier.acceptsKey,
    verify: (scheme, publicKey, signed, signature) =>
      (digest !== undefined &&
        equalBytes(digest, signed) &&
        pending.own.some((one) => isOwn(one, publicKey, signature))) ||
      verifier.verify(scheme, publicKey, signed, signature),
  }
}

/** The peer lacks something, or the message is old: it is answered where it asks for our last step. */
const hearBehind = (config: PartyConfig, state: PartyState, heard: Message): PartyState | Fault => {
  const last = state.history?.step
  const { body } = heard
  const isVote = body.is === 'accept' || body.is === 'cancel-ask'
  if (isVote && last && idOf(state, body.transition) === last.id) {
    return withAnswer(state, { is: 'confirm' })
  }
  const found = accuseAtOldHead(config, state, heard)
  if (found.length > 0) return withEvidence(state, found)
  const says = `head at ${heard.sequence}, this side is at ${state.machine.head.sequence}`
  return withAnswer(withRefusal(state, new Fault('message/stale-head', says)), { is: 'ack' })
}

const hearLevel = (config: PartyConfig, state: PartyState, heard: Message): PartyState | Fault => {
  if (isHeard('offer', heard)) return hearOffer(config, state, heard)
  if (isHeard('request', heard)) return hearRequest(config, state, heard)
  if (isHeard('decline', heard)) return hearDecline(config, state, heard)
  if (isHeard('accept', heard)) return hearVote(config, state, heard)
  if (isHeard('cancel-ask', heard)) return hearVote(config, state, heard)
  if (isHeard('abort', heard)) return hearAbort(config, state, heard)
  const told = withPeer(state, heard)
  // A confirmation of the step that is our head already.
  return heard.body.is === 'confirm' ? withAnswer(told, { is: 'ack' }) : told
}

const hearAbort = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'abort'>,
): PartyState | Fault => {
  const moved = hearAborts(config, state, heard.body.aborts)
  if (isFault(moved) || moved.evidence.length > 0) return moved
  return withAnswer(withPeer(moved, heard), { is: 'ack' })
}

/** The responder's vote, as an acceptance or with the wish to be let out of it. */
const hearVote = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'accept'> | Heard<'cancel-ask'>,
): PartyState | Fault => {
  const { body, round } = heard
  if (round > state.book.round) return withPeer(state, heard)
  const { pending } = state
  const ours = pending?.draft.next?.head
  const isSame =
    ours !== undefined && pending?.round === round && isSameTransition(ours, body.transition)
  if (isSame && pending?.stage === 'confirming') return withPeer(state, heard)
  const isPlaced =
    body.transition.machine === heard.machine && body.transition.sequence === heard.sequence + 1n
  if (!isPlaced) return new Fault('accept/not-offered', 'the vote is not for the next step')
  // The header that was made here has its id already.
  const transition = isSame ? ours : body.transition
  const cast = checkVotes(config, state, { transition, signatures: body.signatures, round })
  if (isFault(cast)) return cast
  const told = withStatements(state, cast)
  if (told.evidence.length > 0) return told
  if (round < state.book.round) return inAbortedRound(told, round)
  const placed = withPeer(told, heard)
  if (body.is === 'cancel-ask') {
    const left = leaveRound(placed)
    return isFault(left) ? placed : left
  }
  if (!isSame || pending?.stage !== 'offered') return hearForeignVote(placed)
  return vote(placed, { ...pending, peer: body.signatures }, 'confirming')
}

/**
 * A vote for a step that is not on offer. It binds the peer, so nothing else can come of this round: an offer of ours is
 * withdrawn; without one the step may be ours from before a restore, and the peer is asked for it.
 */
const hearForeignVote = (state: PartyState): PartyState | Fault => {
  const says = 'a vote for a step that is not on offer'
  const refused = withRefusal(state, new Fault('accept/not-offered', says))
  if (state.pending?.stage === 'offered') return leaveRound(refused)
  return state.pending ? refused : withAnswer(refused, { is: 'catchup' })
}
