/** What one does with accounts and assets, as the client's documentation has it. */
import { ASSET, type Case, type Town } from './town.ts'
import type { Hex } from './sdk-types.ts'

export const casesOfAccounts = ({ sdk, alice, bob, aliceId, bobId }: Town): readonly Case[] => [
  [
    'create',
    () =>
      new sdk.ParticipantCreate(alice)
        .id(bobId)
        .addKey(`0x${bob.getPublicKey()}`, 1000)
        .value(sdk.KMOI_ASSET_ID, bobId, 50_000)
        .send()
        .then((sent) => sent.result()),
  ],
  [
    'create with two keys',
    () =>
      new sdk.ParticipantCreate(alice)
        .id(bobId)
        .addKey(`0x${bob.getPublicKey()}`, 600)
        .addKey(`0x${alice.getPublicKey()}`, 400)
        .value(sdk.KMOI_ASSET_ID, bobId, 1)
        .send(),
  ],
  [
    'configure: add',
    () => new sdk.AccountConfigure(alice).addKey(`0x${bob.getPublicKey()}`, 500).send(),
  ],
  ['configure: revoke', () => new sdk.AccountConfigure(alice).revokeKey(1).send()],
  [
    'inherit',
    () =>
      new sdk.AccountInherit(alice)
        .target(sdk.SARGA_ADDRESS)
        .index(1)
        .value(sdk.KMOI_ASSET_ID, `${aliceId.slice(0, -8)}00000001` as Hex, 5000)
        .send(),
  ],
]

export const casesOfMas0 = ({ sdk, alice, aliceId, bobId }: Town): readonly Case[] => {
  const gold = new sdk.MAS0AssetLogic(ASSET, alice)
  const value = new TextEncoder().encode('value')
  return [
    ['new', () => sdk.MAS0AssetLogic.newAsset(alice, 'GOLD', 1_000_000, aliceId, true)],
    ['mint', () => gold.mint(aliceId, 5000).send()],
    ['mint with metadata', () => gold.mintWithMetadata(aliceId, 1, { colour: value }).send()],
    ['burn', () => gold.burn(10).send()],
    [
      'transfer',
      () =>
        gold
          .transfer(bobId, 2500)
          .send()
          .then((sent) => sent.result()),
    ],
    ['transfer of a bigint', () => gold.transfer(bobId, 2500n).send()],
    ['approve', () => gold.approve(bobId, 100, 1_900_000_000).send()],
    ['transferFrom', () => gold.transferFrom(aliceId, bobId, 40).send()],
    ['revoke', () => gold.revoke(bobId).send()],
    ['lockup', () => gold.lockup(bobId, 30).send()],
    ['release', () => gold.release(aliceId, bobId, 30).send()],
    ['SetStaticMetadata', () => gold.SetStaticMetadata('key', value).send()],
    ['SetDynamicMetadata', () => gold.SetDynamicMetadata('key', value).send()],
    ['symbol', () => gold.symbol().call()],
    ['balanceOf', () => gold.balanceOf(aliceId).call()],
    ['creator', () => gold.creator().call()],
    ['manager', () => gold.manager().call()],
    ['Decimals', () => gold.Decimals().call()],
    ['MaxSupply', () => gold.MaxSupply().call()],
    ['CirculatingSupply', () => gold.CirculatingSupply().call()],
    ['GetStaticMetadata', () => gold.GetStaticMetadata('key').call()],
    ['GetDynamicMetadata', () => gold.GetDynamicMetadata('key').call()],
    ['estimateFuel', () => gold.transfer(bobId, 1).estimateFuel()],
  ]
}

export const casesOfMas1 = ({ sdk, alice, aliceId, bobId }: Town): readonly Case[] => {
  const art = new sdk.MAS1AssetLogic(ASSET, alice)
  const value = new TextEncoder().encode('value')
  return [
    ['new', () => sdk.MAS1AssetLogic.newAsset(alice, 'ART', aliceId, true)],
    ['mint', () => art.mint(aliceId).send()],
    ['mint with metadata', () => art.mintWithMetadata(aliceId, { colour: value }).send()],
    ['burn', () => art.burn(1).send()],
    ['transfer', () => art.transfer(0, bobId).send()],
    ['transferFrom', () => art.transferFrom(0, aliceId, bobId).send()],
    ['approve', () => art.approve(0, bobId, 1_900_000_000).send()],
    ['revoke', () => art.revoke(0, bobId).send()],
    ['lockup', () => art.lockup(0, bobId).send()],
    ['release', () => art.release(0, aliceId, bobId).send()],
    ['SetStaticMetadata', () => art.SetStaticMetadata('key', value).send()],
    ['SetDynamicMetadata', () => art.SetDynamicMetadata('key', value).send()],
    ['SetStaticTokenMetadata', () => art.SetStaticTokenMetadata(0, 'key', value).send()],
    ['SetDynamicTokenMetadata', () => art.SetDynamicTokenMetadata(0, 'key', value).send()],
    ['symbol', () => art.symbol().call()],
    ['isOwner', () => art.isOwner(0, sdk.hexToBytes(aliceId)).call()],
    ['creator', () => art.creator().call()],
    ['manager', () => art.manager().call()],
    ['GetStaticMetadata', () => art.GetStaticMetadata('key').call()],
    ['GetDynamicMetadata', () => art.GetDynamicMetadata('key').call()],
    ['GetStaticTokenMetadata', () => art.GetStaticTokenMetadata(0, 'key').call()],
    ['GetDynamicTokenMetadata', () => art.GetDynamicTokenMetadata(0, 'key').call()],
  ]
}

export const casesOfMas2 = ({ sdk, alice, aliceId, bobId }: Town): readonly Case[] => {
  const seats = new sdk.MAS2AssetLogic(ASSET, alice)
  const value = new TextEncoder().encode('value')
  return [
    ['new', () => sdk.MAS2AssetLogic.newAsset(alice, 'SEAT', 100, aliceId, true)],
    ['mint', () => seats.mint(aliceId, 10).send()],
    ['mint with metadata', () => seats.mintWithMetadata(aliceId, 10, { colour: value }).send()],
    ['burn', () => seats.burn(0, 1).send()],
    ['transfer', () => seats.transfer(0, bobId, 2).send()],
    ['transferFrom', () => seats.transferFrom(0, aliceId, bobId, 2).send()],
    ['approve', () => seats.approve(0, bobId, 2, 1_900_000_000).send()],
    ['revoke', () => seats.revoke(0, bobId).send()],
    ['lockup', () => seats.lockup(0, bobId, 2).send()],
    ['release', () => seats.release(0, aliceId, bobId, 2).send()],
    ['SetStaticTokenMetadata', () => seats.SetStaticTokenMetadata(0, 'key', value).send()],
    ['SetDynamicTokenMetadata', () => seats.SetDynamicTokenMetadata(0, 'key', value).send()],
    ['symbol', () => seats.symbol().call()],
    ['balanceOf', () => seats.balanceOf(0, aliceId).call()],
    ['GetStaticTokenMetadata', () => seats.GetStaticTokenMetadata(0, 'key').call()],
    ['GetDynamicTokenMetadata', () => seats.GetDynamicTokenMetadata(0, 'key').call()],
  ]
}
