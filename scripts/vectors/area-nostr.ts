/** Events of Nostr, as relays carry them. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import {
  type NostrDraft,
  nostrEventId,
  type NostrTag,
  signNostrEvent,
} from '../../packages/tallystick/src/forms/nostr-event.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { definitionCases, receiptCases } from './area-nostr-kinds.ts'
import type { JsonObject } from './finding.ts'
import { seedOf } from './world.ts'

const engine = createPortableEngine()
const keys = engine.fromSeed('bip340', seedOf('alice'))
const pubkey = hexFromBytes(keys.publicKey)
const sign = (draft: NostrDraft): JsonObject => ({
  ...signNostrEvent(draft, {
    scheme: 'bip340',
    publicKey: keys.publicKey,
    sign: (message) => engine.sign('bip340', keys.secret, message, { deterministic: true }),
  }),
})

const events = (): readonly Case[] => {
  const draft: NostrDraft = {
    pubkey,
    created_at: 1_700_000_000,
    kind: 7501,
    tags: [
      ['e', '5c'.repeat(32)],
      ['t', 'LOAD'],
    ],
    content: '{"note":"a tab\\t, é and 😀"}',
  }
  const event = sign(draft)
  const valid = good({
    id: 'nostr/event',
    comment: 'signed by its author',
    check: 'nostr-event',
    input: { text: JSON.stringify(event) },
  })
  const escapes = good({
    id: 'nostr/escapes',
    comment: 'every short escape, and characters that are not escaped',
    check: 'nostr-event',
    input: { text: JSON.stringify(sign({ ...draft, content: '\n"\\\r\t\b\f/\u007f\u2028' })) },
  })
  const refuse = (id: string, comment: string, fault: string, changes: JsonObject): Case =>
    spoiled(valid, fault, {
      id: `nostr/${id}`,
      comment,
      input: { text: JSON.stringify({ ...event, ...changes }) },
    })
  const content = '{"amount":6}'
  return [
    valid,
    escapes,
    refuse('other-content', 'says something else than it hashes to', 'nostr-event/wrong-id', {
      content,
    }),
    refuse(
      'forged',
      'the id fits, the signature is over another one',
      'nostr-event/bad-signature',
      {
        content,
        id: nostrEventId({ ...draft, content }),
      },
    ),
    refuse('capitals', 'the id in capitals', 'nostr-event/malformed', {
      id: nostrEventId(draft).toUpperCase(),
    }),
    refuse('kind', 'no such kind', 'nostr-event/malformed', { kind: 65_536 }),
    refuse('nameless-tag', 'a tag without a name', 'nostr-event/malformed', { tags: [[]] }),
    refuse('control', 'a control character', 'nostr-event/control-character', {
      content: '\u0001',
    }),
    refuse('oversized', 'more than is read', 'nostr-event/too-large', {
      content: 'x'.repeat(131_072),
    }),
    refuse('member', 'an eighth member', 'json/wrong-shape', { relay: 'ws://somewhere' }),
  ]
}

const MACHINE = '5c'.repeat(32)
const OTHER = '6d'.repeat(32)

const inputs = (): readonly Case[] => {
  const draft: NostrDraft = {
    pubkey,
    created_at: 1_700_000_000,
    kind: 7501,
    tags: [
      ['e', MACHINE],
      ['t', 'LOAD'],
      ['transition', OTHER],
    ],
    content: '{"amount":5}',
  }
  const textWith = (changes: Partial<NostrDraft>): JsonObject => ({
    text: JSON.stringify(sign({ ...draft, ...changes })),
  })
  const valid = good({
    id: 'nostr/input',
    comment: 'an input after another one',
    check: 'nostr-input',
    input: { ...textWith({}), machine: MACHINE },
  })
  const refuse = (
    name: string,
    comment: string,
    fault: string,
    changes: Partial<NostrDraft>,
  ): Case =>
    spoiled(valid, `nostr-input/${fault}`, {
      id: `nostr/input-${name}`,
      comment,
      input: textWith(changes),
    })
  const more = (...tags: readonly NostrTag[]): Partial<NostrDraft> => ({
    tags: [...draft.tags, ...tags],
  })
  return [
    valid,
    good({
      id: 'nostr/first-input',
      comment: 'the first input names none before it',
      check: 'nostr-input',
      input: { ...textWith({ tags: draft.tags.slice(0, 2), content: '' }), machine: MACHINE },
    }),
    spoiled(valid, 'nostr-input/other-machine', {
      id: 'nostr/input-other-machine',
      comment: 'shown to a machine that it does not name',
      input: { machine: OTHER },
    }),
    refuse('kind', 'a note', 'wrong-kind', { kind: 1 }),
    refuse('untagged', 'no machine', 'bad-tags', { tags: draft.tags.slice(1) }),
    refuse('two-machines', 'two machines', 'bad-tags', more(['e', OTHER])),
    refuse('two-types', 'two types', 'bad-tags', more(['t', 'CANCEL'])),
    refuse('two-parents', 'two inputs before it', 'bad-tags', more(['transition', MACHINE])),
    refuse('expires', 'relays will forget it', 'not-lasting', more(['expiration', '1800000000'])),
    refuse('protected', 'only its author may hand it on', 'not-lasting', more(['-'])),
    refuse('list', 'data that is a list', 'bad-payload', { content: '[1]' }),
    refuse('sender', 'data that sets the sender', 'reserved-name', { content: '{"sender":"me"}' }),
    refuse('now', 'data that sets the time', 'reserved-name', { content: '{"now":1}' }),
    refuse('type', 'data that sets the type', 'reserved-name', { content: '{"type":"RULE"}' }),
    refuse('oversized', '16 KiB and more', 'too-large', {
      content: `{"a":"${'x'.repeat(16_384)}"}`,
    }),
  ]
}

export const nostrArea = (): Area => ({
  area: 'nostr',
  about: 'Events of Nostr: what relays carry, and what machines read of it.',
  cases: [...events(), ...inputs(), ...definitionCases(), ...receiptCases()],
})
