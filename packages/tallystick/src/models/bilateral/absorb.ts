/** What a party does with inputs of its own side: wishes, decisions, signatures, proofs, restores. */
import { Fault, isFault } from '../../base/fault.ts'
import { BILATERAL_ROUNDS_MAX, KNOWN_MACHINES_MAX, REFUSALS_MAX } from '../../base/limits.ts'
import { proposerAt } from '../../kernel/charter.ts'
import { openMachine } from '../../kernel/execute.ts'
import type { Env } from '../../kernel/role.ts'
import { permits, type Vow, vowOf, withVow } from '../../kernel/vow.ts'
import {
  checkConsents,
  checkLegs,
  childOfHead,
  draftFrom,
  hasConsented,
  interactionFromWish,
  isSameTransition,
  runDraft,
} from './draft.ts'
import { bilateralVote, type RoundAbort, roundAbortStatement } from './evidence.ts'
import {
  type Answer,
  boundChild,
  type Draft,
  nameOf,
  type PartyConfig,
  type PartyInput,
  type PartyState,
  type Pending,
} from './state.ts'

export type Taken<Is extends PartyInput['is']> = Extract<PartyInput, { is: Is }>

export const withRefusal = (state: PartyState, fault: Fault): PartyState => ({
  ...state,
  talk: { ...state.talk, refusals: [...state.talk.refusals, fault].slice(-REFUSALS_MAX) },
})

export const withAnswer = (state: PartyState, answer: Answer): PartyState => ({
  ...state,
  talk: { ...state.talk, answer, answers: state.talk.answers + 1 },
})

export const isProposer = (state: PartyState, party: number): boolean =>
  proposerAt(state.machine.terms, state.machine.head.sequence + 1n) === party

export const absorbCharter = (
  config: PartyConfig,
  state: PartyState,
  input: Taken<'learn'>,
): PartyState | Fault => {
  const opened = openMachine(input.charter, config.logics)
  if (isFault(opened)) return opened
  if (opened.id === state.machine.id || state.known.has(opened.id)) return state
  if (state.known.size >= KNOWN_MACHINES_MAX) {
    return new Fault('learn/too-many', `${state.known.size} machines are known already`)
  }
  return { ...state, known: new Map([...state.known, [opened.id, opened]]) }
}

export const absorbWish = (
  config: PartyConfig,
  state: PartyState,
  wish: Taken<'wish'>,
): PartyState | Fault => {
  const busy = whyBusy(state)
  if (busy) return busy
  const interaction = interactionFromWish(state.machine, wish)
  const { consents, attachments } = wish
  const draft = draftFrom({ interaction, consents, attachments })
  const fault = checkLegs(state.machine, interaction) ?? checkConsents(config, state, draft)
  if (fault) return fault
  return advance(config, state, beginPending(state, draft, 'self'))
}

const whyBusy = (state: PartyState): Fault | undefined => {
  const place = { machine: state.machine.id, step: state.machine.head.sequence + 1n }
  const stopped = whyStopped(state)
  if (stopped) return stopped
  if (state.pending) {
    return new Fault('wish/busy', `a step is ${state.pending.stage}: finish or withdraw it`, place)
  }
  if (state.book.leaving) return new Fault('wish/busy', 'an abort is being signed', place)
  const spent = whySpent(state)
  if (spent) return spent
  // After a restore: the guard remembers a vote for a step that the peer will bring back.
  return boundChild(state) !== undefined
    ? new Fault('wish/busy', 'a step voted for earlier is not finished', place)
    : undefined
}

/** Whether the rounds under this head are used up. */
export const whySpent = (state: PartyState): Fault | undefined =>
  state.book.round < BILATERAL_ROUNDS_MAX
    ? undefined
    : new Fault('round/too-many', `${state.book.round} proposals were aborted under this head`)

/** Why nothing new may begin: evidence, a lost memory, or terms that are no longer ours. */
export const whyStopped = (state: PartyState): Fault | undefined => {
  const place = { machine: state.machine.id, party: nameOf(state, 1 - state.party) }
  if (state.evidence.length > 0) {
    return new Fault('party/stopped', 'there is proof against the other party', place)
  }
  if (state.quarantine) {
    return new Fault(
      'party/quarantined',
      'memory was restored; the peer has not answered yet',
      place,
    )
  }
  return state.closed
    ? new Fault('party/closed', 'the machine was handed over to other terms', place)
    : undefined
}

export const beginPending = (state: PartyState, draft: Draft, by: Pending['by']): Pending => ({
  stage: 'proving',
  serial: state.talk.begun + 1,
  by,
  round: state.book.round,
  draft,
  claimed: undefined,
  own: [],
  peer: [],
  regretted: false,
})

/**
 * Takes a pending step on from `proving`: waits for the premises if there are any, runs it, and goes to the stage that
 * its turn and origin ask for. Returns the logic's fault, or `offer/other-result` where the proposer claims another.
 */
