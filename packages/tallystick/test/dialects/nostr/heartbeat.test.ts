import { describe, expect, test } from 'vitest'
import {
  heartbeatDraft,
  heartbeatFrom,
  type NostrHeartbeat,
} from '../../../src/dialects/nostr/heartbeat.ts'
import { codeOf, custodian, INPUT_EVENT, MACHINE_EVENT, NOW } from './sample.ts'

const heartbeat: NostrHeartbeat = {
  machine: MACHINE_EVENT,
  custodian: custodian(0).key,
  heartbeat: Uint8Array.of(1, 2, 3),
}
const draft = heartbeatDraft(heartbeat, { now: NOW, last: NOW })

describe('a heartbeat', () => {
  test('is read as it was written, and later than the one before', () => {
    expect(heartbeatFrom(draft)).toEqual(heartbeat)
    expect(draft.created_at).toBe(NOW + 1)
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 30_078 }],
    ['content that is no bytes', 'nostr-message/bad-content', { content: 'x' }],
    [
      'two machines',
      'nostr-message/bad-tags',
      {
        tags: [
          ['d', MACHINE_EVENT],
          ['e', INPUT_EVENT],
        ],
      },
    ],
    ['no machine', 'nostr-message/bad-tags', { tags: [] }],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => heartbeatFrom({ ...draft, ...changes }))).toBe(code)
  })
})
