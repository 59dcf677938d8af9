import { describe, expect, test } from 'vitest'
import { keyFrom, linkFrom, machineLinkFrom } from '../../src/relayed/link.ts'
import { npubEncode, noteEncode } from 'nostr-tools/nip19'
import { alice, definition } from './sample.ts'

const relays = ['wss://one.example', 'wss://two.example']

describe('a link to a machine', () => {
  const link = linkFrom({ id: definition.id, relays, author: alice.key })

  test('says which machine and where', () => {
    expect(link).toMatch(/^nostr:nevent1/)
    expect(machineLinkFrom(link)).toEqual({ id: definition.id, relays })
    expect(machineLinkFrom(link.slice(6))).toEqual({ id: definition.id, relays })
    expect(machineLinkFrom(noteEncode(definition.id))).toEqual({ id: definition.id, relays: [] })
    expect(machineLinkFrom(definition.id)).toEqual({ id: definition.id, relays: [] })
  })

  test('is refused with one letter changed, and leads to no relay that is none', () => {
    expect(() => machineLinkFrom(`${link.slice(0, -1)}${link.endsWith('q') ? 'p' : 'q'}`)).toThrow()
    expect(() => machineLinkFrom(npubEncode(alice.key))).toThrow('names no machine')
    const odd = linkFrom({ id: definition.id, relays: ['file:///etc'], author: alice.key })
    expect(machineLinkFrom(odd).relays).toEqual([])
  })
})

describe('a key', () => {
  test('has two spellings', () => {
    expect(keyFrom(npubEncode(alice.key))).toBe(alice.key)
    expect(keyFrom(alice.key)).toBe(alice.key)
    expect(keyFrom('alice')).toBeUndefined()
  })
})
