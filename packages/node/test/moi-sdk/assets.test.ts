/** Assets of the three standards, by MOI's own client: every routine that its drivers have, and what it leaves. */
import { isFault } from 'tallystick/base'
import { decodePolo, poloBytes, poloNatural, poloText, readDocument } from 'tallystick/moi'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { done, idOf, receiptOf, type Scene, startScene, told, wordsOf } from './node.ts'
import type { Asset, Context, Hex, Wallet } from './sdk-types.ts'

let scene: Scene
let [alice, bob]: Wallet[] = []
let [aliceId, bobId]: Hex[] = []
beforeAll(async () => {
  scene = await startScene()
}, 60_000)
afterAll(() => scene.close())

const text = (of: string): Uint8Array => new TextEncoder().encode(of)
const heldBy = async (id: string | undefined, asset: string): Promise<number> =>
  Number(await scene.provider.getBalance(id ?? '', asset))

/** One output of a read, raw. */
const outputOf = async (of: Context, label: string): Promise<Uint8Array> => {
  const { outputs } = await told(of)
  const entries = readDocument(Buffer.from(String(outputs).slice(2), 'hex'))
  const found = isFault(entries) ? undefined : entries.get(label)
  if (found === undefined) throw new Error(`no ${label} in ${outputs}`)
  return found
}
const numberIn = async (of: Context, label: string) =>
  decodePolo(poloNatural(256), await outputOf(of, label))
const textIn = async (of: Context, label: string) =>
  decodePolo(poloText(1000), await outputOf(of, label))
const bytesIn = async (of: Context, label: string): Promise<string> => {
  const read = decodePolo(poloBytes(1000), await outputOf(of, label))
  return isFault(read) ? read.message : `0x${Buffer.from(read).toString('hex')}`
}

const far = 4_000_000_000

beforeAll(async () => {
  ;[alice, bob] = [await scene.wallet(1), await scene.wallet(2)]
  ;[aliceId, bobId] = [await idOf(alice), await idOf(bob)]
}, 60_000)

type Owned = { readonly gold: Asset & { readonly assetId: Hex }; readonly ofBob: Asset }

const goldOf = async (supply = 1_000_000): Promise<Owned> => {
  const { sdk } = scene
  if (alice === undefined || bob === undefined) throw new Error('two wallets')
  const gold = await sdk.MAS0AssetLogic.newAsset(alice, 'GOLD', supply, await idOf(alice), true)
  return { gold, ofBob: new sdk.MAS0AssetLogic(gold.assetId, bob) }
}

describe('MAS0', () => {
  let gold: Owned['gold']
  let ofBob: Asset
  beforeEach(async () => {
    ;({ gold, ofBob } = await goldOf())
    await done(gold.mint(aliceId, 5000))
  })

  test('is told about at once by its reads', async () => {
    expect(await textIn(gold.symbol(), 'symbol')).toBe('GOLD')
    expect(await numberIn(gold.balanceOf(aliceId), 'balance')).toBe(5000n)
    expect(await bytesIn(gold.creator(), 'creator')).toBe(aliceId)
    expect(await bytesIn(gold.manager(), 'manager')).toBe(aliceId)
    expect(await numberIn(gold.Decimals(), 'decimals')).toBe(0n)
    expect(await numberIn(gold.MaxSupply(), 'max_supply')).toBe(1_000_000n)
    expect(await numberIn(gold.CirculatingSupply(), 'circulating_supply')).toBe(5000n)
    expect(await scene.provider.getAssetInfoByAssetID(gold.assetId)).toMatchObject({
      asset_id: gold.assetId,
      symbol: 'GOLD',
      creator: aliceId,
      manager: aliceId,
      max_supply: '0xf4240',
      circulating_supply: '0x1388',
      enable_events: true,
    })
  })

  test('goes from one to another, and is burned', async () => {
    await done(gold.transfer(bobId, 1200))
    await done(gold.transfer(bobId, 300n))
    await done(ofBob.burn(100))
    expect(await heldBy(aliceId, gold.assetId)).toBe(3500)
    expect(await heldBy(bobId, gold.assetId)).toBe(1400)
    expect(await numberIn(gold.CirculatingSupply(), 'circulating_supply')).toBe(4900n)
    const { provider } = scene
    expect(await provider.getTDU(bobId ?? '')).toContainEqual(
      expect.objectContaining({ asset_id: gold.assetId, amount: 1400 }),
    )
  })

  test('is spent by somebody who was approved, up to the amount, until it is revoked', async () => {
    await done(gold.approve(bobId, 100, far))
    await done(ofBob.transferFrom(aliceId, bobId, 60))
    expect(await heldBy(bobId, gold.assetId)).toBe(60)
    expect(wordsOf(await receiptOf(ofBob.transferFrom(aliceId, bobId, 41)))).toContain('mandate')
    await done(gold.revoke(bobId))
    expect(wordsOf(await receiptOf(ofBob.transferFrom(aliceId, bobId, 1)))).toContain('mandate')
    expect(await heldBy(bobId, gold.assetId)).toBe(60)
  })

  test('is locked up for somebody, and released', async () => {
    await done(gold.lockup(bobId, 500))
    expect(await heldBy(aliceId, gold.assetId)).toBe(4500)
    expect(await heldBy(bobId, gold.assetId)).toBe(0)
    await done(ofBob.release(aliceId, bobId, 200))
    expect(await heldBy(bobId, gold.assetId)).toBe(200)
    expect(wordsOf(await receiptOf(ofBob.release(aliceId, bobId, 301)))).toContain('lockup')
  })

  test('carries metadata: some once and for all, some that change', async () => {
    await done(gold.mintWithMetadata(aliceId, 1, { colour: text('red') }))
    await done(gold.SetStaticMetadata('unit', text('gram')))
    await done(gold.SetDynamicMetadata('price', text('7')))
    await done(gold.SetDynamicMetadata('price', text('8')))
    expect(await told(gold.GetDynamicMetadata('price'))).toHaveProperty('outputs')
    const again = await receiptOf(gold.SetStaticMetadata('unit', text('ounce')))
    expect(again.status).toBe(1)
    const byOther = await receiptOf(ofBob.SetDynamicMetadata('price', text('0')))
    expect(wordsOf(byOther)).toContain('manager')
  })

  test('is minted by its manager alone, and not above its supply', async () => {
    expect(wordsOf(await receiptOf(ofBob.mint(bobId, 1)))).toContain('manager')
    expect(wordsOf(await receiptOf(gold.mint(aliceId, 995_001)))).toContain('max supply')
    await done(gold.mint(aliceId, 995_000))
  })
})

