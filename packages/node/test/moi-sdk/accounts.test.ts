/** Participants, their keys and their sub-accounts, by MOI's own client. */
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { done, idOf, randomWallet, receiptOf, type Scene, startScene, wordsOf } from './node.ts'
import type { Hex, InteractionObject, Wallet } from './sdk-types.ts'

const polo = createRequire(import.meta.url)('js-polo') as {
  Polorizer: new () => {
    polorize: (value: unknown, schema: unknown) => void
    bytes: () => Uint8Array
  }
}

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
}, 60_000)
afterAll(() => scene.close())

const keysOf = async (wallet: Wallet) => scene.provider.getAccountKeys(await idOf(wallet))
const balanceOf = async (id: string): Promise<number> =>
  Number(await scene.provider.getBalance(id, scene.sdk.KMOI_ASSET_ID))

describe('a participant', () => {
  test('is created with its key, its KMOI and a first height', async () => {
    const one = await scene.newcomer(50_000)
    const id = await idOf(one)
    expect(await balanceOf(id)).toBe(50_000)
    expect(await keysOf(one)).toMatchObject([
      {
        id: 0,
        publicKey: `0x${one.getPublicKey()}`,
        weight: 1000,
        signature_algorithm: 0,
        revoked: false,
        sequence_id: 0,
      },
    ])
    expect(await scene.provider.getAccountMetaInfo(id)).toMatchObject({
      type: 4,
      id,
      height: '0x0',
    })
  })

  test('cannot be created twice', async () => {
    const one = await scene.newcomer()
    const { sdk } = scene
    const again = new sdk.ParticipantCreate(await scene.wallet(0))
      .id(await idOf(one))
      .addKey(`0x${one.getPublicKey()}`, 1000)
      .value(sdk.KMOI_ASSET_ID, await idOf(one), 1)
    const receipt = await receiptOf(again)
    expect(receipt.status).toBe(1)
    expect(wordsOf(receipt)).toContain('account already exists')
  })

  test('pays for what fails, and nobody else is touched', async () => {
    const one = await scene.newcomer(20_000)
    const { sdk } = scene
    const gold = await sdk.MAS0AssetLogic.newAsset(one, 'GOLD', 10, await idOf(one), true)
    const before = await balanceOf(await idOf(one))
    const other = await idOf(await scene.wallet(1))
    const height = (await scene.provider.getAccountMetaInfo(other)).height
    const receipt = await receiptOf(gold.transfer(other, 5))
    expect(receipt.status).toBe(1)
    expect(await balanceOf(await idOf(one))).toBe(before - Number(receipt.fuel_used))
    expect((await scene.provider.getAccountMetaInfo(other)).height).toBe(height)
  })
})

describe('keys', () => {
  test('are added, and act beside the first one with a number of their own', async () => {
    const one = await scene.newcomer()
    const second = await randomWallet(scene.sdk)
    const add = new scene.sdk.AccountConfigure(one).addKey(`0x${second.getPublicKey()}`, 1000)
    await done(add)
    expect(await keysOf(one)).toMatchObject([
      { id: 0, sequence_id: 1 },
      { id: 1, sequence_id: 0 },
    ])
    one.addKey(1, second.getPublicKey(), second.privateKey)
    one.setKeyId(1)
    await done(new scene.sdk.AccountConfigure(one).addKey(`0x${fresh(3)}`, 1))
    expect(await keysOf(one)).toMatchObject([
      { id: 0, sequence_id: 1 },
      { id: 1, sequence_id: 1 },
      { id: 2, weight: 1 },
    ])
  })

  test('that weigh too little alone sign together', async () => {
    const { sdk } = scene
    const [first, second] = [await randomWallet(sdk), await randomWallet(sdk)]
    const id = await idOf(first)
    const create = new sdk.ParticipantCreate(await scene.wallet(0))
      .id(id)
      .addKey(`0x${first.getPublicKey()}`, 600)
      .addKey(`0x${second.getPublicKey()}`, 400)
      .value(sdk.KMOI_ASSET_ID, id, 50_000)
    await done(create)
    first.connect(scene.provider)
    const gold = new sdk.MAS0AssetLogic(sdk.KMOI_ASSET_ID, first)
    const to = await idOf(await scene.wallet(1))
    await expect(gold.transfer(to, 1).send()).rejects.toThrow('insufficient weight')
    first.addKey(1, second.getPublicKey(), second.privateKey)
    await done(gold.transfer(to, 1))
  })

  test('that were revoked keep their number and sign no more', async () => {
    const one = await scene.newcomer()
    const second = await randomWallet(scene.sdk)
    await done(new scene.sdk.AccountConfigure(one).addKey(`0x${second.getPublicKey()}`, 1000))
    await done(new scene.sdk.AccountConfigure(one).revokeKey(1))
    expect(await keysOf(one)).toMatchObject([
      { id: 0, revoked: false },
      { id: 1, revoked: true },
    ])
    one.addKey(1, second.getPublicKey(), second.privateKey)
    const gold = new scene.sdk.MAS0AssetLogic(scene.sdk.KMOI_ASSET_ID, one)
    await expect(gold.transfer(await idOf(one), 1).send()).rejects.toThrow('revoked key')
  })

  test('cannot all be revoked', async () => {
    const one = await scene.newcomer()
    const receipt = await receiptOf(new scene.sdk.AccountConfigure(one).revokeKey(0))
    expect(receipt.status).toBe(1)
    expect(wordsOf(receipt)).toContain('below 1000')
    expect(await keysOf(one)).toMatchObject([{ id: 0, revoked: false }])
  })
})

