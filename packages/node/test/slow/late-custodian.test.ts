/** A custodian that the others cannot do without starts when strangers have filled the relay that all of them use. */
import { expect, test } from 'vitest'
import { alice, person } from '../relay/people.ts'
import { startTestRelay } from '../relay/test-relay.ts'
import {
  COUNTER,
  defineMachine,
  inputBy,
  keeperClient,
  KEEPERS,
  startKeeper,
  wishFor,
} from '../custodian/scene.ts'

test(
  'a custodian that comes late finds its way through a second that strangers have filled, and is the one that was missing',
  { timeout: 300_000 },
  async () => {
    // Twenty at a time, and twice as many of strangers in the very second of the input that waits.
    const relay = await startTestRelay({ clamp: 20 })
    const relays = [relay.url]
    const client = keeperClient()
    const defined = defineMachine(wishFor(COUNTER, relays))
    const machine = defined.definition.id
    await client.publish(relays, defined.event)
    const start = (at: number) => {
      const one = KEEPERS[at]
      if (!one) throw new Error('there are four')
      return startKeeper(defined, one, relays)
    }
    const early = await Promise.all([0, 1, 2].map(start))
    const first = inputBy(alice, { machine, type: 'PUSH', data: { by: 1 } })
    await client.publish(relays, first)
    const headOf = (of: { state: (typeof early)[number]['state'] } | undefined) =>
      of?.state().member.followed.machine.head.sequence
    for (const one of early) await expect.poll(() => headOf(one), { timeout: 60_000 }).toBe(1n)
    await early[2]?.stop()
    const now = Math.floor(Date.now() / 1000)
    const flood = Array.from({ length: 40 }, (_, at) =>
      inputBy(person(`mallory ${at}`), { machine, type: 'PUSH', data: { by: 9 }, now }),
    )
    await Promise.all(flood.slice(0, 20).map((one) => client.publish(relays, one)))
    const second = inputBy(alice, { machine, type: 'PUSH', data: { by: 2 }, parent: first.id, now })
    await client.publish(relays, second)
    await Promise.all(flood.slice(20).map((one) => client.publish(relays, one)))
    await expect
      .poll(() => early[0]?.state().member.run.candidates.length, { timeout: 60_000 })
      .toBeGreaterThan(0)
    expect(headOf(early[0])).toBe(1n)
    const late = await start(3)
    await expect.poll(() => headOf(late), { timeout: 60_000 }).toBe(2n)
    await expect.poll(() => headOf(early[0]), { timeout: 60_000 }).toBe(2n)
    for (const one of [early[0], early[1], late]) await one?.stop()
    client.close()
    await relay.close()
  },
)
