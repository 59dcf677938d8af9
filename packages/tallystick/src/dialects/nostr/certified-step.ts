/**
 * Certified steps, kind 7511: a step of a machine that others than custodians have certified, with the certificate; or one that brings
 * new terms, with what those who follow have signed to accept it. Custodians tell their steps by receipts. Where the machine was handed
 * to a directory, whoever fetched a step there publishes it, so that everybody who follows the machine over relays goes on.
 *
 * Not promised. That the certificate holds: whoever takes the step judges it by the terms before it, whoever published it. Nor that a
 * step's premises are shown: files travel by themselves (7508).
 *
 * | part | what |
 * |---|---|
 * | content | hexadecimal of the bytes below, at most 24,576 of them |
 * | `["e", definition]` | the machine |
 * | `["height", n]`, `["header", id]` | the step |
 *
 * | bytes | |
 * |---|---|
 * | transition | 168 |
 * | interaction | as the kernel has it |
 * | consents | list |
 * | certificate, accepted | bytes each, in the codecs of the models |
 */
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { bytes, type Codec, list, struct } from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { CERTIFICATE_BYTES_MAX, CERTIFIED_STEP_BYTES_MAX, CONSENTS_MAX } from '../../base/limits.ts'
import type { NostrDraft } from '../../forms/nostr-event.ts'
import { type Consent, consent } from '../../kernel/consent.ts'
import { type Interaction, interaction, interactionId } from '../../kernel/interaction.ts'
import { type Transition, transition, transitionId } from '../../kernel/transition.ts'
import { asId, badContent, badTags, expectKind, KINDS, onlyTag } from './message.ts'
import { SUITE } from './receipt.ts'

export type NostrStep = {
  /** Id of the event that defines the machine. */
  readonly machine: string
  readonly author: string
  readonly transition: Transition
  readonly interaction: Interaction
  readonly consents: readonly Consent[]
  /** By the terms before the step. */
  readonly certificate: Uint8Array
  /** By the terms that it brings, once enough have accepted; else empty. */
  readonly accepted: Uint8Array
}

type Said = Omit<NostrStep, 'machine' | 'author'>

const said: Codec<Said> = struct<Said>({
  transition,
  interaction,
  consents: list(consent, CONSENTS_MAX),
  certificate: bytes(CERTIFICATE_BYTES_MAX),
  accepted: bytes(CERTIFICATE_BYTES_MAX),
})

/** Raises `nostr-message/too-large`. */
export const certifiedStepDraft = (
  { machine, author, transition: of, interaction: done, ...more }: NostrStep,
  now: number,
): NostrDraft => {
  const content = said.encode({ transition: of, interaction: done, ...more })
  if (content.length > CERTIFIED_STEP_BYTES_MAX) {
    throw new Fault('nostr-message/too-large', `${content.length} bytes of a step`)
  }
  return {
    pubkey: author,
    created_at: now,
    kind: KINDS.certifiedStep,
    tags: [['e', machine], ...tagsOf(of)],
    content: hexFromBytes(content),
  }
}

/** Raises faults of `nostr-message/…`. No signature in it is looked at here. */
export const certifiedStepFrom = (event: NostrDraft): NostrStep => {
  expectKind(event, KINDS.certifiedStep)
  const read = faultFrom(() => said.decode(bytesFromHex(event.content)))
  if (isFault(read)) throw badContent(`${read.code}: ${read.message}`)
  if (interactionId(read.interaction) !== read.transition.interaction) {
    throw badContent('the step is of another interaction')
  }
  for (const [name = '', value] of tagsOf(read.transition)) {
    if (onlyTag(event, name)[0] !== value) throw badTags(`the tag "${name}" is about another step`)
  }
  return {
    machine: asId(onlyTag(event, 'e')[0], 'the machine'),
    author: event.pubkey,
    ...read,
  }
}

const tagsOf = (of: Transition): readonly (readonly string[])[] => [
  ['height', of.sequence.toString()],
  ['header', transitionId(SUITE, of)],
]
