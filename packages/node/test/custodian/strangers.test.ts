/** What strangers send to a custodian must not keep it from starting again: it lies in the archive for good. */
import { afterEach, describe, expect, test } from 'vitest'
import { isFault } from 'tallystick/base'
import { KINDS, type NostrEvent, rejectionFrom } from 'tallystick/nostr'
import type { Defined } from '../../src/custodian/definition.ts'
import { escrowBeside } from '../../src/custodian/escrow.ts'
import { createArchive } from '../../src/relay/archive.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { alice, bob, engine, type Person, person } from '../relay/people.ts'
import { COUNTER, defineMachine, inputBy, keeperClient, KEEPERS } from './scene.ts'
import { receiptsOf, startKeeper, untilShown, wishFor } from './scene.ts'

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

const seconds = (): number => Math.floor(Date.now() / 1000)

/** Ids of strangers' inputs that have a place. */
const waiting = async (
  store: ReturnType<typeof createMemoryStore>,
  { definition }: Defined,
): Promise<readonly string[]> =>
  (await store.scan(`custodian/strangers/${definition.id}`, undefined, 100)).map((one) =>
    Buffer.from(one.key).toString('hex'),
  )

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
    const early = (by: Person): NostrEvent =>
      inputBy(by, { machine: defined.definition.id, type: 'PUSH', now: seconds() + 600 })
    const many = Array.from({ length: 8 }, (_, at) => person(`mallory ${at}`)).map(early)
    for (const one of many) await client.publish(relays, one)
    await client.publish(relays, early(alice))
    await client.publish(relays, push(bob, defined))
    await expect
      .poll(() => keeper.state().member.run.candidates.length, { timeout: 20_000 })
      .toBeGreaterThan(0)
    const inputs = (await archived(store, defined)).filter((one) => one.kind === KINDS.input)
    expect(inputs.map((one) => one.pubkey)).toEqual([alice.key])
    // Bob is none of those whom the definition names: his good input was put forward without being kept.
    const first = many.slice(0, 3).map((one) => one.id)
    expect(await waiting(store, defined)).toEqual(first.toSorted())
    expect(keeper.failures()).toEqual([])
    await keeper.stop()
    // What was kept in the earlier life takes its room.
    const again = await startOver(defined, relays, { store, strangerInputs: 3 })
    await expect.poll(again.heard, { timeout: 20_000 }).toBe(1)
    await client.publish(relays, early(person('mallory 9')))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await waiting(store, defined)).toEqual(first.toSorted())
    expect(again.failures()).toEqual([])
  },
)

test(
  'F13: a stranger whose input finds no place is told why it was refused, and what was refused or accepted has none',
  { timeout: 60_000 },
  async () => {
    const relays = await relayed()
    const defined = defineMachine(wishFor(COUNTER, relays))
    const machine = defined.definition.id
    const client = keeperClient()
    closing.push(async () => Promise.resolve(client.close()))
    const guarded = (by: Person): NostrEvent =>
      inputBy(by, { machine, type: 'PUSH', data: { by: 3 } })
    const refusedTo = async (keeper: Person, input: NostrEvent) =>
      (
        await untilShown(
          client,
          relays,
          { kinds: [KINDS.rejection], authors: [keeper.key], '#e': [input.id] },
          (events) => events.length > 0,
        )
      ).map((one) => rejectionFrom(one).code)
    const seats = KEEPERS.map((signer, at) => {
      const [store, strangerInputs] = [createMemoryStore(), at === 0 ? 0 : 3]
      const start = () => startKeeper(defined, signer, relays, { store, strangerInputs })
      return { store, strangerInputs, start }
    })
    const keepers = await Promise.all(seats.map((one) => one.start()))
    closing.push(...keepers.map((one) => one.stop))
    for (const one of keepers) await expect.poll(one.heard, { timeout: 20_000 }).toBe(1)
    const bad = guarded(stranger)
    await client.publish(relays, bad)
    for (const one of KEEPERS) expect(await refusedTo(one, bad)).toEqual(['GUARD_FAILED'])
    for (const { store } of seats) expect(await waiting(store, defined)).toEqual([])
    const good = push(bob, defined)
    await client.publish(relays, good)
    await untilShown(client, relays, receiptsOf(machine), (events) => events.length === 4)
    for (const { store, strangerInputs } of seats) {
      await expect.poll(() => waiting(store, defined)).toEqual([])
      // What a step took is archived, where it had a place before.
      const inputs = (await archived(store, defined)).filter((one) => one.kind === KINDS.input)
      expect(inputs.map((one) => one.id)).toEqual(strangerInputs === 0 ? [] : [good.id])
    }
    // Told once, over a restart too.
    await keepers[1]?.stop()
    const [, second] = KEEPERS
    const again = await seats[1]?.start()
    if (!second || !again) throw new Error('there are four')
    closing.push(again.stop)
    await expect.poll(again.heard, { timeout: 20_000 }).toBe(1)
    await client.publish(relays, bad)
    const last = guarded(person('mallory 9'))
    await client.publish(relays, last)
    expect(await refusedTo(second, last)).toEqual(['STALE_HEAD'])
    expect(await refusedTo(second, bad)).toEqual(['GUARD_FAILED'])
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
