/**
 * The `custodian`: a certifier whom the participants of a machine have named, as a sans-IO role. It is a member of the rounds
 * (`models/rounds/member.ts`) that also puts forward what carries its author's consent, and says what it knows to be newest.
 *
 * Safety. Its votes are the member's. A heartbeat is in the state before it is signed, names the head that the member has, and
 * none is signed while the member has committed to a child of it or is behind its own vows; its time is one that the member
 * attests from then on. So neither the kernel's evidence nor that of this model convicts it.
 *
 * Liveness. Operations that carry a consent are made candidates of again at each head, with the time of that moment, until
 * they are certified or the rules refuse them: many may be sent at once, and none has to be signed again because another was
 * faster. Of a stand-in, the role stays out of what custodians decide until they were silent for long enough (`policy.ts`).
 *
 * Not promised. Fairness beyond the order of arrival here. That an operation which was refused is not certified later, because
 * others put it forward at another head.
 */
import { hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { REFUSALS_MAX, REJECTIONS_MAX, WAITING_HEADS_MAX } from '../../base/limits.ts'
import { interactionId, type Operation } from '../../kernel/interaction.ts'
import type { QuorumSigner } from '../../kernel/quorum.ts'
import type { Env, Role } from '../../kernel/role.ts'
import type { Wait } from '../../kernel/verdict.ts'
import type { Millis } from '../../kernel/verdict.ts'
import { applicationAt } from '../rounds/applicant.ts'
import { type Candidate, carriedIn } from '../rounds/candidate.ts'
import { createMember, type MemberInput } from '../rounds/member.ts'
import type { MemberEffect } from '../rounds/member-effects.ts'
import { isInPlace, type MemberState } from '../rounds/member-state.ts'
import { type MemberOptions, officeOf, seatIn } from '../rounds/office.ts'
import { modelOf, type RoundModel } from '../rounds/round-model.ts'
import { beginSuccessor } from '../rounds/takeover.ts'
import { custodianCertificate } from './certificate.ts'
import type { CustodianState } from './custodian-state.ts'
import { heartbeatDigest, type SignedHeartbeat } from './heartbeat.ts'
import { CUSTODIANS, policyIn, quorumOf } from './policy.ts'
import { type CarriedBy, inTurn, type Supported, type Waiting, withWaiting } from './waiting.ts'

export const CUSTODIAN_ROUNDS: RoundModel = {
  kind: CUSTODIANS,
  quorumIn: ({ policy }) => quorumOf(policyIn({ policy })),
  signersIn: ({ policy }) => quorumOf(policyIn({ policy })).signers,
  certificateFrom: (rounds) => custodianCertificate.encode({ is: 'rounds', rounds }),
  roundsIn: (certificate) => {
    const read = custodianCertificate.decode(certificate)
    return read.is === 'rounds' ? read.rounds : undefined
  },
  waitsFor: ({ policy }, signer) => {
    const { custodians, escalation } = policyIn({ policy })
    return escalation && signer >= custodians.length ? escalation.after : 0n
  },
}

export type CustodianOptions = Omit<MemberOptions, 'rounds'> & {
  /** Other models whose rounds the same key takes part in, before or after custodians. */
  readonly beside?: readonly RoundModel[]
  /** Milliseconds between two heartbeats; 0 for none. */
  readonly heartbeat: Millis
  /** Whether what is refused at this head for this reason may be valid at a later one; nothing may if missing. */
  readonly mayPass?: (fault: Fault) => boolean
}

export type CustodianInput =
  | MemberInput
  /** An operation that carries its author's consent, from anybody, with what it relies on elsewhere. */
  | ({ readonly is: 'operation'; readonly operation: Operation } & Partial<Supported>)

export type CustodianEffect =
  | MemberEffect
  | { readonly is: 'sign-heartbeat'; readonly digest: Uint8Array; readonly by: QuorumSigner }
  /** For whoever reads the machine: publish it, once. */
  | { readonly is: 'heartbeat'; readonly heartbeat: SignedHeartbeat }
  /** For the author of an operation: it is not put forward any more. */
  | { readonly is: 'reject'; readonly id: string; readonly by: string; readonly fault: Fault }

export const createCustodian = (
  options: CustodianOptions,
): Role<CustodianState, CustodianInput, CustodianEffect> => {
  const { beside = [] } = options
  const rounds = [CUSTODIAN_ROUNDS, ...beside]
  const shell: Shell = { options, of: { ...options, rounds } }
  const member = createMember(shell.of)
  return {
    step: (state, input, env) => {
      const next = faultFrom(() => absorb({ ...shell, member }, state, input, env))
      return isFault(next) ? { ...state, member: withRefusal(state.member, next) } : next
    },
    outstanding: (state) => outstanding(shell, member.outstanding(state.member), state),
    waitingFor: (state): readonly Wait[] => member.waitingFor(state.member),
  }
}

type Shell = { readonly options: CustodianOptions; readonly of: MemberOptions }
type Seated = Shell & { readonly member: Role<MemberState, MemberInput, MemberEffect> }

const withRefusal = (state: MemberState, fault: Fault): MemberState => ({
  ...state,
  refusals: [...state.refusals, fault].slice(-REFUSALS_MAX),
})

const absorb = (
  shell: Seated,
  state: CustodianState,
  input: CustodianInput,
  env: Env,
): CustodianState => {
  if (input.is === 'operation') {
    const { operation, premises = [], attachments = [] } = input
    const added = { operation, premises, attachments }
    return settled(shell, withOperations(shell, state, [added]), env)
  }
  const signed = input.is === 'signed' ? withBeatSignature(shell, state, input) : undefined
  if (signed) return signed
  const member = shell.member.step(state.member, input, env)
  if (member === state.member) return settled(shell, state, env)
  return settled(shell, incoming(shell, gathered(shell, state, { ...state, member }), env), env)
}

const carriedBy =
  (shell: Shell, { member }: CustodianState): CarriedBy =>
  (operation) => {
    const operations = alone.get(operation) ?? [operation]
    alone.set(operation, operations)
    return carriedIn(shell.of, member.followed.machine, { operations })?.[0]
  }

/** One list for each operation, so that it is read once. */
const alone = new WeakMap<Operation, readonly Operation[]>()

const withOperations = (
  shell: Shell,
  state: CustodianState,
  operations: readonly Supported[],
): CustodianState => {
  let { waiting } = state
  for (const one of operations) waiting = withWaiting(waiting, one, carriedBy(shell, state))
  return waiting === state.waiting ? state : { ...state, waiting }
}

const supportedIn = ({ interaction, attachments }: Candidate): readonly Supported[] =>
  interaction.operations.map((operation) => ({
    operation,
    premises: interaction.premises,
    attachments,
  }))

/**
 * One whom the newest step names among the custodians, and who was none of those that decided it, accepts that step. What it has
 * followed until there stays as it is.
 */
const incoming = (shell: Shell, state: CustodianState, env: Env): CustodianState => {
  const { member } = state
  const { followed } = member
  if (member.takeover || !followed.newest || followed.newest.terms === followed.machine.terms)
    return state
  const before = modelOf(shell.of.rounds, followed.newest.terms)?.signersIn(followed.newest.terms)
  if (before && seatIn(before, shell.options.publicKey) >= 0) return state
  const { takeover, attested } = beginSuccessor(shell.of, followed, env.now) ?? member
  const latest = attested > member.attested ? attested : member.attested
  return takeover ? { ...state, member: { ...member, takeover, attested: latest } } : state
}

/** Takes up what candidates of others carry, and lets go of what has been certified. */
const gathered = (shell: Shell, before: CustodianState, state: CustodianState): CustodianState => {
  const { run, followed } = state.member
  let next = state
  if (run.candidates !== before.member.run.candidates) {
    const operations = run.candidates.flatMap((one) =>
      carriedIn(shell.of, followed.machine, one.interaction) ? supportedIn(one) : [],
    )
    next = withOperations(shell, next, operations)
  }
  const { newest } = followed
  if (!newest || newest === before.member.followed.newest) return next
  const done = new Set(
    carriedIn(shell.of, followed.machine, newest.step.candidate.interaction)?.map((one) => one.id),
  )
  const carried = carriedBy(shell, next)
  return {
    ...next,
    waiting: next.waiting.filter((one) => !done.has(carried(one.operation)?.id ?? '')),
  }
}

const settled = (shell: Seated, state: CustodianState, env: Env): CustodianState =>
  beaten(shell, putForward(shell, state, env), env)

/** Makes a candidate of the first operation in turn that the rules accept at this head, if none of the kind is here. */
const putForward = (shell: Seated, start: CustodianState, env: Env): CustodianState => {
  let state = start
  if (!officeOf(shell.of, state.member)) return state
  for (const one of turnOf(shell, state)) {
    const { machine } = state.member.followed
    if (state.member.run.candidates.some((had) => carriedIn(shell.of, machine, had.interaction))) {
      return state
    }
    if (one.triedAt === machine.headId) continue
    state = tried(shell, state, one, env)
    // A candidate that was decided at once leaves another head, and another turn, for the next input.
    if (state.member.followed.machine.headId !== machine.headId) return state
  }
  return state
}

const turnOf = (shell: Shell, state: CustodianState): readonly Waiting[] => {
  const { newest, machine } = state.member.followed
  const served = newest && carriedIn(shell.of, machine, newest.step.candidate.interaction)?.[0]?.by
  return inTurn(state.waiting, served, carriedBy(shell, state))
}

const tried = (
  shell: Seated,
  state: CustodianState,
  waiting: Waiting,
  env: Env,
): CustodianState => {
  const { machine } = state.member.followed
  const carried = carriedBy(shell, state)(waiting.operation)
  if (!carried) return { ...state, waiting: state.waiting.filter((one) => one !== waiting) }
  const operation = { ...waiting.operation, argument: carried.at(env.now) }
  const { premises, attachments } = waiting
  const interaction = applicationAt(machine, { operations: [operation], beside: [], premises })
  const candidate = { interaction, consents: [], beside: [], attachments }
  const member = shell.member.step(state.member, { is: 'candidate', candidate }, env)
  const id = interactionId(interaction)
  const isTaken =
    member.followed.machine.headId !== machine.headId ||
    member.run.candidates.some((one) => interactionId(one.interaction) === id)
  const fault = isTaken ? undefined : member.refusals.at(-1)
  const next = { ...state, member: isTaken ? member : state.member }
  const after = { ...waiting, triedAt: machine.headId, refused: waiting.refused + (fault ? 1 : 0) }
  const isKept =
    !fault ||
    (shell.options.mayPass?.(fault) === true && after.refused < WAITING_HEADS_MAX) ||
    fault.code === 'candidate/too-many'
  return {
    ...next,
    waiting: next.waiting.flatMap((one) => (one !== waiting ? [one] : isKept ? [after] : [])),
    rejected:
      isKept || !fault
        ? next.rejected
        : [...next.rejected, { id: carried.id, by: carried.by, fault }].slice(-REJECTIONS_MAX),
  }
}

// Heartbeats.

/** With a new heartbeat, if one is due and can be stood by. */
const beaten = (shell: Shell, state: CustodianState, env: Env): CustodianState => {
  const { heartbeat } = shell.options
  const { member, beat } = state
  if (heartbeat === 0n || !isInPlace(member) || !seatOf(shell, state)) return state
  const { machine } = member.followed
  const isNewHead = beat?.head !== machine.headId
  if (!isNewHead && env.now < beat.time + heartbeat) return state
  // Who has committed to a child cannot say that there is none.
  const hasCommitted = member.run.rounds.own.some((one) => one.vow.phase === 'commit')
  if (hasCommitted) return state
  const time = env.now > member.attested ? env.now : member.attested
  return {
    ...state,
    member: { ...member, attested: time },
    beat: { machine: machine.id, head: machine.headId, sequence: machine.head.sequence, time },
    beatSignature: undefined,
  }
}

const seatOf = (
  shell: Shell,
  { member }: CustodianState,
): { readonly signer: number; readonly by: QuorumSigner } | undefined => {
  const { terms } = member.followed.machine
  if (terms.policy.kind !== CUSTODIANS) return undefined
  const signers = CUSTODIAN_ROUNDS.signersIn(terms)
  const signer = seatIn(signers, shell.options.publicKey)
  const by = signers[signer]
  return by && { signer, by }
}

const withBeatSignature = (
  shell: Shell,
  state: CustodianState,
  { digest, signature }: Extract<MemberInput, { is: 'signed' }>,
): CustodianState | undefined => {
  const wanted = wantedBeat(shell, state)
  if (!wanted || hexFromBytes(wanted.digest) !== digest) return undefined
  const { scheme, publicKey } = wanted.by
  if (!shell.options.verifier.verify(scheme, publicKey, wanted.digest, signature)) {
    throw new Fault('member/bad-signature', 'not signed by the own key')
  }
  return { ...state, beatSignature: signature }
}

const wantedBeat = (
  shell: Shell,
  state: CustodianState,
): { readonly digest: Uint8Array; readonly by: QuorumSigner } | undefined => {
  const seat = seatOf(shell, state)
  if (!state.beat || state.beatSignature || !seat) return undefined
  const { suite } = state.member.followed.machine.terms
  return { digest: heartbeatDigest(suite, state.beat), by: seat.by }
}

const outstanding = (
  shell: Shell,
  effects: readonly MemberEffect[],
  state: CustodianState,
): readonly CustodianEffect[] => {
  const wanted = wantedBeat(shell, state)
  const seat = seatOf(shell, state)
  const { beat, beatSignature: signature } = state
  return [
    ...effects,
    ...(wanted ? [{ is: 'sign-heartbeat', ...wanted } as const] : []),
    ...(beat && signature && seat
      ? [{ is: 'heartbeat', heartbeat: { signer: seat.signer, beat, signature } } as const]
      : []),
    ...state.rejected.map((one) => ({ is: 'reject', ...one }) as const),
  ]
}
