/**
 * An owner's inputs as bytes: what a shell writes down so that the state can be made again by folding the role over them.
 * Local storage, never sent to anybody.
 *
 * A machine that a step refers to is kept as its charter: it is looked at as it began, which is all that a reference needs.
 */
import {
  bytes,
  type Codec,
  list,
  literal,
  optional,
  struct,
  text,
  u64,
  union,
} from '../../base/codec.ts'
import { isFault } from '../../base/fault.ts'
import {
  CERTIFICATE_BYTES_MAX,
  CONSENTS_MAX,
  LEGS_MAX,
  OPERATIONS_MAX,
  PREMISES_MAX,
  SIGNATURE_BYTES_MAX,
} from '../../base/limits.ts'
import { charter, type Charter } from '../../kernel/charter.ts'
import { consent } from '../../kernel/consent.ts'
import { type Machine, openMachine } from '../../kernel/execute.ts'
import { interaction, operation, premise } from '../../kernel/interaction.ts'
import type { LogicRegistry } from '../../kernel/logic.ts'
import type { TransitionId } from '../../base/brand.ts'
import { transition } from '../../kernel/transition.ts'
import { type Vow, vowOf } from '../../kernel/vow.ts'
import { type OwnerInput, type OwnerState, type OwnerStep, ownerVote } from './owner.ts'

type Without<Input extends OwnerInput> = Omit<Input, 'beside'> & {
  readonly beside: readonly Charter[]
}

/** An input as it is written down. */
export type OwnerRecord =
  | Without<Extract<OwnerInput, { is: 'wish' }>>
  | Without<Extract<OwnerInput, { is: 'adopt' }>>
  | Extract<OwnerInput, { is: 'signed' | 'certified' }>

const beside = list(charter, LEGS_MAX)

const ownerStep: Codec<OwnerStep> = struct<OwnerStep>({
  interaction,
  transition,
  consents: list(consent, CONSENTS_MAX),
  signature: optional(bytes(SIGNATURE_BYTES_MAX)),
  certificate: optional(bytes(CERTIFICATE_BYTES_MAX)),
})

export const ownerRecord: Codec<OwnerRecord> = union<OwnerRecord>({
  wish: struct({
    is: literal('wish'),
    operations: list(operation, OPERATIONS_MAX),
    premises: list(premise, PREMISES_MAX),
    // What is proven has the members of the premise that it proves.
    proven: list(premise, PREMISES_MAX),
    beside,
    consents: list(consent, CONSENTS_MAX),
  }),
  signed: struct({
    is: literal('signed'),
    digest: text(64),
    signature: bytes(SIGNATURE_BYTES_MAX),
  }),
  certified: struct({
    is: literal('certified'),
    sequence: u64,
    certificate: bytes(CERTIFICATE_BYTES_MAX),
  }),
  adopt: struct({ is: literal('adopt'), step: ownerStep, beside }),
})

export const recordFromInput = (input: OwnerInput): OwnerRecord =>
  'beside' in input ? { ...input, beside: input.beside.map((one) => one.charter) } : input

/** Raises the fault of a charter whose logic is not known here. */
export const inputFromRecord = (of: OwnerRecord, logics: LogicRegistry): OwnerInput =>
  'beside' in of ? { ...of, beside: of.beside.map((one) => opened(one, logics)) } : of

const opened = (of: Charter, logics: LogicRegistry): Machine => {
  const machine = openMachine(of, logics)
  if (isFault(machine)) throw machine
  return machine
}

/** The vow for the newest step, with the parent it was taken under: what a guard remembers. */
export const lastOwnerVow = (
  of: OwnerState,
): { readonly parent: TransitionId; readonly sequence: bigint; readonly vow: Vow } | undefined => {
  const last = of.steps.at(-1)?.transition
  if (!last) return undefined
  const vow = vowOf(of.machine.terms.suite, ownerVote(last))
  return { parent: last.parent, sequence: last.sequence - 1n, vow }
}
