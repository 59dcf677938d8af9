import { afterEach, describe, expect, test, vi } from 'vitest'
import { createRelayClient } from '../../src/relay/client.ts'
import {
  fetchRelayLists,
  RELAY_LIST_KIND,
  relayListFrom,
  relaysForInput,
  relayUrl,
} from '../../src/relay/outbox.ts'
import { alice, bob, engine, eventBy, NOW } from './people.ts'
import { startTestRelay } from './test-relay.ts'

// Every answer is a signature or several; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const open: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

describe('a list of relays', () => {
  test('says where somebody reads and writes', () => {
    const list = relayListFrom({
      tags: [
        ['r', 'wss://both.example/'],
        ['r', 'wss://reads.example', 'read'],
        ['r', 'wss://writes.example', 'write'],
        ['r', 'https://no.example'],
        ['p', 'wss://other.example'],
      ],
    })
    expect(list).toEqual({
      reads: ['wss://both.example', 'wss://reads.example'],
      writes: ['wss://both.example', 'wss://writes.example'],
    })
  })

  test('has addresses in one spelling, and none that hold a password', () => {
    expect(relayUrl('wss://Relay.Example:443/#x')).toBe('wss://relay.example')
    expect(relayUrl('wss://a:b@relay.example')).toBeUndefined()
    expect(relayUrl('relay.example')).toBeUndefined()
    expect(relayUrl(undefined)).toBeUndefined()
  })

  test('gives everybody a place before anybody has a second one', () => {
    const long = Array.from({ length: 100 }, (_, at) => `wss://m${at}.example`)
    const relays = relaysForInput({
      machine: long,
      author: { reads: [], writes: ['wss://author.example'] },
      custodians: [undefined, { reads: ['wss://custodian.example'], writes: [] }],
    })
    expect(relays).toHaveLength(32)
    expect(relays.slice(0, 3)).toEqual([
      'wss://m0.example',
      'wss://author.example',
      'wss://custodian.example',
    ])
  })

  test('is the newest that its owner published', async () => {
    const relay = await startTestRelay()
    const client = createRelayClient({ verifier: engine, silenceMs: 4_000 })
    open.push(relay.close, client.close)
    const listAt = (created_at: number, url: string): ReturnType<typeof eventBy> =>
      eventBy(alice, { kind: RELAY_LIST_KIND, created_at, tags: [['r', url]] })
    await client.publish([relay.url], listAt(NOW - 10, 'wss://old.example'))
    await client.publish([relay.url], listAt(NOW, 'wss://new.example'))
    const lists = await fetchRelayLists(client, [relay.url], [alice.key, bob.key])
    expect(lists.get(alice.key)?.writes).toEqual(['wss://new.example'])
    expect(lists.has(bob.key)).toBe(false)
    expect((await fetchRelayLists(client, [relay.url], [])).size).toBe(0)
  })
})
