/**
 * The `member`: a certifier on a shared machine, as a sans-IO role. Anybody may propose there, so certifiers agree in rounds.
 * Models say who they are and how a certificate is written (`round-model.ts`).
 *
 * Safety. The member runs the kernel's round engine at the newest certified step that it knows, and nowhere else; its vows
 * are in the state before a signature is outstanding. Under one parent `kernel/round.ts` argues that no two children
 * become final with at most f liars, and that beyond that their certificates convict. From parent to parent it goes
 * on only with a certified child, and then never back: what it had vowed for below is nothing that can still be decided.
 * It votes only for a child that it has come to itself, by running the logic on the state that the certified steps lead to.
 * So an honest member is never convicted, and what a quorum certifies is valid unless more than f of them did not look.
 *
 * Liveness. A candidate that reaches one honest member in office reaches them all, as members pass on what they found valid.
 * Two at once are no harm: a round's lead puts one forward, and a lead that is silent or divides the others is followed
 * by the next when their patience ends. Who missed a decision is told with the next message, or asks for what it lacks.
 *
 * Change of certifiers. A step that brings other terms is decided under the old ones. From then on the old certifiers sign
 * nothing more here, and those who stay *take over*: they sign once more for that step, in a round and with a citation
 * that their vows permit, because acceptances are counted apart from the rounds that decided it. Certifiers that were not
 * in these rounds accept by a first vote, which stands in the same journal as their other vows.
 *
 * Not promised. Fairness between candidates: who comes second has lost and may try again at the new head. That a member
 * can begin without the machine's state: its shell gives it one that it has verified. A certified step that is not valid
 * is refused and listed; the member then signs nothing further on that branch.
 */
