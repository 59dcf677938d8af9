/**
 * A machine's history out of receipts, whoever handed them on and in whatever order.
 *
 * Promise. A step is taken in once enough custodians' own signatures on it were checked, the step itself was run here, and both agree on
 * what it leads to. So the machine that comes out is the one that everybody comes to who has the same receipts; who lacks some comes to an earlier
 * head of it and to no other.
 *
 * Not promised. That the head here is the newest: relays may withhold receipts. Receipts carry no proof of what a step relies on elsewhere; it is
 * taken once files on the shelf show that, and until then `stopped` says what is missing.
 *
 * Safety. Two children of one parent that custodians both committed to are told as evidence that names those who did, and of two that are
 * both certified neither is taken, also where the machine has gone on since under other terms (`passed.ts`).
 */
import { Fault, faultFrom, hexFromBytes, isFault, type Verifier } from 'tallystick/base'
import {
  type Consent,
  type Interaction,
  type Machine,
  type Terms,
  type Transition,
  transitionId,
} from 'tallystick/kernel'
import { type AgreedStep, CUSTODIAN_ROUNDS } from 'tallystick/models'
import {
  checkReceipt,
  inputOfInteraction,
  KINDS,
  type NostrEvent,
  type NostrReceipt,
  proofFrom,
  receiptFrom,
  SUITE,
} from 'tallystick/nostr'
import { type Changes, heldQuorumIn, isHeld } from '../relay/changes.ts'
import type { Handed } from '../relay/handed.ts'
import type { Shelf } from '../relay/shelf.ts'
import { certifiedIn, groupsOf } from './certified.ts'
import { SIGNATURES_KEPT_MAX } from './limits.ts'
import { createHandedHeads, judgeReceipts, type Passed } from './passed.ts'
import { afterStep } from './step.ts'
import { type TwoFaced, twoFacedIn } from './two-faced.ts'
import { type Vouchers, vouchersOf } from './vouchers.ts'

export type CertifiedStep = Vouchers & {
  readonly transition: Transition
  readonly interaction: Interaction
  /** Files that show what it relies on elsewhere. */
  readonly attachments: readonly Uint8Array[]
  /** Of participants, where it is a change that they agreed to and no input. */
  readonly consents: readonly Consent[]
  /** In the bytes of the model whose terms decided it. */
  readonly certificate: Uint8Array
  /** The input that it accepts; missing where it accepts none. */
  readonly input: NostrEvent | undefined
}

export type History = {
  readonly machine: Machine
  /** The machine at the step that brought the terms in force; at its beginning where those are the first. */
  readonly start: Machine
  readonly steps: readonly CertifiedStep[]
  /** Receipts for steps after the head, which are not enough yet, by the input they accept. */
  readonly pending: readonly {
    readonly input: string
    readonly custodians: readonly string[]
  }[]
  readonly twoFaced: readonly TwoFaced[]
  /** Why the next certified step is not taken. */
  readonly stopped: Fault | undefined
}

export type Following = {
  readonly definition: string
  readonly genesis: Machine
  readonly verifier: Verifier
  /** What is known of other machines; nothing if missing. */
  readonly shelf?: Shelf
  /** Consents to changes; none if missing. */
  readonly changes?: Changes
  /** Steps that others than custodians have certified; none if missing. */
  readonly handed?: Handed
}

/** A history that grows with the events that come. */
export type Ledger = {
  readonly take: (events: Iterable<NostrEvent>) => void
  /** Something else is known than events. */
  readonly renew: () => void
  readonly now: () => History
}

export type LedgerOptions = Following & {
  /** Steps that were checked here before, in their order: they are run again, and their signatures are not looked at. */
  readonly checked?: readonly AgreedStep[]
  /** Told of steps that were checked now. */
  readonly onChecked?: (steps: readonly AgreedStep[]) => void
}

/** Each step is checked once. Receipts for another child of its parent are looked at when they come. */
export const createLedger = (options: LedgerOptions): Ledger => {
  const { checked = [], onChecked } = options
  const by = { ...options, verifier: rememberingVerifier(options.verifier) }
  const byParent = new Map<string, NostrReceipt[]>()
  const disputed = new Set<string>()
  const handedHeads = createHandedHeads(by.handed)
  let known = walkChecked(checked, by)
  const told = new Set<string>(checked.map((one) => one.transition.interaction))
  let isNews = true
  return {
    renew: () => {
      isNews = true
    },
    take: (events) => {
      for (const event of events) {
        const isNew = isNewProof(event, by) || by.changes?.take(event) || by.handed?.take(event)
        if (isNew) isNews = true
        const of = receiptIn(event, by)
        if (!of) continue
        const { parent } = of.transition
        byParent.set(parent, [...(byParent.get(parent) ?? []), of])
        const child = known.passed.get(parent)?.child
        // One more receipt for a step that is certified changes nothing; for another child it may.
        if (child === transitionId(SUITE, of.transition)) continue
        if (child !== undefined) disputed.add(parent)
        isNews = true
      }
    },
    now: () => {
      if (!isNews) return known.history
      isNews = false
      for (const parent of disputed)
        known = settleDispute(known, parent, { receipts: byParent, by })
      disputed.clear()
      const { steps } = known.history
      const forked = handedHeads.forkIn(known.passed, (head) => {
        const taken = steps.find((one) => one.transition.sequence === head.step)
        return taken && agreedFrom(taken)
      })
      if (forked !== undefined) known = backTo(forked, known, by)
      known = walkOn(known, byParent, by)
      const fresh = known.history.steps.filter(({ transition }) => {
        const isFresh = !told.has(transition.interaction)
        told.add(transition.interaction)
        return isFresh
      })
      onChecked?.(fresh.map(agreedFrom))
      return known.history
    },
  }
}

