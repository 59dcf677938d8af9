/**
 * Steps that others than custodians have certified, as relays show them (7511): of a machine that was handed to a directory, or back.
 *
 * Promise. A step is given back only for the head that it builds on, and only once it was judged by the terms in force there and run:
 * who published it does not matter. Two that hold for one head are given back both, so that neither is taken.
 *
 * Liveness. What is published takes places and room of its author alone, and what was judged at its own head gives
 * them back: what holds for nothing is dropped, and what holds is charged to nobody, however many steps operators certify. What lies behind
 * the machine's head is thrown away, and charged to nobody either: nobody judges it any more, and an honest author may be late. So nobody who takes
 * part can keep the real step out by false ones. What this process has from operators, and has judged, takes no place, nor does what it
 * archived in an earlier life.
 *
 * Not promised. That what is here is the newest. Operators of a directory are asked for that (`relayed/operators.ts`). That an author is
 * heard who has filled its room with steps of heads that nobody knows: others have room of their own for the same steps.
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
import { agreedStep, type AgreedStep, beginFollowing, follow } from 'tallystick/models'
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
import { HANDED_BYTES_PER_AUTHOR_MAX, HANDED_PER_AUTHOR_MAX } from './limits.ts'

export type Handed = {
  /** Whether an event shows a step that was not known. */
  readonly take: (event: NostrEvent) => boolean
  /** The same for an event that was archived in an earlier life. */
  readonly recall: (event: NostrEvent) => boolean
  /** The machine has come to this number: what others have shown up to there and nobody found good is forgotten, and not taken any more. */
  readonly passed: (sequence: bigint) => void
  /** Whether what an event shows is kept here. */
  readonly has: (event: NostrEvent) => boolean
  /** The same as `take` for a step from elsewhere that was judged before. */
  readonly add: (step: AgreedStep) => boolean
  /** Steps that hold on this machine's head, each with the machine after it; one for each child. */
  readonly after: (machine: Machine, filesFor: FilesFor) => readonly HandedStep[]
  /** What is shown of a head; the very same list until that changes. */
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
  /** Bytes that each author has room for. */
  readonly roomBytes?: number
}): Handed => {
  const { definition, machine: id, verifier, roomBytes = HANDED_BYTES_PER_AUTHOR_MAX } = of
  const options = withProver({ models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier })
  const all = createShownSteps(roomBytes)
  const put = (one: Shown): boolean => one.step.transition.machine === id && all.put(one)
  const stepsAt = (parent: string): readonly AgreedStep[] => all.at(parent).steps
  return {
    add: (step) => put({ step, name: nameOf(step), author: undefined }),
    take: (event) => {
      const shown = shownIn(event, definition)
      return shown !== undefined && put(shown)
    },
    recall: (event) => {
      const shown = shownIn(event, definition)
      return shown !== undefined && put({ ...shown, author: undefined })
    },
    passed: all.passed,
    has: (event) => {
      const shown = shownIn(event, definition)
      const known = shown && all.at(shown.step.transition.parent).shown
      return known?.some((one) => one.name === shown?.name) === true
    },
    after: (machine, filesFor) => {
      if (isHeld(machine.terms)) return []
      const found = new Map<TransitionId, HandedStep>()
      const { shown } = all.at(machine.headId)
      const failed = new Set<string>()
      const good = new Set<string>()
      for (const { step: one, name } of shown) {
        const attachments = filesFor(one.candidate.interaction)
        const step = { ...one, candidate: { ...one.candidate, attachments } }
        const next = follow(options, beginFollowing(machine), step)
        if (!isFault(next)) {
          // One for each child: spellings of one step beyond that are free to make.
          if (!found.has(next.machine.headId)) good.add(name)
          found.set(next.machine.headId, { step, after: next.machine })
        }
        // One that is certified and cannot be taken stays: a file may come that it rests on, and as a second child it counts all the same.
        else if (!holds(machine.terms, one, verifier)) failed.add(name)
      }
      if (failed.size > 0) all.drop(machine.headId, failed)
      all.release(machine.headId, good)
      return [...found.values()]
    },
    shownAt: stepsAt,
    certifiedAt: (parent, { step, terms }) => {
      const shown = stepsAt(parent).filter(
        (one) => one.transition.sequence === step && holds(terms, one, verifier),
      )
      return new Set(shown.map((one) => transitionId(SUITE, one.transition)))
    },
    acceptedFor: (head, terms) => {
      const headId = transitionId(SUITE, head)
      const shown = stepsAt(head.parent).filter(
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

type Shown = {
  readonly step: AgreedStep
  readonly name: string
  /** Whose place it takes; nobody's where it was judged before. */
  readonly author: string | undefined
}

const shownIn = (event: NostrEvent, definition: string): Shown | undefined => {
  if (event.kind !== KINDS.certifiedStep) return undefined
  const read = faultFrom(() => certifiedStepFrom(event))
  if (isFault(read) || read.machine !== definition) return undefined
  const { transition, interaction, consents, certificate, accepted } = read
  const candidate = { interaction, consents, beside: [], attachments: [] }
  const step = { transition, candidate, certificate, accepted }
  return { step, name: nameOf(step), author: event.pubkey }
}

type ShownSteps = {
  /** The very same until something changes there. */
  readonly at: (parent: string) => AtHead
  /** Keeps a step where it is not known and its author has a place and room for it. */
  readonly put: (one: Shown) => boolean
  readonly drop: (parent: string, names: ReadonlySet<string>) => void
  /** Charges them to nobody from now on. */
  readonly release: (parent: string, names: ReadonlySet<string>) => void
  /** Drops what is charged to somebody up to a number, and refuses it from now on. */
  readonly passed: (sequence: bigint) => void
}

const createShownSteps = (roomBytes: number): ShownSteps => {
  const byParent = new Map<string, AtHead>()
  const bytesBy = new Map<string, number>()
  /** Heads at which something is charged to somebody. */
  const charged = new Set<string>()
  let passedTo = 0n
  const hasRoom = (one: Shown, sign: 1 | -1): boolean => {
    if (one.author === undefined) return true
    const bytes = (bytesBy.get(one.author) ?? 0) + sign * sizeOf(one)
    if (bytes > roomBytes) return false
    bytesBy.set(one.author, bytes)
    return true
  }
  const drop = (parent: string, isDropped: (one: Shown) => boolean): void => {
    const { shown } = byParent.get(parent) ?? NOTHING
    const left = shown.filter((one) => !isDropped(one))
    if (left.length === shown.length) return
    for (const one of shown) if (isDropped(one)) hasRoom(one, -1)
    if (left.length > 0) byParent.set(parent, atHead(left))
    else byParent.delete(parent)
  }
  return {
    at: (parent) => byParent.get(parent) ?? NOTHING,
    put: (one) => {
      const { parent, sequence } = one.step.transition
      if (one.author !== undefined && sequence <= passedTo) return false
      const { shown } = byParent.get(parent) ?? NOTHING
      if (shown.some((other) => other.name === one.name)) return false
      const count = shown.filter((other) => other.author === one.author).length
      if (one.author !== undefined && count >= HANDED_PER_AUTHOR_MAX) return false
      if (!hasRoom(one, 1)) return false
      byParent.set(parent, atHead([...shown, one]))
      if (one.author !== undefined) charged.add(parent)
      return true
    },
    drop: (parent, names) => drop(parent, (one) => names.has(one.name)),
    release: (parent, names) => {
      const { shown, steps } = byParent.get(parent) ?? NOTHING
      const isCharged = (one: Shown): boolean => one.author !== undefined && names.has(one.name)
      if (!shown.some(isCharged)) return
      for (const one of shown) if (isCharged(one)) hasRoom(one, -1)
      const free = shown.map((one) => (isCharged(one) ? { ...one, author: undefined } : one))
      byParent.set(parent, { shown: free, steps })
    },
    passed: (sequence) => {
      if (sequence <= passedTo) return
      passedTo = sequence
      for (const parent of charged) {
        drop(
          parent,
          ({ author, step }) => author !== undefined && step.transition.sequence <= sequence,
        )
        const { shown } = byParent.get(parent) ?? NOTHING
        if (shown.every(({ author }) => author === undefined)) charged.delete(parent)
      }
    },
  }
}

/** Bytes of what was shown, more or less: its name says all of it in digits. */
const sizeOf = ({ name }: Shown): number => name.length / 2

type AtHead = { readonly shown: readonly Shown[]; readonly steps: readonly AgreedStep[] }

const NOTHING: AtHead = { shown: [], steps: [] }

const atHead = (shown: readonly Shown[]): AtHead => ({
  shown,
  steps: shown.map(({ step }) => step),
})

/** Says all that was shown: the same step with consents left out is another, and must not stand in the way of the whole one. */
export const nameOf = ({
  transition,
  candidate: { interaction, consents },
  certificate,
  accepted,
}: AgreedStep): string => {
  const candidate = { interaction, consents, beside: [], attachments: [] }
  return hexFromBytes(agreedStep.encode({ transition, candidate, certificate, accepted }))
}
