/**
 * Messages between custodians, kind 27504: proposals, holds and candidates on their way. Relays hand them on and keep none of them; what
 * lasts are receipts.
 *
 * Promise. The bytes that one custodian sent are those that the other reads. What they say is signed inside, so nothing rests on
 * this event but whom to answer.
 *
 * | part | what |
 * |---|---|
 * | content | hexadecimal of the message, in the codec of the custodians' model |
 * | `["e", machine]` | the machine |
 * | `["p", key]` | to whom, once for each; none for all |
 */
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { DEFINITION_BYTES_MAX } from '../../base/limits.ts'
import { type NostrDraft, type NostrTag, tagsNamed } from '../../forms/nostr-event.ts'
import { asId, badContent, expectKind, KINDS, onlyTag } from './message.ts'

export type NostrVote = {
  readonly machine: string
  readonly sender: string
  readonly to: readonly string[]
  readonly message: Uint8Array
}

/** Raises `nostr-message/too-large` for a message that relays would not hand on. */
export const voteDraft = (of: NostrVote, now: number): NostrDraft => {
  const content = hexFromBytes(of.message)
  if (content.length > DEFINITION_BYTES_MAX) {
    throw new Fault('nostr-message/too-large', `${content.length} characters of one message`)
  }
  return {
    pubkey: of.sender,
    created_at: now,
    kind: KINDS.vote,
    tags: [['e', of.machine], ...of.to.map((key): NostrTag => ['p', key])],
    content,
  }
}

/** Raises faults of `nostr-message/…`. */
export const voteFrom = (event: NostrDraft): NostrVote => {
  expectKind(event, KINDS.vote)
  const message = faultFrom(() => bytesFromHex(event.content))
  if (isFault(message)) throw badContent(message.message)
  return {
    machine: asId(onlyTag(event, 'e')[0], 'the machine'),
    sender: event.pubkey,
    to: tagsNamed(event, 'p').map(([, key]) => asId(key, 'a custodian')),
    message,
  }
}
