/** What a party does with what the other proposes: an offer of the one whose turn it is, or a request to that one. */
import { Fault, isFault } from '../../base/fault.ts'
import {
  advance,
  beginPending,
  isProposer,
  leaveRound,
  whySpent,
  whyStopped,
  withAnswer,
  withRefusal,
} from './absorb.ts'
import { checkConsents, checkLegs, draftFrom, hasConsented } from './draft.ts'
import type { Message, MessageBody } from './message.ts'
import { checkSeal, hearAborts, withPeer } from './notice.ts'
import { type Draft, type PartyConfig, type PartyState, peerOf, type Pending } from './state.ts'

/** A message with its body narrowed to one kind. */
export type Heard<Is extends MessageBody['is']> = Omit<Message, 'body'> & {
  readonly body: Extract<MessageBody, { is: Is }>
}

export const hearOffer = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'offer'>,
): PartyState | Fault => {
  const stopped = whyStopped(state)
  if (stopped) return stopped
  if (!isProposer(state, heard.from)) {
    return new Fault('offer/not-your-turn', `party ${heard.from} does not propose this step`)
  }
  const moved = hearAborts(config, state, heard.body.aborts)
  if (isFault(moved) || moved.evidence.length > 0) return moved
  const next = takeOffer(config, withPeer(moved, heard), heard)
  if (!isFault(next)) return next
  // The aborts it came with stand on their own; without any the state stays as it was.
  return moved === state ? next : withRefusal(moved, next)
}

const takeOffer = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'offer'>,
): PartyState | Fault => {
  const { book, pending } = state
  if (heard.round > book.round) {
    return new Fault('offer/round-open', `round ${book.round} has not been aborted`)
  }
  if (heard.round < book.round || book.leaving) return inAbortedRound(state, heard.round)
  const spent = whySpent(state)
  if (spent) return spent
  const draft = draftFrom(heard.body)
  if (pending?.claimed) {
    if (pending.draft.id !== draft.id) {
      return new Fault('offer/second-in-round', 'another offer of this round is being looked at')
    }
    return pending.stage === 'accepted' ? withAnswer(state, { is: 'accept' }) : state
  }
  const fault = checkProposal(config, state, draft)
  if (fault) return fault
  const begun = beginOffered(state, draft, pending)
  const next = advance(
    config,
    { ...state, pending: undefined },
    {
      ...begun,
      claimed: heard.body.transition,
    },
  )
  const isPassedOver = pending !== undefined && pending.draft.id !== draft.id
  if (isFault(next) || !isPassedOver) return next
  const says = `${pending.draft.id} gave way to what the proposer offers`
  return withRefusal(next, new Fault('request/passed-over', says))
}

/** An offer of what we requested ourselves needs no second question. */
const beginOffered = (state: PartyState, draft: Draft, pending: Pending | undefined): Pending => {
  if (pending?.stage !== 'requested' || pending.draft.id !== draft.id) {
    return beginPending(state, draft, 'peer')
  }
  const { proven, grade } = pending.draft
  return beginPending(state, { ...draft, proven, grade }, 'self')
}

export const hearRequest = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'request'>,
): PartyState | Fault => {
  const stopped = whyStopped(state)
  if (stopped) return stopped
  if (!isProposer(state, state.party)) {
    return new Fault('request/not-our-turn', 'the one who requests is the one to propose')
  }
  if (heard.round < state.book.round) return inAbortedRound(state, heard.round)
  const told = withPeer(state, heard)
  if (heard.round > state.book.round) return told
  const draft = draftFrom(heard.body)
  const { pending, ended } = state
  if (pending?.draft.id === draft.id) return told
  if (pending || state.book.leaving) {
    return new Fault('request/busy', 'another step is on its way; the request may be repeated')
  }
  if (ended?.interaction === draft.id && ended.round === heard.round && ended.by === state.party) {
    return withAnswer(told, { is: 'decline', interaction: draft.id, seal: undefined })
  }
  const fault = checkProposal(config, told, draft)
  return fault ?? advance(config, told, beginPending(told, draft, 'peer'))
}

/** A request turned down is dropped; an offer that the peer says under seal it cannot vote for is withdrawn. */
export const hearDecline = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'decline'>,
): PartyState | Fault => {
  const told = withPeer(state, heard)
  const { pending } = told
  if (pending?.draft.id !== heard.body.interaction || pending.round !== heard.round) return told
  if (pending.stage === 'offered') {
    return checkSeal(config, state, heard, heard.body.seal) ?? leaveRound(told)
  }
  if (pending.stage !== 'requested') return told
  const ended = { interaction: pending.draft.id, round: pending.round, by: heard.from }
  return { ...told, pending: undefined, ended }
}

/** A message of a round that is dead: refused, and the sender is shown why. */
export const inAbortedRound = (state: PartyState, round: number): PartyState => {
  const says = `round ${round} is over, this is round ${state.book.round}`
  const refused = withRefusal(state, new Fault('message/aborted-round', says))
  return withAnswer(refused, { is: 'abort' })
}

/** Cheap before dear: legs, whether enough of the sender's keys have consented, and then each signature. */
const checkProposal = (config: PartyConfig, state: PartyState, draft: Draft): Fault | undefined => {
  const legs = checkLegs(state.machine, draft.interaction)
  if (legs) return legs
  if (!hasConsented(state, draft, peerOf(state))) {
    return new Fault('consent/missing', 'the sender has not consented to what it proposes')
  }
  return checkConsents(config, state, draft)
}
