/**
 * A machine's history out of receipts, whoever handed them on and in whatever order.
 *
 * Promise. A step is taken in once enough custodians' own signatures on it were checked, the step itself was run here, and both agree on
 * what it leads to. So the machine that comes out is the one that everybody comes to who has the same receipts; who lacks some comes to an earlier
 * head of it and to no other.
 *
 * Not promised. That the head here is the newest: relays may withhold receipts. A step that quotes the answers of other machines is not
 * run here, because receipts carry no proof of them; `stopped` says so.
 *
 * Safety. Two children of one parent that custodians both committed to are told as evidence that names those who did, and of two that are
 * both certified neither is taken.
 */
import { Fault, faultFrom, isFault, type Verifier } from 'tallystick/base'
import {
  conflictBetween,
  evenQuorum,
  execute,
  type Interaction,
  type Machine,
  type Quorum,
  type RoundCertificate,
  type Transition,
  transitionId,
} from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import { custodianPolicy } from 'tallystick/models'
import {
  castOfReceipt,
  certificateFromReceipts,
  checkReceipt,
  inputOfInteraction,
  KINDS,
  type NostrEvent,
  type NostrReceipt,
  receiptFrom,
  SUITE,
} from 'tallystick/nostr'

export type CertifiedStep = {
  readonly transition: Transition
  readonly interaction: Interaction
  readonly certificate: RoundCertificate
  /** The input that it accepts; missing where it accepts none. */
  readonly input: NostrEvent | undefined
  /** Keys of the custodians that have committed to it, in the order of their seats. */
  readonly custodians: readonly string[]
}

/** A custodian that committed to two children of one parent. */
export type TwoFaced = { readonly custodian: string; readonly step: bigint }

export type History = {
  readonly machine: Machine
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
}

export const quorumAt = (machine: Machine): Quorum => {
  const policy = custodianPolicy.decode(machine.terms.policy.params)
  return evenQuorum(policy.custodians, policy)
}

export const historyFrom = (events: Iterable<NostrEvent>, by: Following): History => {
  const receipts = receiptsIn(events, by)
  return goOn(
    { machine: by.genesis, steps: [], pending: [], twoFaced: [], stopped: undefined },
    receipts,
    by,
  )
}

type Receipts = ReadonlyMap<string, readonly NostrReceipt[]>

const receiptsIn = (events: Iterable<NostrEvent>, by: Following): Receipts => {
  const byParent = new Map<string, NostrReceipt[]>()
  for (const event of events) {
    if (event.kind !== KINDS.receipt) continue
    const of = faultFrom(() => receiptFrom(event))
    if (isFault(of) || of.definition !== by.definition) continue
    if (of.transition.machine !== by.genesis.id) continue
    const siblings = byParent.get(of.transition.parent) ?? []
    siblings.push(of)
    byParent.set(of.transition.parent, siblings)
  }
  return byParent
}

const goOn = (begun: History, receipts: Receipts, by: Following): History => {
  let history = begun
  for (;;) {
    const next = stepAfter(history, receipts, by)
    if (next === undefined || next.stopped || next.steps.length === history.steps.length) {
      return next ?? history
    }
    history = next
  }
}

/** With the next step, or with what there is of it. */
const stepAfter = (of: History, receipts: Receipts, by: Following): History | undefined => {
  const { machine } = of
  const at = { quorum: quorumAt(machine), verifier: by.verifier }
  const sound = (receipts.get(machine.headId) ?? []).filter(
    (one) =>
      one.transition.sequence === machine.head.sequence + 1n &&
      !checkReceipt(one, at.quorum, at.verifier),
  )
  if (sound.length === 0) return undefined
  const groups = [...Map.groupBy(sound, (one) => transitionId(SUITE, one.transition)).values()]
  const twoFaced = [...of.twoFaced, ...twoFacedIn(sound)]
  const certified = groups.flatMap((group) => {
    const [first] = group
    const certificate = first && certificateFromReceipts(group, first.transition, at)
    return certificate ? [{ group, transition: first.transition, certificate }] : []
  })
  const [only, other] = certified
  if (!only) return { ...of, twoFaced, pending: groups.flatMap(pendingIn) }
  const place = { machine: machine.id, step: machine.head.sequence + 1n }
  if (other) {
    const why = 'two steps on one parent are both certified'
    return { ...of, twoFaced, stopped: new Fault('shared/other-child', why, place) }
  }
  const interaction = only.group.find((one) => one.interaction)?.interaction
  const after = interaction
    ? afterStep(machine, interaction, only.transition, by)
    : new Fault('shared/not-next', 'no receipt at hand says what was done', place)
  if (isFault(after) || !interaction)
    return { ...of, twoFaced, ...(isFault(after) && { stopped: after.at(place) }) }
  const step: CertifiedStep = {
    transition: only.transition,
    interaction,
    certificate: only.certificate,
    input: inputOfInteraction(interaction),
    custodians: keysIn(only.group),
  }
  return { ...of, machine: after, steps: [...of.steps, step], pending: [], twoFaced }
}

const afterStep = (
  machine: Machine,
  interaction: Interaction,
  step: Transition,
  by: Following,
): Machine | Fault => {
  const after = tryStep(machine, interaction, by.verifier)
  if (isFault(after)) return after
  if (after.headId === transitionId(SUITE, step)) return after
  return new Fault('shared/other-child', 'the rules lead to another child than is certified')
}

/** What an interaction makes of the machine. */
export const tryStep = (
  machine: Machine,
  interaction: Interaction,
  verifier: Verifier,
): Machine | Fault => {
  if (interaction.premises.length > 0) {
    return new Fault(
      'candidate/premises',
      'it quotes other machines, and receipts carry no proof of them',
    )
  }
  const done = execute({
    interaction,
    machines: new Map([[machine.id, machine]]),
    logics: STANDARD_LOGICS,
    // Consent to an input is the signature that it carries.
    consents: () => false,
    proven: [],
    verifier,
  })
  if (isFault(done)) return done
  return done.written[0] ?? new Fault('candidate/other-legs', 'nothing is written')
}

const keysIn = (group: readonly NostrReceipt[]): readonly string[] =>
  [...new Map(group.map((one) => [one.commit.signer, one.custodian]))]
    .sort(([a], [b]) => a - b)
    .map(([, key]) => key)

const pendingIn = (group: readonly NostrReceipt[]): History['pending'] => {
  const input = group[0]?.input
  return input === undefined ? [] : [{ input, custodians: keysIn(group) }]
}

const twoFacedIn = (receipts: readonly NostrReceipt[]): readonly TwoFaced[] => {
  const found: TwoFaced[] = []
  for (const [custodian, own] of Map.groupBy(receipts, (one) => one.custodian)) {
    const [first, ...others] = own.map((one) => castOfReceipt(one).statement)
    const isTwo = others.some((one) => first && conflictBetween(SUITE, first, one))
    const step = own[0]?.transition.sequence
    if (isTwo && step !== undefined) found.push({ custodian, step })
  }
  return found
}
