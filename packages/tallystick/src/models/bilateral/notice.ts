/** Taking note of what the peer has signed, and of where it stands. */
import { equalBytes } from '../../base/bytes.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { BILATERAL_ROUNDS_MAX, EVIDENCE_KEPT_MAX, SEEN_MAX } from '../../base/limits.ts'
import type { Evidence } from '../../kernel/evidence.ts'
import { reachesThreshold } from '../../kernel/controller.ts'
import type { Attestation } from '../../kernel/model.ts'
import { type Statement, statement } from '../../kernel/statement.ts'
import type { Transition } from '../../kernel/transition.ts'
import { withAborts } from './absorb.ts'
import {
  abortsEnding,
  bilateral,
  bilateralCertificate,
  checkAborts,
  checkOrder,
  missingFrom,
} from './certificate.ts'
import { childOfHead } from './draft.ts'
import {
  accusations,
  attestationOf,
  bilateralVote,
  type Endorsement,
  type RoundAbort,
  roundAbortStatement,
} from './evidence.ts'
import { type Message, sealDigest } from './message.ts'
import { nameOf, type PartyConfig, type PartyState, type PartyStep, peerOf } from './state.ts'

/** Takes over where the peer says it stands. The very same state if it said so before. */
export const withPeer = (state: PartyState, heard: Message): PartyState => {
  const { sequence, head, round } = heard
  const { peer } = state
  const isSame = peer?.sequence === sequence && peer.head === head && peer.round === round
  return isSame ? state : { ...state, peer: { sequence, head, round } }
}

/** Keeps checked statements of the peer and compares them with those kept. Evidence stops the role. */
export const withStatements = (state: PartyState, checked: readonly Attestation[]): PartyState => {
  const { seen } = state.book
  const fresh = checked.filter((one) => !seen.some((other) => isSameAttestation(one, other)))
  if (fresh.length === 0) return state
  const found = accusations(state.machine.terms, seen, fresh)
  const kept = [...seen, ...fresh].slice(-SEEN_MAX)
  return withEvidence({ ...state, book: { ...state.book, seen: kept } }, found)
}

export const withEvidence = (state: PartyState, found: readonly Evidence[]): PartyState =>
  found.length === 0
    ? state
    : { ...state, evidence: [...state.evidence, ...found].slice(0, EVIDENCE_KEPT_MAX) }

const isSameAttestation = (a: Attestation, b: Attestation): boolean =>
  equalBytes(a.publicKey, b.publicKey) && isSameStatement(a.statement, b.statement)

const isSameStatement = (a: Statement, b: Statement): boolean =>
  a.is === b.is && a.round === b.round && equalBytes(statement.encode(a), statement.encode(b))

/**
 * The peer's votes for a child in a round, checked one by one. Returns `accept/not-enough`, or the faults of
 * `checkCertificate`.
 */
export const checkVotes = (
  config: PartyConfig,
  state: PartyState,
  cast: {
    readonly transition: Transition
    readonly round: number
    readonly signatures: readonly Endorsement[]
  },
): readonly Attestation[] | Fault => {
  const { terms } = state.machine
  const peer = peerOf(state)
  const place = { party: nameOf(state, peer) }
  const order = checkOrder(cast.signatures)
  if (order) return order
  if (cast.signatures.some((one) => one.party !== peer)) {
    return new Fault('certificate/unknown-key', 'a vote of somebody else than the sender', place)
  }
  if (missingFrom(terms, cast.signatures).includes(nameOf(state, peer))) {
    return new Fault('accept/not-enough', 'the keys that signed do not speak for the party', place)
  }
  const vote = bilateralVote(cast.transition, cast.round)
  const checked: Attestation[] = []
  for (const by of cast.signatures) {
    const made = attestationOf(terms, vote, by, config.verifier)
    if (!made) return new Fault('certificate/bad-signature', 'a vote does not verify', place)
    checked.push(made)
  }
  return checked
}

/** Whether the sender stands to a message with keys that speak for it. Returns `message/bad-seal`. */
export const checkSeal = (
  config: PartyConfig,
  state: PartyState,
  heard: Message,
  seal: readonly Endorsement[],
): Fault | undefined => {
  const { terms } = state.machine
  const sender = terms.participants[heard.from]
  const bad = (says: string): Fault =>
    new Fault('message/bad-seal', says, { party: nameOf(state, heard.from) })
  const isEnough =
    sender !== undefined &&
    !checkOrder(seal) &&
    seal.every((one) => one.party === heard.from) &&
    reachesThreshold(
      sender.controller,
      seal.map((one) => one.key),
    )
  if (!isEnough) return bad('it is not sealed by the party')
  const digest = sealDigest(terms.suite, heard)
  const isGood = seal.every((one) => {
    const key = sender.controller.keys[one.key]
    return key && config.verifier.verify(key.scheme, key.publicKey, digest, one.signature)
  })
  return isGood ? undefined : bad('a signature of the seal does not verify')
}

