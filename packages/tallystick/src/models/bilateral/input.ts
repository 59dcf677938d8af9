/**
 * Inputs as bytes, with the env they came in: what a shell writes down so that a party can be rebuilt by folding
 * `step` over it. Local storage, never sent to anybody.
 */
import {
  bytes,
  choice,
  type Codec,
  codecFrom,
  fixedBytes,
  flag,
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
import { Fault, type FaultCode } from '../../base/fault.ts'
import {
  ATTACHMENT_BYTES_MAX,
  ATTACHMENTS_MAX,
  CONSENTS_MAX,
  FAULT_BYTES_MAX,
  LEGS_MAX,
  MESSAGE_BYTES_MAX,
  NAME_BYTES_MAX,
  OPERATIONS_MAX,
  PREMISES_MAX,
  SIGNATURE_BYTES_MAX,
} from '../../base/limits.ts'
import { charter } from '../../kernel/charter.ts'
import { consent } from '../../kernel/consent.ts'
import { leg, operation, premise } from '../../kernel/interaction.ts'
import type { ProvenPremise } from '../../kernel/logic.ts'
import type { Env } from '../../kernel/role.ts'
import { type Grade, GRADES } from '../../kernel/verdict.ts'
import { vow } from '../../kernel/vow.ts'
import type { LastVow, PartyInput } from './state.ts'

export type RecordedInput = { readonly env: Env; readonly input: PartyInput }

export const grade: Codec<Grade> = choice<Grade>(GRADES)

export const lastVow: Codec<LastVow> = struct<LastVow>({
  parent: id<'transition'>(),
  sequence: u64,
  vow,
})

/** A fault without its place: enough to show it again. */
const fault: Codec<Fault> = codecFrom(
  (writer, value) => {
    text(NAME_BYTES_MAX).write(writer, value.code)
    text(FAULT_BYTES_MAX).write(writer, value.message.slice(0, FAULT_BYTES_MAX / 4))
  },
  (reader) => {
    const code = text(NAME_BYTES_MAX).read(reader)
    if (!isFaultCode(code)) throw new Fault('codec/not-canonical', `"${code}" is no fault code`)
    return new Fault(code, text(FAULT_BYTES_MAX).read(reader))
  },
)

const isFaultCode = (code: string): code is FaultCode => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(code)

// What is proven has the members of the premise that it proves.
const proven: Codec<ProvenPremise> = premise

const interactionIdField = id<'interaction'>()

export const partyInput: Codec<PartyInput> = union<PartyInput>({
  learn: struct({ is: literal('learn'), charter }),
  wish: struct({
    is: literal('wish'),
    operations: list(operation, OPERATIONS_MAX),
    premises: list(premise, PREMISES_MAX),
    legs: list(leg, LEGS_MAX),
    consents: list(consent, CONSENTS_MAX),
    attachments: list(bytes(ATTACHMENT_BYTES_MAX), ATTACHMENTS_MAX),
  }),
  message: struct({ is: literal('message'), bytes: bytes(MESSAGE_BYTES_MAX) }),
  decide: struct({ is: literal('decide'), interaction: interactionIdField, yes: flag }),
  signed: struct({
    is: literal('signed'),
    digest: fixedBytes(32),
    key: u8,
    signature: bytes(SIGNATURE_BYTES_MAX),
  }),
  proven: struct({
    is: literal('proven'),
    interaction: interactionIdField,
    proven: list(proven, PREMISES_MAX),
    grade,
  }),
  unproven: struct({ is: literal('unproven'), interaction: interactionIdField, fault }),
  withdraw: struct({ is: literal('withdraw') }),
  restored: struct({ is: literal('restored'), last: optional(lastVow) }),
  resend: struct({ is: literal('resend') }),
})

export const recordedInput: Codec<RecordedInput> = struct<RecordedInput>({
  env: struct<Env>({ now: u64, random: fixedBytes(32) }),
  input: partyInput,
})
