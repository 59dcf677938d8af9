/**
 * Changes of a machine's terms as relays carry them: who has consented to which, and which custodians have accepted.
 *
 * Promise. A consent is kept only with a signature of a participant that holds. Events in any order, with repeats, come to the same, as far
 * as there is room.
 *
 * Liveness. On a machine of money every step is a change, so there are as many as steps, and a participant can sign any number that lead
 * nowhere. Each takes places of its own signers alone: so many on one head, and of all heads the oldest give way, but none at the head that
 * was last asked about. So nobody can keep the step of another out. The consents of a step that is certified are also looked for among
 * events that are kept elsewhere, so that no room which somebody has filled keeps a late reader from the steps that were taken.
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
import { ACCEPTANCES_PER_AUTHOR_MAX } from './limits.ts'
import { createPlaces } from './places.ts'

export type Change = {
  readonly interaction: Interaction
  /** Checked, one of each participant. */
  readonly consents: readonly Consent[]
}

export type Changes = {
  /** Whether a change or an acceptance said something new. */
  readonly take: (event: NostrEvent) => boolean
  /** Those that are known to an interaction which is certified, or to be. */
  readonly consentsTo: (of: Interaction) => readonly Consent[]
  /** The events that brought them. */
  readonly eventsOf: (of: Interaction) => readonly NostrEvent[]
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

/** The interaction that a change says it is about; `changeFrom` looks whether that is so. */
export const interactionTagOf = ({ kind, tags }: NostrEvent): string | undefined =>
  kind === KINDS.change ? tags.find(([name]) => name === 'interaction')?.[1] : undefined

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

const isOfSameKey = (a: Consent, b: Consent): boolean => a.party === b.party && a.key === b.key

type Known = Change & { readonly events: readonly NostrEvent[] }

/**
 * Participants stay the same over a change of custodians: other changes of terms are made elsewhere. `kept` gives events about an interaction
 * that lie elsewhere.
 */
export const createChanges = (
  charter: Charter,
  definition: string,
  verifier: Verifier,
  kept: (interaction: string) => readonly NostrEvent[] = () => [],
): Changes => {
  const machine = machineId(charter)
  const places = createPlaces<Known>()
  const acceptances = createAcceptances(definition)
  /** What is known of a change with what an event adds to it, if that is anything. */
  const withEvent = (event: NostrEvent, of: (id: string) => Known | undefined) => {
    const read = faultFrom(() => changeFrom(event))
    if (isFault(read) || read.machine !== definition) return undefined
    const { interaction } = read
    const parent = interaction.legs.find((leg) => leg.machine === machine)?.parent
    if (parent === undefined) return undefined
    const id = interactionId(interaction)
    const { consents: had, events } = of(id) ?? { consents: [], events: [] }
    const fresh = read.consents.filter(
      (one, at, all) =>
        one.machine === machine &&
        ![...had, ...all.slice(0, at)].some((other) => isOfSameKey(one, other)) &&
        !checkConsent(charter.terms, id, one, verifier),
    )
    // Without a consent nobody stands behind it.
    if (fresh.length === 0) return undefined
    const known = { interaction, consents: [...had, ...fresh], events: [...events, event] }
    return { id, parent, known, parties: fresh.map((one) => one.party) }
  }
  const takeChange = (event: NostrEvent): boolean => {
    const found = withEvent(event, places.get)
    return found !== undefined && places.put(found)
  }
  const find = (of: Interaction): Known | undefined => {
    const id = interactionId(of)
    return kept(id).reduce(
      (known, event) =>
        withEvent(event, (other) => (other === id ? known : undefined))?.known ?? known,
      places.get(id),
    )
  }
  return {
    take: (event) => {
      if (event.kind === KINDS.change) return takeChange(event)
      return event.kind === KINDS.acceptance && acceptances.take(event)
    },
    consentsTo: (of) => find(of)?.consents ?? [],
    eventsOf: (of) => find(of)?.events ?? [],
    openAt: ({ headId }) =>
      [...places.at(headId)].sort((a, b) => b.consents.length - a.consents.length),
    acceptedFor: (step, of) => {
      const said = acceptances.of(step)
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

type Acceptances = {
  readonly take: (event: NostrEvent) => boolean
  /** By whom a step was said to be accepted. No signature was looked at. */
  readonly of: (step: Transition) => ReadonlyMap<string, Acceptance> | undefined
}

const createAcceptances = (definition: string): Acceptances => {
  const accepted = new Map<string, ReadonlyMap<string, Acceptance>>()
  const countBy = new Map<string, number>()
  return {
    of: (step) => accepted.get(transitionId(SUITE, step)),
    take: (event) => {
      const read = faultFrom(() => acceptanceFrom(event))
      if (isFault(read) || read.machine !== definition) return false
      const id = transitionId(SUITE, read.transition)
      const had = accepted.get(id)
      const count = countBy.get(event.pubkey) ?? 0
      if (had?.has(event.pubkey) || (had?.size ?? 0) >= SIGNERS_MAX) return false
      if (count >= ACCEPTANCES_PER_AUTHOR_MAX) return false
      countBy.set(event.pubkey, count + 1)
      accepted.set(id, new Map([...(had ?? []), [event.pubkey, read.acceptance]]))
      return true
    },
  }
}
