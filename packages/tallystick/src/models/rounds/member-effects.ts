/**
 * What an operator of a shared machine wants done, derived from its state.
 *
 * Promise. Nothing is signed that the state holds no vow for. A message holds the newest certified step, the statements that
 * let others catch up, and the candidates that these are about, so that whoever receives it can judge them.
 */
import { equalBytes, hexFromBytes } from '../../base/bytes.ts'
import { MEMBER_CANDIDATES_MAX, MEMBER_CASTS_MAX } from '../../base/limits.ts'
import type { Cast } from '../../kernel/cast.ts'
import type { Evidence } from '../../kernel/evidence.ts'
import { interactionId } from '../../kernel/interaction.ts'
import type { QuorumSigner } from '../../kernel/quorum.ts'
import { decisionOf } from '../../kernel/round-state.ts'
import type { RoundEffect } from '../../kernel/round.ts'
import { type Statement, statementDigest } from '../../kernel/statement.ts'
import type { Transition } from '../../kernel/transition.ts'
import type { Millis, Wait } from '../../kernel/verdict.ts'
import type { Candidate } from './candidate.ts'
import { type Acceptance, acceptanceVote } from './acceptance.ts'
import { isInPlace, type MemberMessage, type MemberState, type Takeover } from './member-state.ts'
import { calledAt, type MemberOptions, type Office, officeOf } from './office.ts'
import { quorumIn } from './round-model.ts'
import type { AgreedStep } from './agreed-step.ts'

export type MemberEffect =
  | { readonly is: 'sign'; readonly statement: Statement; readonly digest: Uint8Array }
  /** To these other operators, once now and again from time to time. */
  | { readonly is: 'send'; readonly message: MemberMessage; readonly to: readonly QuorumSigner[] }
  | { readonly is: 'wake'; readonly at: Millis }
  /** Store it where certified steps are kept, then say so. */
  | { readonly is: 'keep'; readonly step: AgreedStep }
  /** Fetch certified steps from this number on, from any operator, and hand them in. */
  | { readonly is: 'ask'; readonly from: bigint }
  /** For whoever gathers the acceptances of a change of terms. */
  | { readonly is: 'accept'; readonly transition: Transition; readonly acceptance: Acceptance }
  /** For whoever relies on the operators. */
  | { readonly is: 'accuse'; readonly evidence: Evidence }

/** Everything that is to be done now. */
export const outstanding = (
  options: MemberOptions,
  state: MemberState,
): readonly MemberEffect[] => {
  const office = officeOf(options, state)
  const effects = office ? office.rounds.outstanding(state.run.rounds) : []
  const isDone = office !== undefined && isDecided(state, office)
  return [
    ...state.unkept.map((step): MemberEffect => ({ is: 'keep', step })),
    ...wantedSignatures(options, state).map(({ statement, digest }): MemberEffect => ({
      is: 'sign',
      statement,
      digest,
    })),
    ...sendsOf(options, state, office, effects),
    ...effects.flatMap((one): readonly MemberEffect[] => (one.is === 'wake' ? [one] : [])),
    ...callOf(state, office),
    ...asksOf(state, isDone),
    ...acceptancesOf(state.takeover),
    ...state.forks.map((evidence): MemberEffect => ({ is: 'accuse', evidence })),
  ]
}

/** Who only helps out comes back when it is called, if there is no decision until then. */
const callOf = (state: MemberState, office: Office | undefined): readonly MemberEffect[] => {
  if (!office || isDecided(state, office)) return []
  const at = calledAt(office, state)
  return at === undefined ? [] : [{ is: 'wake', at }]
}

const isDecided = (state: MemberState, { instance }: Office): boolean =>
  decisionOf(instance.quorum, state.run.rounds) !== undefined

export type WantedSignature = {
  readonly statement: Statement
  readonly digest: Uint8Array
  readonly by: QuorumSigner
  /** Whether it takes over, rather than to decide the next step. */
  readonly isAcceptance: boolean
}

/** The signatures that the state has vows for and does not have yet. */
export const wantedSignatures = (
  options: MemberOptions,
  state: MemberState,
): readonly WantedSignature[] => {
  const { takeover, followed } = state
  const { suite } = followed.machine.terms
  const wanted: WantedSignature[] = []
  const want = (statement: Statement, by: QuorumSigner, isAcceptance: boolean): void => {
    wanted.push({ statement, digest: statementDigest(suite, statement), by, isAcceptance })
  }
  if (takeover && !takeover.signature) {
    want(acceptanceVote(takeover.transition, takeover.acceptance), takeover.by, true)
  }
  const office = officeOf(options, state)
  const seat = office?.instance.seat
  const by = seat === undefined ? undefined : office?.instance.quorum.signers[seat]
  if (!office || !by) return wanted
  for (const one of office.rounds.outstanding(state.run.rounds)) {
    if (one.is === 'sign') want(one.statement, by, false)
  }
  return wanted
}

const sendsOf = (
  options: MemberOptions,
  state: MemberState,
  office: Office | undefined,
  effects: readonly RoundEffect[],
): readonly MemberEffect[] => {
  const { machine, newest } = state.followed
  const to = [
    ...(office?.instance.quorum.signers ?? []),
    // Those who have decided the newest step may be out of office by it, and not know so.
    ...(newest ? (quorumIn(options.rounds, newest.terms)?.signers ?? []) : []),
  ]
  const isAmong = to.some((one) => equalBytes(one.publicKey, options.publicKey))
  const casts = effects.flatMap((one) => (one.is === 'send' ? one.casts : []))
  const candidates = bodiesFor(state, office, casts)
  if (!isAmong || (!newest && casts.length === 0 && candidates.length === 0)) return []
  const others = new Map(to.map((one) => [hexFromBytes(one.publicKey), one]))
  others.delete(hexFromBytes(options.publicKey))
  const message: MemberMessage = {
    machine: machine.id,
    newest: newest?.step,
    casts: casts.slice(0, MEMBER_CASTS_MAX),
    candidates,
  }
  return [{ is: 'send', message, to: [...others.values()] }]
}

/** The candidates that these statements are about, and the first of the own, which others may not have heard of. */
const bodiesFor = (
  { run }: MemberState,
  office: Office | undefined,
  casts: readonly Cast[],
): readonly Candidate[] => {
  if (!office) return []
  const about = new Set(
    casts.flatMap(({ statement: of }) => (of.is === 'vote' ? [of.transition.interaction] : [])),
  )
  return run.candidates
    .filter((one, at) => at === 0 || about.has(interactionId(one.interaction)))
    .slice(0, MEMBER_CANDIDATES_MAX)
}

/** What is missing: steps that others spoke of, the place of the own vows, or the body of a decided child. */
const asksOf = (state: MemberState, isDone: boolean): readonly MemberEffect[] => {
  const next = state.followed.machine.head.sequence + 1n
  const isMissing = state.heardOf > next || !isInPlace(state) || isDone
  return isMissing ? [{ is: 'ask', from: next }] : []
}

const acceptancesOf = (takeover: Takeover | undefined): readonly MemberEffect[] => {
  if (!takeover?.signature) return []
  const { transition, acceptance, signature } = takeover
  return [{ is: 'accept', transition, acceptance: { ...acceptance, signature } }]
}

export const waitingFor = (options: MemberOptions, state: MemberState): readonly Wait[] => {
  const office = officeOf(options, state)
  if (office) return office.rounds.waitingFor(state.run.rounds)
  const { head } = state.followed.machine
  return isInPlace(state)
    ? []
    : [{ is: 'step', sequence: head.sequence + 1n, parent: state.followed.machine.headId }]
}