/** As a step is kept, and as others take it. */
export const agreedFrom = (of: CertifiedStep): AgreedStep => ({
  transition: of.transition,
  candidate: {
    interaction: of.interaction,
    consents: of.consents,
    beside: [],
    attachments: of.attachments,
  },
  certificate: of.certificate,
  accepted: new Uint8Array(0),
})

/** The walk over steps that were checked before, as far as they fit together. */
const walkChecked = (checked: readonly AgreedStep[], by: Following): Walk => {
  const trusting = { ...by.verifier, verify: () => true }
  const steps: CertifiedStep[] = []
  const passed = new Map<string, Passed>()
  let machine = by.genesis
  let start = machine
  for (const { transition, candidate, certificate } of checked) {
    // Two commands at once may have kept a step twice.
    if (transition.parent !== machine.headId) continue
    const { interaction, attachments, consents } = candidate
    const after = afterStep(machine, candidate, transition, trusting)
    if (isFault(after)) break
    const of = { transition, interaction, attachments, consents, certificate }
    steps.push(stepFrom(machine.terms, of))
    passed.set(machine.headId, passedBy(machine, after))
    start = after.terms === machine.terms ? start : after
    machine = after
  }
  return { history: { ...begun(by), machine, start, steps }, passed }
}

/**
 * What receipts for another child than the certified one show: who committed to both, or that both are certified. Then the history
 * ends at their parent.
 */
const settleDispute = (
  of: Walk,
  parent: string,
  { receipts, by }: { readonly receipts: Receipts; readonly by: Following },
): Walk => {
  const head = of.passed.get(parent)
  // Another dispute has ended the history before it.
  if (!head) return of
  const { history } = of
  const found = judgeReceipts(head, receipts.get(parent) ?? [], by.verifier)
  if (found.isForked) return backTo(parent, of, by)
  const fresh = found.twoFaced.filter(
    (one) =>
      !history.twoFaced.some((old) => old.custodian === one.custodian && old.step === one.step),
  )
  return { ...of, history: { ...history, twoFaced: [...history.twoFaced, ...fresh] } }
}

/**
 * The walk as far as a head that was passed: what it passed before is run again and not checked again. The next step is looked for anew.
 */
const backTo = (parent: string, { history, passed }: Walk, by: Following): Walk => {
  const step = passed.get(parent)?.step ?? 0n
  const before = history.steps.filter((one) => one.transition.sequence < step)
  const walk = walkChecked(before.map(agreedFrom), by)
  return { ...walk, history: { ...walk.history, twoFaced: history.twoFaced } }
}

/** A signature that held once is not checked again: receipts of one step share most of theirs. */
const rememberingVerifier = (verifier: Verifier): Verifier => {
  const held = new Set<string>()
  return {
    ...verifier,
    verify: (scheme, publicKey, message, signature) => {
      const name = [publicKey, message, signature].map(hexFromBytes).join(' ')
      if (held.has(`${scheme} ${name}`)) return true
      const holds = verifier.verify(scheme, publicKey, message, signature)
      if (held.size > SIGNATURES_KEPT_MAX) held.clear()
      if (holds) held.add(`${scheme} ${name}`)
      return holds
    },
  }
}

type Receipts = ReadonlyMap<string, readonly NostrReceipt[]>

/** A history, and each of its heads but the last, in their order. */
type Walk = { readonly history: History; readonly passed: ReadonlyMap<string, Passed> }

const passedBy = (machine: Machine, after: Machine): Passed => ({
  child: after.headId,
  step: after.head.sequence,
  terms: machine.terms,
})

const begun = ({ genesis }: Following): History => ({
  machine: genesis,
  start: genesis,
  steps: [],
  pending: [],
  twoFaced: [],
  stopped: undefined,
})

const isNewProof = (event: NostrEvent, { definition, shelf }: Following): boolean => {
  if (event.kind !== KINDS.proof || !shelf) return false
  const proof = faultFrom(() => proofFrom(event))
  if (isFault(proof) || proof.machine !== definition) return false
  return shelf.take(proof.file, event.pubkey).length > 0
}

