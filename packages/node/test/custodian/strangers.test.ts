/** What strangers send to a custodian must not keep it from starting again: it lies in the archive for good. */
import { afterEach, describe, expect, test } from 'vitest'
import { isFault } from 'tallystick/base'
import { KINDS, type NostrEvent } from 'tallystick/nostr'
import type { Defined } from '../../src/custodian/definition.ts'
import { escrowBeside } from '../../src/custodian/escrow.ts'
import { createArchive } from '../../src/relay/archive.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { alice, bob, engine, type Person, person } from '../relay/people.ts'
import { COUNTER, defineMachine, inputBy, keeperClient, KEEPERS } from './scene.ts'
import { startKeeper, wishFor } from './scene.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one()
})

const stranger = person('mallory')
const [north] = KEEPERS
if (!north) throw new Error('there are four')

const relayed = async () => {
  const relay = await startLocalRelay(engine)
  closing.push(relay.close)
  return [relay.url]
}

const startOver = async (defined: Defined, relays: readonly string[], changes: object) => {
  const logged: { readonly level: string; readonly text: string }[] = []
  const log = (level: string, text: string): void => void logged.push({ level, text })
  const keeper = await startKeeper(defined, north, relays, { ...changes, log })
  closing.push(keeper.stop)
  return { ...keeper, failures: () => logged.filter((one) => one.level === 'error') }
}

const archived = (store: ReturnType<typeof createMemoryStore>, { definition }: Defined) =>
  createArchive(store, engine, Date.now).all(definition.id)

const escrowOn = (relays: readonly string[]): Defined => {
  const participants = [alice, bob].map(({ key }) => ({ key, relay: '', role: 'player' }))
  const bet = defineMachine(wishFor(COUNTER, relays, { participants }))
  const wish = { players: [alice.key, bob.key], symbol: 'COIN', decimals: 2, each: 100n }
  const beside = escrowBeside(bet, wish)
  if (isFault(beside)) throw beside
  return beside.defined
}

const push = (by: Person, { definition }: Defined): NostrEvent =>
  inputBy(by, { machine: definition.id, type: 'PUSH', data: { by: 1 } })

describe('a custodian of a machine with money', () => {
  test('keeps no input of strangers, and starts again', { timeout: 60_000 }, async () => {
    const relays = await relayed()
    const defined = escrowOn(relays)
    const store = createMemoryStore()
    const first = await startOver(defined, relays, { store })
    const client = keeperClient()
    closing.push(async () => Promise.resolve(client.close()))
    await expect.poll(first.heard, { timeout: 20_000 }).toBe(1)
    const { count } = await client.publish(relays, push(stranger, defined))
    expect(count).toBe(1)
    // What is sent on the same connection later is heard later.
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await archived(store, defined)).map((one) => one.kind)).not.toContain(KINDS.input)
    expect(first.failures()).toEqual([])
    await first.stop()
    const again = await startOver(defined, relays, { store })
    expect(again.failures()).toEqual([])
  })

  test('starts although an input was archived before', { timeout: 60_000 }, async () => {
    const relays = await relayed()
    const defined = escrowOn(relays)
    const store = createMemoryStore()
    await createArchive(store, engine, Date.now).add(defined.definition.id, push(alice, defined))
    const keeper = await startOver(defined, relays, { store })
    expect(keeper.failures()).toEqual([])
  })
})

test(
  'F13: a custodian keeps so many inputs of strangers, considers the others all the same, and keeps all of whom it knows',
  { timeout: 60_000 },
  async () => {
    const relays = await relayed()
    const participants = [{ key: alice.key, relay: '', role: 'player' }]
    const defined = defineMachine(wishFor(COUNTER, relays, { participants }))
    const store = createMemoryStore()
    const keeper = await startOver(defined, relays, { store, strangerInputs: 3 })
    const client = keeperClient()
    closing.push(async () => Promise.resolve(client.close()))
    await expect.poll(keeper.heard, { timeout: 20_000 }).toBe(1)
    const bad = (by: Person): NostrEvent =>
      inputBy(by, { machine: defined.definition.id, type: 'PUSH', data: { by: 3 } })
    const many = Array.from({ length: 8 }, (_, at) => person(`mallory ${at}`)).map(bad)
    for (const one of many) await client.publish(relays, one)
    await client.publish(relays, bad(alice))
    await client.publish(relays, push(bob, defined))
    await expect
      .poll(() => keeper.state().member.run.candidates.length, { timeout: 20_000 })
      .toBeGreaterThan(0)
    const inputs = (await archived(store, defined)).filter((one) => one.kind === KINDS.input)
    expect(inputs).toHaveLength(4)
    expect(inputs.filter((one) => one.pubkey === alice.key)).toHaveLength(1)
    // Bob is none of those whom the definition names: his good input was put forward without being kept.
    expect(inputs.filter((one) => one.pubkey === bob.key)).toEqual([])
    expect(keeper.failures()).toEqual([])
    await keeper.stop()
    const remembered = await Promise.all(
      [...many, bad(alice)].map(async (one) =>
        store.get('custodian/refused', Buffer.from(one.id, 'hex')),
      ),
    )
    expect(remembered.filter((one) => one !== undefined).length).toBeLessThanOrEqual(4)
    // What was kept in the earlier life takes its room.
    const again = await startOver(defined, relays, { store, strangerInputs: 3 })
    await client.publish(relays, bad(person('mallory 9')))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await archived(store, defined)).filter((one) => one.kind === KINDS.input)).toHaveLength(
      4,
    )
    expect(again.failures()).toEqual([])
  },
)

test(
  'a custodian passes over what it cannot take up, says so, and starts',
  { timeout: 60_000 },
  async () => {
    const relays = await relayed()
    const defined = defineMachine(wishFor(COUNTER, relays))
    const store = createMemoryStore()
    const archive = createArchive(store, engine, Date.now)
    await archive.add(defined.definition.id, push(stranger, defined))
    await archive.add(defined.definition.id, push(alice, defined))
    const verify: typeof engine.verify = (scheme, publicKey, ...of) => {
      if (Buffer.from(publicKey).toString('hex') === stranger.key) throw new Error('a defect')
      return engine.verify(scheme, publicKey, ...of)
    }
    const keeper = await startOver(defined, relays, { store, verifier: { ...engine, verify } })
    expect(keeper.failures()).toEqual([{ level: 'error', text: 'passed over' }])
    // The good one had its turn.
    expect(keeper.state().member.run.candidates).toHaveLength(1)
  },
)