export const advance = (
  config: PartyConfig,
  before: PartyState,
  pending: Pending,
): PartyState | Fault => {
  const state = { ...before, talk: { ...before.talk, begun: pending.serial } }
  if (!pending.draft.proven) return { ...state, pending }
  const next = runDraft(config, state, pending.draft)
  if (isFault(next)) return next
  if (pending.claimed && !isSameTransition(pending.claimed, next.head)) {
    const says = `the offer leads to ${pending.claimed.state}, this side gets ${next.head.state}`
    return new Fault('offer/other-result', says, { machine: next.id, step: next.head.sequence })
  }
  const ready: Pending = { ...pending, draft: { ...pending.draft, next } }
  if (pending.claimed && whyNoVote(state, ready)) return cannotVote(state, ready)
  if (pending.by === 'peer' && !isBoundTo(state, ready)) {
    return { ...state, pending: { ...ready, stage: 'asking' } }
  }
  return goOn(state, ready)
}

/** Whether we have voted for this very step before: asking again would be pointless. */
const isBoundTo = (state: PartyState, pending: Pending): boolean =>
  state.book.vows.some(
    (one) =>
      one.phase === 'commit' &&
      one.round === pending.round &&
      one.child === pending.draft.next?.headId,
  )

/** The human agrees, or had agreed: consent first if the step is ours to propose or request, else the vote. */
export const goOn = (state: PartyState, pending: Pending): PartyState | Fault => {
  if (pending.claimed) return vote(state, pending, 'accepting')
  if (!hasConsented(state, pending.draft, state.party)) {
    return { ...state, pending: { ...pending, stage: 'consenting' } }
  }
  const stage = isProposer(state, state.party) ? 'offered' : 'requested'
  return { ...state, pending: { ...pending, stage } }
}

/**
 * Turns down an offer that an own vow excludes: this side has voted in this round for a step that is lost. It cannot
 * abort, so it says so under seal, and the proposer, who has not voted, can.
 */
const cannotVote = (state: PartyState, pending: Pending): PartyState => {
  const interaction = pending.draft.id
  const fault = whyNoVote(state, pending)
  const refused = fault ? withRefusal(state, fault) : state
  return withAnswer({ ...refused, pending: undefined }, { is: 'decline', interaction, seal: [] })
}

/**
 * After vows were taken over from elsewhere: an offer that they exclude need not be asked about any more, one that we
 * have voted for goes on by itself, and a step that is ours to propose or request makes way for the one voted for.
 */
export const withoutExcluded = (state: PartyState): PartyState => {
  const { pending } = state
  const bound = boundChild(state)
  if (!pending?.claimed && bound !== undefined && pending?.draft.next?.headId !== bound) {
    return { ...state, pending: undefined }
  }
  if (pending?.stage !== 'asking' || !pending.claimed) return state
  if (whyNoVote(state, pending)) return cannotVote(state, pending)
  if (!isBoundTo(state, pending)) return state
  // Whoever is asked again may say no, which is no longer possible, and would then never be asked any more.
  const next = goOn(state, pending)
  return isFault(next) ? state : next
}

/** Records the vow to commit, if the vows permit it; the signature is asked for afterwards. */
export const vote = (
  state: PartyState,
  pending: Pending,
  stage: 'accepting' | 'confirming',
): PartyState | Fault => {
  const fault = whyNoVote(state, pending)
  if (fault) return fault
  const { book } = state
  const vow = vowFor(state, pending)
  const vows = vow ? withVow(book.vows, vow) : book.vows
  return { ...state, book: { ...book, vows }, pending: { ...pending, stage } }
}

const vowFor = (state: PartyState, { draft, round }: Pending): Vow | undefined =>
  draft.next && vowOf(state.machine.terms.suite, bilateralVote(draft.next.head, round))

/** Why the vows taken exclude a vote for this step. */
const whyNoVote = (state: PartyState, pending: Pending): Fault | undefined => {
  const { guarded, book } = state
  const { next } = pending.draft
  const vow = vowFor(state, pending)
  const place = { machine: state.machine.id, step: state.machine.head.sequence + 1n }
  if (!vow || !next) return new Fault('vote/not-run', 'the step was not executed', place)
  // Nothing was vowed here yet, so nothing can exclude anything.
  if (book.vows.length === 0 && !guarded) return undefined
  const released = new Set(Array.from({ length: book.round }, (_, round) => round))
  // The guard remembers a vow below one single child of this head, so that child is what we had agreed to.
  const isForeign =
    guarded !== undefined &&
    guarded.sequence === next.head.sequence &&
    guarded.parent !== next.headId
  return isForeign || !permits(book.vows, vow, { released, heldAt: undefined })
    ? new Fault('vote/not-permitted', 'an earlier vow excludes this vote', place)
    : undefined
}

/** Vows to leave the round and asks for the signatures on its abort. Returns `withdraw/already-voted`. */
export const leaveRound = (state: PartyState): PartyState | Fault => {
  const { book, machine } = state
  if (book.leaving && !state.pending) return state
  const vow = vowOf(
    machine.terms.suite,
    roundAbortStatement(childOfHead(state.machine), book.round),
  )
  if (!permits(book.vows, vow, { released: new Set(), heldAt: undefined })) {
    const place = { machine: machine.id, step: machine.head.sequence + 1n }
    return new Fault('withdraw/already-voted', 'only the other party can end this round now', place)
  }
  const ended = state.pending && {
    interaction: state.pending.draft.id,
    round: book.round,
    by: state.party,
  }
  return {
    ...state,
    book: { ...book, vows: withVow(book.vows, vow), leaving: book.leaving ?? [] },
    pending: undefined,
    ended: ended ?? state.ended,
  }
}

