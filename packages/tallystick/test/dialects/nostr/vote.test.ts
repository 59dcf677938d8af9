import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VOTE_PARTS_MAX, VOTE_SHARE_BYTES } from '../../../src/base/limits.ts'
import {
  gatherVote,
  type NostrVote,
  voteDrafts,
  type VotesUnderway,
  type VoteShare,
  voteShareFrom,
} from '../../../src/dialects/nostr/vote.ts'
import { codeOf, custodian, MACHINE_EVENT, NOW } from './sample.ts'

const vote: NostrVote = {
  machine: MACHINE_EVENT,
  sender: custodian(0).key,
  to: [custodian(1).key, custodian(2).key],
  message: Uint8Array.of(1, 2, 3),
}
const messageOf = (size: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => (at * seed) & 255)
const sharesOf = (of: Partial<NostrVote>): readonly VoteShare[] =>
  voteDrafts({ ...vote, ...of }, NOW).map(voteShareFrom)
/** The messages that come out of these shares, and what is left. */
const gathered = (
  shares: readonly VoteShare[],
): { readonly messages: readonly Uint8Array[]; readonly left: VotesUnderway } => {
  const messages: Uint8Array[] = []
  let underway: VotesUnderway = []
  for (const one of shares) {
    const next = gatherVote(underway, one)
    underway = next.underway
    if (next.message) messages.push(next.message)
  }
  return { messages, left: underway }
}
const [draft] = voteDrafts(vote, NOW)
if (!draft) throw new Error('one event holds it')

describe('a message between custodians', () => {
  test('is read as it was written, and of a kind that relays do not keep', () => {
    expect(voteShareFrom(draft)).toEqual({
      machine: vote.machine,
      sender: vote.sender,
      to: vote.to,
      share: vote.message,
      part: undefined,
    })
    expect(sharesOf({ to: [] })[0]?.to).toEqual([])
    expect(draft.kind >= 20_000 && draft.kind < 30_000).toBe(true)
  })

  test('that is large comes in several events, in any order and with repeats', () => {
    const message = messageOf(3 * VOTE_SHARE_BYTES + 1)
    const shares = sharesOf({ message })
    expect(shares).toHaveLength(4)
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 0, 1, 2, 3], { minLength: 8 }), (order) => {
        const { messages } = gathered(order.flatMap((at) => shares[at] ?? []))
        expect(messages[0]).toEqual(message)
      }),
      { numRuns: 30 },
    )
  })

  test('is not there while a share is missing, nor made of shares of two', () => {
    const message = messageOf(2 * VOTE_SHARE_BYTES)
    const [first, second] = sharesOf({ message })
    if (!first || !second) throw new Error('two events hold it')
    expect(gathered([first]).messages).toEqual([])
    const wrong = { ...second, share: messageOf(VOTE_SHARE_BYTES, 7) }
    expect(gathered([first, wrong]).messages).toEqual([])
    expect(gathered([first, { ...second, sender: custodian(3).key }]).messages).toEqual([])
    expect(gathered([first, second]).messages).toEqual([message])
  })

  test('holds up no other: of one sender the last unfinished ones are kept, and of others theirs', () => {
    const many = Array.from({ length: 40 }, (_, seed) =>
      sharesOf({ message: messageOf(VOTE_SHARE_BYTES + 1, seed + 1) }).slice(0, 1),
    )
    const message = messageOf(VOTE_SHARE_BYTES + 5)
    const [first, second] = sharesOf({ message, sender: custodian(1).key })
    if (!first || !second) throw new Error('two events hold it')
    const { messages, left } = gathered([first, ...many.flat(), second])
    expect(messages).toEqual([message])
    expect(left).toHaveLength(4)
  })

  const [, large] = voteDrafts({ ...vote, message: messageOf(VOTE_SHARE_BYTES + 1) }, NOW)
  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 1 }],
    ['content that is no bytes', 'nostr-message/bad-content', { content: '0g' }],
    [
      'a share that is too large',
      'nostr-message/bad-content',
      { content: '00'.repeat(VOTE_SHARE_BYTES + 1) },
    ],
    ['no machine', 'nostr-message/bad-tags', { tags: [] }],
    [
      'a receiver that is none',
      'nostr-message/bad-tags',
      {
        tags: [
          ['e', MACHINE_EVENT],
          ['p', 'x'],
        ],
      },
    ],
    [
      'a share beyond the last',
      'nostr-message/bad-tags',
      { tags: large?.tags.map((tag) => (tag[0] === 'part' ? ['part', tag[1], '2', '2'] : tag)) },
    ],
    [
      'too many shares',
      'nostr-message/bad-tags',
      { tags: large?.tags.map((tag) => (tag[0] === 'part' ? ['part', tag[1], '0', '65'] : tag)) },
    ],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => voteShareFrom({ ...draft, ...changes }))).toBe(code)
  })

  test('that is beyond all bounds is not made', () => {
    const most = VOTE_PARTS_MAX * VOTE_SHARE_BYTES
    expect(codeOf(() => sharesOf({ message: messageOf(most) }))).toBe('read')
    expect(codeOf(() => sharesOf({ message: messageOf(most + 1) }))).toBe('nostr-message/too-large')
  })
})
