import { BunkerSigner } from 'nostr-tools/nip46'
import { SimplePool, useWebSocketImplementation } from 'nostr-tools/pool'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { inputDraft, nostrInputFrom } from 'tallystick/nostr'
import type { NostrDraft } from 'tallystick/nostr'
import { WebSocket } from 'ws'
import { createRelayClient } from '../../src/relay/client.ts'
import { keySigner, type Wallet, walletSigner } from '../../src/relay/signer.ts'
import { alice, bob, engine, eventBy, MACHINE, NOW, person, type Person } from './people.ts'
import { bunkerKey, serveBunker } from './bunker.ts'
import { startTestRelay } from './test-relay.ts'

// Every answer is a signature or several; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

useWebSocketImplementation(WebSocket)

const draft = inputDraft({
  input: { machine: MACHINE, type: 'LOAD', parent: undefined },
  data: '{"amount":5}',
  pubkey: alice.key,
  created_at: NOW,
})
/** A wallet in a browser, as `window.nostr` has it. */
const walletOf = (
  owner: Person,
  change: (draft: NostrDraft) => NostrDraft = (one) => one,
): Wallet => ({
  getPublicKey: async () => Promise.resolve(owner.key),
  signEvent: async (template) =>
    Promise.resolve(eventBy(owner, change({ ...template, pubkey: owner.key }))),
})
const refusal = async (wallet: Wallet, patienceMs = 500): Promise<string> => {
  const signer = await walletSigner(wallet, engine, patienceMs)
  return signer.sign(draft).then(
    () => 'signed',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

describe('a signer', () => {
  test('with a key of its own signs what it is asked to', async () => {
    const event = await keySigner(alice).sign(draft)
    expect(nostrInputFrom(event, MACHINE).type).toBe('LOAD')
    expect(event.pubkey).toBe(alice.key)
  })

  test('in a browser signs what it is asked to, whatever marks it leaves on the event', async () => {
    const marked: Wallet = {
      ...walletOf(alice),
      signEvent: async () =>
        Promise.resolve({ ...eventBy(alice, draft), [Symbol('verified')]: true, seen: 'mine' }),
    }
    const event = await (await walletSigner(marked, engine)).sign(draft)
    expect(Object.keys(event)).toHaveLength(7)
    expect(event).toMatchObject({ content: draft.content, tags: draft.tags, pubkey: alice.key })
  })

  test.each<[what: string, wallet: Wallet, why: RegExp]>([
    [
      'changes the content',
      walletOf(alice, (one) => ({ ...one, content: '{"amount":500}' })),
      /something else/,
    ],
    [
      'adds a tag',
      walletOf(alice, (one) => ({ ...one, tags: [...one.tags, ['client', 'x']] })),
      /something else/,
    ],
    ['signs another kind', walletOf(alice, (one) => ({ ...one, kind: 1 })), /something else/],
    [
      'signs by another key',
      { ...walletOf(bob), getPublicKey: async () => Promise.resolve(alice.key) },
      /something else/,
    ],
    [
      'makes up a signature',
      {
        ...walletOf(alice),
        signEvent: async () => Promise.resolve({ ...eventBy(alice, draft), sig: eventBy(bob).sig }),
      },
      /not by/,
    ],
    [
      'gives nothing',
      { ...walletOf(alice), signEvent: async () => Promise.resolve(null) },
      /no event/,
    ],
    [
      'is silent',
      { ...walletOf(alice), signEvent: async () => new Promise(() => undefined) },
      /silent/,
    ],
    [
      'refuses',
      { ...walletOf(alice), signEvent: async () => Promise.reject(new Error('no')) },
      /^no$/,
    ],
  ])('is not believed where its wallet %s', async (_, wallet, why) => {
    expect(await refusal(wallet)).toMatch(why)
    expect(await refusal(walletOf(alice))).toBe('signed')
  })

  test('refuses what programs read in different ways, before the wallet sees it', async () => {
    const signer = await walletSigner(walletOf(alice), engine)
    await expect(signer.sign({ ...draft, content: '\u0001' })).rejects.toThrow('control character')
  })
})

describe('a bunker over a relay', async () => {
  const relay = await startTestRelay()
  const client = createRelayClient({ verifier: engine })
  const pool = new SimplePool()
  const own = person('session')
  afterAll(async () => {
    pool.destroy()
    client.close()
    await relay.close()
  })

  test('signs an input that nobody here has the key for', async () => {
    await serveBunker(client, relay.url, alice)
    const pointer = { relays: [relay.url], pubkey: bunkerKey.key, secret: null }
    const bunker = BunkerSigner.fromBunker(own.secret, pointer, { pool })
    await bunker.connect()
    const signer = await walletSigner(bunker, engine, 5_000)
    expect(signer.pubkey).toBe(alice.key)
    const event = await signer.sign(draft)
    expect(nostrInputFrom(event, MACHINE)).toMatchObject({ type: 'LOAD' })
    const told = await client.publish([relay.url], event, { confirm: 'always' })
    expect(told.count).toBe(1)
    await bunker.close()
  })
})
