/**
 * What parties say to each other, as one strict codec.
 *
 * Promise. A message names its machine, its sender and the sender's position (head and round), so that the receiver
 * can tell what is missing on either side before it looks at anything else. Reading one never trusts it: the position is a
 * claim that decides what is sent next and nothing more; whatever binds anybody carries a signature of its own.
 *
 * Wire.
 *
 * | bytes | what |
 * |---|---|
 * | 0 | version, 1 |
 * | 1–32 | machine |
 * | 33 | sender: position of the party |
 * | 34–41 | sequence of the sender's head |
 * | 42–73 | id of the sender's head |
 * | 74–77 | the sender's round under that head |
 * | 78 | body: 0 request, 1 offer, 2 accept, 3 confirm, 4 ack, 5 abort, 6 cancel-ask, 7 decline, 8 catchup, 9 steps |
 * | … | the body |
 *
 * As a file, a message stands behind the eight bytes that every file of ours starts with.
 */
import type { InteractionId, MachineId, TransitionId } from '../../base/brand.ts'
import {
  bytes,
  type Codec,
  codecFrom,
  fixedBytes,
  flag,
  id,
  list,
  literal,
  optional,
  struct,
  u32,
  u64,
  u8,
  union,
} from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { hash } from '../../base/hash.ts'
import {
  ABORTS_MAX,
  ATTACHMENT_BYTES_MAX,
  ATTACHMENTS_MAX,
  CATCHUP_STEPS_MAX,
  CERTIFICATE_BYTES_MAX,
  CONSENTS_MAX,
  ENDORSEMENTS_MAX,
  MESSAGE_BYTES_MAX,
  SIGNATURE_BYTES_MAX,
} from '../../base/limits.ts'
import type { SuiteId } from '../../base/suite.ts'
import { TAGS } from '../../base/tags.ts'
import { type Consent, consent } from '../../kernel/consent.ts'
import { type Interaction, interaction } from '../../kernel/interaction.ts'
import { type Statement, statement } from '../../kernel/statement.ts'
import { type Transition, transition } from '../../kernel/transition.ts'
import { type BilateralCertificate, bilateralCertificate } from './certificate.ts'
import { type Endorsement, endorsement, type RoundAbort, roundAbort } from './evidence.ts'

export const MESSAGE_VERSION = 1

/** What somebody wants done, with the consents it needs and what proves its premises. */
export type Proposal = {
  readonly interaction: Interaction
  /** The sender's own, on this machine, and those that others gave on machines referred to. */
  readonly consents: readonly Consent[]
  /** Bytes that support the premises, for the shell's verifier; opaque here. */
  readonly attachments: readonly Uint8Array[]
}

/** A final step as one party hands it to the other. */
export type SharedStep = Proposal & {
  readonly transition: Transition
  readonly certificate: Uint8Array
}

/** A statement of the addressee's own that the sender holds, with the key that signed it. */
export type HeldStatement = {
  readonly key: number
  readonly statement: Statement
  readonly signature: Uint8Array
}

/** The proposal that the sender has voted for and waits on, so that a proposer who lost it can finish it. */
export type OpenStep = Proposal & { readonly transition: Transition }

export type MessageBody =
  /** "Please propose this": from the party whose turn it is not. */
  | ({ readonly is: 'request' } & Proposal)
  /** The proposer's step, which it has not voted for yet; with the aborts of the rounds before. */
  | ({
      readonly is: 'offer'
      readonly transition: Transition
      readonly aborts: readonly RoundAbort[]
    } & Proposal)
  /** The responder's commit votes. */
  | {
      readonly is: 'accept'
      readonly transition: Transition
      readonly signatures: readonly Endorsement[]
    }
  | {
      readonly is: 'confirm'
      readonly transition: Transition
      readonly certificate: BilateralCertificate
    }
  /** "This is my position": the answer to anything that needs no other. */
  | { readonly is: 'ack' }
  | { readonly is: 'abort'; readonly aborts: readonly RoundAbort[] }
  /** "Please abort what I have voted for": from a party that cannot leave alone. It shows its vote again. */
  | {
      readonly is: 'cancel-ask'
      readonly transition: Transition
      readonly signatures: readonly Endorsement[]
    }
  /**
   * "I will not propose what you requested"; or, sealed, "I cannot vote for what you offered", from a party that has
   * voted in this round for a step that both have lost and so can make no abort itself.
   */
  | {
      readonly is: 'decline'
      readonly interaction: InteractionId
      readonly seal: readonly Endorsement[]
    }
  /** "Send what I lack." With a challenge if the sender lost its memory and may sign nothing until answered. */
  | { readonly is: 'catchup'; readonly challenge: Uint8Array | undefined }
  | {
      readonly is: 'steps'
      readonly steps: readonly SharedStep[]
      readonly aborts: readonly RoundAbort[]
      readonly held: readonly HeldStatement[]
      readonly open: OpenStep | undefined
      readonly challenge: Uint8Array | undefined
      /** The sender has not lost its own memory. */
      readonly sound: boolean
      /** Over `sealDigest`; given for an answer to a challenge. */
      readonly seal: readonly Endorsement[]
    }

