/**
 * Events of Nostr (NIP-01): what its relays carry and its wallets sign.
 *
 * Promise. A text is read as one event or refused, with a fault that says why. What is read has the seven members and no other, ids
 * and keys in the one spelling, and an id that is the hash of what it says. `checkNostrEvent` computes the id again and checks
 * the signature, each time: nothing is remembered on the object, so an event that somebody changed after it was checked fails.
 *
 * Not promised. That `created_at` is true, or that two events of one author are in their order: the author writes both.
 *
 * The id is the SHA-256 of the JSON of `[0, pubkey, created_at, kind, tags, content]` without blanks. Implementations differ on
 * control characters that have no short escape and on unpaired surrogates: an event with either would have one id here and
 * another there. So neither is read or made (a tab, a line feed and the other short escapes are fine).
 */
import { bytesFromHex, bytesFromUtf8, hexFromBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import {
  NOSTR_EVENT_BYTES_MAX,
  NOSTR_TAG_PARTS_MAX,
  NOSTR_TAG_VALUE_BYTES_MAX,
  NOSTR_TAGS_MAX,
} from '../base/limits.ts'
import { sha256 } from '../base/sha256.ts'
import { schemeRules } from '../base/suite.ts'
import type { Signer, Verifier } from '../base/verifier.ts'
import {
  type Json,
  jsonCount,
  jsonFromText,
  jsonList,
  jsonObjectWith,
  jsonText,
} from './strict-json.ts'

export type NostrTag = readonly string[]

/** What is signed. The names are those of the protocol. */
export type NostrDraft = {
  /** 64 digits: the author's key, x-only. */
  readonly pubkey: string
  /** Seconds since 1970, as the author says. */
  readonly created_at: number
  readonly kind: number
  readonly tags: readonly NostrTag[]
  readonly content: string
}

export type NostrEvent = NostrDraft & {
  /** 64 digits. */
  readonly id: string
  /** 128 digits. */
  readonly sig: string
}

/**
 * Reads an event. Raises `nostr-event/too-large`, `nostr-event/malformed`, `nostr-event/control-character`,
 * `nostr-event/wrong-id`, and what `jsonFromText` raises. The signature is not checked yet.
 */
export const nostrEventFromText = (
  text: string,
  sizeMax: number = NOSTR_EVENT_BYTES_MAX,
): NostrEvent => {
  const size = bytesFromUtf8(text).length
  if (size > sizeMax) throw tooLarge(`${size} bytes where at most ${sizeMax} are read`)
  return nostrEventFromJson(jsonFromText(text, sizeMax))
}

/** As `nostrEventFromText`, of JSON that was read already: an event within an event. */
export const nostrEventFromJson = (json: Json | undefined): NostrEvent => {
  const of = jsonObjectWith(json, MEMBERS, 'an event')
  const event = {
    id: hexDigits(of.id, 64, 'id'),
    pubkey: hexDigits(of.pubkey, 64, 'pubkey'),
    created_at: jsonCount(of.created_at, 'created_at'),
    kind: jsonCount(of.kind, 'kind'),
    tags: tagsFrom(of.tags),
    content: jsonText(of.content, 'content'),
    sig: hexDigits(of.sig, 128, 'sig'),
  }
  const fault = checkDraft(event) ?? checkId(event)
  if (fault) throw fault
  return event
}

/** The event as relays take it. */
export const textFromNostrEvent = (of: NostrEvent): string =>
  JSON.stringify({
    id: of.id,
    pubkey: of.pubkey,
    created_at: of.created_at,
    kind: of.kind,
    tags: of.tags,
    content: of.content,
    sig: of.sig,
  })

/** The id of what it says: 64 digits. */
export const nostrEventId = (of: NostrDraft): string =>
  hexFromBytes(
    sha256(
      bytesFromUtf8(JSON.stringify([0, of.pubkey, of.created_at, of.kind, of.tags, of.content])),
    ),
  )

/**
 * Whether the author signed exactly this. Returns `nostr-event/wrong-id` or `nostr-event/bad-signature`, and what the form
 * forbids (`checkNostrDraft`) for an event that was not read by `nostrEventFromText`.
 */
export const checkNostrEvent = (
  of: NostrEvent,
  verifier: Pick<Verifier, 'verify'>,
): Fault | undefined => {
  const fault = checkDraft(of) ?? checkId(of)
  if (fault) return fault
  if (!isHex(of.sig, 128)) return malformed('sig is not 128 digits')
  const [key, id, sig] = [of.pubkey, of.id, of.sig].map(bytesFromHex)
  if (key && id && sig && verifier.verify('bip340', key, id, sig)) return undefined
  return new Fault('nostr-event/bad-signature', `the signature on ${of.id} is not by ${of.pubkey}`)
}

/**
 * Whether we may make such an event. Beyond what is refused when one is read, a value of a tag has at most
 * `NOSTR_TAG_VALUE_BYTES_MAX` bytes, since relays refuse longer ones. Returns `nostr-event/malformed`,
 * `nostr-event/too-large` or `nostr-event/control-character`.
 */
export const checkNostrDraft = (of: NostrDraft): Fault | undefined => {
  const fault = checkDraft(of)
  if (fault) return fault
  const long = of.tags.flat().find((value) => sizeOf(value) > NOSTR_TAG_VALUE_BYTES_MAX)
  return long === undefined
    ? undefined
    : tooLarge(
        `a tag has ${sizeOf(long)} bytes in one value, relays keep ${NOSTR_TAG_VALUE_BYTES_MAX}`,
      )
}

/** Signs what the key's owner wants to say. Raises what `checkNostrDraft` returns, and `nostr-event/malformed` for another's key. */
export const signNostrEvent = (draft: NostrDraft, signer: Signer): NostrEvent => {
  if (signer.scheme !== 'bip340' || hexFromBytes(signer.publicKey) !== draft.pubkey) {
    throw malformed(`the draft is by ${draft.pubkey}, which is not the key that signs`)
  }
  const fault = checkNostrDraft(draft)
  if (fault) throw fault
  const id = nostrEventId(draft)
  return { ...draft, id, sig: hexFromBytes(signer.sign(bytesFromHex(id))) }
}

/** All tags of a name, in their order. */
export const tagsNamed = (of: Pick<NostrDraft, 'tags'>, name: string): readonly NostrTag[] =>
  of.tags.filter(([first]) => first === name)

/** Whether the text spells so many bytes as the protocol does: digits and the letters a to f. */
export const isHex = (text: string | undefined, digits: number): text is string =>
  text !== undefined && text.length === digits && /^[0-9a-f]*$/.test(text)

const MEMBERS = ['id', 'pubkey', 'created_at', 'kind', 'tags', 'content', 'sig'] as const
const KIND_MAX = 65_535

const tagsFrom = (json: Json): readonly NostrTag[] =>
  jsonList(json, 'tags').map((tag) =>
    jsonList(tag, 'a tag').map((value) => jsonText(value, 'a value of a tag')),
  )

const hexDigits = (json: Json, digits: number, what: string): string => {
  const text = jsonText(json, what)
  if (!isHex(text, digits)) throw malformed(`${what} is not ${digits} digits in lower case`)
  return text
}

const checkDraft = (of: NostrDraft): Fault | undefined => {
  if (!isHex(of.pubkey, 2 * schemeRules('bip340').publicKeyBytes)) {
    return malformed('pubkey is not 64 digits in lower case')
  }
  if (!isWhole(of.created_at, Number.MAX_SAFE_INTEGER)) return malformed('created_at is no time')
  if (!isWhole(of.kind, KIND_MAX)) return malformed(`${of.kind} is no kind`)
  return checkTags(of.tags) ?? checkTexts([of.content, ...of.tags.flat()])
}

const checkTags = (tags: readonly NostrTag[]): Fault | undefined => {
  if (tags.length > NOSTR_TAGS_MAX) return tooLarge(`${tags.length} tags`)
  for (const tag of tags) {
    if (tag.length === 0) return malformed('a tag without a name')
    if (tag.length > NOSTR_TAG_PARTS_MAX) return tooLarge(`${tag.length} values in one tag`)
  }
  return undefined
}

const checkTexts = (texts: readonly string[]): Fault | undefined => {
  let size = 0
  for (const text of texts) {
    // Those without a short escape: 08, 09, 0a, 0c and 0d have one.
    // oxlint-disable-next-line no-control-regex
    if (/[\0-\x07\x0b\x0e-\x1f]/.test(text) || !text.isWellFormed()) {
      return new Fault(
        'nostr-event/control-character',
        'a control character or an unpaired surrogate, over which ids differ between programs',
      )
    }
    size += sizeOf(text)
  }
  return size > NOSTR_EVENT_BYTES_MAX
    ? tooLarge(`${size} bytes in content and tags, at most ${NOSTR_EVENT_BYTES_MAX} are taken`)
    : undefined
}

const checkId = (of: NostrEvent): Fault | undefined => {
  const id = nostrEventId(of)
  return id === of.id
    ? undefined
    : new Fault('nostr-event/wrong-id', `it says ${of.id} and hashes to ${id}`)
}

const isWhole = (value: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= max

const sizeOf = (text: string): number => bytesFromUtf8(text).length

const malformed = (why: string): Fault => new Fault('nostr-event/malformed', why)

const tooLarge = (why: string): Fault => new Fault('nostr-event/too-large', why)