describe('MAS1', () => {
  test('has single tokens with owners and metadata of their own', async () => {
    const { sdk } = scene
    if (alice === undefined || bob === undefined) throw new Error('two wallets')
    const art = await sdk.MAS1AssetLogic.newAsset(alice, 'ART', await idOf(alice), true)
    const ofBob = new sdk.MAS1AssetLogic(art.assetId, bob)
    await done(art.mint(aliceId))
    await done(art.mintWithMetadata(aliceId, { colour: text('red') }))
    await done(art.transfer(1, bobId))
    expect(await heldBy(aliceId, art.assetId)).toBe(1)
    expect(await heldBy(bobId, art.assetId)).toBe(1)
    expect(wordsOf(await receiptOf(art.transfer(1, bobId)))).toContain('insufficient balance')
    await done(ofBob.SetDynamicTokenMetadata(1, 'mood', text('calm')))
    const byOther = await receiptOf(art.SetDynamicTokenMetadata(1, 'mood', text('loud')))
    expect(wordsOf(byOther)).toContain('owner')
    await done(art.SetStaticMetadata('school', text('modern')))
    await done(ofBob.approve(1, aliceId, far))
    await done(art.transferFrom(1, bobId, aliceId))
    await done(art.lockup(0, bobId))
    await done(art.release(0, aliceId, bobId))
    await done(art.burn(1))
    expect(await heldBy(aliceId, art.assetId)).toBe(0)
    expect(await heldBy(bobId, art.assetId)).toBe(1)
  })
})

describe('MAS2', () => {
  test('has several tokens of several units', async () => {
    const { sdk } = scene
    if (alice === undefined || bob === undefined) throw new Error('two wallets')
    const seats = await sdk.MAS2AssetLogic.newAsset(alice, 'SEAT', 100, await idOf(alice), true)
    const ofBob = new sdk.MAS2AssetLogic(seats.assetId, bob)
    await done(seats.mint(aliceId, 10))
    await done(seats.mintWithMetadata(aliceId, 5, { row: text('b') }))
    await done(seats.transfer(0, bobId, 4))
    expect(await numberIn(seats.balanceOf(0, aliceId), 'balance')).toBe(6n)
    expect(await numberIn(seats.balanceOf(1, aliceId), 'balance')).toBe(5n)
    expect(await numberIn(seats.balanceOf(0, bobId), 'balance')).toBe(4n)
    await done(ofBob.approve(0, aliceId, 2, far))
    await done(seats.transferFrom(0, bobId, aliceId, 2))
    await done(seats.revoke(0, bobId)).catch(() => undefined)
    await done(seats.lockup(1, bobId, 3))
    await done(seats.release(1, aliceId, bobId, 3))
    await done(seats.burn(1, 2))
    expect(await numberIn(seats.balanceOf(1, aliceId), 'balance')).toBe(0n)
    expect(await numberIn(seats.balanceOf(1, bobId), 'balance')).toBe(3n)
  })
})
