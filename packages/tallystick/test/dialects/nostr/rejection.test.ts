import { describe, expect, test } from 'vitest'
import {
  type NostrRejection,
  rejectionDraft,
  rejectionFrom,
} from '../../../src/dialects/nostr/rejection.ts'
import { alice, codeOf, custodian, INPUT_EVENT, MACHINE_EVENT, NOW } from './sample.ts'

const rejection: NostrRejection = {
  machine: MACHINE_EVENT,
  input: INPUT_EVENT,
  sender: alice.key,
  code: 'GUARD_FAILED',
  detail: 'not your turn',
}
const draft = rejectionDraft(rejection, { pubkey: custodian(0).key, now: NOW })

describe('a rejection', () => {
  test('is read as it was written, and relays may forget it after a week', () => {
    expect(rejectionFrom(draft)).toEqual(rejection)
    expect(draft.tags).toContainEqual(['expiration', String(NOW + 604_800)])
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 7504 }],
    ['a code that is none', 'nostr-message/bad-tags', { tags: [['code', 'NO']] }],
    ['three events', 'nostr-message/bad-tags', { tags: [...draft.tags, ['e', INPUT_EVENT]] }],
    ['no input', 'nostr-message/bad-tags', { tags: draft.tags.filter((_, at) => at !== 1) }],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => rejectionFrom({ ...draft, ...changes }))).toBe(code)
  })
})
