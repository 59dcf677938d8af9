/**
 * Between events and steps of the kernel: the interaction that an input makes, the input that an interaction carries, the receipt that a
 * custodian gives for a certified step, and the state as snapshots show it.
 *
 * Promise. An input at a head, with a claimed time and the answers that it needs, makes one interaction, whoever makes it: custodians
 * that agree on these three agree on its id.
 */
import type { MachineId, TransitionId } from '../../base/brand.ts'
import { bytesFromHex, equalBytes } from '../../base/bytes.ts'
import { faultFrom, isFault } from '../../base/fault.ts'
import { type NostrEvent, nostrEventId } from '../../forms/nostr-event.ts'
import type { Interaction, Premise } from '../../kernel/interaction.ts'
import type { Quorum } from '../../kernel/quorum.ts'
import type { RoundCertificate } from '../../kernel/round-certificate.ts'
import type { Transition } from '../../kernel/transition.ts'
import type { Millis } from '../../kernel/verdict.ts'
import { type ReadLeaf, snapshotFrom as stateFrom } from '../../logic/statechart/leaves.ts'
import {
  type Answer,
  operationOnStatechart,
  statechartOperation,
} from '../../logic/statechart/operation.ts'
import { type NostrReceipt, SUITE } from './receipt.ts'
import type { Shown } from './snapshot.ts'

/** The interaction that takes an input at a head. */
export const interactionForInput = (of: {
  readonly machine: MachineId
  /** Id of the transition that it builds on. */
  readonly head: TransitionId
  readonly event: NostrEvent
  /** Milliseconds since 1970; 0 where the charter has no clock. */
  readonly at: Millis
  readonly answers?: readonly Answer[]
  readonly premises?: readonly Premise[]
}): Interaction => {
  const { machine, event, at, answers = [], premises = [] } = of
  const statechart = { machine, logic: STATECHART_POSITION }
  return {
    suite: SUITE,
    legs: [{ machine, access: 'write', parent: of.head }],
    operations: [operationOnStatechart(statechart, { is: 'nostr', event, at, answers })],
    premises,
  }
}

/** The input that an interaction carries; undefined for one that carries none. */
export const inputOfInteraction = (of: Interaction): NostrEvent | undefined => {
  const [operation, ...others] = of.operations
  if (!operation || others.length > 0 || operation.logic !== STATECHART_POSITION) return undefined
  const read = faultFrom(() => statechartOperation.decode(operation.argument))
  if (isFault(read) || read.is !== 'nostr') return undefined
  return { ...read.event, id: nostrEventId(read.event) }
}

/**
 * What the custodian with this key gives for a step: its own commit out of the certificate, and the held quorums under it. Undefined
 * where the certificate has no commit of it.
 */
export const receiptOfStep = (of: {
  /** Id of the event that defines the machine. */
  readonly definition: string
  readonly custodian: string
  readonly transition: Transition
  readonly interaction: Interaction
  readonly certificate: RoundCertificate
  readonly quorum: Quorum
}): NostrReceipt | undefined => {
  const { definition, custodian, transition, interaction, certificate } = of
  const key = bytesFromHex(custodian)
  const seat = of.quorum.signers.findIndex((one) => equalBytes(one.publicKey, key))
  const commit = certificate.commits.find((one) => one.signer === seat)
  if (!commit) return undefined
  const input = inputOfInteraction(interaction)
  return {
    definition,
    input: input?.id,
    sender: input?.pubkey,
    custodian,
    transition,
    commit,
    round: certificate.round,
    links: certificate.links,
    interaction,
  }
}

/** A machine's state as snapshots show it, read from the statechart's leaves. */
export const shownFrom = (read: ReadLeaf): Shown => {
  const { status, value, historyValue, context, entered, output } = stateFrom(read)
  return {
    status,
    value,
    historyValue,
    context,
    entered,
    ...(output !== undefined && { output }),
  }
}

/** Machines that come from definitions have one logic. */
const STATECHART_POSITION = 0
