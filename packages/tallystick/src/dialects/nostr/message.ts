/**
 * What the kinds of this dialect share: their numbers, and reading tags and content that must say one thing.
 *
 * | kind | what | whose layout |
 * |---|---|---|
 * | 7500, 7501, 7502, 30078 | definition, input, key pack, snapshot | published |
 * | 1059 | gift wrap around any of the others | published |
 * | 7504 to 7511 | receipt, evidence, anchor, rejection, proof, change, acceptance, certified step | ours |
 * | 27504 | a message between custodians, which relays do not keep | ours |
 * | 37504 | a custodian's word on what is newest | ours |
 */
import { bytesFromUtf8 } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { DEFINITION_BYTES_MAX } from '../../base/limits.ts'
import { canonicalJson } from '../../forms/canonical-json.ts'
import { isHex, type NostrDraft, type NostrTag, tagsNamed } from '../../forms/nostr-event.ts'
import { isJsonObject, type Json, jsonFromText, type JsonObject } from '../../forms/strict-json.ts'

export const KINDS = {
  giftWrap: 1059,
  definition: 7500,
  input: 7501,
  keyPack: 7502,
  receipt: 7504,
  evidence: 7505,
  anchor: 7506,
  rejection: 7507,
  proof: 7508,
  change: 7509,
  acceptance: 7510,
  certifiedStep: 7511,
  vote: 27_504,
  snapshot: 30_078,
  heartbeat: 37_504,
} as const

/** Raises `nostr-message/wrong-kind`. */
export const expectKind = (of: Pick<NostrDraft, 'kind'>, kind: number): void => {
  if (of.kind === kind) return
  throw new Fault('nostr-message/wrong-kind', `kind ${of.kind} where ${kind} belongs`)
}

/** Values of the only tag of a name, its name left out. Raises `nostr-message/bad-tags` where there is none or several. */
export const onlyTag = (of: Pick<NostrDraft, 'tags'>, name: string): NostrTag => {
  const tags = tagsNamed(of, name)
  const [tag] = tags
  if (tag && tags.length === 1) return tag.slice(1)
  throw badTags(`${tags.length} tags "${name}" where one belongs`)
}

/** As `onlyTag`, where there may be none. */
export const optionalTag = (of: Pick<NostrDraft, 'tags'>, name: string): NostrTag | undefined =>
  tagsNamed(of, name).length === 0 ? undefined : onlyTag(of, name)

/** Raises `nostr-message/bad-tags` unless the text is an id or a key: 64 digits. */
export const asId = (text: string | undefined, what: string): string => {
  if (isHex(text, 64)) return text
  throw badTags(`${what} is no id`)
}

/** A number from 0 on in the one spelling. Raises `nostr-message/bad-tags`. */
export const asCount = (text: string | undefined, what: string): number => {
  const value = Number(text)
  if (text !== undefined && Number.isSafeInteger(value) && value >= 0 && String(value) === text) {
    return value
  }
  throw badTags(`${what} is no number from 0 on`)
}

/** The content as a JSON object. Raises `nostr-message/bad-content`. */
export const objectIn = (content: string, sizeMax: number = DEFINITION_BYTES_MAX): JsonObject => {
  const json = faultFrom(() => jsonFromText(content, sizeMax))
  if (isFault(json)) throw badContent(`${json.code}: ${json.message}`)
  if (isJsonObject(json)) return json
  throw badContent('the content is no object')
}

/** A text at a name of an object. Raises `nostr-message/bad-content`. */
export const textAt = (of: JsonObject, name: string): string => {
  const value = of[name]
  if (typeof value === 'string') return value
  throw badContent(`${name} is no text`)
}

/** Canonical JSON that fits into an event of ours. Raises `nostr-message/too-large`. */
export const contentFrom = (of: Json, sizeMax: number = DEFINITION_BYTES_MAX): string => {
  const content = canonicalJson(of)
  const size = bytesFromUtf8(content).length
  if (size <= sizeMax) return content
  throw new Fault('nostr-message/too-large', `${size} bytes of content, at most ${sizeMax}`)
}

export const badTags = (why: string): Fault => new Fault('nostr-message/bad-tags', why)

export const badContent = (why: string): Fault => new Fault('nostr-message/bad-content', why)
