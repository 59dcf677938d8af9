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
