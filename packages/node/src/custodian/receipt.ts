/** Between certified steps and the receipts that vouch for them on relays. */
import { equalBytes, type Verifier } from 'tallystick/base'
import type { Machine, Quorum, RoundCertificate } from 'tallystick/kernel'
import { type AgreedStep, CUSTODIAN_ROUNDS, type CustodianState } from 'tallystick/models'
import { certificateFromReceipts, type NostrReceipt, receiptOfStep } from 'tallystick/nostr'
import { heldQuorumIn } from '../relay/changes.ts'
import type { Defined } from './definition.ts'
import type { Kept } from './desk.ts'

/** The receipt of the custodian with this key; undefined where it has not committed in the certificate's round. */
export const receiptFor = (
  { definition, charter }: Defined,
  custodian: string,
  { step, before }: Kept,
): NostrReceipt | undefined => {
  const { terms } = before.member.followed.machine
  const quorum = heldQuorumIn(terms)
  const rounds = quorum && CUSTODIAN_ROUNDS.roundsIn(step.certificate)
  if (!rounds || !quorum) return undefined
  const signer = quorum.signers.findIndex((one) => equalBytes(one.publicKey, bytesOf(custodian)))
  const certificate = withOwn(before, step, rounds, signer)
  const { transition, candidate } = step
  const { interaction } = candidate
  const of = { custodian, transition, interaction, certificate, quorum }
  return charter && receiptOfStep({ ...of, definition: definition.id })
}

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

/** A certificate holds a quorum's commits, and the own one may be beyond that. */
const withOwn = (
  { member }: CustodianState,
  { transition }: AgreedStep,
  rounds: RoundCertificate,
  signer: number,
): RoundCertificate => {
  if (rounds.commits.some((one) => one.signer === signer)) return rounds
  for (const { statement, signature, signer: by } of member.run.rounds.casts) {
    if (by !== signer || statement.is !== 'vote' || statement.phase !== 'commit') continue
    if (statement.round !== rounds.round) continue
    if (statement.transition.interaction !== transition.interaction) continue
    return { ...rounds, commits: [{ signer, time: statement.time, signature }] }
  }
  return rounds
}

/** The certified child of a machine's head, as far as enough receipts agree on one and show what was done. */
export const stepAfter = (
  receipts: readonly NostrReceipt[],
  machine: Machine,
  verifier: Verifier,
): AgreedStep | undefined => {
  const quorum = heldQuorumIn(machine.terms)
  const next = receipts.filter((one) => one.transition.parent === machine.headId)
  return quorum && stepsOf(next, quorum, verifier)[0]
}

/** Steps out of receipts, in their order, as far as enough of them agree and show what was done. */
export const stepsFromReceipts = (
  receipts: readonly NostrReceipt[],
  { charter }: Defined,
  verifier: Verifier,
): readonly AgreedStep[] => {
  const quorum = CUSTODIAN_ROUNDS.quorumIn(charter.terms)
  return quorum ? stepsOf(receipts, quorum, verifier) : []
}

const stepsOf = (
  receipts: readonly NostrReceipt[],
  quorum: Quorum,
  verifier: Verifier,
): readonly AgreedStep[] => {
  const steps: AgreedStep[] = []
  for (const [, group] of Map.groupBy(receipts, (one) => one.transition.interaction)) {
    const shown = group.find((one) => one.interaction)
    if (!shown?.interaction) continue
    const rounds = certificateFromReceipts(group, shown.transition, { quorum, verifier })
    if (!rounds) continue
    steps.push({
      transition: shown.transition,
      candidate: { interaction: shown.interaction, consents: [], beside: [], attachments: [] },
      certificate: CUSTODIAN_ROUNDS.certificateFrom(rounds),
      accepted: new Uint8Array(0),
    })
  }
  return steps.sort((a, b) => (a.transition.sequence < b.transition.sequence ? -1 : 1))
}