/** A public key that nobody needs to have the secret of: the generator of the curve, so many times. */
const fresh = (at: 3): string =>
  ({ 3: '02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9' })[at]

describe('a sub-account', () => {
  test('inherits the keys, is counted, and acts for itself', async () => {
    const one = await scene.newcomer(200_000)
    const id = await idOf(one)
    const sub = `${id.slice(0, -8)}00000001` as Hex
    const { sdk } = scene
    const inherit = new sdk.AccountInherit(one)
      .target(sdk.SARGA_ADDRESS)
      .index(1)
      .value(sdk.KMOI_ASSET_ID, sub, 50_000)
    await done(inherit)
    expect(Number(await scene.provider.getSubAccountCount(id))).toBe(1)
    expect(await balanceOf(sub)).toBe(50_000)
    expect(await scene.provider.getAccountKeys(sub)).toMatchObject([
      { id: 0, publicKey: `0x${one.getPublicKey()}` },
    ])
    one.setSubAccountId(1)
    await done(new sdk.MAS0AssetLogic(sdk.KMOI_ASSET_ID, one).transfer(id, 10))
    expect(await balanceOf(sub)).toBeLessThan(49_990)
  })
})

describe('a payer', () => {
  /** The client signs for its own account only; what the payer signs is put beside it. */
  const sendTogether = async (of: InteractionObject, signers: readonly Wallet[]) => {
    const ecdsa = signers[0]?.signingAlgorithms.ecdsa_secp256k1
    const [first] = signers
    if (first === undefined) throw new Error('somebody signs')
    const { ix_args: args } = await first.signInteraction(of, ecdsa)
    const bytes = Buffer.from(args, 'hex')
    const signatures = await Promise.all(
      signers.map(async (one) => ({
        id: await idOf(one),
        key_id: 0,
        signature: await one.sign(bytes, 0, ecdsa),
      })),
    )
    return scene.provider.sendInteraction({ ix_args: args, signatures: poloOf(signatures) })
  }

  const poloOf = (of: readonly { id: Hex; key_id: number; signature: string }[]): string => {
    const { Polorizer } = polo
    const polorizer = new Polorizer()
    polorizer.polorize(scene.sdk.toRawSignatures(of), scene.sdk.ixSignaturesSchema)
    return Buffer.from(polorizer.bytes()).toString('hex')
  }

  test('who signs too pays for the fuel of somebody else', async () => {
    const [one, patron] = [await scene.newcomer(1000), await scene.newcomer(100_000)]
    const { sdk } = scene
    const gold = new sdk.MAS0AssetLogic(sdk.KMOI_ASSET_ID, one)
    const to = await idOf(await scene.wallet(1))
    const data = { ...(await gold.transfer(to, 400).ixData()), payer: await idOf(patron) }
    const receipt = await (await sendTogether(data, [one, patron])).wait()
    expect(receipt.status).toBe(0)
    expect(await balanceOf(await idOf(one))).toBe(600)
    expect(await balanceOf(await idOf(patron))).toBe(100_000 - Number(receipt.fuel_used))
  })

  test('who has not signed pays nothing', async () => {
    const [one, patron] = [await scene.newcomer(1000), await scene.newcomer(100_000)]
    const { sdk } = scene
    const gold = new sdk.MAS0AssetLogic(sdk.KMOI_ASSET_ID, one)
    const data = {
      ...(await gold.transfer(await idOf(one), 1).ixData()),
      payer: await idOf(patron),
    }
    await expect(sendTogether(data, [one])).rejects.toThrow('signatures')
    expect(await balanceOf(await idOf(patron))).toBe(100_000)
  })
})
