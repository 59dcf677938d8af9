/**
 * Messages between custodians, kind 27504: proposals, holds and candidates on their way. Relays hand them on and keep none of them; what
 * lasts are receipts.
 *
 * Promise. The bytes that one custodian sent are those that the other reads, also where they come in several events, in any order, with
 * repeats. What they say is signed inside, so nothing rests on this event but whom to answer.
 *
 * Not promised. That a message arrives: relays lose what they do not keep, and custodians say again what is not settled.
 *
 * | part | what |
 * |---|---|
 * | content | hexadecimal of the message in the codec of the custodians' model, or of a share of it |
 * | `["e", machine]` | the machine |
 * | `["p", key]` | to whom, once for each; none for all |
 * | `["part", hash, position, count]` | where the message has several shares: SHA-256 of the whole, position from 0 on |
 */
import { bytesFromHex, concatBytes, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { VOTE_PARTS_MAX, VOTE_SHARE_BYTES, VOTES_UNFINISHED_MAX } from '../../base/limits.ts'
import { sha256 } from '../../base/sha256.ts'
import { type NostrDraft, type NostrTag, tagsNamed } from '../../forms/nostr-event.ts'
import {
  asCount,
  asId,
  badContent,
  badTags,
  expectKind,
  KINDS,
  onlyTag,
  optionalTag,
} from './message.ts'

export type NostrVote = {
  readonly machine: string
  readonly sender: string
  readonly to: readonly string[]
  readonly message: Uint8Array
}

/** One event's share of a message. */
export type VoteShare = Omit<NostrVote, 'message'> & {
  readonly share: Uint8Array
  /** Missing where the share is the whole message. */
  readonly part: Part | undefined
}

type Part = { readonly hash: string; readonly position: number; readonly count: number }

/** As many events as the message needs. Raises `nostr-message/too-large` for more than a message may have. */
export const voteDrafts = (of: NostrVote, now: number): readonly NostrDraft[] => {
  const { message } = of
  const count = Math.max(1, Math.ceil(message.length / VOTE_SHARE_BYTES))
  if (count > VOTE_PARTS_MAX) {
    throw new Fault('nostr-message/too-large', `${message.length} bytes in ${count} events`)
  }
  const hash = hexFromBytes(sha256(message))
  return Array.from({ length: count }, (_, position) => {
    const from = position * VOTE_SHARE_BYTES
    const parts: readonly NostrTag[] =
      count === 1 ? [] : [['part', hash, String(position), String(count)]]
    return {
      pubkey: of.sender,
      created_at: now,
      kind: KINDS.vote,
      tags: [['e', of.machine], ...of.to.map((key): NostrTag => ['p', key]), ...parts],
      content: hexFromBytes(message.subarray(from, from + VOTE_SHARE_BYTES)),
    }
  })
}

/** Reads one event. Raises faults of `nostr-message/…`. */
export const voteShareFrom = (event: NostrDraft): VoteShare => {
  expectKind(event, KINDS.vote)
  const share = faultFrom(() => bytesFromHex(event.content))
  if (isFault(share)) throw badContent(share.message)
  if (share.length > VOTE_SHARE_BYTES) throw badContent(`${share.length} bytes in one share`)
  return {
    machine: asId(onlyTag(event, 'e')[0], 'the machine'),
    sender: event.pubkey,
    to: tagsNamed(event, 'p').map(([, key]) => asId(key, 'a custodian')),
    share,
    part: partIn(event),
  }
}

/** Shares of messages that are not whole yet, the oldest first. */
export type VotesUnderway = readonly {
  readonly from: string
  readonly part: Part
  readonly shares: ReadonlyMap<number, Uint8Array>
}[]

/**
 * Adds a share. `message` is there once the last one has come; what its shares do not hash to is dropped. Of one sender the last few
 * unfinished messages are kept, so that nobody fills the memory of another, or pushes out what another has sent.
 */
export const gatherVote = (
  underway: VotesUnderway,
  of: VoteShare,
): { readonly underway: VotesUnderway; readonly message: Uint8Array | undefined } => {
  const { part, share, sender, machine } = of
  if (!part) return { underway, message: share }
  const from = `${sender} ${machine}`
  const isSame = (one: VotesUnderway[number]): boolean =>
    one.from === from && one.part.hash === part.hash && one.part.count === part.count
  const shares = new Map(underway.find(isSame)?.shares)
  if (!shares.has(part.position)) shares.set(part.position, share)
  const others = underway.filter((one) => !isSame(one))
  if (shares.size < part.count) {
    const own = others.filter((one) => one.from === from).slice(1 - VOTES_UNFINISHED_MAX)
    const foreign = others.filter((one) => one.from !== from)
    return { underway: [...foreign, ...own, { from, part, shares }], message: undefined }
  }
  const whole = concatBytes(...[...shares].sort(([a], [b]) => a - b).map(([, bytes]) => bytes))
  const isWhole = hexFromBytes(sha256(whole)) === part.hash
  return { underway: others, message: isWhole ? whole : undefined }
}

const partIn = (event: NostrDraft): Part | undefined => {
  const tag = optionalTag(event, 'part')
  if (!tag) return undefined
  const part = {
    hash: asId(tag[0], 'the hash of the whole'),
    position: asCount(tag[1], 'the position of a share'),
    count: asCount(tag[2], 'the number of shares'),
  }
  if (part.position < part.count && part.count <= VOTE_PARTS_MAX) return part
  throw badTags(`share ${part.position} of ${part.count}`)
}
