import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromUtf8, hexFromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { hash } from '../../src/base/hash.ts'
import { NOSTR_TAG_VALUE_BYTES_MAX } from '../../src/base/limits.ts'
import { TAGS } from '../../src/base/tags.ts'
import type { Signer } from '../../src/base/verifier.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import {
  checkNostrDraft,
  checkNostrEvent,
  isHex,
  type NostrDraft,
  type NostrEvent,
  nostrEventFromText,
  nostrEventId,
  signNostrEvent,
  tagsNamed,
  textFromNostrEvent,
} from '../../src/forms/nostr-event.ts'

const engine = createPortableEngine()
const keys = engine.fromSeed('bip340', hash('sha256', TAGS.seed, bytesFromUtf8('alice')))
const alice: Signer = {
  scheme: 'bip340',
  publicKey: keys.publicKey,
  sign: (message) => engine.sign('bip340', keys.secret, message),
}
const draft: NostrDraft = {
  pubkey: hexFromBytes(keys.publicKey),
  created_at: 1_700_000_000,
  kind: 7501,
  tags: [
    ['e', 'ab'.repeat(32)],
    ['t', 'LOAD'],
  ],
  content: '{"amount":5}',
}
const signed = signNostrEvent(draft, alice)
const codeOf = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'read'
}
/** As text, one member replaced or, if undefined, left out. */
const textWith = (changes: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ ...signed, ...changes })

describe('a Nostr event', () => {
  test('is read from the text that was written, and its signature counts', () => {
    const read = nostrEventFromText(textFromNostrEvent(signed))
    expect(read).toEqual(signed)
    expect(checkNostrEvent(read, engine)).toBeUndefined()
    expect(tagsNamed(read, 't')).toEqual([['t', 'LOAD']])
  })

  test('is read with its members in any order', () => {
    const text = JSON.stringify(Object.fromEntries(Object.entries(signed).reverse()))
    expect(nostrEventFromText(text)).toEqual(signed)
  })

  test.each([
    ['a member too many', { relay: 'x' }, 'json/wrong-shape'],
    ['a member too few', { sig: undefined }, 'json/wrong-shape'],
    ['an id in capitals', { id: signed.id.toUpperCase() }, 'nostr-event/malformed'],
    ['a short key', { pubkey: signed.pubkey.slice(2) }, 'nostr-event/malformed'],
    ['a short signature', { sig: signed.sig.slice(2) }, 'nostr-event/malformed'],
    ['a kind that is none', { kind: 65_536 }, 'nostr-event/malformed'],
    ['a time before 1970', { created_at: -1 }, 'json/wrong-shape'],
    ['half a second', { created_at: 0.5 }, 'json/number-not-exact'],
    ['a tag without a name', { tags: [[]] }, 'nostr-event/malformed'],
    ['a number in a tag', { tags: [['e', 1]] }, 'json/wrong-shape'],
    ['nothing for a value', { tags: [['e', null]] }, 'json/wrong-shape'],
    ['too many tags', { tags: Array.from({ length: 2001 }, () => ['t']) }, 'nostr-event/too-large'],
    [
      'a tag of too many values',
      { tags: [Array.from({ length: 65 }, () => 'x')] },
      'nostr-event/too-large',
    ],
    ['another content', { content: '{"amount":6}' }, 'nostr-event/wrong-id'],
    ['another time', { created_at: 1_700_000_001 }, 'nostr-event/wrong-id'],
    ['too much', { content: 'x'.repeat(200_000) }, 'nostr-event/too-large'],
    ['a control character', { content: '\u0001' }, 'nostr-event/control-character'],
    ['a control character in a tag', { tags: [['t', 'a\u001f']] }, 'nostr-event/control-character'],
  ])('is refused with %s', (_, changes, code) => {
    expect(codeOf(() => nostrEventFromText(textWith(changes)))).toBe(code)
  })

  test('is refused with half a character, escaped', () => {
    const text = textWith({}).replace('{\\"amount', '\\ud83d{\\"amount')
    expect(codeOf(() => nostrEventFromText(text))).toBe('json/malformed')
  })

  test('with a signature of another key or over another id is found out each time it is checked', () => {
    const forged: NostrEvent = { ...signed, sig: signed.sig.replace(/^../, '00') }
    expect(checkNostrEvent(forged, engine)?.code).toBe('nostr-event/bad-signature')
    // A copy that carries over what some library remembers of a check.
    const verified = { ...signed, [Symbol('verified')]: true }
    expect(checkNostrEvent({ ...verified, content: 'other' }, engine)?.code).toBe(
      'nostr-event/wrong-id',
    )
    const content = 'other'
    const id = nostrEventId({ ...draft, content })
    expect(checkNostrEvent({ ...verified, content, id }, engine)?.code).toBe(
      'nostr-event/bad-signature',
    )
    expect(checkNostrEvent({ ...signed, sig: 'zz' }, engine)?.code).toBe('nostr-event/malformed')
  })

  test('is made by the key that it names only, and of nothing over which programs differ', () => {
    expect(codeOf(() => signNostrEvent({ ...draft, pubkey: 'ab'.repeat(32) }, alice))).toBe(
      'nostr-event/malformed',
    )
    for (const content of ['\ud83d', 'a\u0000']) {
      expect(codeOf(() => signNostrEvent({ ...draft, content }, alice))).toBe(
        'nostr-event/control-character',
      )
    }
    const tagOf = (size: number): NostrDraft => ({ ...draft, tags: [['t', 'x'.repeat(size)]] })
    expect(checkNostrDraft(tagOf(NOSTR_TAG_VALUE_BYTES_MAX))).toBeUndefined()
    expect(checkNostrDraft(tagOf(NOSTR_TAG_VALUE_BYTES_MAX + 1))?.code).toBe(
      'nostr-event/too-large',
    )
  })

  test('survives any text without control characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        (content, value) => {
          const any: NostrDraft = { ...draft, content, tags: [['x', value]] }
          if (checkNostrDraft(any)) return
          const event = { ...any, id: nostrEventId(any), sig: signed.sig }
          expect(nostrEventFromText(textFromNostrEvent(event))).toEqual(event)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('has the id that the protocol gives for every short escape', () => {
    const content = '\n"\\\r\t\b\f/\u2028é😀\u007f'
    const spelled = '\\n\\"\\\\\\r\\t\\b\\f/\u2028é😀\u007f'
    const text = `[0,"${draft.pubkey}",1,1,[],"${spelled}"]`
    expect(JSON.stringify([0, draft.pubkey, 1, 1, [], content])).toBe(text)
    expect(isHex(nostrEventId({ ...draft, content }), 64)).toBe(true)
    expect(isHex('0g', 2)).toBe(false)
  })
})
