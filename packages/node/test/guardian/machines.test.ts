/** Which accounts a guardian keeps in memory. */
import { describe, expect, test } from 'vitest'
import { createMachines, weightOf } from '../../src/guardian/machines.ts'
import { createLaneKept } from '../../src/guardian/lane-kept.ts'
import { openGuardian, partyAt } from './town.ts'

const [alice, bob, carol] = [partyAt(0), partyAt(1), partyAt(2)]

const opened = async (bound: { readonly sizeMax: number; readonly bytesMax: number }) => {
  const { context } = await openGuardian()
  const { lattice, networkMachine: network } = context
  const machines = createMachines({ lattice, network, leavesMax: 4096, ...bound })
  return { machines, weight: weightOf((await headOf(context.machines, alice)).machine.state) }
}

const headOf = async (of: ReturnType<typeof createMachines>, { id }: typeof alice) => {
  const head = await of.load(id)
  if (!head) throw new Error('it has begun with the network')
  return head
}

describe('Accounts in memory', () => {
  test('are no more bytes than are allowed: the one used longest ago makes room', async () => {
    const { weight } = await opened({ sizeMax: 16, bytesMax: 1 })
    const { machines } = await opened({ sizeMax: 16, bytesMax: 2 * weight + 1000 })
    for (const one of [alice, bob]) await machines.load(one.id)
    expect([machines.count(), machines.bytes()]).toEqual([2, 2 * weight])
    await machines.load(alice.id)
    await machines.load(carol.id)
    expect(machines.bytes()).toBe(2 * weight)
    expect([alice, bob, carol].map(({ id }) => machines.inMemory(id) !== undefined)).toEqual([
      true,
      false,
      true,
    ])
    // One that is not in memory is read again.
    expect((await headOf(machines, bob)).machine.headId).toBeDefined()
  })

  test('are at least the one that was used last, whatever it has', async () => {
    const { machines } = await opened({ sizeMax: 16, bytesMax: 1 })
    await machines.load(alice.id)
    await machines.load(bob.id)
    expect(machines.count()).toBe(1)
    expect(machines.inMemory(bob.id)).toBeDefined()
  })

  test('are no more than are allowed, and one that is set again counts once', async () => {
    const { machines, weight } = await opened({ sizeMax: 2, bytesMax: 1_000_000 })
    for (const one of [alice, bob, carol]) await machines.load(one.id)
    expect([machines.count(), machines.bytes()]).toEqual([2, 2 * weight])
    machines.set(carol.id, await headOf(machines, carol))
    expect([machines.count(), machines.bytes()]).toEqual([2, 2 * weight])
  })
})

test('a thread’s accounts are forgotten by bytes as well, those used longest ago first', async () => {
  const { machines, weight } = await opened({ sizeMax: 16, bytesMax: 1_000_000 })
  const kept = createLaneKept()
  for (const one of [alice, bob, carol]) kept.set(one.id, (await headOf(machines, one)).machine)
  const { machine } = await headOf(machines, alice)
  kept.set(alice.id, machine)
  expect(kept.forget(3, 3 * weight)).toEqual([])
  expect(kept.forget(3, 2 * weight)).toEqual([bob.id])
  expect(kept.forget(1, 3 * weight)).toEqual([carol.id])
  expect([bob, alice].map(({ id }) => kept.headOf(id))).toEqual([undefined, machine.headId])
  expect(kept.forget(3, 0)).toEqual([alice.id])
})
