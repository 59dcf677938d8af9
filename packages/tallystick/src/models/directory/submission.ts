/**
 * What an owner hands to an operator for one step, what the operator answers, and which entry of its journal is its vow.
 *
 * Safety. `vowKey` is machine and sequence number. A journal has one entry for a key, so an operator that stores its vow
 * before it signs, and signs what the journal holds and nothing else, signs one child of a parent, however many of its
 * processes race. A later step may be vowed for before an earlier one; each position has one vow all the same.
 *
 * The body travels whole: an operator that kept only the header could certify a step whose content nobody can show.
 *
 * Not promised. That the step is valid: the operator does not run the logic. It checks that the interaction is the one
 * that the header names, the link to the parent's header, whose turn it is and its signature.
 */
import { bytesFromId, idFromHex } from '../../base/brand.ts'
import { concatBytes } from '../../base/bytes.ts'
import {
  bytes,
  bytesWritten,
  type Codec,
  id,
  list,
  literal,
  optional,
  struct,
  text,
  u64,
  u8,
  union,
} from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import {
  CERTIFICATE_BYTES_MAX,
  CONSENTS_MAX,
  FAULT_BYTES_MAX,
  SIGNATURE_BYTES_MAX,
  SUBMISSIONS_MAX,
} from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type Charter, CLOSED, machineId, type Terms } from '../../kernel/charter.ts'
import { type Consent, consent } from '../../kernel/consent.ts'
import { type Key, reachesThreshold } from '../../kernel/controller.ts'
import { type Interaction, interaction, interactionId } from '../../kernel/interaction.ts'
import { freshDigest } from '../../kernel/statement.ts'
import { checkLink, transition, type Transition } from '../../kernel/transition.ts'
import type { Receipt } from './evidence.ts'
import { ownerVote } from './owner.ts'
import { type ServedMachine, termsAt } from './served.ts'

/** A step of an owned machine, as its owner hands it out. The machine's charter was handed over before. */
export type Submission = {
  readonly transition: Transition
  /** Header of the step before, or of the genesis. */
  readonly parent: Transition
  readonly interaction: Interaction
  readonly consents: readonly Consent[]
  /** The owner's signature over `ownerVote`, by its first key. */
  readonly proposal: Uint8Array
}

export type Answer =
  | { readonly is: 'receipt'; readonly receipt: Receipt }
  /** The operator has vowed for another child here, and this is the step that it vowed for. */
  | { readonly is: 'taken'; readonly by: Submission; readonly receipt: Receipt }
  | { readonly is: 'refused'; readonly code: string; readonly text: string }

export const submission: Codec<Submission> = struct<Submission>({
  transition,
  parent: transition,
  interaction,
  consents: list(consent, CONSENTS_MAX),
  proposal: bytes(SIGNATURE_BYTES_MAX),
})

/** Steps that are handed over together; each is answered for itself, in their order. */
export const submissions: Codec<readonly Submission[]> = list(submission, SUBMISSIONS_MAX)

