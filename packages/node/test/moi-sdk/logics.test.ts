/** Logics by MOI's own client: the manifests that it is published with, deployed, driven, and read. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { done, idOf, receiptOf, type Scene, startScene } from './node.ts'
import type { Driver, Hex, Wallet } from './sdk-types.ts'

let scene: Scene
let alice: Wallet
let aliceId: Hex
beforeAll(async () => {
  scene = await startScene()
  alice = await scene.wallet(1)
  aliceId = await idOf(alice)
}, 60_000)
afterAll(() => scene.close())

const manifest = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'manifests', `${name}.json`), 'utf8'))

const deploy = async (
  name: string,
  site: string,
  ...args: readonly unknown[]
): Promise<{ readonly id: string; readonly driver: Driver }> => {
  const { sdk } = scene
  const sent = await new sdk.LogicFactory(manifest(name), alice).deploy(site, ...args).send()
  const { logic_id: id = '', error } = await sent.result()
  expect(error).toBeNull()
  return { id, driver: await sdk.getLogicDriver(id, alice) }
}

const bytes = (id: string): Uint8Array => scene.sdk.hexToBytes(id)

describe('the token ledger', () => {
  test('is seeded, moves, mints and burns as it is written', async () => {
    const { driver, id } = await deploy('tokenledger', 'Seed', 'MOI', 1_000_000)
    const bobId = await idOf(await scene.wallet(2))
    await done(driver.routines.Transfer(250, bytes(bobId)))
    await done(driver.routines.Mint(7))
    await done(driver.routines.Burn(5))
    const balance = async (of: string) =>
      (await (await driver.routines.BalanceOf(bytes(of)).call()).result()).output?.['balance']
    expect(Number(await balance(aliceId))).toBe(999_752)
    expect(Number(await balance(bobId))).toBe(250)
    const state = driver.persistentState
    expect(await state.get((access) => access.entity('Symbol'))).toBe('MOI')
    expect(Number(await state.get((access) => access.entity('Supply')))).toBe(1_000_002)
    const held = await state.get((access) => access.entity('Balances').property(bytes(bobId)))
    expect(Number(held)).toBe(250)
    expect(await scene.provider.getLogicIds(aliceId)).toContain(id)
    expect(await scene.provider.getLogicManifest(id, 'JSON')).toEqual(manifest('tokenledger'))
  })

  test('throws, and the client reads what it threw', async () => {
    const { driver } = await deploy('tokenledger', 'Seed', 'MOI', 10)
    const bobId = await idOf(await scene.wallet(2))
    const asked = driver.routines.Transfer(11, bytes(bobId))
    const { error } = await (await asked.call()).result()
    expect(error).toMatchObject({ class: 'string', error: 'sender has insufficient balance' })
    expect(error?.trace[0]).toContain('runtime.root()')
    const receipt = await receiptOf(asked)
    expect(receipt).toMatchObject({ status: 1, ix_operations: [{ status: 1 }] })
  })

  test('emits an event that is found by its topic', async () => {
    const { driver, id } = await deploy('tokenledger', 'Seed', 'MOI', 10)
    const bobId = await idOf(await scene.wallet(2))
    const receipt = await done(driver.routines.Transfer(3, bytes(bobId)))
    const [operation] = receipt.ix_operations
    const topic = scene.sdk.topicHash('Transfer')
    expect(operation?.logs).toContainEqual(expect.objectContaining({ id }))
    const logs = await scene.provider.getLogs({ id, height: [0, 5], topics: ['Transfer'] })
    expect(logs.map(({ topics }) => topics[0])).toContain(topic)
    expect(logs[0]).toMatchObject({ id, ix_hash: receipt.ix_hash, ts_hash: receipt.ts_hash })
  })

  test('costs what was estimated, or less', async () => {
    const { driver } = await deploy('tokenledger', 'Seed', 'MOI', 10)
    const bobId = await idOf(await scene.wallet(2))
    const asked = driver.routines.Transfer(3, bytes(bobId))
    const estimate = Number(await asked.estimateFuel())
    const receipt = await done(asked)
    expect(Number(receipt.fuel_used)).toBeLessThanOrEqual(estimate)
    expect(Number(receipt.fuel_used)).toBeGreaterThan(100)
  })

  test('does not run with less fuel than it takes, and what was there is paid', async () => {
    const { driver } = await deploy('tokenledger', 'Seed', 'MOI', 10)
    const bobId = await idOf(await scene.wallet(2))
    const sent = await driver.routines.Transfer(3, bytes(bobId)).send({ fuel_limit: 120 })
    expect(await sent.wait()).toMatchObject({ status: 2, fuel_used: '0x78' })
    const state = driver.persistentState
    const of = await state.get((access) => access.entity('Balances').property(bytes(aliceId)))
    expect(Number(of)).toBe(10)
  })
})

describe('the flipper', () => {
  test('flips, and is read without being paid for', async () => {
    const { driver } = await deploy('flipper', 'Seed', true)
    const value = async () =>
      (await (await driver.routines.Get().call()).result()).output?.['value']
    expect(await value()).toBe(true)
    await done(driver.routines.Toggle())
    expect(await value()).toBe(false)
    await done(driver.routines.Set(true))
    expect(await value()).toBe(true)
    expect(await driver.persistentState.get((access) => access.entity('value'))).toBe(true)
  })
})

describe('the lock ledger', () => {
  test('keeps what is an actor’s with the actor', async () => {
    const { driver, id } = await deploy('lock-ledger', 'Seed', 'Locks', 'LOCK', 500)
    await done(driver.routines.Register())
    await done(driver.routines.Mint(500))
    await done(driver.routines.Lockup(120))
    const state = driver.ephemeralState
    expect(Number(await state.get(aliceId, (access) => access.entity('Spendable')))).toBe(380)
    expect(Number(await state.get(aliceId, (access) => access.entity('Lockedup')))).toBe(120)
    const bobId = await idOf(await scene.wallet(2))
    await expect(state.get(bobId, (access) => access.entity('Spendable'))).rejects.toThrow()
    expect(id).toMatch(/^0x20/)
  })
})
