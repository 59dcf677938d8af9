/**
 * The `applicant`: a participant who wants a step on a shared machine, as a sans-IO role.
 *
 * Promise. A wish is done at most once. Each attempt is pinned at the head that the applicant knows; only once another child
 * of that head is certified does it make the wish again at the new one, and by then the old attempt cannot be done any
 * more. The certificate that ends it is judged here, and so is each step of others on the way.
 *
 * Liveness. An attempt that reaches one honest operator is decided on. While others are faster it is made again and again;
 * nothing says that its turn comes. A wish that needs the consents of others is given back instead, as they have to
 * consent anew: `applicant/overtaken`.
 *
 * Not promised. That a wish that was given back will not be done: until another child is certified its attempt may be.
 */
import { hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { REFUSALS_MAX } from '../../base/limits.ts'
import type { Charter } from '../../kernel/charter.ts'
import { checkConsent, type Consent, consentDigest } from '../../kernel/consent.ts'
import type { Machine } from '../../kernel/execute.ts'
import {
  type Interaction,
  interactionId,
  type Leg,
  type Operation,
  type Premise,
} from '../../kernel/interaction.ts'
import { machineId } from '../../kernel/charter.ts'
import type { Role } from '../../kernel/role.ts'
import type { Wait } from '../../kernel/verdict.ts'
import { type Candidate, type CandidateOptions, tryCandidate } from './candidate.ts'
import { follow, type Followed, rivalryOf, type AgreedStep } from './agreed-step.ts'

export type Application = {
  readonly operations: readonly Operation[]
  /** Charters of the machines that it refers to. */
  readonly beside: readonly Charter[]
  /** What it relies on elsewhere, and the files that show it. */
  readonly premises?: readonly Premise[]
  readonly attachments?: readonly Uint8Array[]
  /** Of other participants, over the very interaction that the wish makes at the head. */
  readonly consents: readonly Consent[]
}

export type ApplicantState = {
  readonly party: number
  readonly followed: Followed
  readonly pending:
    | {
        readonly wish: Application
        readonly interaction: Interaction
        /** The own consent; missing until the key has signed. */
        readonly consent: Consent | undefined
      }
    | undefined
  /** The last wish that was done. */
  readonly done: AgreedStep | undefined
  /** The highest step that others have spoken of. */
  readonly heardOf: bigint
  readonly refusals: readonly Fault[]
}

export type ApplicantInput =
  | { readonly is: 'wish'; readonly wish: Application }
  | { readonly is: 'signed'; readonly digest: string; readonly signature: Uint8Array }
  /** A step that somebody says is certified. */
  | { readonly is: 'certified'; readonly step: AgreedStep }

export type ApplicantEffect =
  | { readonly is: 'sign'; readonly digest: Uint8Array; readonly what: string }
  /** Send it to the operators, once now and again from time to time. */
  | { readonly is: 'apply'; readonly candidate: Candidate }
  /** Fetch certified steps from this number on, from any operator, and hand them in. */
  | { readonly is: 'ask'; readonly from: bigint }

export const beginApplicant = (followed: Followed, party: number): ApplicantState => ({
  party,
  followed,
  pending: undefined,
  done: undefined,
  heardOf: 0n,
  refusals: [],
})

export const createApplicant = (
  options: CandidateOptions,
): Role<ApplicantState, ApplicantInput, ApplicantEffect> => ({
  step: (state, input) => {
    const next = faultFrom(() => absorb(options, state, input))
    return isFault(next) ? refused(state, next) : next
  },
  outstanding,
  waitingFor,
})

const refused = (state: ApplicantState, fault: Fault): ApplicantState => ({
  ...state,
  refusals: [...state.refusals, fault].slice(-REFUSALS_MAX),
})

const absorb = (
  options: CandidateOptions,
  state: ApplicantState,
  input: ApplicantInput,
): ApplicantState => {
  switch (input.is) {
    case 'wish': {
      const { machine } = state.followed
      if (state.pending) {
        const place = { machine: machine.id, step: machine.head.sequence + 1n }
        return refused(state, new Fault('applicant/busy', 'a wish is waiting already', place))
      }
      return applied(options, state, input.wish)
    }
    case 'signed':
      return withSignature(options, state, input)
    case 'certified':
      return withStep(options, state, input.step)
  }
}

/** What a wish makes at a machine's head: what others would consent to. */
export const applicationAt = (
  machine: Machine,
  { operations, beside, premises = [] }: Pick<Application, 'operations' | 'beside' | 'premises'>,
): Interaction => ({
  suite: machine.terms.suite,
  legs: [
    { machine: machine.id, access: 'write', parent: machine.headId },
    ...beside.map((one): Leg => ({ machine: machineId(one), access: 'refer', parent: undefined })),
  ],
  operations,
  premises,
})

/** The wish as an attempt at the head, not signed yet; consents of others have to be over this very attempt. */
const applied = (
  options: CandidateOptions,
  state: ApplicantState,
  wish: Application,
): ApplicantState => {
  const { machine } = state.followed
  const interaction = applicationAt(machine, wish)
  const id = interactionId(interaction)
  for (const one of wish.consents) {
    const fault = checkConsent(machine.terms, id, one, options.verifier)
    if (fault) return refused(state, fault)
  }
  return { ...state, pending: { wish, interaction, consent: undefined } }
}

const candidateOf = ({ pending }: ApplicantState): Candidate | undefined =>
  pending?.consent && {
    interaction: pending.interaction,
    consents: [...pending.wish.consents, pending.consent],
    beside: pending.wish.beside,
    attachments: pending.wish.attachments ?? [],
  }

/** The attempt with the own consent, if the rules allow it; else the wish is dropped with their fault. */
const withSignature = (
  options: CandidateOptions,
  state: ApplicantState,
  { digest, signature }: Extract<ApplicantInput, { is: 'signed' }>,
): ApplicantState => {
  const { pending, party, followed } = state
  const { machine } = followed
  if (!pending || pending.consent) return state
  if (hexFromBytes(digestOf(state, pending.interaction)) !== digest) return state
  const consent: Consent = { machine: machine.id, party, key: 0, form: 'raw', signature }
  const id = interactionId(pending.interaction)
  const fault = checkConsent(machine.terms, id, consent, options.verifier)
  if (fault) return refused(state, fault)
  const next: ApplicantState = { ...state, pending: { ...pending, consent } }
  const candidate = candidateOf(next)
  const after = candidate && tryCandidate(options, machine, candidate)
  return isFault(after) ? refused({ ...state, pending: undefined }, after) : next
}

const withStep = (
  options: CandidateOptions,
  state: ApplicantState,
  step: AgreedStep,
): ApplicantState => {
  const { head } = state.followed.machine
  const { sequence } = step.transition
  if (sequence > head.sequence + 1n) return { ...state, heardOf: sequence }
  if (sequence <= head.sequence) {
    const [rivalry] = rivalryOf(options, state.followed, step)
    const place = { machine: head.machine, step: sequence }
    return rivalry
      ? refused(state, new Fault('applicant/two-children', 'another child is certified too', place))
      : state
  }
  const followed = follow(options, state.followed, step)
  if (isFault(followed)) return refused(state, followed)
  const { pending, ...rest } = state
  const next: ApplicantState = { ...rest, followed, pending: undefined }
  if (!pending) return next
  if (interactionId(pending.interaction) === step.transition.interaction) {
    return { ...next, done: step }
  }
  if (pending.wish.consents.length === 0) return applied(options, next, pending.wish)
  const place = { machine: head.machine, step: sequence }
  return refused(next, new Fault('applicant/overtaken', 'another step was faster', place))
}

const digestOf = ({ followed }: ApplicantState, of: Interaction): Uint8Array =>
  consentDigest(followed.machine.terms.suite, interactionId(of))

const outstanding = (state: ApplicantState): readonly ApplicantEffect[] => {
  const { pending, followed, heardOf } = state
  const next = followed.machine.head.sequence + 1n
  const effects: ApplicantEffect[] = []
  const candidate = candidateOf(state)
  if (candidate) effects.push({ is: 'apply', candidate })
  else if (pending) {
    const what = `step ${next} of ${followed.machine.id.slice(0, 8)}`
    effects.push({ is: 'sign', digest: digestOf(state, pending.interaction), what })
  }
  // While an attempt is out, somebody else's step may be all that there is to learn.
  if (heardOf > next || candidate) effects.push({ is: 'ask', from: next })
  return effects
}

const waitingFor = ({ pending }: ApplicantState): readonly Wait[] =>
  pending ? [{ is: 'signers', names: ['the directory operators'] }] : []