/**
 * Takes aborts of rounds under the present head: keeps the peer's, and leaves the rounds that they end. The very same
 * state if they say nothing new. Returns `abort/not-enough` and the faults of `checkAborts`.
 */
export const hearAborts = (
  config: PartyConfig,
  state: PartyState,
  aborts: readonly RoundAbort[],
): PartyState | Fault => {
  const { book, machine } = state
  const { terms } = machine
  const child = childOfHead(machine)
  const order = checkOrder(aborts)
  if (order) return order
  const unknown = aborts.filter((one) => !book.aborts.some((other) => isSameAbort(one, other)))
  if (unknown.length === 0) return state
  const fault = checkAborts(terms, child, unknown, config.verifier)
  if (fault) return fault
  const peer = peerOf(state)
  const own = unknown.filter((one) => one.party === peer)
  const noted = withStatements(state, attested(config, state, child, own))
  if (noted.evidence.length > 0) return noted
  let { round } = book
  const ending: RoundAbort[] = []
  while (round < BILATERAL_ROUNDS_MAX) {
    const found = abortsEnding(terms, round, unknown)
    if (!found) break
    ending.push(...found)
    round += 1
  }
  if (round > book.round) return withAborts(noted, ending, round)
  const isOpen = unknown.some((one) => one.round >= book.round)
  return isOpen ? new Fault('abort/not-enough', `round ${book.round} is not ended by it`) : noted
}

const isSameAbort = (a: RoundAbort, b: RoundAbort): boolean =>
  a.round === b.round && a.party === b.party && a.key === b.key

const attested = (
  config: PartyConfig,
  state: PartyState,
  child: Parameters<typeof roundAbortStatement>[0],
  aborts: readonly RoundAbort[],
): readonly Attestation[] => {
  const { terms } = state.machine
  return aborts
    .map((by) => attestationOf(terms, roundAbortStatement(child, by.round), by, config.verifier))
    .filter((one) => one !== undefined)
}

/** What a message about an old head proves against the peer, held against the step that became final there. */
export const accuseAtOldHead = (
  config: PartyConfig,
  state: PartyState,
  heard: Message,
): readonly Evidence[] => {
  const final = stepAt(state, heard.sequence + 1n)
  if (!final) return []
  const { body } = heard
  const { parent, machine, sequence } = final.transition
  if (body.is === 'accept' || body.is === 'cancel-ask') {
    const checked = checkVotes(config, state, { ...body, round: heard.round })
    return isFault(checked) ? [] : accuse(config, state, final, checked)
  }
  if (body.is !== 'abort') return []
  const own = body.aborts.filter((one) => one.party === peerOf(state))
  const checked = attested(config, state, { machine, parent, sequence }, own)
  return accuse(config, state, final, checked)
}

/** Holds statements of the peer against those in the certificate of a final step. */
export const accuse = (
  config: PartyConfig,
  state: PartyState,
  final: Pick<PartyStep, 'transition' | 'certificate'>,
  checked: readonly Attestation[],
): readonly Evidence[] =>
  checked.length === 0
    ? []
    : accusations(state.machine.terms, peerStatements(config, state, final), checked)

/** What the peer signed in a step's certificate. */
export const peerStatements = (
  config: PartyConfig,
  state: PartyState,
  of: Pick<PartyStep, 'transition' | 'certificate'>,
): readonly Attestation[] => {
  const { terms } = state.machine
  const name = nameOf(state, peerOf(state))
  const made = bilateral.attestations({
    terms,
    policy: {},
    anchor: {},
    transition: of.transition,
    certificate: bilateralCertificate.decode(of.certificate),
    known: { verifier: config.verifier, now: undefined, read: () => ({ is: 'unknown' }) },
  })
  return made.filter((one) => one.name === name)
}

/** The final step with a sequence number; looks back as far as it must. */
export const stepAt = (state: PartyState, sequence: bigint): PartyStep | undefined => {
  let at = state.history
  while (at && at.step.transition.sequence > sequence) at = at.before
  return at?.step.transition.sequence === sequence ? at.step : undefined
}
