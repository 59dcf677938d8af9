/**
 * The way back: operators have certified that the two go on by themselves, and both sign that they do.
 *
 * Safety. A party signs for the certified child of its head alone, after the operators have decided on it, so it signs no second one
 * at that place. Only with both signatures does the next era begin; until then nobody signs anything further.
 *
 * Liveness. Who is last to sign hands the whole over; who loses a file makes it again with `tally resend`.
 */
import { join } from 'node:path'
import { faultFrom, isFault } from 'tallystick/base'
import { beginEra, type Era, replaceFile } from 'tallystick/command'
import {
  AMEND,
  type Machine,
  type Operation,
  statementDigest,
  terms as termsCodec,
  type Terms,
  transitionId,
} from 'tallystick/kernel'
import {
  BILATERAL,
  BILATERAL_TERMS,
  bilateralCertificate,
  bilateralVote,
  type Endorsement,
} from 'tallystick/models'
import type { Bundle } from 'tallystick/verify'
import { fileAt } from '../account/folder.ts'
import type { SharedOffice } from './office.ts'
import { stepsIn } from './together.ts'

/** The step by which the two have it by themselves again, taking turns as their charter says. */
export const goingBack = (machine: Machine): Operation => {
  const next: Terms = {
    ...machine.terms,
    turn: machine.charter.terms.turn,
    policy: BILATERAL_TERMS,
  }
  return { machine: machine.id, logic: AMEND, argument: termsCodec.encode(next) }
}

/** Whether the operators are done with it. */
export const isGivenBack = ({ followed }: SharedOffice): boolean =>
  followed.machine.terms.policy.kind === BILATERAL

const ACCEPTED = 'accepted'

/** Signs that the machine goes on without operators, if that was not done; with what the other has signed, from a file. */
export const acceptBack = async (
  office: SharedOffice,
  bundle: Bundle | undefined,
): Promise<{ readonly accepted: Uint8Array; readonly next: Era | undefined }> => {
  const { era, folder, followed, signer, options } = office
  const { machine } = followed
  const path = join(era.path, ACCEPTED)
  const kept = fileAt(path)
  const given = [...(kept ? [kept] : []), ...(bundle ? acceptancesIn(office, bundle) : [])]
  const signed = new Map<number, Endorsement>()
  for (const one of given.flatMap((file) => signaturesIn(office, file))) {
    signed.set(one.party, one)
  }
  if (!signed.has(folder.party)) {
    const key = await signer()
    const digest = statementDigest(machine.terms.suite, bilateralVote(machine.head, 0))
    signed.set(folder.party, { party: folder.party, key: 0, signature: key.sign(digest) })
  }
  const signatures = [...signed.values()].sort((a, b) => a.party - b.party)
  const accepted = bilateralCertificate.encode({ round: 0, aborts: [], signatures })
  // The own signature is out with the file, so it is kept before.
  replaceFile(path, accepted)
  const model = options.models.get(BILATERAL)
  const verdict = model?.judge({
    terms: machine.terms,
    anchor: model.begin(machine.terms),
    transition: machine.head,
    certificate: accepted,
    isAcceptance: true,
    known: { verifier: options.verifier, now: undefined, read: () => ({ is: 'unknown' }) },
  })
  if (verdict?.is === 'refused') throw verdict.fault
  if (verdict?.is !== 'final') return { accepted, next: undefined }
  return { accepted, next: beginEra(folder, { start: machine, accepted }) }
}

/** What a bundle shows of acceptances for the newest step. */
const acceptancesIn = (office: SharedOffice, bundle: Bundle): readonly Uint8Array[] => {
  const { headId } = office.followed.machine
  return stepsIn(office, bundle).flatMap(({ legs, interaction }) =>
    legs.flatMap((leg) =>
      leg.is === 'written' &&
      leg.accepted.length > 0 &&
      transitionId(interaction.suite, leg.transition) === headId
        ? [leg.accepted]
        : [],
    ),
  )
}

/** Signatures that hold. Anybody can put others into a file. */
const signaturesIn = (
  { followed: { machine }, engine }: SharedOffice,
  file: Uint8Array,
): readonly Endorsement[] => {
  const read = faultFrom(() => bilateralCertificate.decode(file))
  if (isFault(read) || read.round !== 0) return []
  const digest = statementDigest(machine.terms.suite, bilateralVote(machine.head, 0))
  return read.signatures.filter(({ party, key, signature }) => {
    const by = machine.terms.participants[party]?.controller.keys[key]
    return by !== undefined && engine.verify(by.scheme, by.publicKey, digest, signature)
  })
}
