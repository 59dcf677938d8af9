/**
 * What a charter says about its statechart: the definition as agreed, who has which role, whose time counts, and which
 * oracles may be quoted. The definition is kept as the text that was agreed on, byte for byte, and read when the machine
 * begins.
 *
 * Wire.
 *
 * | bytes | field | |
 * |---|---|---|
 * | u32, … | definition | UTF-8 of a definition in JSON, at most 48 KiB |
 * | u8 | names | what guards and actions that are only named mean: 0 nothing, they are refused; 1 those of deliveries |
 * | text | creator | whose machine it is, for `machine.creator` |
 * | list | roles | each a text and a list of texts: the role, and the senders that have it |
 * | u8, … | clock | 0 none; 1 agreed and u32, the skew in milliseconds; 2 machine and its id, 32 |
 * | u64 | startsAt | milliseconds since 1970 at which the machine begins; 0 where there is no clock |
 * | list | oracles | each a text, a machine 32, the suite of that machine u8 and the position of its logic u8 |
 * | u8, … | nostr | 0; or 1, the id of the event that defines the machine 32, and u8: 0 anyone may send, 1 participants may |
 */
import type { Id, MachineId } from '../../base/brand.ts'
import { bytesFromUtf8, utf8FromBytes } from '../../base/bytes.ts'
import {
  bytes,
  choice,
  type Codec,
  id,
  list,
  literal,
  mapped,
  optional,
  struct,
  text,
  u32,
  u64,
  u8,
  union,
} from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import {
  DEFINITION_BYTES_MAX,
  NAME_BYTES_MAX,
  ORACLES_MAX,
  PARTICIPANTS_MAX,
  ROLES_MAX,
} from '../../base/limits.ts'
import { suite, type SuiteId } from '../../base/suite.ts'
import type { Millis } from '../../kernel/verdict.ts'

/** A role and the senders that have it: names of participants or, on Nostr, public keys in hexadecimal. */
export type Role = { readonly role: string; readonly senders: readonly string[] }

/** Whose time an event's `now` is. */
export type Clock =
  /** Nobody's: `now` is 0, and nothing that waits for a time ever happens. */
  | { readonly is: 'none' }
  /** Each step claims a time, and who certifies it agrees within `skewMs` of a clock of its own. */
  | { readonly is: 'agreed'; readonly skewMs: number }
  /** What certificates of this machine attest, shown as a premise. */
  | { readonly is: 'machine'; readonly machine: MachineId }

/** A machine with an `oracle/1` at this position, under the name by which the definition quotes it. */
export type Oracle = {
  readonly name: string
  readonly machine: MachineId
  readonly suite: SuiteId
  readonly logic: number
}

export type NostrUse = {
  /** The event that defines the machine; `machine.id` in expressions. */
  readonly id: Id<'nostr-event'>
  /** Whose inputs are looked at at all. Guards decide about the rest. */
  readonly senders: 'anyone' | 'participants'
}

export type StatechartParams = {
  readonly definition: string
  /** Which closed list gives meaning to guards and actions that a definition only names (`names.ts`). */
  readonly names: 'none' | 'delivery'
  readonly creator: string
  readonly roles: readonly Role[]
  readonly clock: Clock
  readonly startsAt: Millis
  readonly oracles: readonly Oracle[]
  readonly nostr: NostrUse | undefined
}

/** Text of any characters: foreign events are signed with theirs. Where it is shown, the shell makes marks harmless. */
export const anyText = (sizeMax: number): Codec<string> =>
  mapped(bytes(sizeMax), utf8FromBytes, (value) => {
    if (value.isWellFormed()) return bytesFromUtf8(value)
    throw new Fault('text/not-utf8', 'an unpaired surrogate')
  })

const name = text(NAME_BYTES_MAX)

export const statechartParams: Codec<StatechartParams> = struct<StatechartParams>({
  definition: anyText(DEFINITION_BYTES_MAX),
  names: choice<StatechartParams['names']>(['none', 'delivery']),
  creator: name,
  roles: list(struct<Role>({ role: name, senders: list(name, PARTICIPANTS_MAX) }), ROLES_MAX),
  clock: union<Clock>({
    none: struct({ is: literal('none') }),
    agreed: struct({ is: literal('agreed'), skewMs: u32 }),
    machine: struct({ is: literal('machine'), machine: id<'machine'>() }),
  }),
  startsAt: u64,
  oracles: list(struct<Oracle>({ name, machine: id<'machine'>(), suite, logic: u8 }), ORACLES_MAX),
  nostr: optional(
    struct<NostrUse>({
      id: id<'nostr-event'>(),
      senders: choice<NostrUse['senders']>(['anyone', 'participants']),
    }),
  ),
})
