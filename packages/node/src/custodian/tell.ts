/** What a custodian publishes of what was certified, and of those who lied. */
import { equalBytes, hexFromBytes } from 'tallystick/base'
import type { Evidence, Machine } from 'tallystick/kernel'
import { type AgreedStep, type SignedHeartbeat, signedHeartbeat } from 'tallystick/models'
import {
  acceptanceDraft,
  evidenceDraft,
  heartbeatDraft,
  inputOfInteraction,
  type NostrAcceptance,
  type NostrEvent,
  receiptDraft,
  shownFrom,
  snapshotDraft,
} from 'tallystick/nostr'
import { headFrom } from 'tallystick/statechart'
import type { Kept } from './desk.ts'
import { leavesOf } from './due.ts'
import { SNAPSHOT_MS } from './limits.ts'
import { receiptFor } from './receipt.ts'
import type { Run } from './run.ts'

/** The receipt of a stored step, in the archive first, and the state after it. */
export const tellStep = async (run: Run, kept: Kept, machine: Machine): Promise<void> => {
  const { defined, own, archive, post } = run
  const { transition, candidate } = kept.step
  const input = inputOfInteraction(candidate.interaction)
  const height = transition.sequence
  run.log('info', 'step certified', { height, input: input?.id, from: input?.pubkey })
  const of = receiptFor(defined, own, kept)
  const receipt = of && run.sign(receiptDraft(of, run.seconds()))
  if (receipt) {
    await archive.add(defined.definition.id, receipt)
    post.send(receipt)
  }
  tellState(run, machine, receipt)
}

const tellState = (run: Run, machine: Machine, receipt: NostrEvent | undefined): void => {
  const { definition } = run.defined
  const name = definition.states.find((one) => one.custodian === run.own)?.name
  if (name === undefined) return
  const leaves = leavesOf(machine)
  const of = {
    machine: definition.id,
    custodian: run.own,
    name,
    head: headFrom(leaves).input || undefined,
    height: Number(machine.head.sequence),
    header: machine.headId,
    certificate: receipt ? [{ custodian: run.own, receipt: receipt.id }] : [],
    shown: shownFrom(leaves),
  }
  const draft = (last: number | undefined): ReturnType<typeof snapshotDraft> =>
    snapshotDraft(of, { now: run.seconds(), last })
  run.post.replace(`snapshot ${definition.id}`, draft, SNAPSHOT_MS)
}

export const tellHeartbeat = (run: Run, heartbeat: SignedHeartbeat): void => {
  const of = {
    machine: run.defined.definition.id,
    custodian: run.own,
    heartbeat: signedHeartbeat.encode(heartbeat),
  }
  const draft = (last: number | undefined): ReturnType<typeof heartbeatDraft> =>
    heartbeatDraft(of, { now: run.seconds(), last })
  run.post.replace(`heartbeat ${of.machine}`, draft, SNAPSHOT_MS)
}

/** That this custodian goes on from a step which names it, archived first. */
export const tellAcceptance = async (
  run: Run,
  { transition, acceptance }: Pick<NostrAcceptance, 'transition' | 'acceptance'>,
): Promise<void> => {
  const of = { machine: run.defined.definition.id, custodian: run.own, transition, acceptance }
  const event = run.sign(acceptanceDraft(of, run.seconds()))
  run.log('info', 'new terms accepted', { height: transition.sequence })
  await run.archive.add(of.machine, event)
  run.post.send(event)
}

/** Publishes evidence, archived first. Against the own key it is kept back: another process signs with it. */
export const tellEvidence = async (run: Run, evidence: Evidence): Promise<void> => {
  const accused = hexFromBytes(evidence.publicKey)
  const isOwn = equalBytes(evidence.publicKey, run.signer.publicKey)
  run.log(isOwn ? 'error' : 'warning', isOwn ? 'the own key signs elsewhere' : 'evidence found', {
    accused,
  })
  if (isOwn) return
  const of = {
    machine: run.defined.definition.id,
    accused,
    type: 'DOUBLE_VOTE' as const,
    events: [],
    statements: evidence,
  }
  const event = run.sign(evidenceDraft(of, { pubkey: run.own, now: run.seconds() }))
  await run.archive.add(of.machine, event)
  run.post.send(event)
}

/** Of a step that was certified: receipts carry no consents, so whoever follows it later needs the events. */
export const keepConsents = async (run: Run, { candidate }: AgreedStep): Promise<void> => {
  for (const event of run.changes.eventsOf(candidate.interaction))
    await run.archive.add(run.defined.definition.id, event)
}
