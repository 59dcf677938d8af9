/** Drafts: forming what is wanted, checking what was proposed, running it, and making it the new head. */
import type { MachineId } from '../../base/brand.ts'
import { equalBytes } from '../../base/bytes.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { checkTerms } from '../../kernel/charter.ts'
import { checkConsent, type Consent, consentsOf } from '../../kernel/consent.ts'
import { reachesThreshold } from '../../kernel/controller.ts'
import { execute, type Machine } from '../../kernel/execute.ts'
import { AMEND, type Interaction, interactionId } from '../../kernel/interaction.ts'
import type { ProvenPremise } from '../../kernel/logic.ts'
import { type Transition, transitionId } from '../../kernel/transition.ts'
import { withVow } from '../../kernel/vow.ts'
import {
  type BilateralCertificate,
  bilateralCertificate,
  checkCertificate,
  missingFrom,
} from './certificate.ts'
import type { Proposal } from './message.ts'
import { admitBilateral, BILATERAL } from './policy.ts'
import type { Book, Draft, LastVow, PartyConfig, PartyState, PartyStep, Wish } from './state.ts'

/** What a wish becomes: this machine written at its head, and the machines that it refers to. */
export const interactionFromWish = (machine: Machine, wish: Wish): Interaction => ({
  suite: machine.terms.suite,
  legs: [{ machine: machine.id, access: 'write', parent: machine.headId }, ...wish.legs],
  operations: wish.operations,
  premises: wish.premises,
})

/** The child of a machine's head, as far as an abort names it. */
export const childOfHead = (
  machine: Machine,
): Pick<Transition, 'machine' | 'parent' | 'sequence'> => ({
  machine: machine.id,
  parent: machine.headId,
  sequence: machine.head.sequence + 1n,
})

export const draftFrom = (of: Proposal): Draft => ({
  interaction: of.interaction,
  id: interactionId(of.interaction),
  consents: of.consents,
  attachments: of.attachments,
  proven: of.interaction.premises.length === 0 ? [] : undefined,
  grade: undefined,
  next: undefined,
})

/**
 * The legs that this role serves: its own machine first, written and pinned, and machines that are only referred to.
 * Returns `proposal/wrong-legs`.
 */
export const checkLegs = (machine: Machine, of: Interaction): Fault | undefined => {
  const [own, ...beside] = of.legs
  const isOwn = own?.machine === machine.id && own.access === 'write' && own.parent !== undefined
  const place = { machine: machine.id, step: machine.head.sequence + 1n }
  if (!isOwn || of.suite !== machine.terms.suite) {
    const says = 'the first leg is this machine, written and pinned, in its suite'
    return new Fault('proposal/wrong-legs', says, place)
  }
  // A second written machine has certifiers of its own, and a read one a head of its own: neither is ours to vouch for.
  const other = beside.find((leg) => leg.access !== 'refer')
  return other
    ? new Fault('proposal/wrong-legs', `${other.access} leg on ${other.machine}`, place)
    : undefined
}

/** Checks consents one by one. Returns `consent/given-twice`, `interaction/unknown-machine` or `checkConsent`'s faults. */
export const checkConsents = (
  config: PartyConfig,
  state: PartyState,
  draft: Draft,
): Fault | undefined => {
  const seen = new Set<string>()
  for (const one of draft.consents) {
    const machine = one.machine === state.machine.id ? state.machine : state.known.get(one.machine)
    if (!machine) {
      return new Fault('interaction/unknown-machine', `consent on ${one.machine}, which is unknown`)
    }
    const place = `${one.machine}/${one.party}/${one.key}`
    if (seen.has(place)) {
      return new Fault('consent/given-twice', `key ${one.key} of party ${one.party} twice`, {
        machine: one.machine,
      })
    }
    seen.add(place)
    const fault = checkConsent(machine.terms, draft.id, one, config.verifier)
    if (fault) return fault
  }
  return undefined
}

/** Whether a party's own consents on this machine reach its threshold. */
export const hasConsented = (state: PartyState, draft: Draft, party: number): boolean =>
  consentsOf(state.machine.terms, state.machine.id, draft.consents)(party)

/**
 * Runs a draft whose premises are proven. The parties' own consents are taken as given: who signs a certificate
 * consents by it, and without all their signatures nothing of this counts.
 */