export const absorbDecision = (state: PartyState, input: Taken<'decide'>): PartyState | Fault => {
  const { pending } = state
  const stopped = whyStopped(state)
  if (stopped) return stopped
  if (pending?.stage !== 'asking' || pending.draft.id !== input.interaction) {
    return new Fault('decide/not-asked', `nothing was asked about ${input.interaction}`)
  }
  if (pending.claimed && whyNoVote(state, pending)) return cannotVote(state, pending)
  return input.yes ? goOn(state, pending) : decline(state, pending)
}

/** Turns down the peer's offer by an abort, and the peer's request by saying so. */
const decline = (state: PartyState, pending: Pending): PartyState | Fault => {
  if (pending.claimed) return leaveRound(state)
  const interaction = pending.draft.id
  const ended = { interaction, round: pending.round, by: state.party }
  return withAnswer(
    { ...state, pending: undefined, ended },
    { is: 'decline', interaction, seal: undefined },
  )
}

export const absorbProof = (
  config: PartyConfig,
  state: PartyState,
  input: Taken<'proven'> | Taken<'unproven'>,
): PartyState | Fault => {
  const { pending } = state
  const stopped = whyStopped(state)
  if (stopped) return stopped
  if (pending?.stage !== 'proving' || pending.draft.id !== input.interaction) {
    return new Fault('proof/not-asked', `no premises of ${input.interaction} are open`)
  }
  if (input.is === 'proven') {
    const { proven, grade } = input
    const advanced = advance(config, state, {
      ...pending,
      draft: { ...pending.draft, proven, grade },
    })
    return isFault(advanced) ? withRefusal(turnDown(state, pending), advanced) : advanced
  }
  return withRefusal(turnDown(state, pending), input.fault)
}

/** A step that cannot be: our own is dropped, the peer's declined. */
const turnDown = (state: PartyState, pending: Pending): PartyState => {
  if (pending.by === 'self') return { ...state, pending: undefined }
  const declined = decline(state, pending)
  return isFault(declined) ? { ...state, pending: undefined } : declined
}

export const absorbWithdrawal = (state: PartyState): PartyState | Fault => {
  const { pending } = state
  const stopped = whyStopped(state)
  if (stopped) return stopped
  if (!pending) return new Fault('withdraw/nothing-pending', 'no step is on its way')
  switch (pending.stage) {
    case 'proving':
    case 'asking':
      return pending.by === 'self' ? { ...state, pending: undefined } : decline(state, pending)
    case 'consenting':
    case 'requested':
      return { ...state, pending: undefined }
    case 'offered':
      return leaveRound(state)
    case 'accepting':
    case 'accepted':
      return pending.regretted ? state : { ...state, pending: { ...pending, regretted: true } }
    case 'confirming':
      return new Fault('withdraw/already-voted', 'both parties have voted; undoing is a new step')
  }
}

export const absorbRestore = (
  state: PartyState,
  input: Taken<'restored'>,
  env: Env,
): PartyState => ({ ...state, quarantine: { challenge: env.random }, guarded: input.last })

/** Moves on to a round: the aborts given end all before it. Steps that were in the rounds now dead are dropped. */
export const withAborts = (
  state: PartyState,
  aborts: readonly RoundAbort[],
  round: number,
): PartyState => {
  const all = [...state.book.aborts, ...aborts].sort(
    (a, b) => a.round - b.round || a.party - b.party || a.key - b.key,
  )
  const book = { ...state.book, aborts: all, round, leaving: undefined }
  const { pending } = state
  if (!pending) return withVowedAbort({ ...state, book })
  // Nothing of these has left this side yet, so they are not hit.
  if (pending.by === 'self' && (pending.stage === 'proving' || pending.stage === 'consenting')) {
    return withVowedAbort({ ...state, book, pending: { ...pending, round } })
  }
  const by = aborts.find((one) => one.round === pending.round)?.party ?? state.party
  const ended = { interaction: pending.draft.id, round: pending.round, by }
  return withVowedAbort({ ...state, book, pending: undefined, ended })
}

/**
 * After a restore: an abort that is vowed, and whose signature is lost, is made again once its round has come. Nothing
 * else can come of that round, so what is on its way in it is dropped.
 */
export const withVowedAbort = (state: PartyState): PartyState => {
  const { book, pending } = state
  const isVowed = book.vows.some((one) => one.phase === 'abort' && one.round === book.round)
  if (!isVowed || book.leaving) return state
  const ended = pending && { interaction: pending.draft.id, round: book.round, by: state.party }
  return {
    ...state,
    book: { ...book, leaving: [] },
    pending: undefined,
    ended: ended ?? state.ended,
  }
}
