import { describe, expect, test } from 'vitest'
import { CERTIFIED_STEP_BYTES_MAX } from '../../../src/base/limits.ts'
import {
  certifiedStepDraft,
  certifiedStepFrom,
  type NostrStep,
} from '../../../src/dialects/nostr/certified-step.ts'
import { type Interaction, interactionId } from '../../../src/kernel/interaction.ts'
import { anId, aTransition } from '../../kernel/sample.ts'
import { alice, codeOf, MACHINE_EVENT, NOW } from './sample.ts'

const interaction: Interaction = { suite: 'nostr', legs: [], operations: [], premises: [] }
const step: NostrStep = {
  machine: MACHINE_EVENT,
  author: alice.key,
  transition: aTransition({ sequence: 4n, interaction: interactionId(interaction) }),
  interaction,
  consents: [],
  certificate: new Uint8Array(9).fill(1),
  accepted: new Uint8Array(0),
}
const draft = certifiedStepDraft(step, NOW)

describe('a certified step', () => {
  test('is read as it was written', () => {
    expect(certifiedStepFrom(draft)).toEqual(step)
  })

  test('fits an event up to the limit, and no further', () => {
    const { length } = draft.content
    const room = CERTIFIED_STEP_BYTES_MAX - length / 2
    const large = { ...step, accepted: new Uint8Array(room) }
    expect(certifiedStepFrom(certifiedStepDraft(large, NOW))).toEqual(large)
    const larger = { ...step, accepted: new Uint8Array(room + 1) }
    expect(codeOf(() => certifiedStepDraft(larger, NOW))).toBe('nostr-message/too-large')
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 7504 }],
    ['content that is cut off', 'nostr-message/bad-content', { content: draft.content.slice(2) }],
    [
      'a transition of another interaction',
      'nostr-message/bad-content',
      {
        content: certifiedStepDraft(
          { ...step, transition: aTransition({ sequence: 4n, interaction: anId('other') }) },
          NOW,
        ).content,
      },
    ],
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
    expect(codeOf(() => certifiedStepFrom({ ...draft, ...changes }))).toBe(code)
  })
})
