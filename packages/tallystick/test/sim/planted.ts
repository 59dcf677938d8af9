/**
 * Bugs planted on purpose. Each is a mistake that somebody could make in the role, in the rules of the state or in the
 * shell's store; `trophies.test.ts` shows that the simulator finds each within a stated number of seeds.
 */
import { isFault } from '../../src/base/fault.ts'
import { ledger } from '../../src/logic/ledger.ts'
import { ledgerOperation } from '../../src/logic/ledger-operation.ts'
import { ledgerRecord } from '../../src/logic/ledger-record.ts'
import { createLogicRegistry } from '../../src/logic/registry.ts'
import { vault } from '../../src/logic/vault.ts'
import { bilateralCertificate } from '../../src/models/bilateral/certificate.ts'
import { message } from '../../src/models/bilateral/message.ts'
import type { PartyInput, PartyState } from '../../src/models/bilateral/state.ts'
import type { LogicRegistry } from '../../src/kernel/logic.ts'
import type { MemberEffect } from '../../src/models/rounds/member-effects.ts'
import { directoryPolicy } from '../../src/models/directory/policy.ts'
import type { OwnerState } from '../../src/models/directory/owner.ts'
import type { MemberRole, OwnerRole, PartyRole, Sabotage } from '../../src/sim/sabotage.ts'
import { PLANTED_CUSTODIANS } from './planted-custodians.ts'
import { ROUND_RULES } from '../../src/kernel/round.ts'
import type { ScenarioName } from '../../src/sim/simulate.ts'
import {
  checksNothing,
  forgetsFirst,
  forgetsPledges,
  neverFreezes,
  servesForwardOnly,
  signsNoCheckpoint,
} from './planted-operators.ts'

/** Changes the state before an input is taken in. */
const before =
  (change: (state: PartyState, input: PartyInput) => PartyState) =>
  (role: PartyRole): PartyRole => ({
    ...role,
    step: (state, input, env) => role.step(change(state, input), input, env),
  })

/** Changes the state after an input was taken in. */
const after =
  (change: (state: PartyState, input: PartyInput, old: PartyState) => PartyState) =>
  (role: PartyRole): PartyRole => ({
    ...role,
    step: (state, input, env) => change(role.step(state, input, env), input, state),
  })

/** Lets inputs through only if `wanted`. */
const deafTo =
  (isDeaf: (input: PartyInput) => boolean) =>
  (role: PartyRole): PartyRole => ({
    ...role,
    step: (state, input, env) => (isDeaf(input) ? state : role.step(state, input, env)),
  })

const muteAbout =
  (kind: string) =>
  (role: PartyRole): PartyRole => ({
    ...role,
    outstanding: (state) =>
      role.outstanding(state).filter((one) => one.is !== 'send' || one.message.body.is !== kind),
  })

const kindOf = (input: PartyInput): string => {
  if (input.is !== 'message') return input.is
  try {
    return message.decode(input.bytes).body.is
  } catch {
    return 'garbage'
  }
}

const withoutVows = (state: PartyState): PartyState =>
  state.book.vows.length === 0 ? state : { ...state, book: { ...state.book, vows: [] } }

/** An offer makes it forget what it is in the middle of. */
const votesTwice = before((state, input) =>
  kindOf(input) === 'offer' ? { ...withoutVows(state), pending: undefined } : state,
)

/** Taking back a vote by an abort of its own. */
const abortsAfterVote = after((state, input) =>
  input.is === 'withdraw' && state.pending?.stage === 'accepted'
    ? { ...state, pending: undefined, book: { ...state.book, leaving: [] } }
    : state,
)

/** The responder takes its own vote for the end of the matter. */
const finalByItself = after((state, _, old) => {
  const { pending } = state
  if (pending?.stage !== 'accepted' || old.pending?.stage !== 'accepting') return state
  const { draft, own, round } = pending
  const { next } = draft
  if (!next) return state
  const step = {
    interaction: draft.interaction,
    consents: [],
    attachments: draft.attachments,
    transition: next.head,
    id: next.headId,
    certificate: bilateralCertificate.encode({ round, aborts: state.book.aborts, signatures: own }),
    accepted: new Uint8Array(0),
    grade: undefined,
  }
  const book = { vows: [], round: 0, aborts: [], leaving: undefined, seen: [] }
  return {
    ...state,
    machine: next,
    history: { step, before: state.history },
    book,
    pending: undefined,
  }
})

/** Patience runs out: the round is taken for dead although nobody has aborted it. */
const leavesByTimeout = after((state, input) =>
  input.is === 'resend' && state.pending?.stage === 'accepted'
    ? { ...state, pending: undefined, book: { ...state.book, round: state.book.round + 1 } }
    : state,
)

