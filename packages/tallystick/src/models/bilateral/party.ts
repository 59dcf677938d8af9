/**
 * The `party`: one of the two participants of a bilateral machine, as a sans-IO role.
 *
 * The message order is debit before release: the proposer's *offer* carries its consent but no vote; the responder
 * *accepts* by voting first; the proposer votes last and *confirms* with the whole certificate; *ack* ends it.
 *
 * Safety. (1) A vote or an abort is signed only after its vow is part of the state, and the shell stores the state
 * before it performs any effect, so no signature is out whose vow a crash could forget. (2) A party votes for one child
 * in a round, and for another one in a later round only after an abort of each earlier round is in its hands,
 * signed by a party whose signature that round needed. It never both votes in a round and aborts it. So of the
 * statements that a party following this code has signed no two convict it (`kernel/evidence.ts`), and no two
 * children of one head become final unless the other party broke its own vows, which leaves evidence. (3) The head moves only
 * over a certificate that was checked, whose step was run here with the same result. (4) A store that
 * was put back behind its vows signs nothing for finality until the peer, whose memory is whole, has answered a fresh
 * challenge with what it holds; the guard file's last vow is taken over.
 *
 * Liveness. With both parties at work and messages getting through at last, each proposal ends: accepted in
 * three messages, declined by an abort of the responder, or withdrawn by an abort of the proposer. Who has voted cannot
 * leave alone; it asks (`cancel-ask`), and the other either aborts or finishes. What is outstanding is sent
 * again on `resend`; each message says where its sender stands, so whoever is behind asks for what it lacks.
 *
 * Not promised. That the other answers: it may leave us waiting after our vote, with its free choice to finish. That a party
 * finds out about forks nobody shows it. That anybody else is protected from a second branch that both sign. That
 * two parties who both lost their memory recover. Interactions that write more than this machine are refused.
 */
import { Fault, isFault } from '../../base/fault.ts'
import { checkCharter } from '../../kernel/charter.ts'
import { reachesThreshold } from '../../kernel/controller.ts'
import { openMachine } from '../../kernel/execute.ts'
import type { Env, Role } from '../../kernel/role.ts'
import {
  absorbCharter,
  absorbDecision,
  absorbProof,
  absorbRestore,
  absorbWish,
  absorbWithdrawal,
  withRefusal,
} from './absorb.ts'
import { checkClaims } from '../../kernel/claim.ts'
import { beginBook } from './draft.ts'
import { outstandingOf, waitingFor } from './effects.ts'
import { hearMessage } from './hear.ts'
import { admitBilateral, BILATERAL } from './policy.ts'
import { absorbSignature } from './sign.ts'
import type { PartyConfig, PartyEffect, PartyInput, PartyState } from './state.ts'

export type Party = Role<PartyState, PartyInput, PartyEffect> & {
  /** The state before anything happened. */
  readonly begin: () => PartyState
}

/**
 * A party of a machine. Returns `party/wrong-policy`, `party/not-two`, `party/no-such-key`, the charter's faults or
 * those of `admitBilateral`.
 */
export const createParty = (config: PartyConfig): Party | Fault => {
  const fault = checkConfig(config)
  if (fault) return fault
  const machine = config.start ?? openMachine(config.charter, config.logics)
  if (isFault(machine)) return machine
  const start: PartyState = {
    party: config.party,
    machine,
    history: undefined,
    known: new Map(),
    book: beginBook(machine, undefined),
    pending: undefined,
    peer: undefined,
    evidence: [],
    quarantine: undefined,
    guarded: undefined,
    ended: undefined,
    closed: false,
    talk: { attempt: 0, begun: 0, answers: 0, answer: undefined, refusals: [] },
  }
  return {
    begin: () => start,
    step: (state, input, env) => {
      const next = absorb(config, state, { input, env })
      return isFault(next) ? withRefusal(state, next) : next
    },
    outstanding: (state) => outstandingOf(config, state),
    waitingFor,
  }
}

const checkConfig = (config: PartyConfig): Fault | undefined => {
  const { terms } = config.start ?? config.charter
  if (terms.policy.kind !== BILATERAL || terms.policy.params.length > 0) {
    return new Fault('party/wrong-policy', `policy "${terms.policy.kind}" is not plain bilateral`)
  }
  if (terms.participants.length !== 2) {
    return new Fault(
      'party/not-two',
      `${terms.participants.length} participants; this role serves two`,
    )
  }
  const own = terms.participants[config.party]
  const isOwn = own && config.keys.every((at) => at < own.controller.keys.length)
  if (!isOwn || !reachesThreshold(own.controller, config.keys)) {
    return new Fault(
      'party/no-such-key',
      `keys ${config.keys.join(', ')} do not speak for the party`,
    )
  }
  return checkCharter(config.charter, config.verifier) ?? admitBilateral(terms)
}

type Given = { readonly input: PartyInput; readonly env: Env }

/**
 * Why a yes is not taken now: the step that is asked about claims a time that is not near this side's. It stays open, so that
 * it can be declined.
 */
const whyOffClock = ({ logics }: PartyConfig, state: PartyState, env: Env): Fault | undefined => {
  const { machine, known, pending } = state
  if (!pending) return undefined
  const { interaction } = pending.draft
  const machines = new Map([...known, [machine.id, machine]])
  return checkClaims({ interaction, machines, logics }, env.now)?.at({
    machine: machine.id,
    step: machine.head.sequence + 1n,
  })
}

const absorb = (config: PartyConfig, state: PartyState, given: Given): PartyState | Fault => {
  const { input, env } = given
  switch (input.is) {
    case 'learn':
      return absorbCharter(config, state, input)
    case 'wish':
      return absorbWish(config, state, input)
    case 'message':
      return hearMessage(config, state, input.bytes)
    case 'decide':
      return (
        (input.yes ? whyOffClock(config, state, env) : undefined) ?? absorbDecision(state, input)
      )
    case 'signed':
      return absorbSignature(config, state, input)
    case 'proven':
    case 'unproven':
      return absorbProof(config, state, input)
    case 'withdraw':
      return absorbWithdrawal(state)
    case 'restored':
      return absorbRestore(state, input, env)
    case 'resend':
      return { ...state, talk: { ...state.talk, attempt: state.talk.attempt + 1 } }
  }
}
