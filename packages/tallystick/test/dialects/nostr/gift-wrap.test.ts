import { describe, expect, test } from 'vitest'
import { bytesFromHex } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { type Nip44, unwrap, wrapDraft, wrapKey } from '../../../src/dialects/nostr/gift-wrap.ts'
import { type PackKeys, routeFrom } from '../../../src/dialects/nostr/key-pack.ts'
import { conversationKey, decryptNip44, encryptNip44 } from '../../../src/engine/nip44.ts'
import type { NostrEvent } from '../../../src/forms/nostr-event.ts'
import { inputDraft } from '../../../src/forms/nostr-input.ts'
import { alice, bob, engine, keyholder, MACHINE_EVENT, NOW, signBy } from './sample.ts'

const cipher: Nip44 = { conversationKey, encrypt: encryptNip44, decrypt: decryptNip44 }
const nonce = bytesFromHex('ab'.repeat(32))
const [shared, once] = [keyholder('shared'), keyholder('once')]
const published: PackKeys = { is: 'shared', secret: shared.secret, route: shared.key }
const seed = bytesFromHex('5e'.repeat(32))
const epochOf = (digit: string, epoch: number): PackKeys => ({
  is: 'epoch',
  epoch,
  key: bytesFromHex(digit.repeat(64)),
  route: routeFrom(seed, engine),
  seed,
})
const inner: NostrEvent = signBy(
  alice,
  inputDraft({
    input: { machine: MACHINE_EVENT, type: 'LOAD', parent: undefined },
    data: '',
    pubkey: alice.key,
    created_at: NOW,
  }),
)
const wrapped = (of: NostrEvent, keys: PackKeys): NostrEvent =>
  signBy(once, wrapDraft(of, keys, { cipher, nonce, pubkey: once.key, createdAt: NOW - 3600 }))
const open = (event: NostrEvent, keys: readonly PackKeys[], machine?: string): unknown => {
  const found = unwrap(event, { keys, machine, cipher, verifier: engine })
  return isFault(found) ? found.code : found
}

describe('a gift wrap', () => {
  test.each([published, epochOf('7', 0)])('gives back the signed event inside ($is)', (keys) => {
    expect(open(wrapped(inner, keys), [keys], MACHINE_EVENT)).toEqual(inner)
    expect(open(wrapped(inner, keys), [keys])).toEqual(inner)
  })

  test('as published is encrypted between the shared key and itself', () => {
    expect(wrapKey(published, cipher)).toEqual(conversationKey(shared.secret, shared.key))
    expect(wrapped(inner, published).tags).toEqual([['p', shared.key]])
  })

  test('of a later epoch stays closed for whoever was removed, and opens with all epochs', () => {
    const [before, after] = [epochOf('7', 0), epochOf('8', 1)]
    expect(open(wrapped(inner, after), [before])).toBe('nostr-wrap/sealed')
    expect(open(wrapped(inner, after), [before, after])).toEqual(inner)
    expect(open(wrapped(inner, before), [after, before])).toEqual(inner)
  })

  test('for others is not opened', () => {
    expect(open(wrapped(inner, published), [epochOf('7', 0)])).toBe('nostr-wrap/not-addressed')
  })

  test('in which a member put words into another’s mouth is refused', () => {
    const forged = { ...inner, sig: signBy(bob, inner).sig }
    expect(open(wrapped(forged, published), [published])).toBe('nostr-event/bad-signature')
    const changed = { ...inner, content: '{"a":1}' }
    expect(open(wrapped(changed, published), [published])).toBe('nostr-event/wrong-id')
  })

  test('that somebody changed outside is refused before it is opened', () => {
    const event = wrapped(inner, published)
    expect(open({ ...event, sig: inner.sig }, [published])).toBe('nostr-event/bad-signature')
    expect(open({ ...event, kind: 1060 }, [published])).toBe('nostr-message/wrong-kind')
  })

  test('with something inside that machines do not have, or of another machine, is refused', () => {
    const note = signBy(alice, { ...inner, kind: 1 })
    expect(open(wrapped(note, published), [published])).toBe('nostr-wrap/other-kind')
    const nested = wrapped(inner, published)
    expect(open(wrapped(nested, published), [published])).toBe('nostr-wrap/other-kind')
    expect(open(wrapped(inner, published), [published], 'ef'.repeat(32))).toBe(
      'nostr-wrap/other-machine',
    )
  })
})