/** A crash takes the last final step with it. */
const losesLastStep = (role: PartyRole): PartyRole => {
  const past = new Map<string, PartyState>()
  return {
    ...role,
    step: (state, input, env) => {
      const next = role.step(state, input, env)
      if (next.machine !== state.machine) past.set(next.machine.headId, state)
      const isIdle = !next.pending && next.machine === state.machine
      const last = past.get(next.machine.headId)
      return input.is === 'resend' && isIdle && last ? last : next
    },
  }
}

/** Believes that evidence is whatever arrives late. */
const accusesWildly = after((state, _, old) => {
  const seen = state.book.seen[0]
  const isNew = state.talk.refusals.at(-1) !== old.talk.refusals.at(-1)
  if (!seen || !isNew || state.evidence.length > 0) return state
  const signed = { statement: seen.statement, signature: seen.signature }
  const { scheme, publicKey } = seen
  return {
    ...state,
    evidence: [{ suite: 'classic', scheme, publicKey, first: signed, second: signed }],
  }
})

const logicsWith = (broken: typeof ledger): LogicRegistry => createLogicRegistry([broken, vault])

/** Every payment over 50 credits its receiver with one unit more. */
const mintingLedger: LogicRegistry = logicsWith({
  ...ledger,
  apply: (call) => {
    const changes = ledger.apply(call)
    if (isFault(changes)) return changes
    const operation = ledgerOperation.decode(call.argument)
    if (operation.is !== 'transfer' || operation.amount < 50n) return changes
    return changes.map((one) => {
      const record = one.value && ledgerRecord.decode(one.value)
      if (record?.is !== 'balance' || record.holder !== operation.to.holder) return one
      return { ...one, value: ledgerRecord.encode({ ...record, amount: record.amount + 1n }) }
    })
  },
})

/** A claim does not look whether the money has arrived already. */
const forgetfulLedger: LogicRegistry = logicsWith({
  ...ledger,
  apply: (call) =>
    ledger.apply({
      ...call,
      read: (machine, path, of) => (path[0] === 'in' ? undefined : call.read(machine, path, of)),
    }),
})

/** An owner that does not wait for one step to be certified before it submits the next. */
const submitsAll = (role: OwnerRole): OwnerRole => ({
  ...role,
  outstanding: (state) => [
    ...role.outstanding(state).filter((one) => one.is === 'sign'),
    ...state.steps
      .filter((step) => step.signature && !step.certificate)
      .map((step) => ({ is: 'submit', step }) as const),
  ],
})

/** An owner that pays for the third time from where it stood at first. */
const paysFromOldHead = (role: OwnerRole): OwnerRole => {
  let first: OwnerState | undefined
  return {
    ...role,
    step: (state, input, env) => {
      if (input.is !== 'wish') return role.step(state, input, env)
      first ??= state
      return role.step(state.steps.length === 3 ? first : state, input, env)
    },
  }
}

/** An operator on a shared machine without a memory of what it has vowed for. */
const forgetsRounds = (role: MemberRole): MemberRole => ({
  ...role,
  step: (state, input, env) => {
    const { run } = state
    const rounds = input.is === 'message' ? { ...run.rounds, own: [] } : run.rounds
    return role.step({ ...state, run: { ...run, rounds } }, input, env)
  },
})

/** Never tells others what was certified, and never asks. */
const keepsToItself = (role: MemberRole): MemberRole => ({
  ...role,
  outstanding: (state) =>
    role.outstanding(state).flatMap((one): readonly MemberEffect[] => {
      if (one.is === 'ask') return []
      if (one.is !== 'send') return [one]
      return [{ ...one, message: { ...one.message, newest: undefined } }]
    }),
})

/** Takes a statement of an operator for evidence against it, whatever it says. */
const accusesFirst = (role: MemberRole): MemberRole => ({
  ...role,
  step: (state, input, env) => {
    const next = role.step(state, input, env)
    const cast = next.run.rounds.casts.find((one) => one.signer === 3)
    const operator = cast && next.followed.machine.terms.policy.params
    if (!cast || !operator || next.forks.length > 0) return next
    const { scheme, publicKey } = directoryPolicy.decode(operator).operators[3] ?? {
      scheme: 'ed25519',
      publicKey: new Uint8Array(),
    }
    const { statement, signature } = cast
    const signed = { statement, signature }
    const fork = { suite: 'classic', scheme, publicKey, first: signed, second: signed } as const
    return { ...next, forks: [fork] }
  },
})

