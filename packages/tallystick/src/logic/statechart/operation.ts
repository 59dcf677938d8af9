/**
 * Operations of a statechart: one input each, in one of two dresses.
 *
 * `event` is the input of a participant, whose consent is the kernel's own signature on the interaction. `nostr` holds a
 * whole signed Nostr event; its signature is the sender's consent, so it can be carried into whatever interaction is made
 * of it, and what keeps it from being used twice is written inside it (docs/decisions/0017).
 *
 * Wire. A u8 tag, then the fields.
 *
 * | tag | operation | fields |
 * |---|---|---|
 * | 0 | event | party text, type text, data: canonical JSON or nothing, at u64, answers |
 * | 1 | nostr | pubkey 32, created_at u32, kind u32, tags: list of lists of UTF-8, content UTF-8, sig 64; at u64, answers |
 *
 * Answers are a list of oracle text, question text, answer UTF-8. `at` is the time that the step claims, in milliseconds
 * since 1970, and 0 where the charter has no clock. An event's id is not written: it follows from the other fields.
 */
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import {
  type Codec,
  fixedBytes,
  list,
  literal,
  mapped,
  struct,
  text,
  u32,
  u64,
  union,
} from '../../base/codec.ts'
import {
  ANSWER_BYTES_MAX,
  ANSWERS_MAX,
  EVENT_DATA_BYTES_MAX,
  EVENT_TYPE_BYTES_MAX,
  INPUT_TAG_VALUES_MAX,
  INPUT_TAGS_MAX,
  NAME_BYTES_MAX,
  NOSTR_TAG_VALUE_BYTES_MAX,
  QUESTION_BYTES_MAX,
} from '../../base/limits.ts'
import { jsonFromCanonical } from '../../forms/canonical-json.ts'
import type { NostrEvent } from '../../forms/nostr-event.ts'
import type { QuotedAnswer } from '../../forms/nostr-input.ts'
import type { Operation } from '../../kernel/interaction.ts'
import type { Prefix } from '../../kernel/logic.ts'
import type { Millis } from '../../kernel/verdict.ts'
import { anyText } from './params.ts'

/** What an oracle has answered, as one of the interaction's premises proves it. */
export type Answer = QuotedAnswer

/** A Nostr event without its id, which follows. */
export type SignedInput = Omit<NostrEvent, 'id'>

export type StatechartOperation =
  | {
      readonly is: 'event'
      /** The participant who sends it, and consents. */
      readonly party: string
      readonly type: string
      /** Canonical JSON of an object; empty for none. */
      readonly data: string
      readonly at: Millis
      readonly answers: readonly Answer[]
    }
  | {
      readonly is: 'nostr'
      readonly event: SignedInput
      readonly at: Millis
      readonly answers: readonly Answer[]
    }

const hex = (size: number): Codec<string> => mapped(fixedBytes(size), hexFromBytes, bytesFromHex)

/** Data in any but its canonical spelling is refused: one input has one operation. */
const data: Codec<string> = mapped(
  anyText(EVENT_DATA_BYTES_MAX),
  (value) => {
    if (value !== '') jsonFromCanonical(value, EVENT_DATA_BYTES_MAX)
    return value
  },
  (value) => value,
)

const answers: Codec<readonly Answer[]> = list(
  struct<Answer>({
    oracle: text(NAME_BYTES_MAX),
    question: text(QUESTION_BYTES_MAX),
    answer: anyText(ANSWER_BYTES_MAX),
  }),
  ANSWERS_MAX,
)

const signedInput: Codec<SignedInput> = struct<SignedInput>({
  pubkey: hex(32),
  created_at: u32,
  kind: u32,
  tags: list(list(anyText(NOSTR_TAG_VALUE_BYTES_MAX), INPUT_TAG_VALUES_MAX), INPUT_TAGS_MAX),
  content: anyText(EVENT_DATA_BYTES_MAX),
  sig: hex(64),
})

export const statechartOperation: Codec<StatechartOperation> = union<StatechartOperation>({
  event: struct({
    is: literal('event'),
    party: text(NAME_BYTES_MAX),
    type: text(EVENT_TYPE_BYTES_MAX),
    data,
    at: u64,
    answers,
  }),
  nostr: struct({ is: literal('nostr'), event: signedInput, at: u64, answers }),
})

export const operationOnStatechart = (statechart: Prefix, of: StatechartOperation): Operation => ({
  machine: statechart.machine,
  logic: statechart.logic,
  argument: statechartOperation.encode(of),
})
