/** What a custodian missed, out of what relays show, and what relays lack of what it keeps. */
import { faultFrom, isFault } from 'tallystick/base'
import { KINDS, type NostrEvent, type NostrReceipt, receiptFrom } from 'tallystick/nostr'
import { republish } from '../relay/archive.ts'
import type { Machine } from 'tallystick/kernel'
import type { AgreedStep } from 'tallystick/models'
import { changeFilter, interactionTagOf, isHeld } from '../relay/changes.ts'
import type { Filter } from '../relay/filter.ts'
import { handedFilter } from '../relay/handed.ts'
import { proofFilter } from '../relay/shelf.ts'
import { ASK_MS } from './limits.ts'
import { stepAfter } from './receipt.ts'
import type { Run } from './run.ts'
import { inBackground, keepersOf, type Whole } from './whole.ts'

/** Steps that this custodian missed, out of the receipts that relays show. */
export const catchUp = async (whole: Whole): Promise<void> => {
  const { run, desk } = whole
  if (performance.now() < whole.askedAt + ASK_MS || !desk) return
  whole.askedAt = performance.now()
  const { definition } = run.defined
  for (;;) {
    const filter: Filter = {
      kinds: [KINDS.receipt],
      '#e': [definition.id],
      authors: [...keepersOf(whole)],
    }
    const { events } = await run.client.fetch(run.relays, filter)
    const receipts = events.flatMap((one) => {
      const read = faultFrom(() => receiptFrom(one))
      return isFault(read) ? [] : [read]
    })
    const asked = whole.keepers
    const shown = await run.client.fetch(run.relays, handedFilter(definition))
    const taken = shown.events.filter((one) => run.handed.take(one))
    if (await followReceipts(whole, receipts)) await followConsented(whole, receipts)
    for (const one of taken) if (run.handed.has(one)) await run.archive.add(definition.id, one)
    // Who came in with a step on the way has receipts of its own.
    if (keepersOf(whole).join() === asked) return
    whole.again()
  }
}

/**
 * Goes on where a certified step was not taken for want of consents: relays are asked for all of them, as some may have come when there was
 * no room, and these are looked at as far as steps want them.
 */
const followConsented = async (whole: Whole, receipts: readonly NostrReceipt[]): Promise<void> => {
  const { client, relays, defined, shownChanges } = whole.run
  const { events } = await client.fetch(relays, changeFilter(defined.definition))
  for (const [id, about] of Map.groupBy(events, interactionTagOf)) {
    if (id !== undefined) shownChanges.set(id, about)
  }
  await followReceipts(whole, receipts)
  shownChanges.clear()
}

/** One step after the other, each by the terms that the one before has left. Whether it ended at one that was not taken. */
const followReceipts = async (
  { run, desk }: Whole,
  receipts: readonly NostrReceipt[],
): Promise<boolean> => {
  const byParent = Map.groupBy(receipts, (one): string => one.transition.parent)
  for (;;) {
    const machine = desk?.state().member.followed.machine
    if (!desk || !machine) return false
    run.handed.passed(machine.head.sequence)
    const step = isHeld(machine.terms)
      ? stepAfter(byParent.get(machine.headId) ?? [], machine, run.verifier)
      : handedAfter(run, machine)
    if (!step) return false
    const { interaction, consents } = step.candidate
    const candidate = {
      ...step.candidate,
      // Receipts carry none.
      consents: isHeld(machine.terms) ? run.changes.consentsTo(interaction) : consents,
      attachments: run.shelf.attachmentsFor(interaction.premises),
    }
    const { member } = await desk.take({ is: 'certified', step: { ...step, candidate } })
    if (member.followed.machine.headId === machine.headId) return true
  }
}

/** The only step on a head that others than custodians have certified. */
const handedAfter = ({ handed, shelf }: Run, machine: Machine): AgreedStep | undefined => {
  const [only, ...others] = handed.after(machine, (of) => shelf.attachmentsFor(of.premises))
  return others.length === 0 ? only?.step : undefined
}

/** Goes on with steps that others than custodians have certified, as far as they were shown. */
export const followHanded = async (whole: Whole): Promise<void> => {
  await followReceipts(whole, [])
}

/** What it hands out again at a start: its own word, and what others have signed that steps rest on. */
const lastingIn = (
  whole: Whole,
): readonly { readonly kinds: readonly number[]; readonly authors: readonly string[] }[] => {
  const { definition } = whole.run.defined
  const own = { kinds: [KINDS.receipt, KINDS.evidence, KINDS.acceptance], authors: [whole.run.own] }
  const proofs = proofFilter(definition, keepersOf(whole))
  const changes = changeFilter(definition)
  return [
    own,
    { kinds: [KINDS.proof], authors: proofs.authors },
    { kinds: [KINDS.change, KINDS.certifiedStep], authors: changes.authors },
  ]
}

/** Hands out what relays lack of what is archived. */
export const handOut = (whole: Whole, archived: readonly NostrEvent[]): void => {
  const { client, relays, defined } = whole.run
  for (const { kinds, authors } of lastingIn(whole)) {
    const lasting = archived.filter((one) => kinds.includes(one.kind))
    const filter: Filter = {
      kinds: [...kinds],
      '#e': [defined.definition.id],
      authors: [...authors],
    }
    if (lasting.length > 0) inBackground(whole, republish(client, relays, filter, lasting))
  }
}
