/** The tables of MOI's documentation, row by row: what costs 100 costs that, and each constraint at its edge. */
import { describe, expect, it } from 'vitest'
import { deriveMoiId, type MoiId } from '../../../../src/dialects/moi/identifier.ts'
import {
  type MoiInteraction,
  type MoiLock,
  writeInteraction,
} from '../../../../src/dialects/moi/interaction.ts'
import type { MoiOperation } from '../../../../src/dialects/moi/operation.ts'
import { deploy, invoke, manifest, routine } from './sketch.ts'
import {
  action,
  ada,
  assetCreate,
  bob,
  createAssetIn,
  createTown,
  dan,
  keyOf,
  KRAMA_ID,
  messageOf,
  SARGA,
  toward,
  type Town,
  transferOf,
  type Wish,
} from './town.ts'

const ended = manifest([routine(0, 'End', ['TERM'])], 'logic')

/** A town with an asset of which ada has some, may spend some of bob's, and has put some aside; and a guardian of hers. */
const prepared = (): { readonly town: Town; readonly asset: MoiId } => {
  const town = createTown()
  const asset = createAssetIn(town)
  const done = (wish: Wish): void => {
    const { receipt } = town.send(wish)
    if (receipt.status !== 'ok') throw new Error(messageOf(receipt))
  }
  const held = [
    [asset, 'mutate'],
    [bob.id, 'mutate'],
  ] as const
  for (const { id } of [ada, bob]) {
    done({ do: [action(asset, 'Mint', { beneficiary: id, amount: 100n })], with: held })
  }
  const late = { beneficiary: ada.id, amount: 10n, expires_at: town.time + 1000n }
  const byBob = [
    [asset, 'none'],
    [ada.id, 'mutate'],
  ] as const
  done({ from: bob, do: [action(asset, 'Approve', late)], with: byBob })
  const aside = { beneficiary: bob.id, amount: 10n }
  done({ do: [action(asset, 'Approve', { ...late, beneficiary: bob.id })], with: held })
  done({ do: [action(asset, 'Lockup', aside)], with: held })
  const guardian = (of: MoiOperation): void => done({ do: [of], with: [[SARGA, 'mutate']] })
  guardian(register(5000n, KRAMA_ID))
  town.time += 31_536_000n
  guardian({ is: 'guardian-unstake', kramaId: KRAMA_ID, amount: 1000n })
  town.time += 1000n
  return { town, asset }
}

const register = (amount: bigint, kramaId: string): MoiOperation => ({
  is: 'guardian-register',
  kramaId,
  walletId: ada.id,
  consensusKey: Uint8Array.of(1),
  kycProof: new Uint8Array(),
  amount,
})

const create = {
  is: 'participant-create',
  id: dan.id,
  keys: [keyOf(dan)],
  value: undefined,
} as const
const inherit = (subAccountIndex: number): MoiOperation => ({
  is: 'account-inherit',
  targetAccount: SARGA,
  value: undefined,
  subAccountIndex,
})
const staking = (
  is: 'guardian-stake' | 'guardian-unstake' | 'guardian-withdraw' | 'guardian-claim',
  amount: bigint,
): MoiOperation => ({ is, kramaId: KRAMA_ID, amount })

type Row = readonly [
  name: string,
  operation: (asset: MoiId) => MoiOperation,
  locks: (asset: MoiId) => readonly (readonly [MoiId, MoiLock])[],
]

const two = (asset: MoiId) =>
  [
    [asset, 'mutate'],
    [bob.id, 'mutate'],
  ] as const
const alone = () => []
const atGenesis = () => [[SARGA, 'mutate']] as const
const OTHER_KRAMA = '1116Uiu2HAm2itTsAm1YonwaN8c4XQoqa4egGJAMxwMuXpzNKTwh68E'

const TABLE: readonly Row[] = [
  ['ParticipantCreate', () => create, alone],
  ['AccountConfigure', () => ({ is: 'account-configure', add: [keyOf(dan)], revoke: [] }), alone],
  ['AccountInherit', () => inherit(0), alone],
  ['AssetCreate', () => assetCreate({ symbol: 'TWO' }), alone],
  ['Transfer', (asset) => transferOf(bob, 1n, asset), two],
  ['Mint', (asset) => action(asset, 'Mint', { beneficiary: bob.id, amount: 1n }), two],
  ['Burn', (asset) => action(asset, 'Burn', { amount: 1n }), two],
  [
    'Approve',
    (asset) => action(asset, 'Approve', { beneficiary: bob.id, amount: 1n, expires_at: 2n ** 63n }),
    two,
  ],
  ['Revoke', (asset) => action(asset, 'Revoke', { beneficiary: bob.id }), two],
  [
    'Release',
    (asset) => action(asset, 'Release', { benefactor: ada.id, beneficiary: bob.id, amount: 1n }),
    two,
  ],
  ['Lockup', (asset) => action(asset, 'Lockup', { beneficiary: bob.id, amount: 1n }), two],
  ['GuardianRegister', () => register(1000n, OTHER_KRAMA), atGenesis],
  ['GuardianStake', () => staking('guardian-stake', 1n), atGenesis],
  ['GuardianUnstake', () => staking('guardian-unstake', 1n), atGenesis],
  ['GuardianWithdraw', () => staking('guardian-withdraw', 1n), atGenesis],
  ['GuardianClaim', () => staking('guardian-claim', 1n), atGenesis],
  ['LogicDeploy', () => deploy(ended), alone],
]

