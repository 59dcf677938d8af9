/**
 * Catching up: steps that a party lacks, and what a party that lost its memory is told of it.
 *
 * Promise. Steps are believed for their certificates and for running to the same result here, never for who sent them. An
 * answer that ends a quarantine echoes the challenge and is signed, so that neither an old answer nor a stranger's can.
 */
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { equalBytes } from '../../base/bytes.ts'
import { statementDigest, positionOf } from '../../kernel/statement.ts'
import { type Vow, vowOf, type Vows, withVow } from '../../kernel/vow.ts'
import {
  advance,
  beginPending,
  isProposer,
  withAnswer,
  withoutExcluded,
  withRefusal,
  withVowedAbort,
} from './absorb.ts'
import { bilateralCertificate, checkCertificate, missingFrom } from './certificate.ts'
import {
  checkConsents,
  checkLegs,
  draftFrom,
  hasConsented,
  idOf,
  isSameTransition,
  provenByAgreement,
  runDraft,
  withGuarded,
  withStep,
} from './draft.ts'
import { type HeldStatement, type SharedStep } from './message.ts'
import {
  accuse,
  checkSeal,
  hearAborts,
  peerStatements,
  stepAt,
  withEvidence,
  withPeer,
  withStatements,
} from './notice.ts'
import type { Heard } from './offer.ts'
import type { Book, LastVow, PartyConfig, PartyState } from './state.ts'

/** Answers a peer that lacks steps or its memory, if its head lies on our history. Returns `message/other-history`. */
export const hearCatchup = (state: PartyState, heard: Heard<'catchup'>): PartyState | Fault => {
  const known = stepAt(state, heard.sequence)?.id
  if (known !== undefined && known !== heard.head) {
    return new Fault('message/other-history', `head ${heard.head} is not on this history`)
  }
  const { challenge } = heard.body
  // Attack: an old question would make a peer that is level look behind.
  const isOld = heard.sequence < state.machine.head.sequence
  const told = isOld ? state : withPeer(state, heard)
  return withAnswer(told, { is: 'steps', after: heard.sequence, challenge, seal: [] })
}

export const hearSteps = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'steps'>,
): PartyState | Fault => {
  const fault = checkAnswer(config, state, heard)
  if (fault) return fault
  let at = withPeer(state, heard)
  for (const step of heard.body.steps) {
    const next = takeStep(config, at, step)
    if (isFault(next) || next.evidence.length > 0) return next
    at = next
  }
  const isLevel = at.machine.headId === heard.head
  if (!isLevel && at.machine.head.sequence === heard.sequence) {
    return new Fault('message/other-history', `head ${heard.head} is not on this history`)
  }
  const told = isLevel ? takeRounds(config, at, heard) : at
  if (isFault(told)) return told
  const isThrough = isLevel || heard.sequence < at.machine.head.sequence
  return isThrough ? takeMemory(config, told, heard) : told
}

/** Whether an answer answers what was asked. Returns `message/before-restore`, `steps/not-sound` or `message/bad-seal`. */
const checkAnswer = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'steps'>,
): Fault | undefined => {
  const { challenge, sound, seal } = heard.body
  const asked = state.quarantine?.challenge
  if (!asked || !challenge) {
    return asked === challenge
      ? undefined
      : new Fault('message/before-restore', 'the steps do not answer the present challenge')
  }
  if (!equalBytes(asked, challenge)) {
    return new Fault('message/before-restore', 'the steps answer another challenge')
  }
  if (!sound) return new Fault('steps/not-sound', 'the other party has lost its memory as well')
  return checkSeal(config, state, heard, seal)
}

/**
 * One step of the past: known already, next, or refused. Returns `steps/other-history`, `steps/gap`,
 * `steps/not-final`, `steps/other-result`, or what checking a certificate or running a step returns.
 */
const takeStep = (config: PartyConfig, state: PartyState, step: SharedStep): PartyState | Fault => {
  const { head } = state.machine
  const place = { step: step.transition.sequence }
  if (step.transition.sequence <= head.sequence) return compareStep(config, state, step)
  if (step.transition.sequence !== head.sequence + 1n) {
    return new Fault('steps/gap', `step ${step.transition.sequence} after ${head.sequence}`, place)
  }
  const checked = checkStep(config, state, step)
  if (isFault(checked)) return checked.at(place)
  const { certificate, draft } = checked
  const noted = withStatements(state, peerStatements(config, state, step))
  if (noted.evidence.length > 0) return noted
  const id = idOf(state, step.transition)
  const isBroken = state.book.vows.some(
    (one) => one.phase === 'commit' && one.round === certificate.round && one.child !== id,
  )
  if (isBroken) {
    return new Fault('steps/other-history', 'this side voted for another child there', place)
  }
  const next = runDraft(config, state, draft)
  if (isFault(next)) return next
  if (!isSameTransition(next.head, step.transition)) {
    return new Fault('steps/other-result', `this side gets ${next.head.state}`, place)
  }
  return withStep(config, noted, { draft, next, certificate })
}

