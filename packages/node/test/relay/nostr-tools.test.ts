/** A popular library against ours: it reads what we write, and we read what it writes. */
import * as nip44 from 'nostr-tools/nip44'
import { finalizeEvent, getEventHash, verifyEvent } from 'nostr-tools/pure'
import { describe, expect, test } from 'vitest'
import { hexFromBytes } from 'tallystick/base'
import {
  checkNostrEvent,
  conversationKey,
  decryptNip44,
  encryptNip44,
  nostrEventFromText,
  nostrEventId,
  nostrInputFrom,
  paddedSize,
  unwrap,
  wrapDraft,
} from 'tallystick/nostr'
import { alice, bob, engine, eventBy, MACHINE, NOW, person } from './people.ts'

const cipher = { conversationKey, encrypt: encryptNip44, decrypt: decryptNip44 }
const mutable = (event: ReturnType<typeof eventBy>): Parameters<typeof verifyEvent>[0] => ({
  ...event,
  tags: event.tags.map((tag) => [...tag]),
})

describe('nostr-tools and ours', () => {
  test('agree on ids and signatures of what either made', () => {
    for (const content of ['', '{"a":1}', '\n"\\\r\t\b\f/', 'é😀\u2028\u007f']) {
      const ours = eventBy(alice, { content })
      expect(verifyEvent(mutable(ours))).toBe(true)
      expect(getEventHash(mutable(ours))).toBe(nostrEventId(ours))
      const theirs = finalizeEvent(
        {
          kind: 7501,
          created_at: NOW,
          tags: [
            ['e', MACHINE],
            ['t', 'LOAD'],
          ],
          content,
        },
        alice.secret,
      )
      const read = nostrEventFromText(JSON.stringify(theirs))
      expect(checkNostrEvent(read, engine)).toBeUndefined()
    }
  })

  test('differ where it remembers on the object that an event was checked', () => {
    const theirs = finalizeEvent(
      {
        kind: 7501,
        created_at: NOW,
        tags: [
          ['e', MACHINE],
          ['t', 'LOAD'],
        ],
        content: '',
      },
      alice.secret,
    )
    const forged = { ...theirs, pubkey: bob.key }
    expect(verifyEvent(forged)).toBe(true)
    expect(checkNostrEvent(forged, engine)?.code).toBe('nostr-event/wrong-id')
  })

  test('encrypt and decrypt for one another, at every size where padding changes', () => {
    const key = conversationKey(alice.secret, bob.key)
    expect(hexFromBytes(nip44.getConversationKey(bob.secret, alice.key))).toBe(hexFromBytes(key))
    const nonce = crypto.getRandomValues(new Uint8Array(32))
    for (const size of [1, 31, 32, 33, 64, 65, 255, 256, 257, 1023, 1024, 1025, 65_535]) {
      const text = 'x'.repeat(size)
      const ours = encryptNip44(key, text, nonce)
      expect(ours === nip44.encrypt(text, key, nonce)).toBe(true)
      expect(nip44.decrypt(ours, key) === text).toBe(true)
      expect(paddedSize(size)).toBe(nip44.v2.utils.calcPaddedLen(size))
    }
    expect(decryptNip44(key, nip44.encrypt('é😀', key))).toBe('é😀')
  })

  test('wrap an event of a private machine in the published way', () => {
    const [shared, once] = [person('shared'), person('once')]
    const inner = eventBy(alice)
    const keys = { is: 'shared', secret: shared.secret, route: shared.key } as const
    const key = nip44.getConversationKey(shared.secret, shared.key)
    const theirs = finalizeEvent(
      {
        kind: 1059,
        created_at: NOW,
        tags: [['p', shared.key]],
        content: nip44.encrypt(JSON.stringify(inner), key),
      },
      once.secret,
    )
    const opened = unwrap(nostrEventFromText(JSON.stringify(theirs)), {
      keys: [keys],
      machine: MACHINE,
      cipher,
      verifier: engine,
    })
    expect(opened).toEqual(inner)
    const nonce = crypto.getRandomValues(new Uint8Array(32))
    const ours = eventBy(
      once,
      wrapDraft(inner, keys, { cipher, nonce, pubkey: once.key, createdAt: NOW }),
    )
    const read = JSON.parse(nip44.decrypt(ours.content, key)) as Parameters<typeof verifyEvent>[0]
    expect(verifyEvent(read)).toBe(true)
    expect(nostrInputFrom(read, MACHINE).type).toBe('LOAD')
  })
})
