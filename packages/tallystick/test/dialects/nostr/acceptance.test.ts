import { describe, expect, test } from 'vitest'
import {
  acceptanceDraft,
  acceptanceFrom,
  type NostrAcceptance,
} from '../../../src/dialects/nostr/acceptance.ts'
import { anId, aTransition } from '../../kernel/sample.ts'
import { codeOf, custodian, MACHINE_EVENT, NOW } from './sample.ts'

const acceptance: NostrAcceptance = {
  machine: MACHINE_EVENT,
  custodian: custodian(0).key,
  transition: aTransition({ sequence: 4n }),
  acceptance: { signer: 2, round: 1, cited: 1, time: 9n, signature: new Uint8Array(64).fill(5) },
}
const draft = acceptanceDraft(acceptance, NOW)

describe('an acceptance', () => {
  test('is read as it was written', () => {
    expect(acceptanceFrom(draft)).toEqual(acceptance)
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 7504 }],
    ['content that is cut off', 'nostr-message/bad-content', { content: draft.content.slice(2) }],
    [
      'tags about another step',
      'nostr-message/bad-tags',
      {
        tags: draft.tags.map(([name = '', value = '']) => [
          name,
          name === 'header' ? anId('x') : value,
        ]),
      },
    ],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => acceptanceFrom({ ...draft, ...changes }))).toBe(code)
  })
})
