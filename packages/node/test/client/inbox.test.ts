import { describe, expect, test } from 'vitest'
import { createDirectoryClient, leaveItem } from '../../src/client/directory.ts'
import { acknowledge, type InboxCursors, readInbox } from '../../src/client/inbox.ts'
import { createNet, engine, type FakeNet, operatorKeys, person, signerOfKey } from './town.ts'

const bob = person('bob')
const device = signerOfKey(bob)

const clientOf = (net: FakeNet) =>
  createDirectoryClient(net.addresses, { surroundings: net.surroundings, verifier: engine })

const bytes = (...values: readonly number[]) => Uint8Array.from(values)

const read = async (net: FakeNet, cursors: InboxCursors = {}) =>
  readInbox(clientOf(net), device, cursors)

describe('an inbox', () => {
  test('shows an item once, however many operators have it', async () => {
    const net = createNet()
    expect(await leaveItem(clientOf(net), device, bytes(1))).toHaveLength(4)
    await leaveItem(clientOf(net), device, bytes(1))
    await leaveItem(clientOf(net), device, bytes(2))
    const { items, cursors } = await read(net)
    expect(items.map((one) => [...one.bytes])).toEqual([[1], [2]])
    expect(items[0]?.from).toHaveLength(4)
    expect(cursors).toEqual({ north: 2n, east: 2n, south: 2n, west: 2n })
    expect((await read(net, cursors)).items).toEqual([])
  })

  test('shows what one operator alone has', async () => {
    const net = createNet()
    for (const one of net.operators.slice(1)) one.isUp = false
    expect(await leaveItem(clientOf(net), device, bytes(3))).toEqual(['north'])
    for (const one of net.operators) one.isUp = true
    expect((await read(net)).items.map((one) => one.from)).toEqual([['north']])
  })

  test('names operators that are silent, and keeps their cursors', async () => {
    const net = createNet()
    await leaveItem(clientOf(net), device, bytes(1))
    const [north] = net.operators
    if (north) north.isUp = false
    const { silent, cursors } = await read(net, { north: 0n })
    expect(silent.map((one) => one.name)).toEqual(['north'])
    expect(cursors['north']).toBe(0n)
    expect(cursors['east']).toBe(1n)
  })

  test('reads on over many pages', async () => {
    const net = createNet()
    for (let at = 0; at < 150; at++) {
      for (const one of net.operators) {
        one.items.set(device, [...(one.items.get(device) ?? []), bytes(at)])
      }
    }
    expect((await read(net)).items).toHaveLength(150)
  })

  test('says so where no operator takes an item', async () => {
    const net = createNet()
    for (const one of net.operators) one.isUp = false
    await expect(leaveItem(clientOf(net), device, bytes(1))).rejects.toMatchObject({
      code: 'inbox/nobody-took-it',
    })
  })

  test('is acknowledged at each operator with a cursor for that operator', async () => {
    const net = createNet()
    await leaveItem(clientOf(net), device, bytes(1))
    const { cursors } = await read(net)
    const reader = {
      suite: 'classic',
      key: { scheme: 'ed25519', publicKey: bob.publicKey },
      sign: (digest: Uint8Array) => engine.sign('ed25519', bob.secret, digest),
    } as const
    const operatorKey = ({ name }: { readonly name: string }) => {
      const key = operatorKeys.find((one) => one.name === name)
      return key && ({ scheme: 'ed25519', publicKey: key.publicKey } as const)
    }
    expect(await acknowledge(clientOf(net), reader, { cursors, operatorKey })).toHaveLength(4)
    expect(net.operators.map((one) => one.acknowledged.get(device))).toEqual([1n, 1n, 1n, 1n])
    const elsewhere = ({ name }: { readonly name: string }) =>
      operatorKey({ name: name === 'north' ? 'east' : 'north' })
    expect(await acknowledge(clientOf(net), reader, { cursors, operatorKey: elsewhere })).toEqual(
      [],
    )
  })
})