type Checked = {
  readonly certificate: Parameters<typeof checkCertificate>[2]
  readonly draft: ReturnType<typeof draftFrom>
}

const checkStep = (config: PartyConfig, state: PartyState, step: SharedStep): Checked | Fault => {
  const { terms } = state.machine
  const certificate = faultFrom(() => bilateralCertificate.decode(step.certificate))
  if (isFault(certificate)) return certificate
  const fault = checkCertificate(terms, step.transition, certificate, config.verifier)
  if (fault) return fault
  const missing = missingFrom(terms, certificate.signatures)
  if (missing.length > 0) {
    return new Fault('steps/not-final', `not signed by ${missing.join(', ')}`)
  }
  const { premises } = step.interaction
  // Both have signed, so both took the premises for proven then; how firm they were is no longer known.
  const grade = premises.length > 0 ? 'provisional' : undefined
  const proven = provenByAgreement(step.interaction)
  const draft = { ...draftFrom(step), proven, grade } as const
  const other = checkLegs(state.machine, step.interaction) ?? checkConsents(config, state, draft)
  return other ?? { certificate, draft }
}

const compareStep = (
  config: PartyConfig,
  state: PartyState,
  step: SharedStep,
): PartyState | Fault => {
  const own = stepAt(state, step.transition.sequence)
  if (own && isSameTransition(own.transition, step.transition)) return state
  const checked = own && faultFrom(() => peerStatements(config, state, step))
  const found = own && checked && !isFault(checked) ? accuse(config, state, own, checked) : []
  return found.length > 0
    ? withEvidence(state, found)
    : new Fault('steps/other-history', 'another step is final there', {
        step: step.transition.sequence,
      })
}

/** What became of rounds under the common head, and the step that the peer has voted for there. */
const takeRounds = (
  config: PartyConfig,
  state: PartyState,
  heard: Heard<'steps'>,
): PartyState | Fault => {
  const moved = hearAborts(config, state, heard.body.aborts)
  if (isFault(moved) || moved.evidence.length > 0) return moved
  const { open } = heard.body
  const isOurs = open && !moved.pending && !moved.book.leaving && isProposer(moved, moved.party)
  if (!isOurs || heard.round !== moved.book.round) return moved
  const draft = draftFrom(open)
  const fault = checkLegs(moved.machine, draft.interaction) ?? checkConsents(config, moved, draft)
  if (fault) return withRefusal(moved, fault)
  // Our own consent under it says that it was our offer.
  if (!hasConsented(moved, draft, moved.party)) return moved
  const next = advance(config, moved, beginPending(moved, draft, 'self'))
  return isFault(next) ? withRefusal(moved, next) : next
}

/** Ends a quarantine: what the peer and the guard remember of our vows is ours again. */
const takeMemory = (config: PartyConfig, state: PartyState, heard: Heard<'steps'>): PartyState => {
  if (!state.quarantine || state.evidence.length > 0) return state
  const { guarded, machine } = state
  if (guarded && guarded.sequence > machine.head.sequence + 1n) {
    const says = `the guard remembers a vow under step ${guarded.sequence}, the peer does not`
    return withRefusal(state, new Fault('party/guard-ahead', says))
  }
  const held = heard.body.held.filter((one) => isOwnStatement(config, state, one))
  const { suite } = machine.terms
  const vows = held.reduce(
    (taken, one) => withVow(taken, vowOf(suite, one.statement)),
    state.book.vows,
  )
  const isHere = guarded?.parent === machine.headId
  const book = { ...state.book, vows: isHere ? withLostAborts(state.book, vows, guarded) : vows }
  const freed = withVowedAbort({
    ...state,
    book: isHere ? withGuarded(book, guarded) : book,
    guarded: isHere || (guarded && guarded.sequence <= machine.head.sequence) ? undefined : guarded,
    quarantine: undefined,
  })
  return withoutExcluded(freed)
}

/**
 * The vows behind a remembered one. Who has vowed in a round knew the rounds before to be dead. Those that the peer, whose
 * memory is whole, has not aborted must have been aborted by us, and the signatures got lost.
 */
const withLostAborts = (book: Book, vows: Vows, guarded: LastVow): Vows => {
  const lost: Vow[] = []
  for (let { round } = book; round < guarded.vow.round; round++) {
    const isKnown = vows.some((one) => one.round === round)
    if (!isKnown) lost.push({ round, phase: 'abort', child: undefined, cited: 0 })
  }
  return [...lost, ...vows]
}

const isOwnStatement = (config: PartyConfig, state: PartyState, held: HeldStatement): boolean => {
  const { terms, id, headId } = state.machine
  const { machine, parent } = positionOf(held.statement)
  const key = terms.participants[state.party]?.controller.keys[held.key]
  if (!key || machine !== id || parent !== headId) return false
  const digest = statementDigest(terms.suite, held.statement)
  return config.verifier.verify(key.scheme, key.publicKey, digest, held.signature)
}
