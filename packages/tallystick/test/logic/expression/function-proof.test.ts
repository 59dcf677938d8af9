import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { createPortableEngine } from '../../../src/engine/portable.ts'
import { signNostrEvent } from '../../../src/forms/nostr-event.ts'
import { ask, fault, gasOf } from './ask.ts'

const engine = createPortableEngine()
const pair = engine.fromSeed('bip340', new Uint8Array(32).fill(7))
const pubkey = hexFromBytes(pair.publicKey)
const sign = (message: Uint8Array): Uint8Array =>
  engine.sign('bip340', pair.secret, message, { deterministic: true })
const event = signNostrEvent(
  {
    pubkey,
    created_at: 1_700_000_000,
    kind: 1,
    tags: [['d', 'final'], ['empty'], ['d', 'second']],
    content: 'two to one\n😀',
  },
  { scheme: 'bip340', publicKey: pair.publicKey, sign },
)

describe('hashes', () => {
  test('are those of the published test vectors', () => {
    expect(ask('sha256("abc")')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    expect(ask('sha256hex("616263") == sha256("abc")')).toBe(true)
    expect(ask('sha256hex("")')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
  })

  test('take whole bytes in lower case', () => {
    for (const digits of ['6', '6G', 'AB', ' 61', '0x61']) {
      expect(ask('sha256hex(a)', { a: digits })).toEqual(fault('no-hex'))
    }
    expect(ask('sha256(a)', { a: 1 })).toEqual(fault('wrong-type'))
    expect(ask('sha256hex(a)', { a: 1 })).toEqual(fault('wrong-type'))
  })

  test('cost 50 and the length', () => {
    expect(gasOf('sha256("abc")')).toBe(2 + 50)
    expect(gasOf('sha256(a)', { a: 'a'.repeat(128) })).toBe(2 + 52)
  })
})

describe('signatures', () => {
  const message = new Uint8Array(32).fill(3)
  const given = {
    key: pubkey,
    message: hexFromBytes(message),
    signature: hexFromBytes(sign(message)),
  }

  test('are valid until one digit is changed', () => {
    expect(ask('schnorr(key, message, signature)', given)).toBe(true)
    expect(gasOf('schnorr(key, message, signature)', given)).toBe(2004)
    for (const name of ['key', 'message', 'signature'] as const) {
      const changed = given[name].replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
      expect(ask('schnorr(key, message, signature)', { ...given, [name]: changed })).toBe(false)
      const short = given[name].slice(2)
      expect(ask('schnorr(key, message, signature)', { ...given, [name]: short })).toBe(false)
      const upper = `${given[name].slice(0, -1)}G`
      expect(ask('schnorr(key, message, signature)', { ...given, [name]: upper })).toBe(false)
      expect(ask('schnorr(key, message, signature)', { ...given, [name]: 1 })).toEqual(
        fault('wrong-type'),
      )
    }
  })
})

describe('events within data', () => {
  test('show what their author signed', () => {
    expect(ask('nostr(e).kind', { e: event })).toBe(1)
    expect(ask('nostr(e).pubkey', { e: event })).toBe(pubkey)
    expect(ask('nostr(e).content', { e: event })).toBe('two to one\n😀')
    expect(ask('nostr(e).tag("d")', { e: event })).toBe('final')
    expect(ask('nostr(e).tag("empty")', { e: event })).toEqual(fault('no-such-key'))
    expect(ask('nostr(e).tags.exists(t, t[0] == "empty")', { e: event })).toBe(true)
    expect(ask('[e].map(x, nostr(x)).all(s, s.tag("d") == "final")', { e: event })).toBe(true)
  })

  test('fail once one member is changed, left out or added', () => {
    const changes = [
      { content: 'one to two' },
      { kind: 2 },
      { created_at: 1 },
      { tags: [] },
      { id: event.id.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) },
      { sig: event.sig.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) },
      { pubkey: pubkey.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) },
      { more: 1 },
      { kind: '1' },
    ]
    for (const change of changes) {
      expect(ask('nostr(e).kind', { e: { ...event, ...change } })).toEqual(fault('not-signed'))
    }
    expect(ask('nostr(e).kind', { e: {} })).toEqual(fault('not-signed'))
    expect(ask('nostr(e).kind', { e: 'text' })).toEqual(fault('wrong-type'))
  })

  test('cost a signature before it is looked at', () => {
    expect(gasOf('nostr(e).kind', { e: {} })).toBe(3 + 2000)
    expect(gasOf('nostr(e).kind', { e: event })).toBe(3 + 2050)
  })

  test('are asked for tags only once they are checked', () => {
    expect(ask('e.tag("d")', { e: event })).toEqual(fault('wrong-type'))
    expect(ask('nostr(e).title', { e: event })).toEqual(fault('wrong-type'))
  })
})
