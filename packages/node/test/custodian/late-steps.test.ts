/** What is shown to a custodian of heads that its machine has left behind. */
import { afterEach, expect, test } from 'vitest'
import { certifiedStepDraft, KINDS, receiptFrom, signNostrEvent } from 'tallystick/nostr'
import { createArchive } from '../../src/relay/archive.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { alice, engine } from '../relay/people.ts'
import { COUNTER, defineMachine, inputBy, keeperClient, KEEPERS } from './scene.ts'
import { receiptsOf, startKeeper, untilShown, wishFor } from './scene.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

test(
  'F13: a custodian keeps no certified step that comes when its machine has gone past it',
  { timeout: 60_000 },
  async () => {
    const relay = await startLocalRelay(engine)
    closing.push(relay.close)
    const relays = [relay.url]
    const participants = [{ key: alice.key, relay: '', role: 'player' }]
    const defined = defineMachine(wishFor(COUNTER, relays, { participants }))
    const machine = defined.definition.id
    const seats = KEEPERS.map((signer) => ({ signer, store: createMemoryStore() }))
    const keepers = await Promise.all(
      seats.map(({ signer, store }) => startKeeper(defined, signer, relays, { store })),
    )
    closing.push(...keepers.map((one) => one.stop))
    const client = keeperClient()
    closing.push(async () => Promise.resolve(client.close()))
    for (const one of keepers) await expect.poll(one.heard, { timeout: 20_000 }).toBe(1)
    await client.publish(relays, inputBy(alice, { machine, type: 'PUSH', data: { by: 1 } }))
    const shown = await untilShown(client, relays, receiptsOf(machine), (all) => all.length === 4)
    const { transition, interaction } =
      shown.map((one) => receiptFrom(one)).find((one) => one.interaction) ?? {}
    if (!transition || !interaction) throw new Error('receipts show what was done')
    const late = (fill: number) => {
      const certificate = new Uint8Array(8).fill(fill)
      const of = { machine, author: alice.key, transition, interaction, consents: [], certificate }
      const draft = certifiedStepDraft(
        { ...of, accepted: new Uint8Array(0) },
        Math.floor(Date.now() / 1000),
      )
      return signNostrEvent(draft, alice)
    }
    for (const fill of [1, 2, 3]) await client.publish(relays, late(fill))
    await new Promise((resolve) => setTimeout(resolve, 500))
    for (const { store } of seats) {
      const archived = await createArchive(store, engine, Date.now).all(machine)
      expect(archived.filter((one) => one.kind === KINDS.certifiedStep)).toEqual([])
    }
  },
)