const receiptIn = (event: NostrEvent, by: Following): NostrReceipt | undefined => {
  if (event.kind !== KINDS.receipt) return undefined
  const of = faultFrom(() => receiptFrom(event))
  if (isFault(of) || of.definition !== by.definition) return undefined
  return of.transition.machine === by.genesis.id ? of : undefined
}

const walkOn = ({ history, passed: before }: Walk, receipts: Receipts, by: Following): Walk => {
  const steps = [...history.steps]
  const passed = new Map(before)
  let { machine, start } = history
  let settled = history.twoFaced.filter((one) => one.step <= machine.head.sequence)
  for (;;) {
    const next = isHeld(machine.terms)
      ? stepAfter(machine, receipts.get(machine.headId) ?? [], by)
      : handedAfter(machine, by)
    const twoFaced = [...settled, ...next.twoFaced]
    if (next.is === 'none') {
      const { pending, stopped } = next
      const now = { machine, start, steps, pending, twoFaced, stopped }
      return { history: now, passed }
    }
    passed.set(machine.headId, passedBy(machine, next.after))
    steps.push(next.step)
    start = next.after.terms === machine.terms ? start : next.after
    machine = next.after
    settled = twoFaced
  }
}

type Next = { readonly twoFaced: readonly TwoFaced[] } & (
  | { readonly is: 'step'; readonly step: CertifiedStep; readonly after: Machine }
  | {
      readonly is: 'none'
      readonly pending: History['pending']
      readonly stopped: Fault | undefined
    }
)

/** The next step of a machine that others than custodians certify. */
const handedAfter = (machine: Machine, by: Following): Next => {
  const filesFor = (of: Interaction) => by.shelf?.attachmentsFor(of.premises) ?? []
  const [only, other] = by.handed?.after(machine, filesFor) ?? []
  const stop = (stopped: Fault | undefined): Next => ({
    is: 'none',
    twoFaced: [],
    pending: [],
    stopped,
  })
  if (!only) return stop(undefined)
  if (other) {
    const place = { machine: machine.id, step: machine.head.sequence + 1n }
    return stop(
      new Fault('shared/other-child', 'two steps on one parent are both certified', place),
    )
  }
  const { transition, certificate, candidate } = only.step
  const { interaction, consents, attachments } = candidate
  const of = { transition, interaction, consents, attachments, certificate }
  return { is: 'step', twoFaced: [], step: stepFrom(machine.terms, of), after: only.after }
}

/** The next step, or what there is of it. */
const stepAfter = (machine: Machine, shown: readonly NostrReceipt[], by: Following): Next => {
  const quorum = heldQuorumIn(machine.terms)
  const place = { machine: machine.id, step: machine.head.sequence + 1n }
  if (!quorum || shown.length === 0) {
    return { is: 'none', twoFaced: [], pending: [], stopped: undefined }
  }
  const at = { quorum, verifier: by.verifier }
  const sound = shown.filter(
    (one) => one.transition.sequence === place.step && !checkReceipt(one, quorum, by.verifier),
  )
  const groups = groupsOf(sound)
  const twoFaced = twoFacedIn(sound)
  const stop = (stopped: Fault | undefined): Next => ({
    is: 'none',
    twoFaced,
    pending: groups.flatMap(pendingIn),
    stopped: stopped?.at(place),
  })
  const certified = certifiedIn(sound, at)
  const [only, other] = certified
  if (!only) return stop(undefined)
  if (other)
    return stop(new Fault('shared/other-child', 'two steps on one parent are both certified'))
  const { group, transition, certificate } = only
  const interaction = group.find((one) => one.interaction)?.interaction
  if (!interaction) {
    return stop(new Fault('shared/not-next', 'no receipt at hand says what was done'))
  }
  const attachments = by.shelf?.attachmentsFor(interaction.premises) ?? []
  const consents = by.changes?.consentsTo(interaction) ?? []
  const tried = { interaction, attachments, consents }
  const after = afterStep(machine, tried, transition, by.verifier)
  if (isFault(after)) return stop(after)
  const bytes = CUSTODIAN_ROUNDS.certificateFrom(certificate)
  const step = stepFrom(machine.terms, { transition, ...tried, certificate: bytes })
  return { is: 'step', twoFaced, step, after }
}

const stepFrom = (
  terms: Terms,
  of: Omit<CertifiedStep, 'input' | keyof Vouchers>,
): CertifiedStep => ({
  ...of,
  ...vouchersOf(terms, of.certificate),
  input: inputOfInteraction(of.interaction),
})

const keysIn = (group: readonly NostrReceipt[]): readonly string[] =>
  [...new Map(group.map((one) => [one.commit.signer, one.custodian]))]
    .sort(([a], [b]) => a - b)
    .map(([, key]) => key)

const pendingIn = (group: readonly NostrReceipt[]): History['pending'] => {
  const input = group[0]?.input
  return input === undefined ? [] : [{ input, custodians: keysIn(group) }]
}
