/**
 * Somebody who looks at the relays and belongs to nobody: what was certified, by receipts alone; who was convicted, by evidence that is
 * judged here again; and what was refused.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { faultFrom, hexFromBytes, isFault } from 'tallystick/base'
import { withProver } from 'tallystick/verify'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import { convict, type Evidence, type Machine } from 'tallystick/kernel'
import { type AgreedStep, beginFollowing, follow, rivalryOf } from 'tallystick/models'
import {
  evidenceFrom,
  inputOfInteraction,
  KINDS,
  type NostrEvent,
  type NostrRejection,
  proofFrom,
  receiptFrom,
  rejectionFrom,
} from 'tallystick/nostr'
import { jsonAt } from 'tallystick/statechart'
import { leavesOf } from '../custodian/due.ts'
import { createShelf, type Shelf } from '../relay/shelf.ts'
import { stepsFromReceipts } from '../custodian/receipt.ts'
import type { BetTown } from './bet-town.ts'

export type Seen = {
  /** Certified, in their order, along one history. */
  readonly steps: readonly AgreedStep[]
  readonly machine: Machine
  /** Certified beside that history. */
  readonly rivals: readonly AgreedStep[]
  /** Against one key each. */
  readonly evidence: readonly Evidence[]
  /** Against oracles that have two histories. */
  readonly twoFaced: readonly Evidence[]
  readonly rejections: readonly NostrRejection[]
}

export const look = async (town: BetTown): Promise<Seen> => {
  const { client, urls, engine, defined } = town
  const { id } = defined.definition
  const kinds = [KINDS.receipt, KINDS.evidence, KINDS.rejection, KINDS.proof]
  const { events } = await client.fetch(urls, { kinds, '#e': [id] })
  const receipts = read(events, KINDS.receipt, receiptFrom)
  const options = withProver({ logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine })
  let followed = beginFollowing(defined.genesis)
  const shelf = createShelf(defined.charter, engine)
  for (const one of read(events, KINDS.proof, proofFrom)) shelf.take(one.file, one.author)
  const steps: AgreedStep[] = []
  const rivals: AgreedStep[] = []
  const told = read(events, KINDS.evidence, (one) => evidenceFrom(one, engine))
  const found = told.flatMap((one) => (one.statements ? [one.statements] : []))
  // One child after the other: a receipt says which child it is for.
  for (const bare of stepsFromReceipts(receipts, defined, engine)) {
    const step = withAttachments(shelf, bare)
    const next = follow(options, followed, step)
    if (isFault(next)) {
      rivals.push(step)
      found.push(...rivalryOf(options, followed, step))
    } else {
      followed = next
      steps.push(step)
    }
  }
  const evidence = new Map<string, Evidence>()
  for (const one of found) {
    if (!isFault(convict(one, engine))) evidence.set(hexFromBytes(one.publicKey), one)
  }
  return {
    steps,
    rivals,
    machine: followed.machine,
    evidence: [...evidence.values()],
    twoFaced: shelf.convictions().map((one) => one.evidence),
    rejections: read(events, KINDS.rejection, rejectionFrom),
  }
}

const withAttachments = (shelf: Shelf, { candidate, ...step }: AgreedStep): AgreedStep => ({
  ...step,
  candidate: {
    ...candidate,
    attachments: shelf.attachmentsFor(candidate.interaction.premises),
  },
})

const read = <Read>(
  events: readonly NostrEvent[],
  kind: number,
  from: (event: NostrEvent) => Read,
): readonly Read[] =>
  events
    .filter((one) => one.kind === kind)
    .flatMap((one) => {
      const found = faultFrom(() => from(one))
      return isFault(found) ? [] : [found]
    })

/** Looks until it is there. Raises an error where it does not come in time. */
export const until = async (
  town: BetTown,
  what: string,
  is: (seen: Seen) => boolean,
  ms: number = WAIT_MS,
): Promise<Seen> => {
  const end = performance.now() + ms
  for (;;) {
    const seen = await look(town)
    if (is(seen)) return seen
    if (performance.now() > end) throw new Error(`${what} did not happen within ${ms / 1000} s`)
    await pause(LOOK_MS)
  }
}

const WAIT_MS = 180_000
const LOOK_MS = 100

/** Where the machine is, as its value says. */
export const stateOf = ({ machine }: Pick<Seen, 'machine'>): string => {
  const value = jsonAt(leavesOf(machine), ['value'])
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export const inputIn = (step: AgreedStep): NostrEvent | undefined =>
  inputOfInteraction(step.candidate.interaction)
