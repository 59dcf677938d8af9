/**
 * Anchors, kind 7506: that a step of a machine is also recorded somewhere else, in another machine or on a chain.
 *
 * Not promised. That the reference says so: whoever relies on it looks there.
 *
 * | part | what |
 * |---|---|
 * | content | proof, in the form of the scheme; may be empty |
 * | `["e", machine]`, `["height", n]`, `["header", id]` | the step |
 * | `["anchor", scheme, reference]` | where it is recorded |
 */
import type { NostrDraft } from '../../forms/nostr-event.ts'
import { asCount, asId, badTags, expectKind, KINDS, onlyTag } from './message.ts'

export type NostrAnchor = {
  readonly machine: string
  readonly height: number
  /** Id of the transition. */
  readonly header: string
  readonly scheme: string
  readonly reference: string
  readonly proof: string
}

export const anchorDraft = (
  of: NostrAnchor,
  by: { readonly pubkey: string; readonly now: number },
): NostrDraft => ({
  pubkey: by.pubkey,
  created_at: by.now,
  kind: KINDS.anchor,
  tags: [
    ['e', of.machine],
    ['height', String(of.height)],
    ['header', of.header],
    ['anchor', of.scheme, of.reference],
  ],
  content: of.proof,
})

/** Raises `nostr-message/wrong-kind` or `nostr-message/bad-tags`. */
export const anchorFrom = (event: NostrDraft): NostrAnchor => {
  expectKind(event, KINDS.anchor)
  const [scheme, reference] = onlyTag(event, 'anchor')
  if (!scheme || !reference) throw badTags('an anchor without scheme or reference')
  return {
    machine: asId(onlyTag(event, 'e')[0], 'the machine'),
    height: asCount(onlyTag(event, 'height')[0], 'the height'),
    header: asId(onlyTag(event, 'header')[0], 'the header'),
    scheme,
    reference,
    proof: event.content,
  }
}
