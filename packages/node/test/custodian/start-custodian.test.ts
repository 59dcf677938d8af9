/** Four custodians over a relay: what they certify, what they refuse, and what they know after a restart. */
import { afterEach, describe, expect, test } from 'vitest'
import {
  certificateFromReceipts,
  KINDS,
  keysFor,
  receiptFrom,
  rejectionFrom,
  snapshotFrom,
} from 'tallystick/nostr'
import { CUSTODIAN_ROUNDS } from 'tallystick/models'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { alice, bob, engine } from '../relay/people.ts'
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

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one()
})

const scene = async (text = COUNTER) => {
  const relay = await startLocalRelay(engine)
  closing.push(relay.close)
  const relays = [relay.url]
  const client = keeperClient()
  closing.push(async () => Promise.resolve(client.close()))
  const defined = defineMachine(wishFor(text, relays))
  await client.publish(relays, defined.event)
  const start = async (at: number, changes = {}) => {
    const signer = KEEPERS[at]
    if (!signer) throw new Error('there is no such custodian')
    const keeper = await startKeeper(defined, signer, relays, changes)
    closing.push(keeper.stop)
    return keeper
  }
  return { relays, client, defined, machine: defined.definition.id, start }
}

describe('four custodians over a relay', () => {
  test('certify an input, and receipts alone show it', { timeout: 60_000 }, async () => {
    const { relays, client, defined, machine, start } = await scene()
    await Promise.all(KEEPERS.map((_, at) => start(at)))
    const input = inputBy(alice, { machine, type: 'PUSH', data: { by: 2 } })
    await client.publish(relays, input)
    const custodians = KEEPERS.map((one) => one.key)
    const events = await untilShown(client, relays, receiptsOf(machine), (all) => all.length >= 3)
    const [first] = events.map(receiptFrom)
    expect(first?.input).toBe(input.id)
    const header = events[0]?.tags.find(([name]) => name === 'header')?.[1] ?? ''
    expect(keysFor(events, header, custodians).length).toBeGreaterThanOrEqual(3)
    const quorum = CUSTODIAN_ROUNDS.quorumIn(defined.charter.terms)
    if (!first || !quorum) throw new Error('nothing was certified')
    const by = { quorum, verifier: engine }
    expect(certificateFromReceipts(events.map(receiptFrom), first.transition, by)).toBeDefined()
    const two = events.slice(0, 2).map(receiptFrom)
    expect(certificateFromReceipts(two, first.transition, by)).toBeUndefined()
    const [shown] = await untilShown(
      client,
      relays,
      { kinds: [KINDS.snapshot], '#e': [machine] },
      (all) => all.length >= 3,
    )
    expect(shown && snapshotFrom(shown).shown.context).toEqual({ count: 2 })
  })

  test(
    'refuse an input, with the code why, and take the same one changed',
    { timeout: 60_000 },
    async () => {
      const { relays, client, machine, start } = await scene()
      await Promise.all(KEEPERS.map((_, at) => start(at)))
      const bad = inputBy(bob, { machine, type: 'PUSH', data: { by: 3 } })
      await client.publish(relays, bad)
      const filter = { kinds: [KINDS.rejection], '#e': [machine], '#p': [bob.key] }
      const [event] = await untilShown(client, relays, filter, (all) => all.length > 0)
      expect(event && rejectionFrom(event)).toMatchObject({ input: bad.id, code: 'GUARD_FAILED' })
      const good = inputBy(bob, { machine, type: 'PUSH', data: { by: 2 } })
      await client.publish(relays, good)
      const receipts = await untilShown(
        client,
        relays,
        receiptsOf(machine),
        (all) => all.length >= 3,
      )
      expect(receipts.map((one) => receiptFrom(one).input)).toEqual(receipts.map(() => good.id))
    },
  )

  test(
    'go on with three of them, and the fourth takes up what it missed',
    { timeout: 60_000 },
    async () => {
      const { relays, client, machine, start } = await scene()
      // Every round in which the missing one leads is waited for.
      const quick = { roundMs: 1_000 }
      await Promise.all([0, 1, 2].map((at) => start(at, quick)))
      const first = inputBy(alice, { machine, type: 'PUSH', data: { by: 1 } })
      await client.publish(relays, first)
      await untilShown(client, relays, receiptsOf(machine), (all) => all.length >= 3)
      const late = await start(3, quick)
      const second = inputBy(bob, { machine, type: 'PUSH', data: { by: 2 }, parent: first.id })
      await client.publish(relays, second)
      await expect.poll(() => late.state().member.followed.machine.head.sequence, POLL).toBe(2n)
    },
  )

  test(
    'know after a restart what they signed, and refuse nothing anew',
    { timeout: 60_000 },
    async () => {
      const { relays, client, machine, start } = await scene()
      const stores = KEEPERS.map(() => createMemoryStore())
      const before = await Promise.all(stores.map((store, at) => start(at, { store })))
      const first = inputBy(alice, { machine, type: 'PUSH', data: { by: 1 } })
      const bad = inputBy(bob, { machine, type: 'PUSH', data: { by: 9 } })
      await client.publish(relays, bad)
      const refusals = { kinds: [KINDS.rejection], '#e': [machine] }
      await untilShown(client, relays, refusals, (all) => all.length >= 4)
      await client.publish(relays, first)
      await untilShown(client, relays, receiptsOf(machine), (all) => all.length >= 3)
      await Promise.all(before.map((one) => one.stop()))
      const after = await Promise.all(stores.map((store, at) => start(at, { store })))
      const second = inputBy(bob, { machine, type: 'PUSH', data: { by: 2 }, parent: first.id })
      await client.publish(relays, second)
      for (const one of after) {
        await expect.poll(() => one.state().member.followed.machine.head.sequence, POLL).toBe(2n)
      }
      const told = await untilShown(client, relays, refusals, () => true)
      expect(told.filter((one) => rejectionFrom(one).input === bad.id).length).toBe(4)
      expect(told.length).toBe(4)
    },
  )

  test(
    'end soon after they are told to, although no relay answers',
    { timeout: 60_000 },
    async () => {
      const { relays, client, machine, start } = await scene()
      const keepers = await Promise.all(KEEPERS.map((_, at) => start(at)))
      await client.publish(relays, inputBy(alice, { machine, type: 'PUSH', data: { by: 1 } }))
      await untilShown(client, relays, receiptsOf(machine), (all) => all.length >= 3)
      await closing.shift()?.()
      const before = performance.now()
      await Promise.all(keepers.map((one) => one.close()))
      expect(performance.now() - before).toBeLessThan(10_000)
    },
  )

  test(
    'move a machine on when its time has come, without anybody else',
    { timeout: 60_000 },
    async () => {
      const timed = {
        id: 'timed',
        initial: 'here',
        states: { here: { after: { 1000: 'there' } }, there: {} },
      }
      const { relays, client, machine, start } = await scene(JSON.stringify(timed))
      await Promise.all(KEEPERS.map((_, at) => start(at)))
      const filter = { kinds: [KINDS.snapshot], '#e': [machine] }
      const [shown] = await untilShown(client, relays, filter, (all) => all.length > 0)
      expect(shown && snapshotFrom(shown).shown.value).toBe('there')
    },
  )
})

const POLL = { timeout: 20_000 }