describe('base fuel', () => {
  it.each(TABLE)('of %s is 100, and 99 is too little', (_, operation, locks) => {
    const { town, asset } = prepared()
    const wish = { do: [operation(asset)], with: locks(asset) }
    const before = town.balance(ada)
    expect(town.refusal(town.make({ ...wish, fuelLimit: 99n }))?.code).toBe('fuel-limit')
    expect(town.refusal(town.make({ ...wish, fuelLimit: 100n }))).toBeUndefined()
    const { receipt } = town.send({ ...wish, fuelLimit: 100n })
    expect([receipt.status, messageOf(receipt), receipt.fuelUsed]).toEqual(['ok', '', 100n])
    expect(town.balance(ada)).toBeLessThanOrEqual(before)
  })

  it('of LogicInvoke and LogicEnlist is 100 and what their instructions cost', () => {
    const town = createTown()
    const enlisting = manifest(
      [routine(0, 'End', ['TERM']), routine(1, 'Join', ['TERM'], { kind: 'enlist' })],
      'logic',
    )
    const made = town.send({ do: [deploy(enlisting)] }).receipt.operations[0]?.created
    if (!made) throw new Error('it was deployed')
    const used = (operation: MoiOperation) =>
      town.send({ do: [operation], with: [[made, 'mutate']] }).receipt
    for (const receipt of [
      used(invoke(made, 'End')),
      used(invoke(made, 'Join', {}, 'logic-enlist')),
    ]) {
      expect(receipt.status).toBe('ok')
      expect(receipt.fuelUsed).toBeGreaterThan(100n)
      expect(receipt.fuelUsed).toBeLessThan(110n)
    }
  })
})

const refusal = (wish: Wish): string | undefined => {
  const town = createTown()
  return town.refusal(town.make(wish))?.message
}

describe('of one kind of creation', () => {
  it('an interaction has one at most, and one of each is not too much', () => {
    expect(refusal({ do: [assetCreate()] })).toBeUndefined()
    expect(refusal({ do: [deploy(ended)] })).toBeUndefined()
    expect(refusal({ do: [assetCreate(), deploy(ended), create] })).toBeUndefined()
    expect(refusal({ do: [assetCreate(), assetCreate()] })).toContain('more than one AssetCreate')
    expect(refusal({ do: [deploy(ended), deploy(ended)] })).toContain('more than one LogicDeploy')
  })
})

describe('the size of an interaction', () => {
  it('is 131072 bytes to the byte', () => {
    const town = createTown()
    const plain = town.make({ do: [transferOf(bob, 1n)], with: toward(bob) })
    const of = (bytes: number): MoiInteraction => {
      // Offsets take as many bytes for any perception of about this size.
      const room = writeInteraction({ ...plain, perception: new Uint8Array(130_000) }).length
      return { ...plain, perception: new Uint8Array(130_000 + bytes - room) }
    }
    expect(writeInteraction(of(131_072)).length).toBe(131_072)
    expect(town.refusal(of(131_072))).toBeUndefined()
    expect(town.refusal(of(131_073))?.code).toBe('size')
  })
})

describe('a type of operation', () => {
  it.each([
    [0, 'invalid payload'],
    [14, 'LogicInteract (14) is reserved'],
    [15, 'LogicUpgrade (15) is reserved'],
    [16, 'invalid payload'],
  ])('%i is none', (type, message) => {
    const town = createTown()
    const args = town.make({ do: [transferOf(bob, 1n)], with: toward(bob) })
    const [first] = args.operations
    const operations = first ? [{ ...first, type }] : []
    expect(town.refusal({ ...args, operations })?.message).toContain(message)
  })
})

describe('a sub-account', () => {
  it('has an index of 32 bits, the last of them too', () => {
    const last = 0xffff_ffff
    const town = createTown()
    expect(town.send({ do: [inherit(last)] }).created).toEqual([
      deriveMoiId(ada.id, { variant: last }),
    ])
    expect(() => town.make({ do: [inherit(last + 1)] })).toThrow()
  })
})
