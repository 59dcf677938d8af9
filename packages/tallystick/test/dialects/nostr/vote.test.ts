import { describe, expect, test } from 'vitest'
import { type NostrVote, voteDraft, voteFrom } from '../../../src/dialects/nostr/vote.ts'
import { codeOf, custodian, MACHINE_EVENT, NOW } from './sample.ts'

const vote: NostrVote = {
  machine: MACHINE_EVENT,
  sender: custodian(0).key,
  to: [custodian(1).key, custodian(2).key],
  message: Uint8Array.of(1, 2, 3),
}
const draft = voteDraft(vote, NOW)

describe('a message between custodians', () => {
  test('is read as it was written, and of a kind that relays do not keep', () => {
    expect(voteFrom(draft)).toEqual(vote)
    expect(voteFrom(voteDraft({ ...vote, to: [] }, NOW)).to).toEqual([])
    expect(draft.kind >= 20_000 && draft.kind < 30_000).toBe(true)
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 1 }],
    ['content that is no bytes', 'nostr-message/bad-content', { content: '0g' }],
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
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => voteFrom({ ...draft, ...changes }))).toBe(code)
  })

  test('that relays would not hand on is not made', () => {
    expect(codeOf(() => voteDraft({ ...vote, message: new Uint8Array(24_577) }, NOW))).toBe(
      'nostr-message/too-large',
    )
  })
})