export const runDraft = (config: PartyConfig, state: PartyState, draft: Draft): Machine | Fault => {
  const { machine, known } = state
  const executed = execute({
    interaction: draft.interaction,
    machines: new Map([...known, [machine.id, machine]]),
    logics: config.logics,
    consents: (of: MachineId, party: number) => {
      if (of === machine.id) return party < machine.terms.participants.length
      const other = known.get(of)
      return other !== undefined && consentsOf(other.terms, of, draft.consents)(party)
    },
    proven: draft.proven ?? [],
    verifier: config.verifier,
  })
  if (isFault(executed)) return executed
  const next = executed.written[0]
  return next ?? new Fault('proposal/wrong-legs', 'nothing of this machine is written')
}

/** Premises as proven because both parties once agreed that they were: for steps that carry both signatures. */
export const provenByAgreement = (of: Interaction): readonly ProvenPremise[] =>
  of.premises.map((one): ProvenPremise => one)

export const isSameTransition = (a: Transition, b: Transition): boolean =>
  a.machine === b.machine &&
  a.interaction === b.interaction &&
  a.state === b.state &&
  a.entropy === b.entropy &&
  a.sequence === b.sequence &&
  a.parent === b.parent

export type Agreed = {
  readonly draft: Draft
  readonly next: Machine
  readonly certificate: BilateralCertificate
}

/** The state after a step became final: the head moves, and everything under the old head is done with. */
export const withStep = (config: PartyConfig, state: PartyState, agreed: Agreed): PartyState => {
  const { draft, next, certificate } = agreed
  const amends = draft.interaction.operations.some((one) => one.logic === AMEND)
  const holds = !amends || holdsUnder(config, state, agreed)
  const bytes = bilateralCertificate.encode(certificate)
  const step: PartyStep = {
    interaction: draft.interaction,
    consents: draft.consents.filter((one: Consent) => one.machine !== state.machine.id),
    attachments: draft.attachments,
    transition: next.head,
    id: next.headId,
    certificate: bytes,
    accepted: amends && holds ? bytes : new Uint8Array(0),
    grade: draft.grade,
  }
  return {
    ...state,
    machine: next,
    history: { step, before: state.history },
    book: beginBook(next, state.guarded),
    guarded: isPast(next, state.guarded) ? undefined : state.guarded,
    pending: undefined,
    ended: undefined,
    closed: !holds,
  }
}

/** An empty book under a head, or with the vow that a guard remembers having been taken there. */
export const beginBook = (under: Machine, guarded: LastVow | undefined): Book => {
  const empty: Book = { vows: [], round: 0, aborts: [], leaving: undefined, seen: [] }
  return guarded?.parent === under.headId ? withGuarded(empty, guarded) : empty
}

/** Takes over a vow from the guard. The signature may be out already; an abort is signed again, the same. */
export const withGuarded = (book: Book, guarded: LastVow): Book => {
  const { vow } = guarded
  const vows = withVow(book.vows, vow)
  if (vows === book.vows) return book
  const leaving = vow.phase === 'abort' && vow.round === book.round ? [] : book.leaving
  return { ...book, vows, leaving }
}

const isPast = (machine: Machine, guarded: LastVow | undefined): boolean =>
  guarded !== undefined && machine.head.sequence >= guarded.sequence

/** Whether changed terms are still ours to serve: bilateral, the same two, and the certificate holds under them too. */
const holdsUnder = (config: PartyConfig, state: PartyState, agreed: Agreed): boolean => {
  const { next, certificate } = agreed
  const { terms } = next
  const isAdmitted =
    terms.policy.kind === BILATERAL &&
    terms.policy.params.length === 0 &&
    terms.participants.length === 2 &&
    !checkTerms(terms, config.verifier) &&
    !admitBilateral(terms)
  const own = terms.participants[state.party]?.controller
  const before = state.machine.terms.participants[state.party]?.controller
  const sameKeys = config.keys.every((at) => {
    const [now, then] = [own?.keys[at], before?.keys[at]]
    return now && then && now.scheme === then.scheme && equalBytes(now.publicKey, then.publicKey)
  })
  return (
    isAdmitted &&
    sameKeys &&
    own !== undefined &&
    reachesThreshold(own, config.keys) &&
    !checkCertificate(terms, next.head, certificate, config.verifier) &&
    missingFrom(terms, certificate.signatures).length === 0
  )
}

/** Id of a transition in the machine's suite. */
export const idOf = (state: PartyState, of: Transition): ReturnType<typeof transitionId> =>
  transitionId(state.machine.terms.suite, of)
