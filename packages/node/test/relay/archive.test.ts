import { afterEach, describe, expect, test, vi } from 'vitest'
import { createArchive, republish } from '../../src/relay/archive.ts'
import { createRelayClient } from '../../src/relay/client.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { alice, bob, engine, eventBy, inputsBy, MACHINE } from './people.ts'
import { startTestRelay } from './test-relay.ts'

// Every answer is a signature or several; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const open: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})
const FILTER = { kinds: [7501], '#e': [MACHINE] }

describe('an archive', () => {
  test('keeps each event once, byte for byte, in the order in which they came', async () => {
    const archive = createArchive(createMemoryStore(), engine, Date.now)
    const [first, second] = inputsBy(alice, 2)
    if (!first || !second) throw new Error('two were made')
    expect(await archive.add(MACHINE, second)).toBe(true)
    expect(await archive.add(MACHINE, first)).toBe(true)
    expect(await archive.add(MACHINE, second)).toBe(false)
    expect(await archive.all(MACHINE)).toEqual([second, first])
    expect(await archive.find(MACHINE, first.id)).toEqual(first)
    expect(await archive.find(MACHINE, 'ef'.repeat(32))).toBeUndefined()
    expect(await archive.all('cd'.repeat(32))).toEqual([])
  })

  test('takes nothing that its author did not sign', async () => {
    const archive = createArchive(createMemoryStore(), engine, Date.now)
    const event = eventBy(alice)
    await expect(archive.add(MACHINE, { ...event, sig: eventBy(bob).sig })).rejects.toMatchObject({
      code: 'nostr-event/bad-signature',
    })
    expect(await archive.all(MACHINE)).toEqual([])
  })

  test('gives back to relays what authors had deleted there, and what they never had', async () => {
    const [full, empty] = [await startTestRelay(), await startTestRelay()]
    open.push(full.close, empty.close)
    const client = createRelayClient({ verifier: engine, silenceMs: 4_000 })
    open.push(client.close)
    const archive = createArchive(createMemoryStore(), engine, Date.now)
    const events = inputsBy(alice, 3)
    for (const event of events) {
      await archive.add(MACHINE, event)
      await client.publish([full.url], event)
    }
    full.events.delete(events[1]?.id ?? '')
    const done = await republish(client, [full.url, empty.url], FILTER, await archive.all(MACHINE))
    expect(done.unsure).toEqual([])
    expect(done.events.filter((one) => one.relay === empty.url)).toHaveLength(3)
    const again = done.events.filter((one) => one.relay === full.url)
    expect(again.map((one) => one.id)).toEqual([events[1]?.id])
    for (const one of done.events.slice(1)) expect(one.outcome).toEqual({ is: 'stored' })
  })

  test('names relays of which nobody knows what they lack', async () => {
    const client = createRelayClient({ verifier: engine, silenceMs: 300 })
    open.push(client.close)
    const done = await republish(client, ['ws://127.0.0.1:1'], FILTER, [])
    expect(done.unsure.map((one) => one.outcome.is)).toEqual(['unreachable'])
  })
})
