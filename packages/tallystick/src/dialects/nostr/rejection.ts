/**
 * Rejections, kind 7507: a custodian tells whoever sent an input why it was not accepted. For people; nothing rests on them, and
 * relays may forget them after a week.
 *
 * | part | what |
 * |---|---|
 * | content | a line for people, may be empty |
 * | `["e", machine]`, `["e", input]` | in this order |
 * | `["p", sender]`, `["code", code]` | whose input it was; a code of `rejection-code.ts` |
 * | `["expiration", seconds]` | a week after `created_at` |
 */
import { REJECTION_SECONDS } from '../../base/limits.ts'
import { type NostrDraft, tagsNamed } from '../../forms/nostr-event.ts'
import { asId, badTags, expectKind, KINDS, onlyTag } from './message.ts'
import { isRejectionCode, type RejectionCode } from './rejection-code.ts'

export type NostrRejection = {
  readonly machine: string
  readonly input: string
  readonly sender: string
  readonly code: RejectionCode
  readonly detail: string
}

export const rejectionDraft = (
  of: NostrRejection,
  by: { readonly pubkey: string; readonly now: number },
): NostrDraft => ({
  pubkey: by.pubkey,
  created_at: by.now,
  kind: KINDS.rejection,
  tags: [
    ['e', of.machine],
    ['e', of.input],
    ['p', of.sender],
    ['code', of.code],
    ['expiration', String(by.now + REJECTION_SECONDS)],
  ],
  content: of.detail,
})

/** Raises `nostr-message/wrong-kind` or `nostr-message/bad-tags`. */
export const rejectionFrom = (event: NostrDraft): NostrRejection => {
  expectKind(event, KINDS.rejection)
  const [machine, input, ...others] = tagsNamed(event, 'e').map((tag) => tag[1])
  if (others.length > 0) throw badTags('more than a machine and an input')
  const [code] = onlyTag(event, 'code')
  if (!isRejectionCode(code)) throw badTags(`"${code ?? ''}" is no code`)
  return {
    machine: asId(machine, 'the machine'),
    input: asId(input, 'the input'),
    sender: asId(onlyTag(event, 'p')[0], 'the sender'),
    code,
    detail: event.content,
  }
}
