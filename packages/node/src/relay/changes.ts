/**
 * Changes of a machine's terms as relays carry them: who has consented to which, and which custodians have accepted.
 *
 * Promise. A consent is kept only with a signature of a participant that holds. Events in any order, with repeats, come to the same.
 *
 * Not promised. That a change is still possible: it is pinned at its parent.
 */
import { faultFrom, hexFromBytes, isFault, SIGNERS_MAX, type Verifier } from 'tallystick/base'
import {
  AMEND,
  type Charter,
  checkConsent,
  type Consent,
  type Interaction,
  interactionId,
  type Machine,
  machineId,
  type Quorum,
  statementDigest,
  terms as termsCodec,
  type Terms,
  type Transition,
  transitionId,
} from 'tallystick/kernel'
import {
  acceptanceVote,
  CUSTODIAN_ROUNDS,
  custodianAcceptance,
  custodianCertificate,
  type CustodianCertificate,
  CUSTODIANS,
  policyIn,
} from 'tallystick/models'
import {
  acceptanceFrom,
  changeFrom,
  KINDS,
  type NostrDefinition,
  type NostrEvent,
  partiesOf,
  SUITE,
} from 'tallystick/nostr'
import type { Filter } from './filter.ts'
import { CHANGES_MAX } from './limits.ts'

export type Change = {
  readonly interaction: Interaction
  /** Checked, one of each participant. */
  readonly consents: readonly Consent[]
}

export type Changes = {
  /** Whether a change or an acceptance said something new. */
  readonly take: (event: NostrEvent) => boolean
  readonly consentsTo: (of: Interaction) => readonly Consent[]
  /** Changes at a head, by those who have consented to most. */
  readonly openAt: (machine: Machine) => readonly Change[]
  /** The certificate of those custodians of new terms who have accepted a step, in the bytes of the model. */
  readonly acceptedFor: (step: Transition, of: Interaction) => Uint8Array
}

export const changeFilter = (
  of: NostrDefinition,
): Filter & { readonly authors: readonly string[] } => ({
  kinds: [KINDS.change],
  '#e': [of.id],
  authors: [...partiesOf(of)],
})

/** New terms that an interaction brings, if that is what it does. */
export const termsIn = ({ operations }: Interaction): Terms | undefined => {
  const [only, ...others] = operations
  if (!only || others.length > 0 || only.logic !== AMEND) return undefined
  const read = faultFrom(() => termsCodec.decode(only.argument))
  return isFault(read) ? undefined : read
}

/** Whether custodians decide the next step, so that receipts show it. */
export const isHeld = ({ policy }: Pick<Terms, 'policy'>): boolean => policy.kind === CUSTODIANS

/** Who decides in rounds, where that are custodians. */
export const heldQuorumIn = (terms: Terms): Quorum | undefined =>
  isHeld(terms) ? CUSTODIAN_ROUNDS.quorumIn(terms) : undefined

/** Keys of whoever certifies under terms, where that are custodians: these, and then their stand-ins. */
export const keepersIn = (terms: Terms): readonly string[] =>
  isHeld(terms) ? CUSTODIAN_ROUNDS.signersIn(terms).map((one) => hexFromBytes(one.publicKey)) : []

/** Keys of the custodians alone. */
export const custodiansIn = (terms: Terms): readonly string[] =>
  terms.policy.kind === CUSTODIANS
    ? keepersIn(terms).slice(0, policyIn(terms).custodians.length)
    : []

/** Keys of those who help out when too many custodians are silent. */
export const standInsIn = (terms: Terms): readonly string[] =>
  keepersIn(terms).slice(custodiansIn(terms).length)

type Acceptance = Extract<CustodianCertificate, { is: 'acceptances' }>['acceptances'][number]

/** Participants stay the same over a change of custodians: other changes of terms are made elsewhere. */
export const createChanges = (
  charter: Charter,
  definition: string,
  verifier: Verifier,
): Changes => {
  const machine = machineId(charter)
  const changes = new Map<string, Change>()
  const accepted = new Map<string, ReadonlyMap<string, Acceptance>>()
  const takeChange = (event: NostrEvent): boolean => {
    const read = faultFrom(() => changeFrom(event))
    if (isFault(read) || read.machine !== definition) return false
    const id = interactionId(read.interaction)
    const known = changes.get(id)
    if (!known && changes.size >= CHANGES_MAX) return false
    const had = known?.consents ?? []
    const fresh = read.consents.filter(
      (one) =>
        one.machine === machine &&
        !had.some((other) => other.party === one.party && other.key === one.key) &&
        !checkConsent(charter.terms, id, one, verifier),
    )
    // Without a consent nobody stands behind it.
    if (fresh.length === 0) return false
    changes.set(id, { interaction: read.interaction, consents: [...had, ...fresh] })
    return true
  }
  const takeAcceptance = (event: NostrEvent): boolean => {
    const read = faultFrom(() => acceptanceFrom(event))
    if (isFault(read) || read.machine !== definition) return false
    const id = transitionId(SUITE, read.transition)
    const had = accepted.get(id)
    if (had?.has(event.pubkey) || (had?.size ?? 0) >= SIGNERS_MAX) return false
    if (!had && accepted.size >= CHANGES_MAX) return false
    accepted.set(id, new Map([...(had ?? []), [event.pubkey, read.acceptance]]))
    return true
  }
  return {
    take: (event) => {
      if (event.kind === KINDS.change) return takeChange(event)
      return event.kind === KINDS.acceptance && takeAcceptance(event)
    },
    consentsTo: (of) => changes.get(interactionId(of))?.consents ?? [],
    openAt: ({ headId }) =>
      [...changes.values()]
        .filter((one) => one.interaction.legs.some((leg) => leg.parent === headId))
        .sort((a, b) => b.consents.length - a.consents.length),
    acceptedFor: (step, of) => {
      const said = accepted.get(transitionId(SUITE, step))
      const terms = termsIn(of)
      if (!said || terms?.policy.kind !== CUSTODIAN_ROUNDS.kind) return new Uint8Array(0)
      // One whose signature does not hold would spoil the words of the others.
      const good = CUSTODIAN_ROUNDS.signersIn(terms).flatMap((by, signer) => {
        const one = said.get(hexFromBytes(by.publicKey))
        if (!one || one.signer !== signer) return []
        const digest = statementDigest(SUITE, acceptanceVote(step, one))
        return verifier.verify(by.scheme, by.publicKey, digest, one.signature) ? [one] : []
      })
      return custodianCertificate.encode(custodianAcceptance(good))
    },
  }
}