export const receipt: Codec<Receipt> = struct<Receipt>({
  operator: u8,
  time: u64,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const answer: Codec<Answer> = union<Answer>({
  receipt: struct({ is: literal('receipt'), receipt }),
  taken: struct({ is: literal('taken'), by: submission, receipt }),
  refused: struct({
    is: literal('refused'),
    code: text(FAULT_BYTES_MAX),
    text: text(FAULT_BYTES_MAX),
  }),
})

export const answers: Codec<readonly Answer[]> = list(answer, SUBMISSIONS_MAX)

/** A step as an operator keeps it, with its own receipt. */
export type KeptStep = {
  readonly submission: Submission
  readonly receipt: Receipt
  /** In the codec of the model; empty until somebody has handed one over. */
  readonly certificate: Uint8Array
}

export const keptStep: Codec<KeptStep> = struct<KeptStep>({
  submission,
  receipt,
  certificate: bytes(CERTIFICATE_BYTES_MAX),
})

/** Kept steps of one machine, in the order of their numbers. */
export const keptSteps: Codec<readonly KeptStep[]> = list(keptStep, SUBMISSIONS_MAX)

/** What an operator knows of a machine: the newest step it has vowed for, and the newest it knows to be certified. */
export type MachineHead = {
  readonly vowed: KeptStep
  readonly certified: KeptStep | undefined
}

export const machineHead: Codec<MachineHead> = struct<MachineHead>({
  vowed: keptStep,
  certified: optional(keptStep),
})

/** A step's header with its certificate: that the machine has got so far, to whoever does not keep the step. */
export type CertifiedHeader = {
  readonly transition: Transition
  readonly certificate: Uint8Array
}

export const certifiedHeader: Codec<CertifiedHeader> = struct<CertifiedHeader>({
  transition,
  certificate: bytes(CERTIFICATE_BYTES_MAX),
})

/** A certificate that is handed on, so that whoever asks any operator is shown it. */
export type Certified = Pick<Transition, 'machine' | 'sequence'> & {
  readonly certificate: Uint8Array
}

export const certified: Codec<Certified> = struct<Certified>({
  machine: id<'machine'>(),
  sequence: u64,
  certificate: bytes(CERTIFICATE_BYTES_MAX),
})

/** The 40 bytes under which a vow stands: machine, and the sequence number with its highest byte first. */
export const vowKey = (of: Pick<Transition, 'machine' | 'sequence'>): Uint8Array => {
  const number = bytesWritten((writer) => writer.u64(of.sequence))
  return concatBytes(bytesFromId(of.machine), number.reverse())
}

/** Machine and sequence number of a vow's key. Raises `id/malformed` for what is no such key. */
export const positionFromVowKey = (key: Uint8Array): Pick<Transition, 'machine' | 'sequence'> => {
  const hex = [...key].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return { machine: idFromHex(hex.slice(0, 64)), sequence: BigInt(`0x${hex.slice(64) || '0'}`) }
}

/** A signature that has to be checked, so that a shell can have it checked elsewhere first. */
export type SignatureCheck = Key & { readonly digest: Uint8Array; readonly signature: Uint8Array }

/** The owner's key, if it speaks for the owner alone (attack: one key of a threshold proposes). */
export const ownerKey = ({ terms }: Pick<Charter, 'terms'>): Key | undefined => {
  if (terms.turn.is !== 'owner') return undefined
  const controller = terms.participants[terms.turn.party]?.controller
  return controller && reachesThreshold(controller, [0]) ? controller.keys[0] : undefined
}

/** The one signature that `checkSubmission` checks; missing where nobody can propose alone. */
export const proposalCheck = (
  { terms }: Pick<Charter, 'terms'>,
  of: Pick<Submission, 'transition' | 'proposal'>,
): SignatureCheck | undefined => {
  const key = ownerKey({ terms })
  const digest = freshDigest(terms.suite, ownerVote(of.transition))
  return key && { ...key, digest, signature: of.proposal }
}

/**
 * Whether an operator may vow for this step, as far as that does not depend on what it has vowed for: cheap before dear.
 * The charter has been admitted already. Whether the operator is in office is `seatAt`'s matter. Returns
 * `operator/not-served`, `operator/other-interaction`, `machine/closed`, `operator/not-the-owner` or a fault of the link.
 */
export const checkSubmission = (
  served: ServedMachine,
  of: Submission,
  verifier: Verifier,
): Fault | undefined => {
  const terms = checkBody(served, of)
  if (isFault(terms)) return terms
  const place = { machine: of.transition.machine, step: of.transition.sequence }
  const check = proposalCheck({ terms }, of)
  return check && verifier.verify(check.scheme, check.publicKey, check.digest, check.signature)
    ? undefined
    : new Fault('operator/not-the-owner', 'the owner has not signed this step', place)
}

/** The terms that decide a step, if its parts belong together: as `checkSubmission`, without any signature. */
export const checkBody = (
  served: ServedMachine,
  of: Pick<Submission, 'transition' | 'parent' | 'interaction'>,
): Terms | Fault => {
  const { machine, sequence } = of.transition
  const place = { machine, step: sequence }
  const terms = termsAt(served, sequence)
  if (machine !== machineId(served.charter) || !terms) {
    return new Fault('operator/not-served', 'the step is of another machine, or too old', place)
  }
  if (terms.policy.kind === CLOSED) {
    return new Fault('machine/closed', 'the machine takes no further step', place)
  }
  if (
    of.interaction.suite !== terms.suite ||
    interactionId(of.interaction) !== of.transition.interaction
  ) {
    return new Fault('operator/other-interaction', 'the header names another interaction', place)
  }
  return checkLink(terms.suite, of.parent, of.transition)?.at(place) ?? terms
}
