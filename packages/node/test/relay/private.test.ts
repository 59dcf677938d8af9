import { afterEach, describe, expect, test, vi } from 'vitest'
import { KINDS, type NostrEvent, type PackKeys } from 'tallystick/nostr'
import { createRelayClient, type RelayClient } from '../../src/relay/client.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import {
  newEpochKeys,
  newSharedKeys,
  openPack,
  openWraps,
  type PrivateTools,
  sealPack,
  wrapEvent,
} from '../../src/relay/private.ts'
import { keySigner } from '../../src/relay/signer.ts'
import { alice, bob, engine, eventBy, MACHINE, NOW, person } from './people.ts'

// Every answer is a signature or several; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const open: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})
const tools: PrivateTools = {
  engine,
  random: () => crypto.getRandomValues(new Uint8Array(32)),
  now: () => NOW,
}
const metadata = { id: '1', name: 'A bet', description: '' }
const carol = person('carol')
const as = (who: typeof alice): { pubkey: string; secret: Uint8Array } => ({
  pubkey: who.key,
  secret: who.secret,
})
const start = async (): Promise<{ url: string; client: RelayClient }> => {
  const relay = await startLocalRelay(engine)
  const client = createRelayClient({ verifier: engine, silenceMs: 2_000 })
  open.push(relay.close, client.close)
  return { url: relay.url, client }
}
const packFor = async (keys: PackKeys, member: typeof alice): Promise<NostrEvent> =>
  sealPack({ keys, metadata, member: member.key, machine: MACHINE }, keySigner(alice), tools)

describe('a private machine over a relay', () => {
  test.each([
    ['as published', newSharedKeys(tools)],
    ['of edition 2', newEpochKeys(tools)],
  ])('is read by its members and shows nobody else who takes part (%s)', async (_, keys) => {
    const { url, client } = await start()
    await client.publish([url], await packFor(keys, bob))
    const packs = await client.fetch([url], { kinds: [KINDS.keyPack], '#p': [bob.key] })
    const pack = packs.events[0]
    if (!pack) throw new Error('the pack is there')
    const opened = openPack(pack, as(bob), engine)
    expect(opened).toMatchObject({ initiator: alice.key, machine: MACHINE, metadata })
    const input = eventBy(bob)
    await client.publish([url], wrapEvent(input, opened.keys, tools, 3600))
    const wraps = await client.fetch([url], { kinds: [KINDS.giftWrap], '#p': [keys.route] })
    expect(openWraps(wraps.events, [keys], MACHINE, engine).events).toEqual([input])
    const shown = JSON.stringify([...packs.events, ...wraps.events])
    expect(shown).not.toContain(alice.key)
    expect(wraps.events[0]?.created_at).toBe(NOW - 3600)
    expect(JSON.stringify(wraps.events)).not.toContain(bob.key)
  })

  test('is left behind by whoever gets no pack for a later epoch, with what was', async () => {
    const first = newEpochKeys(tools)
    if (first.is !== 'epoch') throw new Error('it is one')
    const second = newEpochKeys(tools, first)
    expect(second).toMatchObject({ epoch: 1, route: first.route })
    const [before, after] = [eventBy(alice, { content: '{"n":1}' }), eventBy(alice)]
    const wraps = [wrapEvent(before, first, tools), wrapEvent(after, second, tools)]
    const removed = openWraps(wraps, [first], MACHINE, engine)
    expect(removed.events).toEqual([before])
    expect(removed.passedOver.map((one) => one.fault.code)).toEqual(['nostr-wrap/sealed'])
    expect(openWraps(wraps, [second, first], MACHINE, engine).events).toEqual([before, after])
  })

  test('is not entered by a pack for somebody else, nor one that a stranger changed', async () => {
    const keys = newSharedKeys(tools)
    const pack = await packFor(keys, bob)
    expect(() => openPack(pack, as(carol), engine)).toThrow('not for')
    expect(() => openPack({ ...pack, tags: [['p', carol.key]] }, as(carol), engine)).toThrow()
    const relayed = eventBy(carol, { kind: KINDS.keyPack, tags: pack.tags, content: pack.content })
    expect(() => openPack(relayed, as(bob), engine)).toThrow('check fails')
  })

  test('passes over what a member who lies puts in', () => {
    const keys = newSharedKeys(tools)
    const forged = { ...eventBy(alice), sig: eventBy(bob).sig }
    const opened = openWraps([wrapEvent(forged, keys, tools)], [keys], MACHINE, engine)
    expect(opened.events).toEqual([])
    expect(opened.passedOver.map((one) => one.fault.code)).toEqual(['nostr-event/bad-signature'])
  })
})