import type { InteractionId } from '../../base/brand.ts'
import { equalBytes, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import {
  CHILDREN_MAX,
  EVIDENCE_KEPT_MAX,
  MEMBER_CANDIDATES_KEPT_MAX,
  REFUSALS_MAX,
  ROUNDS_MAX,
  SHARED_STEPS_MAX,
} from '../../base/limits.ts'
import { type Cast, castFrom, type OfferedCast } from '../../kernel/cast.ts'
import { conflictBetween, type Evidence } from '../../kernel/evidence.ts'
import { interactionId } from '../../kernel/interaction.ts'
import type { Env, Role } from '../../kernel/role.ts'
import { certificateFrom } from '../../kernel/round-certificate.ts'
import { type Decision, decisionOf } from '../../kernel/round-state.ts'
import { positionOf } from '../../kernel/statement.ts'
import { type Transition, transitionId } from '../../kernel/transition.ts'
import { type Candidate, tryCandidate } from './candidate.ts'
import { checkRoom, judgeCandidate, type Judged } from './judging.ts'
import { type MemberEffect, outstanding, waitingFor, wantedSignatures } from './member-effects.ts'
import { beginRun, type MemberMessage, type MemberState } from './member-state.ts'
import { calledAt, fed, type MemberOptions, type Office, officeOf } from './office.ts'
import { follow, rivalryOf, type AgreedStep } from './agreed-step.ts'
import { isSaidAlready } from './said.ts'
import { takeoverOf } from './takeover.ts'

export type MemberInput =
  /** Of a participant. */
  | { readonly is: 'candidate'; readonly candidate: Candidate }
  | { readonly is: 'message'; readonly message: MemberMessage }
  /** From another operator or a participant, because `ask` wanted it or unasked. */
  | { readonly is: 'certified'; readonly step: AgreedStep }
  | { readonly is: 'signed'; readonly digest: string; readonly signature: Uint8Array }
  /** The shell has stored certified steps up to this number. */
  | { readonly is: 'kept'; readonly sequence: bigint }
  /** Nothing but time has passed. */
  | { readonly is: 'tick' }

export const createMember = (
  options: MemberOptions,
): Role<MemberState, MemberInput, MemberEffect> => ({
  step: (state, input, env) => {
    const next = faultFrom(() => absorb(options, called(options, state, env), input, env))
    return isFault(next) ? refused(state, next) : next
  },
  outstanding: (state) => outstanding(options, state),
  waitingFor: (state) => waitingFor(options, state),
})

/** From here on one who only helps out takes part, if too long has passed. */
const called = (options: MemberOptions, state: MemberState, env: Env): MemberState => {
  const office = officeOf(options, state)
  const at = office && calledAt(office, state)
  if (at === undefined || env.now < at) return state
  return { ...state, run: { ...state.run, isCalled: true } }
}

const refused = (state: MemberState, fault: Fault): MemberState => ({
  ...state,
  refusals: [...state.refusals, fault].slice(-REFUSALS_MAX),
})

const absorb = (
  options: MemberOptions,
  state: MemberState,
  input: MemberInput,
  env: Env,
): MemberState => {
  switch (input.is) {
    case 'candidate':
      return settled(options, withCandidate(options, state, input.candidate, env), env)
    case 'message':
      return absorbMessage(options, state, input.message, env)
    case 'certified':
      return settled(options, withCertified(options, state, input.step), env)
    case 'signed':
      return settled(options, withSignature(options, state, input, env), env)
    case 'kept':
      return {
        ...state,
        unkept: state.unkept.filter((one) => one.transition.sequence > input.sequence),
      }
    case 'tick': {
      const ticked = fed(options, { ...state, heardOf: 0n }, { is: 'tick' }, env)
      return settled(options, ticked, env)
    }
  }
}

// What comes in.

/** Finds a candidate valid or refuses it: `candidate/too-many`, or a fault of `judgeCandidate`. */
const withCandidate = (
  options: MemberOptions,
  state: MemberState,
  candidate: Candidate,
  env: Env,
): MemberState => {
  const id = interactionId(candidate.interaction)
  const isKnown = state.run.candidates.some((one) => interactionId(one.interaction) === id)
  const office = officeOf(options, state)
  if (isKnown || !office) return state
  // What certifiers vote for is needed, however much of its author's is here.
  const full = isVotedFor(state, id) ? undefined : checkRoom(options, state, candidate)
  if (full) return refused(state, full)
  const judged = judgeCandidate(options, state, office, { candidate, now: env.now })
  if (isFault(judged)) return refused(state, judged)
  return withJudged(options, state, { candidate, judged }, env)
}

const isVotedFor = ({ run }: MemberState, id: InteractionId): boolean =>
  run.candidates.length < MEMBER_CANDIDATES_KEPT_MAX + CHILDREN_MAX &&
  run.rounds.casts.some(({ statement: of }) => of.is === 'vote' && of.transition.interaction === id)

const withJudged = (
  options: MemberOptions,
  state: MemberState,
  { candidate, judged }: { readonly candidate: Candidate; readonly judged: Judged },
  env: Env,
): MemberState => {
  const run = { ...state.run, candidates: [...state.run.candidates, candidate] }
  const transition = judged.after.head
  const next = { ...state, run, attested: judged.attested }
  return fed(options, next, { is: 'judged', transition, isValid: true }, env)
}

const absorbMessage = (
  options: MemberOptions,
  state: MemberState,
  message: MemberMessage,
  env: Env,
): MemberState => {
  const { machine } = state.followed
  if (message.machine !== machine.id) {
    return refused(state, new Fault('member/other-machine', `a message about ${message.machine}`))
  }
  const { newest } = message
  const caughtUp = newest ? withCertified(options, state, newest) : state
  const informed = withCasts(options, caughtUp, message.casts, env)
  const offered = message.candidates.reduce(
    (now, one) => (isPinnedHere(now, one) ? withCandidate(options, now, one, env) : now),
    informed,
  )
  return settled(options, offered, env)
}

/** What others send again may be about a parent that is passed; that is no fault of theirs. */
const isPinnedHere = ({ followed: { machine } }: MemberState, of: Candidate): boolean =>
  of.interaction.legs.some((leg) => leg.parent === machine.headId)

/**
 * Takes over a step that others know to be certified; a rival of the newest one is kept as evidence. One that is further
 * ahead is heard of, one that is passed says nothing new.
 */
const withCertified = (
  options: MemberOptions,
  state: MemberState,
  step: AgreedStep,
): MemberState => {
  const { machine } = state.followed
  const { sequence } = step.transition
  if (sequence > machine.head.sequence + 1n) return { ...state, heardOf: sequence }
  if (sequence <= machine.head.sequence) {
    return withForks(state, rivalryOf(options, state.followed, step))
  }
  const followed = follow(options, state.followed, step)
  if (isFault(followed)) return refused(state, followed)
  if (state.unkept.length >= SHARED_STEPS_MAX) return state
  const takeover = takeoverOf(options, state, followed.machine.terms, step)
  const accepted = takeover?.acceptance.time ?? 0n
  return {
    ...state,
    followed,
    // Vows that a record holds for a later place than its steps are not touched by catching up with it.
    run: state.run.sequence > sequence ? state.run : beginRun(followed.machine),
    unkept: [...state.unkept, step],
    takeover,
    attested: accepted > state.attested ? accepted : state.attested,
  }
}

/** Checks signed statements about the next step, and hands the good ones to the rounds. */
const withCasts = (
  options: MemberOptions,
  state: MemberState,
  offered: readonly OfferedCast[],
  env: Env,
): MemberState => {
  const office = officeOf(options, state)
  if (!office) return state
  const known = state.run.rounds.casts
  const fresh: Cast[] = []
  for (const one of offered) {
    // What is passed, or known already, need not be checked again, whoever sends it.
    if (positionOf(one.statement).parent !== office.instance.parent) continue
    if (known.some((had) => isSaidAlready(had, one))) continue
    const cast = castFrom(office.instance, office.instance.quorum, one, options.verifier)
    if (!isFault(cast)) fresh.push(cast)
  }
  if (fresh.length === 0) return state
  const convicted = withForks(state, conflictsIn(office, known, fresh))
  return fed(options, convicted, { is: 'casts', casts: fresh }, env)
}

const conflictsIn = (
  { instance }: Office,
  known: readonly Cast[],
  fresh: readonly Cast[],
): readonly Evidence[] => {
  const found: Evidence[] = []
  for (const [at, one] of fresh.entries()) {
    for (const other of [...known, ...fresh.slice(0, at)]) {
      const signer = instance.quorum.signers[one.signer]
      if (other.signer !== one.signer || !signer) continue
      if (!conflictBetween(instance.suite, other.statement, one.statement)) continue
      const { scheme, publicKey } = signer
      found.push({ suite: instance.suite, scheme, publicKey, first: other, second: one })
    }
  }
  return found
}

/** Each key is convicted once; the first piece is enough. */
const withForks = (state: MemberState, found: readonly Evidence[]): MemberState => {
  const forks = [...state.forks]
  for (const { suite, scheme, publicKey, first, second } of found) {
    if (forks.length >= EVIDENCE_KEPT_MAX) break
    if (forks.some((had) => equalBytes(had.publicKey, publicKey))) continue
    const plain = [first, second].map(({ statement, signature }) => ({ statement, signature }))
    const [one, other] = plain
    if (one && other) forks.push({ suite, scheme, publicKey, first: one, second: other })
  }
  return forks.length === state.forks.length ? state : { ...state, forks }
}

const withSignature = (
  options: MemberOptions,
  state: MemberState,
  { digest, signature }: Extract<MemberInput, { is: 'signed' }>,
  env: Env,
): MemberState => {
  const wanted = wantedSignatures(options, state).find((one) => hexFromBytes(one.digest) === digest)
  if (!wanted) return state
  const { scheme, publicKey } = wanted.by
  if (!options.verifier.verify(scheme, publicKey, wanted.digest, signature)) {
    return refused(state, new Fault('member/bad-signature', 'not signed by the own key'))
  }
  const { takeover } = state
  if (wanted.isAcceptance) {
    return takeover ? { ...state, takeover: { ...takeover, signature } } : state
  }
  return fed(options, state, { is: 'signed', statement: wanted.statement, signature }, env)
}

// What follows from it.

/** Judges what the rounds ask about, and goes on to the next parent once a child is certified. */
const settled = (options: MemberOptions, start: MemberState, env: Env): MemberState => {
  let state = start
  // Each pass but the last judges one child, and there are only so many.
  for (let pass = 0; pass < ROUNDS_MAX * 4; pass++) {
    const office = officeOf(options, state)
    if (!office) return state
    const decision = decisionOf(office.instance.quorum, state.run.rounds)
    if (decision) return decided(options, state, office, decision)
    const judged = judgedOne(options, state, office, env)
    if (!judged || judged === state) return state
    state = judged
  }
  return state
}

/** The state after one child has been judged that others vote for and whose candidate is here. */
const judgedOne = (
  options: MemberOptions,
  state: MemberState,
  office: Office,
  env: Env,
): MemberState | undefined => {
  for (const effect of office.rounds.outstanding(state.run.rounds)) {
    if (effect.is !== 'check') continue
    const { transition } = effect
    const body = bodyOf(state, transition)
    if (!body) continue
    // The body was found valid when it was taken in; here it is asked whether it leads to this very child.
    const after = tryCandidate(options, state.followed.machine, body)
    const { suite } = office.instance
    const isValid = !isFault(after) && after.headId === transitionId(suite, transition)
    return fed(options, state, { is: 'judged', transition, isValid }, env)
  }
  return undefined
}

const bodyOf = (state: MemberState, of: Transition): Candidate | undefined =>
  state.run.candidates.find((one) => interactionId(one.interaction) === of.interaction)

const decided = (
  options: MemberOptions,
  state: MemberState,
  { model }: Office,
  decision: Decision,
): MemberState => {
  const candidate = bodyOf(state, decision.transition)
  // A decision may be seen before its candidate is; whoever has both sends it as a certified step.
  if (!candidate) return state
  const rounds = certificateFrom(decision)
  return withCertified(options, state, {
    transition: decision.transition,
    candidate,
    certificate: model.certificateFrom(rounds),
    accepted: new Uint8Array(0),
  })
}
