/**
 * The `owner`: the one party that may propose on an owned machine, as a sans-IO role.
 *
 * Safety. The owner signs a `propose` vote for one child of each parent, after recording its vow; a second wish waits
 * for its own parent, which is the step before. So an honest owner is never convicted, whatever is repeated, lost or
 * crashed, and an owner who pays two people from one head leaves evidence. The owner's signature makes a step
 * *provisional* (payment mode M2); it takes the operators' receipts to make it firm (M0 and M1).
 *
 * Liveness. A step needs nobody else to be made, and 2f+1 operators, in any order and at any time, to be certified. The
 * owner may go on before its steps are certified: each builds on the one before. They are submitted one after the other,
 * which keeps little outstanding; an operator serves them in any order.
 *
 * Not promised. That a step once proposed can be taken back: whoever holds the signed step may have it certified. Taking
 * a payment back is a step of the receiver's.
 */
import type { MachineId } from '../../base/brand.ts'
import { hexFromBytes } from '../../base/bytes.ts'
import { Fault, isFault } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import { execute, type Machine } from '../../kernel/execute.ts'
import { checkConsent, type Consent, consentsOf } from '../../kernel/consent.ts'
import {
  type Interaction,
  interactionId,
  type Leg,
  type Operation,
  type Premise,
} from '../../kernel/interaction.ts'
import type { LogicRegistry, ProvenPremise } from '../../kernel/logic.ts'
import type { Role } from '../../kernel/role.ts'
import { freshDigest, type Vote } from '../../kernel/statement.ts'
import { type Transition, transitionId } from '../../kernel/transition.ts'
import type { Wait } from '../../kernel/verdict.ts'
import { NO_PERMISSION, permits, vowOf, type Vows, withVow } from '../../kernel/vow.ts'

/** A step of the owner's own machine, signed or about to be. */
export type OwnerStep = {
  readonly interaction: Interaction
  readonly transition: Transition
  /** What others consented to, beside the owner. */
  readonly consents: readonly Consent[]
  /** Missing until the key has signed. */
  readonly signature: Uint8Array | undefined
  /** In the directory's codec; missing until enough receipts have come. */
  readonly certificate: Uint8Array | undefined
}

export type OwnerState = {
  readonly party: number
  /** The machine at its newest own step, signed or not. */
  readonly machine: Machine
  readonly steps: readonly OwnerStep[]
  /** Vows by parent, in the order of steps. */
  readonly vows: ReadonlyMap<string, Vows>
  /** Why the last inputs were refused, newest last; bounded. */
  readonly refusals: readonly Fault[]
}

export type OwnerInput =
  | {
      readonly is: 'wish'
      readonly operations: readonly Operation[]
      readonly premises: readonly Premise[]
      readonly proven: readonly ProvenPremise[]
      /** Machines that are referred to, for example an asset's. */
      readonly beside: readonly Machine[]
      /** Of other participants of this machine, over the very interaction that the wish makes. */
      readonly consents: readonly Consent[]
    }
  | { readonly is: 'signed'; readonly digest: string; readonly signature: Uint8Array }
  | { readonly is: 'certified'; readonly sequence: bigint; readonly certificate: Uint8Array }
  /** A step that this key has signed and this state does not know: made on another device, or lost in a crash. */
  | {
      readonly is: 'adopt'
      readonly step: OwnerStep
      readonly beside: readonly Machine[]
    }

export type OwnerEffect =
  | { readonly is: 'sign'; readonly digest: Uint8Array; readonly what: string }
  | { readonly is: 'submit'; readonly step: OwnerStep }

export type OwnerOptions = { readonly logics: LogicRegistry; readonly verifier: Verifier }

const REFUSALS_MAX = 16

export const beginOwner = (machine: Machine, party: number): OwnerState => ({
  party,
  machine,
  steps: [],
  vows: new Map(),
  refusals: [],
})

export const createOwner = (options: OwnerOptions): Role<OwnerState, OwnerInput, OwnerEffect> => ({
  step: (state, input) => step(options, state, input),
  outstanding,
  waitingFor,
})

/** The vote by which an owner puts a child forward. */
export const ownerVote = (transition: Transition): Vote => ({
  is: 'vote',
  transition,
  round: 0,
  phase: 'propose',
  cited: 0,
  time: 0n,
})

const step = (options: OwnerOptions, state: OwnerState, input: OwnerInput): OwnerState => {
  switch (input.is) {
    case 'wish':
      return absorbWish(options, state, input)
    case 'signed':
      return absorbSignature(options, state, input)
    case 'certified':
      return {
        ...state,
        steps: state.steps.map((one) =>
          one.transition.sequence === input.sequence
            ? { ...one, certificate: input.certificate }
            : one,
        ),
      }
    case 'adopt':
      return absorbOwnStep(options, state, input)
  }
}

const refused = (state: OwnerState, fault: Fault): OwnerState => ({
  ...state,
  refusals: [...state.refusals, fault].slice(-REFUSALS_MAX),
})

/** The owner's own step, not signed yet. Its effect is to have the key sign it. */
const absorbWish = (options: OwnerOptions, state: OwnerState, wish: OwnerWish): OwnerState => {
  const interaction = ownerInteraction(state.machine, wish)
  const next = executed(options, state, { ...wish, interaction })
  if (isFault(next)) return refused(state, next)
  const fresh = { signature: undefined, certificate: undefined }
  const { consents } = wish
  return withStep(state, next, { interaction, transition: next.head, consents, ...fresh })
}