export type Planted = {
  readonly bug: string
  readonly scenario: ScenarioName
  readonly sabotage: Sabotage
  /** The checker that must complain. Where `only` names it, it must find the bug without the help of the others. */
  readonly checker: string
  /** Within so many seeds, from 1 on: at least twice what it took when it was planted. */
  readonly seeds: number
}

const only = (checker: string, sabotage: Sabotage): Sabotage => ({ ...sabotage, only: [checker] })

export const PLANTED: readonly Planted[] = [
  {
    bug: 'forgets its vows after every input',
    scenario: 'bilateral',
    sabotage: { party: after((state) => withoutVows(state)) },
    checker: 'vows',
    seeds: 300,
  },
  {
    bug: 'votes for a second offer in the middle of the first',
    scenario: 'bilateral',
    sabotage: { party: votesTwice },
    checker: 'vows',
    seeds: 20,
  },
  {
    bug: 'votes twice, and only the evidence is looked at',
    scenario: 'bilateral',
    sabotage: only('evidence', { party: votesTwice }),
    checker: 'evidence',
    seeds: 100,
  },
  {
    bug: 'takes its vote back by an abort of its own',
    scenario: 'bilateral',
    sabotage: { party: abortsAfterVote },
    checker: 'vows',
    seeds: 20,
  },
  {
    bug: 'holds its own vote for the end of the matter',
    scenario: 'bilateral',
    sabotage: only('agreement', { party: finalByItself }),
    checker: 'agreement',
    seeds: 200,
  },
  {
    bug: 'holds its own vote for the end, and only forks are looked at',
    scenario: 'bilateral',
    sabotage: only('forks', { party: finalByItself }),
    checker: 'forks',
    seeds: 200,
  },
  {
    bug: 'loses its last final step in a restart',
    scenario: 'bilateral',
    sabotage: { party: losesLastStep },
    checker: 'agreement',
    seeds: 20,
  },
  {
    bug: 'takes two copies of one statement for evidence',
    scenario: 'bilateral',
    sabotage: { party: accusesWildly },
    checker: 'evidence',
    seeds: 20,
  },
  {
    bug: 'credits more than was debited',
    scenario: 'bilateral',
    sabotage: { logics: mintingLedger },
    checker: 'conservation',
    seeds: 20,
  },
  {
    bug: 'credits more than was debited, and only the verifier looks',
    scenario: 'bilateral',
    sabotage: only('verdict', { logics: mintingLedger }),
    checker: 'verdict',
    seeds: 20,
  },
  {
    bug: 'never accepts',
    scenario: 'bilateral',
    sabotage: { party: muteAbout('accept') },
    checker: 'nothing pending',
    seeds: 20,
  },
  {
    bug: 'never confirms',
    scenario: 'bilateral',
    sabotage: { party: muteAbout('confirm') },
    checker: 'one head',
    seeds: 20,
  },
  {
    bug: 'never hands over the steps that the other lacks',
    scenario: 'bilateral',
    sabotage: { party: muteAbout('steps') },
    checker: 'one head',
    seeds: 50,
  },
  {
    bug: 'says everything once only',
    scenario: 'bilateral',
    sabotage: { party: deafTo((input) => input.is === 'resend') },
    checker: 'nothing pending',
    seeds: 20,
  },
  {
    bug: 'does not hear aborts',
    scenario: 'bilateral',
    sabotage: { party: deafTo((input) => kindOf(input) === 'abort') },
    checker: 'nothing pending',
    seeds: 50,
  },
  {
    bug: 'leaves a round that nobody aborted',
    scenario: 'bilateral',
    sabotage: { party: leavesByTimeout },
    checker: 'nothing pending',
    seeds: 50,
  },
  {
    bug: 'goes on after a restore that its guard noticed',
    scenario: 'bilateral',
    sabotage: { party: deafTo((input) => input.is === 'restored') },
    checker: 'vows',
    seeds: 100,
  },
  {
    bug: 'asks nobody what it has lost in a restore',
    scenario: 'bilateral',
    sabotage: { party: after((state) => ({ ...state, quarantine: undefined })) },
    checker: 'vows',
    seeds: 200,
  },
  {
    bug: 'the guard file is put back together with the store',
    scenario: 'bilateral',
    sabotage: { guard: 'lost' },
    checker: 'vows',
    seeds: 300,
  },
  {
    bug: 'performs effects before it saves',
    scenario: 'bilateral',
    sabotage: { store: 'effects-first' },
    checker: 'vows',
    seeds: 100,
  },
  {
    bug: 'says that it saved before the disk did',
    scenario: 'bilateral',
    sabotage: { store: 'lying-sync' },
    checker: 'agreement',
    seeds: 20,
  },
  {
    bug: 'an operator forgets what it has vowed for',
    scenario: 'market-twin',
    sabotage: { operator: forgetsPledges },
    checker: 'vows',
    seeds: 20,
  },
  {
    bug: 'an operator forgets, and only certificates are looked at',
    scenario: 'market-twin',
    sabotage: only('certificates', { operator: forgetsPledges }),
    checker: 'certificates',
    seeds: 20,
  },
  {
    bug: 'two operators lie where one may',
    scenario: 'market-twin',
    sabotage: { operatorTwins: 2 },
    checker: 'certificates',
    seeds: 100,
  },
  {
    bug: 'an operator goes on serving a key that it holds evidence against',
    scenario: 'market-twin',
    sabotage: { operator: neverFreezes },
    checker: 'freezing',
    seeds: 20,
  },
  {
    bug: 'a claim is paid twice',
    scenario: 'market',
    sabotage: { logics: forgetfulLedger },
    checker: 'claims',
    seeds: 120,
  },
  {
    bug: 'a claim is paid twice, and only the sum is looked at',
    scenario: 'market',
    sabotage: only('conservation', { logics: forgetfulLedger }),
    checker: 'conservation',
    seeds: 60,
  },
  {
    bug: 'a payee believes that all it is shown is certified',
    scenario: 'market',
    sabotage: { payee: 'credulous' },
    checker: 'grade',
    seeds: 60,
  },
  {
    bug: 'a payee forgets what it is willing to lose',
    scenario: 'market',
    sabotage: { payee: 'reckless' },
    checker: 'exposure',
    seeds: 60,
  },
  {
    bug: 'operators serve no step below a later one, and the owner submits all at once',
    scenario: 'market',
    sabotage: { owner: submitsAll, operator: servesForwardOnly },
    checker: 'all certified',
    seeds: 40,
  },
  {
    bug: 'an owner pays from an old head',
    scenario: 'market',
    sabotage: { owner: paysFromOldHead },
    checker: 'vows',
    seeds: 20,
  },
  {
    bug: 'an owner pays from an old head, and only the payees look',
    scenario: 'market',
    sabotage: only('holdings', { owner: paysFromOldHead }),
    checker: 'holdings',
    seeds: 60,
  },
  {
    bug: 'an owner pays from an old head, and only the operators look',
    scenario: 'market',
    sabotage: only('accusations', { owner: paysFromOldHead }),
    checker: 'accusations',
    seeds: 20,
  },
  {
    bug: 'forgets its vows in rounds with every message',
    scenario: 'directory-shared',
    sabotage: { member: forgetsRounds },
    checker: 'vows',
    seeds: 20,
  },
  {
    bug: 'votes in rounds as if it had never voted',
    scenario: 'directory-shared',
    sabotage: { rules: { ...ROUND_RULES, permits: () => true } },
    checker: 'vows',
    seeds: 50,
  },
  {
    bug: 'loses the last vow in a crash',
    scenario: 'directory-shared',
    sabotage: { store: 'lying-sync' },
    checker: 'vows',
    seeds: 200,
  },
  {
    bug: 'credits more than was debited, on a shared machine',
    scenario: 'directory-shared',
    sabotage: { logics: mintingLedger },
    checker: 'conservation',
    seeds: 20,
  },
  {
    bug: 'neither tells nor asks what was certified',
    scenario: 'directory-shared',
    sabotage: { member: keepsToItself },
    checker: 'settled',
    seeds: 50,
  },
  {
    bug: 'takes one statement for evidence',
    scenario: 'directory-shared',
    sabotage: { member: accusesFirst },
    checker: 'evidence',
    seeds: 20,
  },
  {
    bug: 'three receipts of six operators that check nothing',
    scenario: 'directory-twin',
    sabotage: {
      directory: { operators: 6, threshold: 3, faulty: 0 },
      operatorTwins: 0,
      operator: checksNothing,
      only: ['certificates'],
    },
    checker: 'certificates',
    seeds: 20,
  },
  {
    bug: 'an operator loses a vow with every checkpoint',
    scenario: 'directory',
    sabotage: { operator: forgetsFirst, operatorTwins: 0, only: ['accusations'] },
    checker: 'accusations',
    seeds: 20,
  },
  {
    bug: 'an operator never signs a checkpoint',
    scenario: 'directory',
    sabotage: { operator: signsNoCheckpoint },
    checker: 'accounted',
    seeds: 20,
  },
  ...PLANTED_CUSTODIANS,
]
