/** Assets with a logic of their own, made and driven by MOI's client. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { done, idOf, receiptOf, type Scene, startScene, wordsOf } from './node.ts'
import type { AssetDriver, Hex, Participant, Wallet } from './sdk-types.ts'

let scene: Scene
let alice: Wallet
let [aliceId, bobId, collector]: Hex[] = []
beforeAll(async () => {
  scene = await startScene()
  alice = await scene.wallet(1)
  aliceId = await idOf(alice)
  bobId = await idOf(await scene.wallet(2))
  collector = await idOf(await scene.wallet(3))
}, 60_000)
afterAll(() => scene.close())

const field = (slot: number, label: string, type: string) => ({ slot, label, type })
const routine = (name: string, kind: string, accepts: object[], asm: string[]) => ({
  kind: 'callable',
  data: {
    name,
    mode: 'dynamic',
    kind,
    accepts,
    returns: [],
    executes: { bin: [], hex: '', asm },
    catches: [],
  },
})

/** Somebody collects one unit of each transfer. */
const LEVY = {
  syntax: 1,
  engine: { kind: 'PISA', flags: [], version: '0.5.0' },
  kind: 'asset',
  elements: [
    { ptr: 0, kind: 'asset', data: { engine: '1.0.0' } },
    {
      ptr: 1,
      kind: 'state',
      data: { mode: 'logic', fields: [field(0, 'collector', 'identifier')] },
    },
    { ptr: 2, kind: 'literal', data: { type: 'u256', value: '0x0301' } },
    {
      ptr: 3,
      deps: [1],
      ...routine(
        'Init',
        'deploy',
        [field(0, 'collector', 'identifier'), field(1, 'supply', 'u256')],
        [
          'LLOAD $0 &0',
          'OBTAIN $1 &0',
          'DISPER $0 $1',
          'STORE $0',
          'CARGS $0',
          'PMAKE $1 &5',
          'ORIGIN $2',
          'OBTAIN $3 &1',
          'SETFLD $0 &0 $1',
          'SETFLD $0 &1 $2',
          'SETFLD $0 &2 $3',
          'ASSET $1',
          'CALLM $0 $1 &2 $0',
        ],
      ),
    },
    {
      ptr: 4,
      deps: [1, 2],
      ...routine(
        'Transfer',
        'invoke',
        [field(0, 'beneficiary', 'identifier'), field(1, 'amount', 'u256')],
        [
          'OBTAIN $0 &0',
          'OBTAIN $1 &1',
          'LDPTR1 $2 0x2',
          'LMAKE $2 $2',
          'SUB $1 $1 $2',
          'ASSET $5',
          'PMAKE $4 &5',
          'CARGS $3',
          'SETFLD $3 &0 $4',
          'SETFLD $3 &2 $0',
          'SETFLD $3 &3 $1',
          'CALLM $6 $5 &1 $3',
          'LLOAD $7 &0',
          'GATHER $7 $7',
          'CARGS $3',
          'SETFLD $3 &0 $4',
          'SETFLD $3 &2 $7',
          'SETFLD $3 &3 $2',
          'CALLM $6 $5 &1 $3',
        ],
      ),
    },
  ],
}

const create = async (
  supply: number,
): Promise<{ readonly id: Hex; readonly driver: AssetDriver }> => {
  const { sdk } = scene
  const args = [sdk.hexToBytes(collector ?? ''), supply] as const
  const context = sdk.AssetFactory.create(
    alice,
    'LEVY',
    1000,
    aliceId ?? '0x',
    true,
    LEVY,
    'Init',
    ...args,
  )
  const receipt = await done(context)
  const id = receipt.ix_operations[0]?.data['asset_id'] as Hex
  return { id, driver: await sdk.getAssetDriver(id, alice) }
}

const transfer = (driver: AssetDriver, amount: number, participants: readonly Participant[]) =>
  driver.routines.Transfer(
    scene.sdk.hexToBytes(bobId ?? ''),
    amount,
    scene.sdk.createRoutineOption({ fuelPrice: 1, fuelLimit: 10_000, participants }),
  )

const heldBy = async (id: string | undefined, asset: string): Promise<number> =>
  Number(await scene.provider.getBalance(id ?? '', asset))

describe('an asset with a logic', () => {
  test('is minted by its deployment, and splits each transfer as it is written', async () => {
    const { id, driver } = await create(500)
    expect(id).toMatch(/^0x1003ffff/)
    expect(await heldBy(aliceId, id)).toBe(500)
    const participants = [bobId, collector].map((one) => ({ id: one ?? '0x', lock_type: 0 }))
    await done({ send: () => transfer(driver, 100, participants) })
    expect(await heldBy(aliceId, id)).toBe(400)
    expect(await heldBy(bobId, id)).toBe(99)
    expect(await heldBy(collector, id)).toBe(1)
    const kept = await driver.persistentState.get((access) => access.entity('collector'))
    expect(`0x${Buffer.from(kept as Uint8Array).toString('hex')}`).toBe(collector)
  })

  test('cannot touch whom the interaction does not declare', async () => {
    const { id, driver } = await create(500)
    const participants = [{ id: bobId ?? '0x', lock_type: 0 }]
    const receipt = await receiptOf({ send: () => transfer(driver, 100, participants) })
    expect(receipt).toMatchObject({ status: 1, ix_operations: [{ status: 2 }] })
    expect(wordsOf(receipt)).toContain('participant')
    expect(await heldBy(aliceId, id)).toBe(500)
    expect(await heldBy(bobId, id)).toBe(0)
  })

  test('is not there where its deployment mints more than there may be', async () => {
    const { sdk } = scene
    const args = [sdk.hexToBytes(collector ?? ''), 1001] as const
    const context = sdk.AssetFactory.create(
      alice,
      'LEVY',
      1000,
      aliceId ?? '0x',
      true,
      LEVY,
      'Init',
      ...args,
    )
    const receipt = await receiptOf(context)
    expect(receipt.status).toBe(1)
    expect(wordsOf(receipt)).toContain('max supply')
    const [operation] = receipt.ix_operations
    expect(operation?.data['asset_id'] ?? '').not.toMatch(/^0x10/)
  })
})