/** Refuses `owner/other-step` where running the step gives another one, and `owner/not-own` without the own signature. */
const absorbOwnStep = (
  options: OwnerOptions,
  state: OwnerState,
  { step: own, beside }: Extract<OwnerInput, { is: 'adopt' }>,
): OwnerState => {
  const { suite } = state.machine.terms
  const { interaction, consents } = own
  const id = transitionId(suite, own.transition)
  if (state.steps.some((one) => transitionId(suite, one.transition) === id)) return state
  const place = { machine: state.machine.id, step: own.transition.sequence }
  if (!own.signature || !isSignedBy(options, state, own, own.signature)) {
    return refused(state, new Fault('owner/not-own', 'the own key has not signed this step', place))
  }
  // Whoever signed it with this key has proven what it rests on; it is not relied on again.
  const proven = interaction.premises
  const next = executed(options, state, { interaction, proven, beside, consents })
  if (isFault(next)) return refused(state, next)
  return transitionId(suite, next.head) === id
    ? withStep(state, next, own)
    : refused(state, new Fault('owner/other-step', 'running it comes to another step', place))
}

type Running = Pick<OwnerWish, 'proven' | 'beside' | 'consents'> & {
  readonly interaction: Interaction
}

/** The machine after an interaction. */
const executed = (options: OwnerOptions, state: OwnerState, of: Running): Machine | Fault => {
  const { machine } = state
  const id = interactionId(of.interaction)
  for (const one of of.consents) {
    const fault = checkConsent(machine.terms, id, one, options.verifier)
    if (fault) return fault
  }
  const consented = consentsOf(machine.terms, machine.id, of.consents)
  const run = execute({
    interaction: of.interaction,
    machines: new Map([machine, ...besideOf(machine, of)].map((one) => [one.id, one])),
    logics: options.logics,
    consents: (on: MachineId, party: number) =>
      on === machine.id && (party === state.party || consented(party)),
    proven: of.proven,
    verifier: options.verifier,
  })
  if (isFault(run)) return run
  const [next] = run.written
  return next?.id === machine.id
    ? next
    : new Fault('owner/other-step', 'the step does not write this machine', { machine: machine.id })
}

/** The state with a step and the vow for it, if that is the first child of the head. */
const withStep = (state: OwnerState, next: Machine, made: OwnerStep): OwnerState => {
  const { headId, terms } = state.machine
  const vow = vowOf(terms.suite, ownerVote(made.transition))
  const taken = state.vows.get(headId) ?? []
  if (!permits(taken, vow, NO_PERMISSION)) {
    return refused(state, new Fault('owner/second-child', 'this head has a child already'))
  }
  return {
    ...state,
    machine: next,
    steps: [...state.steps, made],
    vows: new Map([...state.vows, [headId, withVow(taken, vow)]]),
  }
}

type OwnerWish = Extract<OwnerInput, { is: 'wish' }>

const besideOf = (machine: Machine, wish: Pick<OwnerWish, 'beside'>): readonly Machine[] =>
  wish.beside.filter((one) => one.id !== machine.id)

/** The interaction that a wish makes at a machine's head: what others would consent to. */
export const ownerInteraction = (
  machine: Machine,
  wish: Pick<OwnerWish, 'operations' | 'premises' | 'beside'>,
): Interaction => ({
  suite: machine.terms.suite,
  legs: [
    { machine: machine.id, access: 'write', parent: machine.headId },
    ...besideOf(machine, wish).map((one): Leg => ({
      machine: one.id,
      access: 'refer',
      parent: undefined,
    })),
  ],
  operations: wish.operations,
  premises: wish.premises,
})

const absorbSignature = (
  options: OwnerOptions,
  state: OwnerState,
  input: Extract<OwnerInput, { is: 'signed' }>,
): OwnerState => {
  const steps = state.steps.map((one): OwnerStep => {
    if (one.signature || hexFromBytes(digestOf(state, one)) !== input.digest) return one
    const { signature } = input
    return isSignedBy(options, state, one, signature) ? { ...one, signature } : one
  })
  return { ...state, steps }
}

const isSignedBy = (
  { verifier }: OwnerOptions,
  state: OwnerState,
  of: Pick<OwnerStep, 'transition'>,
  signature: Uint8Array,
): boolean => {
  const key = state.machine.terms.participants[state.party]?.controller.keys[0]
  return (
    key !== undefined && verifier.verify(key.scheme, key.publicKey, digestOf(state, of), signature)
  )
}

const digestOf = (state: OwnerState, of: Pick<OwnerStep, 'transition'>): Uint8Array =>
  freshDigest(state.machine.terms.suite, ownerVote(of.transition))

const outstanding = (state: OwnerState): readonly OwnerEffect[] => {
  const next = state.steps.find((one) => !one.certificate)
  return state.steps.flatMap((one): readonly OwnerEffect[] => {
    if (one.certificate) return []
    if (one.signature) return one === next ? [{ is: 'submit', step: one }] : []
    const what = `step ${one.transition.sequence} of ${state.machine.id.slice(0, 8)}`
    return [{ is: 'sign', digest: digestOf(state, one), what }]
  })
}

const waitingFor = (state: OwnerState): readonly Wait[] =>
  state.steps.some((one) => !one.certificate)
    ? [{ is: 'signers', names: ['the directory operators'] }]
    : []
