import { finalizeEvent } from 'nostr-tools/pure'
import { Relay, useWebSocketImplementation } from 'nostr-tools/relay'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { checkRelay } from '../../src/relay/check.ts'
import { createRelayClient, type RelayClient } from '../../src/relay/client.ts'
import { type LocalRelay, startLocalRelay } from '../../src/relay/local-relay.ts'
import { alice, bob, engine, eventBy, inputsBy, MACHINE } from './people.ts'

// Every answer is a signature or several; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

useWebSocketImplementation(WebSocket)
const open: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})
const start = async (): Promise<{ relay: LocalRelay; client: RelayClient }> => {
  const relay = await startLocalRelay(engine)
  const client = createRelayClient({ verifier: engine, silenceMs: 2_000 })
  open.push(relay.close, client.close)
  return { relay, client }
}

describe('the relay for trials', () => {
  test('serves all that a machine needs, and says so where it keeps another snapshot', async () => {
    const { relay } = await start()
    const found = await checkRelay(relay.url, {
      verifier: engine,
      signer: alice,
      now: Date.now,
      machine: 'c0'.repeat(32),
    })
    expect(found.needs.filter((one) => one.outcome === 'lacks')).toEqual([])
    expect(found.isFit).toBe(true)
  })

  test('takes nothing that its author did not sign', async () => {
    const { relay, client } = await start()
    const event = eventBy(alice)
    const told = await client.publish([relay.url], { ...event, sig: eventBy(bob).sig })
    expect(told.relays[0]?.outcome).toMatchObject({ is: 'refused' })
    const filter = { kinds: [7501], '#e': [MACHINE] }
    expect((await client.fetch([relay.url], filter)).events).toEqual([])
    expect((await client.publish([relay.url], event)).count).toBe(1)
    expect((await client.publish([relay.url], event)).relays[0]?.outcome).toEqual({ is: 'stored' })
  })

  test('serves a popular library as any relay does', async () => {
    const { relay, client } = await start()
    const events = inputsBy(alice, 2)
    for (const event of events) await client.publish([relay.url], event)
    const theirs = await Relay.connect(relay.url)
    open.push(() => theirs.close())
    const heard: string[] = []
    const { promise, resolve } = Promise.withResolvers<undefined>()
    theirs.subscribe([{ kinds: [7501], '#e': [MACHINE], limit: 10 }], {
      onevent: (event) => heard.push(event.id),
      oneose: () => resolve(undefined),
    })
    await promise
    expect(heard).toEqual(events.map((one) => one.id).reverse())
    const [first] = events
    const made = finalizeEvent(
      { kind: 7501, created_at: first?.created_at ?? 0, tags: [['e', MACHINE]], content: 'x' },
      bob.secret,
    )
    await theirs.publish(made)
    expect((await client.fetch([relay.url], { ids: [made.id] })).events).toHaveLength(1)
  })

  test('says no to what is no message, no filter and too much', async () => {
    const { relay } = await start()
    const socket = new WebSocket(relay.url)
    const heard: unknown[][] = []
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as unknown[]))
    await new Promise((resolve) => socket.once('open', resolve))
    const messages = [
      '{',
      '["HELLO"]',
      '["REQ","a",{"ids":[1]}]',
      '["REQ","b"]',
      '["REQ","c",{"kinds":"1"}]',
      '["EVENT",{"id":"x"}]',
      JSON.stringify(['REQ', 'd', ...Array.from({ length: 9 }, () => ({}))]),
    ]
    for (const message of messages) socket.send(message)
    for (let tries = 0; heard.length < messages.length && tries < 300; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    socket.terminate()
    expect(heard.map(([verb]) => verb)).toEqual([
      'NOTICE',
      'NOTICE',
      'CLOSED',
      'CLOSED',
      'CLOSED',
      'OK',
      'CLOSED',
    ])
  })
})
