import { describe, expect, test } from 'vitest'
import {
  type NostrSnapshot,
  snapshotDraft,
  snapshotFrom,
  timeAfter,
} from '../../../src/dialects/nostr/snapshot.ts'
import { codeOf, custodian, INPUT_EVENT, MACHINE_EVENT, NOW } from './sample.ts'

const snapshot: NostrSnapshot = {
  machine: MACHINE_EVENT,
  custodian: custodian(0).key,
  name: 'bet:1',
  head: INPUT_EVENT,
  height: 4,
  header: 'ef'.repeat(32),
  certificate: [{ custodian: custodian(0).key, receipt: '12'.repeat(32) }],
  shown: {
    status: 'active',
    value: { game: 'open' },
    historyValue: {},
    context: { stakes: 5 },
    entered: { 'bet.game.open': 1_700_000_000_000 },
  },
}
const draft = snapshotDraft(snapshot, { now: NOW, last: undefined })
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('a snapshot', () => {
  test('is read as it was written, with the members that other programs persist', () => {
    expect(plain(snapshotFrom(draft))).toEqual(plain(snapshot))
    expect(Object.keys(JSON.parse(draft.content) as object)).toEqual([
      'children',
      'context',
      'historyValue',
      'nsm',
      'status',
      'value',
    ])
  })

  test('of the author’s own library, which has neither links nor tags of ours, is read', () => {
    const read = snapshotFrom({
      ...draft,
      tags: [
        ['d', 'delivery-1'],
        ['e', MACHINE_EVENT],
      ],
      content: '{"status":"active","value":"created","historyValue":{},"context":{},"children":{}}',
    })
    expect(read.head).toBeUndefined()
    expect(read.shown.value).toBe('created')
  })

  test('is later than the one before, also within a second', () => {
    expect(timeAfter(NOW, undefined)).toBe(NOW)
    expect(timeAfter(NOW, NOW)).toBe(NOW + 1)
    expect(timeAfter(NOW, NOW + 5)).toBe(NOW + 6)
    expect(snapshotDraft(snapshot, { now: NOW, last: NOW }).created_at).toBe(NOW + 1)
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 1 }],
    ['two machines', 'nostr-message/bad-tags', { tags: [...draft.tags, ['e', INPUT_EVENT]] }],
    ['no status', 'nostr-message/bad-content', { content: '{"value":"a"}' }],
    ['no value', 'nostr-message/bad-content', { content: '{"status":"active"}' }],
    [
      'a height in words',
      'nostr-message/bad-tags',
      {
        tags: [
          ['d', ''],
          ['e', MACHINE_EVENT],
          ['height', 'four'],
        ],
      },
    ],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => snapshotFrom({ ...draft, ...changes }))).toBe(code)
  })

  test('that relays would not keep is not made', () => {
    const shown = { ...snapshot.shown, context: { a: 'x'.repeat(50_000) } }
    expect(codeOf(() => snapshotDraft({ ...snapshot, shown }, { now: NOW, last: undefined }))).toBe(
      'nostr-message/too-large',
    )
  })
})
