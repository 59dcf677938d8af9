import { describe, expect, test } from 'vitest'
import { anchorDraft, anchorFrom, type NostrAnchor } from '../../../src/dialects/nostr/anchor.ts'
import { codeOf, custodian, INPUT_EVENT, MACHINE_EVENT, NOW } from './sample.ts'

const anchor: NostrAnchor = {
  machine: MACHINE_EVENT,
  height: 7,
  header: INPUT_EVENT,
  scheme: 'nsm',
  reference: 'ef'.repeat(32),
  proof: '',
}
const draft = anchorDraft(anchor, { pubkey: custodian(0).key, now: NOW })

describe('an anchor', () => {
  test('is read as it was written', () => {
    expect(anchorFrom(draft)).toEqual(anchor)
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 7504 }],
    ['no place', 'nostr-message/bad-tags', { tags: draft.tags.slice(0, 3) }],
    [
      'a place without reference',
      'nostr-message/bad-tags',
      { tags: [...draft.tags.slice(0, 3), ['anchor', 'nsm']] },
    ],
    [
      'no header',
      'nostr-message/bad-tags',
      { tags: draft.tags.filter(([name]) => name !== 'header') },
    ],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => anchorFrom({ ...draft, ...changes }))).toBe(code)
  })
})
