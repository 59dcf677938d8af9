import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../../src/base/brand.ts'
import { PROOF_FILE_BYTES_MAX } from '../../../src/base/limits.ts'
import { type NostrProof, proofDraft, proofFrom } from '../../../src/dialects/nostr/proof.ts'
import { codeOf, custodian, INPUT_EVENT, MACHINE_EVENT, NOW } from './sample.ts'

const proof: NostrProof = {
  machine: MACHINE_EVENT,
  author: custodian(0).key,
  about: idFromHex('5e'.repeat(32)),
  file: Uint8Array.of(1, 2, 3),
}
const draft = proofDraft(proof, NOW)
const sized = (size: number) => proofDraft({ ...proof, file: new Uint8Array(size) }, NOW)

describe('a proof', () => {
  test('is read as it was written, up to the largest file', () => {
    expect(proofFrom(draft)).toEqual(proof)
    expect(proofFrom(sized(PROOF_FILE_BYTES_MAX)).file.length).toBe(PROOF_FILE_BYTES_MAX)
    expect(codeOf(() => sized(PROOF_FILE_BYTES_MAX + 1))).toBe('nostr-message/too-large')
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 7505 }],
    ['content that is no bytes', 'nostr-message/bad-content', { content: 'x' }],
    [
      'too much content',
      'nostr-message/bad-content',
      { content: '00'.repeat(PROOF_FILE_BYTES_MAX + 1) },
    ],
    ['two machines', 'nostr-message/bad-tags', { tags: [...draft.tags, ['e', INPUT_EVENT]] }],
    ['nothing that it shows', 'nostr-message/bad-tags', { tags: [['e', MACHINE_EVENT]] }],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => proofFrom({ ...draft, ...changes }))).toBe(code)
  })
})
