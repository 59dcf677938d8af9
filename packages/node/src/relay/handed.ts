/**
 * Steps that others than custodians have certified, as relays show them (7511): of a machine that was handed to a directory, or back.
 *
 * Promise. A step is given back only for the head that it builds on, and only once it was judged by the terms in force there and run:
 * who published it does not matter. Two that hold for one head are given back both, so that neither is taken.
 *
 * Not promised. That what is here is the newest. Operators of a directory are asked for that (`relayed/operators.ts`).
 */
import {
  faultFrom,
  hexFromBytes,
  isFault,
  type MachineId,
  type TransitionId,
  type Verifier,
} from 'tallystick/base'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import {
  type Interaction,
  type Machine,
  type Terms,
  type Transition,
  transitionId,
} from 'tallystick/kernel'
import { type AgreedStep, beginFollowing, follow } from 'tallystick/models'
import {
  certifiedStepFrom,
  KINDS,
  type NostrDefinition,
  type NostrEvent,
  partiesOf,
  SUITE,
} from 'tallystick/nostr'
import { withProver } from 'tallystick/verify'
import { isHeld } from './changes.ts'
import type { Filter } from './filter.ts'
import { HANDED_PER_HEAD_MAX } from './limits.ts'

export type Handed = {
  /** Whether an event shows a step that was not known. */
  readonly take: (event: NostrEvent) => boolean
  /** The same for a step from elsewhere. */
  readonly add: (step: AgreedStep) => boolean
  /** Steps that hold on this machine's head, each with the machine after it; one for each child. */
  readonly after: (machine: Machine, filesFor: FilesFor) => readonly HandedStep[]
  /** What is shown of a head; the very same list until there is more. */
  readonly shownAt: (parent: string) => readonly AgreedStep[]
  /** Steps after a head whose certificates hold under the terms in force there. They are not run. */
  readonly certifiedAt: (
    parent: string,
    of: { readonly step: bigint; readonly terms: Terms },
  ) => ReadonlySet<TransitionId>
  /** What shows that a step was accepted by those whom its terms name; empty while nothing does. */
  readonly acceptedFor: (step: Transition, next: Terms) => Uint8Array
}

export type HandedStep = { readonly step: AgreedStep; readonly after: Machine }

type Certified = {
  readonly transition: Transition
  readonly certificate: Uint8Array
  readonly isAcceptance?: boolean
}

const NONE: readonly AgreedStep[] = []

type FilesFor = (of: Interaction) => readonly Uint8Array[]

/** Only who takes part is listened to: anybody else could have everybody check signatures for ever. */
export const handedFilter = (
  of: NostrDefinition,
): Filter & { readonly authors: readonly string[] } => ({
  kinds: [KINDS.certifiedStep],
  '#e': [of.id],
  authors: [...partiesOf(of)],
})

export const createHanded = (of: {
  readonly definition: string
  readonly machine: MachineId
  readonly verifier: Verifier
}): Handed => {
  const { definition, machine: id, verifier } = of
  const options = withProver({ models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier })
  const byParent = new Map<string, readonly AgreedStep[]>()
  const add = (step: AgreedStep): boolean => {
    const { parent, machine } = step.transition
    const known = byParent.get(parent) ?? []
    if (
      machine !== id ||
      known.length >= HANDED_PER_HEAD_MAX ||
      known.some((one) => isSame(one, step))
    )
      return false
    byParent.set(parent, [...known, step])
    return true
  }
  return {
    add,
    take: (event) => {
      if (event.kind !== KINDS.certifiedStep) return false
      const read = faultFrom(() => certifiedStepFrom(event))
      if (isFault(read) || read.machine !== definition) return false
      const { transition, interaction, consents, certificate, accepted } = read
      const candidate = { interaction, consents, beside: [], attachments: [] }
      return add({ transition, candidate, certificate, accepted })
    },
    after: (machine, filesFor) => {
      if (isHeld(machine.terms)) return []
      const found = new Map<TransitionId, HandedStep>()
      for (const one of byParent.get(machine.headId) ?? []) {
        const attachments = filesFor(one.candidate.interaction)
        const step = { ...one, candidate: { ...one.candidate, attachments } }
        const next = follow(options, beginFollowing(machine), step)
        if (!isFault(next)) found.set(next.machine.headId, { step, after: next.machine })
      }
      return [...found.values()]
    },
    shownAt: (parent) => byParent.get(parent) ?? NONE,
    certifiedAt: (parent, { step, terms }) => {
      const shown = (byParent.get(parent) ?? []).filter(
        (one) => one.transition.sequence === step && holds(terms, one, verifier),
      )
      return new Set(shown.map((one) => transitionId(SUITE, one.transition)))
    },
    acceptedFor: (head, terms) => {
      const headId = transitionId(SUITE, head)
      const shown = (byParent.get(head.parent) ?? []).filter(
        (one) => one.accepted.length > 0 && transitionId(SUITE, one.transition) === headId,
      )
      const good = shown.find(({ accepted: certificate }) =>
        holds(terms, { transition: head, certificate, isAcceptance: true }, verifier),
      )
      return good?.accepted ?? new Uint8Array(0)
    },
  }
}

const holds = (terms: Terms, certified: Certified, verifier: Verifier): boolean => {
  const model = STANDARD_MODELS.get(terms.policy.kind)
  const verdict = model?.judge({
    terms,
    anchor: model.begin(terms),
    transition: certified.transition,
    certificate: certified.certificate,
    isAcceptance: certified.isAcceptance === true,
    known: { verifier, now: undefined, read: () => ({ is: 'unknown' }) },
  })
  return verdict?.is === 'final'
}

const isSame = (a: AgreedStep, b: AgreedStep): boolean =>
  [a, b].map(nameOf).every((one, _, [first]) => one === first)

const nameOf = ({ transition: of, certificate, accepted }: AgreedStep): string =>
  [transitionId(SUITE, of), hexFromBytes(certificate), hexFromBytes(accepted)].join(' ')
