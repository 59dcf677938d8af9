import { describe, expect, test } from 'vitest'
import { changeDraft, changeFrom, type NostrChange } from '../../../src/dialects/nostr/change.ts'
import { AMEND, type Interaction } from '../../../src/kernel/interaction.ts'
import { anId } from '../../kernel/sample.ts'
import { alice, codeOf, MACHINE_EVENT, NOW } from './sample.ts'

const step: Interaction = {
  suite: 'nostr',
  legs: [{ machine: anId('m'), access: 'write', parent: anId('head') }],
  operations: [{ machine: anId('m'), logic: AMEND, argument: Uint8Array.of(1, 2) }],
  premises: [],
}
const change: NostrChange = {
  machine: MACHINE_EVENT,
  author: alice.key,
  interaction: step,
  consents: [
    { machine: anId('m'), party: 1, key: 0, form: 'raw', signature: new Uint8Array(64).fill(3) },
  ],
}
const draft = changeDraft(change, NOW)

describe('a change', () => {
  test('is read as it was written, with consents or without', () => {
    expect(changeFrom(draft)).toEqual(change)
    const bare = { ...change, consents: [] }
    expect(changeFrom(changeDraft(bare, NOW))).toEqual(bare)
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 7501 }],
    ['content that is none', 'nostr-message/bad-content', { content: '{"v":1}' }],
    [
      'a consent that is none',
      'nostr-message/bad-content',
      { content: draft.content.replace(/"consents":\["../, '"consents":["zz') },
    ],
    [
      'tags about another step',
      'nostr-message/bad-tags',
      {
        tags: draft.tags.map(([name = '', value = '']) => [
          name,
          name === 'prev' ? anId('x') : value,
        ]),
      },
    ],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => changeFrom({ ...draft, ...changes }))).toBe(code)
  })
})
