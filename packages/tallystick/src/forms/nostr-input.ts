/**
 * Inputs to a machine as events of Nostr, kind 7501: what a participant signs with any client to move a machine.
 *
 * Promise. An event is read as one input or refused with a fault that says why. It names exactly one machine, one event type and at
 * most one input before it. Its content is nothing or one JSON object, and no member of that object can pass for what is known of
 * the event itself: who sent it, when, under which id.
 *
 * Not promised. That the input before it is the last one, or that the machine knows the event type: that takes the machine's
 * state. `created_at` is what the author says.
 *
 * | part | what |
 * |---|---|
 * | content | empty, or a JSON object: the event's data |
 * | `["e", machine]` | id of the event that defines the machine; exactly one |
 * | `["t", type]` | event type; exactly one |
 * | `["transition", input]` | id of the last accepted input; at most one, and missing only on the first input |
 * | `["answer", oracle, question, answer]` | what an oracle of the machine has said, in the order in which it is quoted |
 *
 * Other tags are let through, except `expiration` and `-`: an event that relays forget, or that only its author may hand on,
 * could not be shown to somebody who checks the machine later.
 */
import { bytesFromUtf8 } from '../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { ANSWERS_MAX, EVENT_DATA_BYTES_MAX } from '../base/limits.ts'
import { isHex, type NostrDraft, type NostrTag, tagsNamed } from './nostr-event.ts'
import { isJsonObject, jsonFromText, type JsonObject } from './strict-json.ts'

export const INPUT_KIND = 7501

export type NostrInput = {
  /** Id of the event that defines the machine. */
  readonly machine: string
  readonly type: string
  /** Id of the last accepted input that the author saw; missing on the first. */
  readonly parent: string | undefined
  /** Missing where the content is empty. */
  readonly data: JsonObject | undefined
  /** What its author quotes. Whether it was said is for whoever takes the input to see. */
  readonly answers: readonly QuotedAnswer[]
}

export type QuotedAnswer = {
  /** Its name in the charter. */
  readonly oracle: string
  readonly question: string
  readonly answer: string
}

/** What a machine knows about an event itself; data that had such a member could be taken for it. */
export const RESERVED_NAMES: readonly string[] = [
  'type',
  'sender',
  'inputterPubKey',
  'id',
  'at',
  'now',
]

/**
 * Reads an input, cheap before dear; the signature is not looked at. Raises `nostr-input/wrong-kind`, `nostr-input/too-large`,
 * `nostr-input/not-lasting`, `nostr-input/bad-tags`, `nostr-input/bad-payload` or `nostr-input/reserved-name`, and
 * `nostr-input/other-machine` where a machine is expected and the event names another.
 */
export const nostrInputFrom = (
  event: Pick<NostrDraft, 'kind' | 'tags' | 'content'>,
  expected?: string,
): NostrInput => {
  if (event.kind !== INPUT_KIND) {
    throw new Fault('nostr-input/wrong-kind', `kind ${event.kind} where ${INPUT_KIND} belongs`)
  }
  const size = bytesFromUtf8(event.content).length
  if (size > EVENT_DATA_BYTES_MAX) {
    throw new Fault('nostr-input/too-large', `${size} bytes, at most ${EVENT_DATA_BYTES_MAX}`)
  }
  const passing = event.tags.find(([name]) => name === 'expiration' || name === '-')
  if (passing) throw new Fault('nostr-input/not-lasting', `the event has a tag "${passing[0]}"`)
  const machine = idIn(tagsNamed(event, 'e'), 'e')
  const parent = idIn(tagsNamed(event, 'transition'), 'transition')
  const [type, ...others] = tagsNamed(event, 't').map((tag) => tag[1] ?? '')
  if (machine === undefined) throw badTags('no tag "e" names a machine')
  if (type === undefined || type === '' || others.length > 0) {
    throw badTags(`${others.length + (type === undefined ? 0 : 1)} event types where one belongs`)
  }
  if (expected !== undefined && machine !== expected) {
    throw new Fault('nostr-input/other-machine', `it is for ${machine}`, { machine: expected })
  }
  return { machine, type, parent, data: dataFrom(event.content), answers: answersIn(event) }
}

/** The draft of an input, for whatever signs the author's events. Raises what `nostrInputFrom` raises. */
export const inputDraft = (of: {
  readonly input: Omit<NostrInput, 'data' | 'answers'> & Partial<Pick<NostrInput, 'answers'>>
  /** JSON of an object, or nothing. */
  readonly data: string
  readonly pubkey: string
  readonly created_at: number
}): NostrDraft => {
  const { machine, type, parent, answers = [] } = of.input
  const link: readonly NostrTag[] = parent === undefined ? [] : [['transition', parent]]
  const draft: NostrDraft = {
    pubkey: of.pubkey,
    created_at: of.created_at,
    kind: INPUT_KIND,
    tags: [
      ['e', machine],
      ['t', type],
      ...link,
      ...answers.map(({ oracle, question, answer }) => ['answer', oracle, question, answer]),
    ],
    content: of.data,
  }
  nostrInputFrom(draft)
  return draft
}

const answersIn = (event: Pick<NostrDraft, 'tags'>): readonly QuotedAnswer[] => {
  const tags = tagsNamed(event, 'answer')
  if (tags.length > ANSWERS_MAX) throw badTags(`${tags.length} answers, at most ${ANSWERS_MAX}`)
  return tags.map(([, oracle, question, answer, ...others]) => {
    if (
      oracle === undefined ||
      question === undefined ||
      answer === undefined ||
      others.length > 0
    ) {
      throw badTags('a tag "answer" that is not an oracle, a question and an answer')
    }
    return { oracle, question, answer }
  })
}

/** The id in the only tag of a name; undefined where there is no such tag. */
const idIn = (tags: readonly NostrTag[], name: string): string | undefined => {
  const [first, second] = tags
  if (second) throw badTags(`${tags.length} tags "${name}" where one belongs`)
  if (first && !isHex(first[1], 64)) throw badTags(`a tag "${name}" without an id`)
  return first?.[1]
}

const dataFrom = (content: string): JsonObject | undefined => {
  if (content === '') return undefined
  const json = faultFrom(() => jsonFromText(content, EVENT_DATA_BYTES_MAX))
  if (isFault(json)) throw new Fault('nostr-input/bad-payload', `${json.code}: ${json.message}`)
  if (!isJsonObject(json)) throw new Fault('nostr-input/bad-payload', 'the content is no object')
  const reserved = RESERVED_NAMES.find((name) => json[name] !== undefined)
  if (reserved === undefined) return json
  throw new Fault('nostr-input/reserved-name', `the content sets "${reserved}"`)
}

const badTags = (why: string): Fault => new Fault('nostr-input/bad-tags', why)