export type Message = {
  readonly machine: MachineId
  readonly from: number
  readonly sequence: bigint
  readonly head: TransitionId
  readonly round: number
  readonly body: MessageBody
}

type FieldsOf<T> = { readonly [Key in keyof T]-?: Codec<T[Key]> }

const proposalFields: FieldsOf<Proposal> = {
  interaction,
  consents: list(consent, CONSENTS_MAX),
  attachments: list(bytes(ATTACHMENT_BYTES_MAX), ATTACHMENTS_MAX),
}
const endorsements = list(endorsement, ENDORSEMENTS_MAX)
const aborts = list(roundAbort, ABORTS_MAX)
const challenge = optional(fixedBytes(32))

/** The members of a shared step, for records that hold more. */
export const sharedStepFields: FieldsOf<SharedStep> = {
  ...proposalFields,
  transition,
  certificate: bytes(CERTIFICATE_BYTES_MAX),
}

export const sharedStep: Codec<SharedStep> = struct<SharedStep>(sharedStepFields)

const body: Codec<MessageBody> = union<MessageBody>({
  request: struct({ is: literal('request'), ...proposalFields }),
  offer: struct({ is: literal('offer'), transition, ...proposalFields, aborts }),
  accept: struct({ is: literal('accept'), transition, signatures: endorsements }),
  confirm: struct({ is: literal('confirm'), transition, certificate: bilateralCertificate }),
  ack: struct({ is: literal('ack') }),
  abort: struct({ is: literal('abort'), aborts }),
  'cancel-ask': struct({ is: literal('cancel-ask'), transition, signatures: endorsements }),
  decline: struct({
    is: literal('decline'),
    interaction: id<'interaction'>(),
    seal: endorsements,
  }),
  catchup: struct({ is: literal('catchup'), challenge }),
  steps: struct({
    is: literal('steps'),
    steps: list(sharedStep, CATCHUP_STEPS_MAX),
    aborts,
    held: list(
      struct<HeldStatement>({ key: u8, statement, signature: bytes(SIGNATURE_BYTES_MAX) }),
      ENDORSEMENTS_MAX,
    ),
    open: optional(struct<OpenStep>({ ...proposalFields, transition })),
    challenge,
    sound: flag,
    seal: endorsements,
  }),
})

const fields: Codec<Message> = struct<Message>({
  machine: id<'machine'>(),
  from: u8,
  sequence: u64,
  head: id<'transition'>(),
  round: u32,
  body,
})

/** Raises `message/unknown-version`, `message/too-large` and the faults of `codec.ts`. */
export const message: Codec<Message> = codecFrom(
  (writer, value) => {
    writer.u8(MESSAGE_VERSION)
    fields.write(writer, value)
  },
  (reader) => {
    if (reader.left() > MESSAGE_BYTES_MAX) {
      throw new Fault('message/too-large', `${reader.left()} bytes of at most ${MESSAGE_BYTES_MAX}`)
    }
    const version = reader.u8()
    if (version !== MESSAGE_VERSION) {
      throw new Fault(
        'message/unknown-version',
        `version ${version} where ${MESSAGE_VERSION} is known`,
      )
    }
    return fields.read(reader)
  },
)

/** The 32 bytes that a seal signs: the whole message with its seal left empty. */
export const sealDigest = (suite: SuiteId, of: Message): Uint8Array => {
  const open: Message = 'seal' in of.body ? { ...of, body: { ...of.body, seal: [] } } : of
  return hash(suite, TAGS.message, message.encode(open))
}
