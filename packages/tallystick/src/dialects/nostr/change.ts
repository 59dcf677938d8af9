/**
 * Changes, kind 7509: a step that is no input, with the consent of one participant or of several: new terms, and so other custodians.
 * It takes the consent of everybody who takes part. Each publishes an own event about the same step; whoever has heard all of
 * them has what custodians decide on.
 *
 * Not promised. That a consent in it holds, or that the step is still possible: it is pinned at its parent, and any input that was
 * accepted since has ended it.
 *
 * | part | what |
 * |---|---|
 * | content | canonical JSON: `v` 1; `step`: hexadecimal of the interaction; `consents`: a list of hexadecimal, a consent each |
 * | `["e", definition]` | the machine |
 * | `["interaction", id]`, `["prev", id]` | the step, and the one that it builds on |
 */
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { faultFrom, isFault } from '../../base/fault.ts'
import { CONSENTS_MAX } from '../../base/limits.ts'
import type { NostrDraft } from '../../forms/nostr-event.ts'
import { isJsonList } from '../../forms/strict-json.ts'
import { type Consent, consent } from '../../kernel/consent.ts'
import { type Interaction, interaction, interactionId } from '../../kernel/interaction.ts'
import {
  asId,
  badContent,
  badTags,
  contentFrom,
  expectKind,
  KINDS,
  objectIn,
  onlyTag,
  textAt,
} from './message.ts'

export type NostrChange = {
  /** Id of the event that defines the machine. */
  readonly machine: string
  readonly author: string
  readonly interaction: Interaction
  readonly consents: readonly Consent[]
}

/** Raises `nostr-message/too-large`. */
export const changeDraft = (of: NostrChange, now: number): NostrDraft => ({
  pubkey: of.author,
  created_at: now,
  kind: KINDS.change,
  tags: [['e', of.machine], ...tagsOf(of.interaction)],
  content: contentFrom({
    v: 1,
    step: hexFromBytes(interaction.encode(of.interaction)),
    consents: of.consents.map((one) => hexFromBytes(consent.encode(one))),
  }),
})

/** Raises faults of `nostr-message/…`. No consent in it is looked at here. */
export const changeFrom = (event: NostrDraft): NostrChange => {
  expectKind(event, KINDS.change)
  const content = objectIn(event.content)
  const list = content['consents']
  if (!isJsonList(list) || list.length > CONSENTS_MAX) throw badContent('no list of consents')
  const read = faultFrom(() => ({
    interaction: interaction.decode(bytesFromHex(textAt(content, 'step'))),
    consents: list.map((one) => consent.decode(bytesFromHex(typeof one === 'string' ? one : ''))),
  }))
  if (isFault(read)) throw badContent(`${read.code}: ${read.message}`)
  for (const [name = '', value] of tagsOf(read.interaction)) {
    if (onlyTag(event, name)[0] !== value) throw badTags(`the tag "${name}" is about another step`)
  }
  const machine = asId(onlyTag(event, 'e')[0], 'the machine')
  return { machine, author: event.pubkey, ...read }
}

const tagsOf = (of: Interaction): readonly (readonly string[])[] => [
  ['interaction', interactionId(of)],
  ['prev', of.legs[0]?.parent ?? ''],
]
