/** Custodians over relays of a third party, and over one that drops, repeats and reorders what it hands on. */
import { expect, test } from 'vitest'
import { KINDS, receiptFrom } from 'tallystick/nostr'
import { misbehave } from '../relay/proxy.ts'
import { alice } from '../relay/people.ts'
import { startTestRelay } from '../relay/test-relay.ts'
import {
  COUNTER,
  defineMachine,
  inputBy,
  keeperClient,
  KEEPERS,
  receiptsOf,
  startKeeper,
  untilShown,
  wishFor,
} from './scene.ts'

const KEPT = 2

test(
  'a custodian that hears no other any more follows by receipts',
  { timeout: 60_000 },
  async () => {
    const relay = await startTestRelay()
    const deaf = await misbehave(relay, {
      fromRelay: (message) => {
        const [verb, , event] = message as [string, string, { readonly kind?: number } | undefined]
        return verb === 'EVENT' && event?.kind === KINDS.vote ? [] : [message]
      },
    })
    const client = keeperClient()
    const defined = defineMachine(wishFor(COUNTER, [relay.url]))
    await client.publish([relay.url], defined.event)
    const keepers = await Promise.all(
      KEEPERS.map((one, at) =>
        startKeeper(defined, one, [at === 3 ? deaf.url : relay.url], { roundMs: 700 }),
      ),
    )
    const machine = defined.definition.id
    const input = inputBy(alice, { machine, type: 'PUSH', data: { by: 1 } })
    await client.publish([relay.url], input)
    const last = (): bigint | undefined => keepers[3]?.state().member.followed.machine.head.sequence
    await expect.poll(last, { timeout: 30_000 }).toBe(1n)
    for (const one of keepers) await one.stop()
    client.close()
    await deaf.close()
    await relay.close()
  },
)

test(
  'a relay that loses a third of all votes, repeats the others and turns them around delays a step',
  { timeout: 90_000 },
  async () => {
    const relay = await startTestRelay()
    let [seen, lost] = [0, 0]
    const held: (readonly unknown[])[] = []
    const proxy = await misbehave(relay, {
      fromRelay: (message) => {
        const [verb, , event] = message as [string, string, { readonly kind?: number } | undefined]
        if (verb !== 'EVENT' || event?.kind !== KINDS.vote) return [message]
        if (++seen % 3 === 0) {
          lost += 1
          return []
        }
        held.push(message)
        return held.length < KEPT
          ? []
          : held
              .splice(0)
              .reverse()
              .flatMap((one) => [one, one])
      },
    })
    const relays = [proxy.url]
    const client = keeperClient()
    const defined = defineMachine(wishFor(COUNTER, relays))
    await client.publish(relays, defined.event)
    const changes = { roundMs: 1_000 }
    const keepers = await Promise.all(
      KEEPERS.map((one) => startKeeper(defined, one, relays, changes)),
    )
    const machine = defined.definition.id
    const input = inputBy(alice, { machine, type: 'PUSH', data: { by: 1 } })
    await client.publish(relays, input)
    const enough = receiptsOf(machine)
    const receipts = await untilShown(client, relays, enough, (all) => all.length >= 3)
    expect(receipts.length).toBeGreaterThanOrEqual(3)
    expect(new Set(receipts.map((one) => receiptFrom(one).transition.state)).size).toBe(1)
    expect(lost).toBeGreaterThan(0)
    for (const one of keepers) await one.stop()
    client.close()
    await proxy.close()
    await relay.close()
  },
)
