/** Over random interactions: nothing is lost, nothing comes of nothing, and whoever only watches is left alone. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { MoiId } from '../../../../src/dialects/moi/identifier.ts'
import type { MoiOperation } from '../../../../src/dialects/moi/operation.ts'
import { assetOf, supplyOf } from '../../../../src/dialects/moi/run/asset-engine.ts'
import { guardianOf, guardianIdsOf } from '../../../../src/dialects/moi/run/guardian.ts'
import {
  balanceOf,
  holdingsOf,
  lockupOf,
  lockupsOf,
} from '../../../../src/dialects/moi/run/holding.ts'
import { PATH } from '../../../../src/dialects/moi/run/layout.ts'
import { amountRecord, valueOr } from '../../../../src/dialects/moi/run/record.ts'
import { call, estimate } from '../../../../src/dialects/moi/run/run.ts'
import { interactionHash, writeInteraction } from '../../../../src/dialects/moi/interaction.ts'
import {
  action,
  ada,
  assetCreate,
  bob,
  createTown,
  createAssetIn,
  cyd,
  dan,
  keyOf,
  KMOI,
  KRAMA_ID,
  messageOf,
  type Person,
  SARGA,
  type Town,
  type Wish,
} from './town.ts'

const PEOPLE: readonly Person[] = [ada, bob, cyd, dan]

/** What is held, locked up, staked, put aside and burnt as fuel of an asset, over all accounts. */
const total = (town: Town, asset: MoiId): bigint => {
  const { read } = town
  let sum = 0n
  for (const account of town.accounts()) {
    for (const holding of holdingsOf(read, account)) {
      if (holding.asset === asset) sum += balanceOf(read, { account, ...holding })
    }
    for (const place of lockupsOf(read, account)) {
      if (place.asset === asset) sum += lockupOf(read, { account, ...place }, place.for)
    }
    if (asset === KMOI) sum += valueOr(amountRecord, read(account, PATH.fuel), 0n)
  }
  if (asset !== KMOI) return sum
  for (const id of guardianIdsOf(read, town.network)) {
    const record = guardianOf(read, town.network, id)
    sum += record?.stake ?? 0n
    for (const { amount } of record?.unstaking ?? []) sum += amount
  }
  return sum + valueOr(amountRecord, read(SARGA, PATH.rewards), 0n)
}

type Draw = {
  readonly kind: number
  readonly from: number
  readonly to: number
  readonly third: number
  readonly asset: number
  readonly amount: bigint
  readonly token: bigint
  readonly wait: number
}

const draw: fc.Arbitrary<Draw> = fc.record({
  kind: fc.oneof({ weight: 2, arbitrary: fc.nat(7) }, { weight: 1, arbitrary: fc.nat(15) }),
  from: fc.nat(2),
  to: fc.nat(3),
  third: fc.nat(3),
  asset: fc.nat(5),
  amount: fc.oneof(
    { weight: 6, arbitrary: fc.bigInt(0n, 60n) },
    { weight: 2, arbitrary: fc.bigInt(0n, 2000n) },
    { weight: 1, arbitrary: fc.bigInt(0n, 2n ** 256n - 1n) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 1n, 2n ** 64n, 2n ** 256n - 1n) },
  ),
  token: fc.oneof(fc.constant(0n), fc.bigInt(0n, 3n)),
  wait: fc.nat(80),
})

const CALLS = [
  'Transfer',
  'TransferFrom',
  'Mint',
  'Burn',
  'Approve',
  'Revoke',
  'Lockup',
  'Release',
] as const

const LABELS: Readonly<Record<(typeof CALLS)[number], readonly string[]>> = {
  Transfer: ['token_id', 'beneficiary', 'amount'],
  TransferFrom: ['token_id', 'benefactor', 'beneficiary', 'amount'],
  Mint: ['beneficiary', 'amount'],
  Burn: ['token_id', 'amount'],
  Approve: ['token_id', 'beneficiary', 'amount', 'expires_at'],
  Revoke: ['token_id', 'beneficiary'],
  Lockup: ['token_id', 'beneficiary', 'amount'],
  Release: ['token_id', 'benefactor', 'beneficiary', 'amount'],
}

const operationOf = (town: Town, assets: readonly MoiId[], of: Draw): MoiOperation => {
  const beneficiary = PEOPLE[of.to]?.id ?? ada.id
  const benefactor = PEOPLE[of.third]?.id ?? ada.id
  const asset = assets[of.asset % assets.length] ?? KMOI
  const callsite = CALLS[of.kind]
  const standard = assetOf(town.read, asset)?.standard ?? 0
  if (callsite !== undefined) {
    const all = {
      token_id: of.token,
      benefactor,
      beneficiary,
      amount: of.amount,
      expires_at: town.time + BigInt(of.wait) - 10n,
    }
    const labels = LABELS[callsite].filter(
      (label) => (label !== 'token_id' || standard !== 0) && (label !== 'amount' || standard !== 1),
    )
    const args = Object.fromEntries(Object.entries(all).filter(([label]) => labels.includes(label)))
    return action(asset, callsite, args)
  }
  const kramaId = KRAMA_ID
  const { amount } = of
  if (of.kind === 8) {
    const proof = { consensusKey: Uint8Array.of(1), kycProof: new Uint8Array() }
    return { is: 'guardian-register', kramaId, walletId: ada.id, amount, ...proof }
  }
  if (of.kind === 9) return { is: 'guardian-stake', kramaId, amount }
  if (of.kind === 10) return { is: 'guardian-unstake', kramaId, amount }
  if (of.kind === 11) return { is: 'guardian-withdraw', kramaId, amount }
  if (of.kind === 12) return { is: 'guardian-claim', kramaId, amount }
  if (of.kind === 13) {
    const init = { manifest: new Uint8Array(), callsite: 'Init', calldata: new Uint8Array() }
    const logic = { ...init, interfaces: new Map<string, string>() }
    return assetCreate({ standard: of.to % 3, maxSupply: of.amount, logic, enableEvents: false })
  }
  if (of.kind === 14)
    return { is: 'participant-create', id: dan.id, keys: [keyOf(dan)], value: undefined }
  return { is: 'account-configure', add: [], revoke: [0] }
}

/** A town in which everybody has some of an asset, has locked some up for everybody, and lets everybody spend some. */
const prepared = (): { readonly town: Town; readonly assets: MoiId[] } => {
  const town = createTown()
  const asset = createAssetIn(town, { enableEvents: false })
  const with_: Wish['with'] = [ada, bob, cyd].map(({ id }) => [id, 'mutate'] as const)
  const send = (from: Person, callsite: string, args: Parameters<typeof action>[2]): void => {
    const others = [...with_, [asset, 'mutate'] as const].filter(([id]) => id !== from.id)
    const { receipt } = town.send({ from, do: [action(asset, callsite, args)], with: others })
    if (receipt.status !== 'ok') throw new Error(messageOf(receipt))
  }
  const expires_at = town.time + 1000n
  for (const { id } of [ada, bob, cyd]) send(ada, 'Mint', { beneficiary: id, amount: 1000n })
  for (const from of [ada, bob, cyd]) {
    for (const { id } of [ada, bob, cyd]) {
      send(from, 'Lockup', { beneficiary: id, amount: 100n })
      send(from, 'Approve', { beneficiary: id, amount: 100n, expires_at })
    }
  }
  return { town, assets: [KMOI, asset] }
}

const interaction = fc.oneof(
  { weight: 3, arbitrary: fc.array(draw, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(draw, { minLength: 2, maxLength: 3 }) },
)

it('what there is of every asset adds up to its supply', () => {
  /** How often each kind of operation has succeeded: a property of refusals alone would show nothing. */
  const done = new Map<number, number>()
  fc.assert(
    fc.property(fc.array(interaction, { minLength: 10, maxLength: 40 }), (interactions) => {
      const { town, assets } = prepared()
      for (const draws of interactions) {
        if (sendChecked(town, assets, draws)) {
          for (const { kind } of draws) done.set(kind, (done.get(kind) ?? 0) + 1)
        }
        for (const asset of assets) expect(total(town, asset)).toBe(supplyOf(town.read, asset))
        town.time += BigInt(draws[0]?.wait ?? 0)
      }
    }),
    { numRuns: 40 },
  )
  for (const kind of CALLS.keys()) expect(done.get(kind) ?? 0).toBeGreaterThan(0)
})

/** Sends one, compares it with what was told before, and says whether it succeeded. */
const sendChecked = (town: Town, assets: MoiId[], draws: readonly Draw[]): boolean => {
  const from = PEOPLE[draws[0]?.from ?? 0] ?? ada
  const others = [...PEOPLE.map(({ id }) => id), SARGA, ...assets].filter((id) => id !== from.id)
  const wish = {
    from,
    do: draws.map((one) => operationOf(town, assets, one)),
    with: others.map((id) => [id, 'mutate'] as const),
    fuelLimit: 300n,
  }
  if (town.balance(from) < 300n) return false
  const args = town.make(wish)
  const hash = interactionHash(writeInteraction(args))
  const of = { args, hash, read: town.read, network: town.network, time: town.time }
  const guess = estimate(of)
  const told = call(of)
  const before = town.all()
  const { receipt, created } = town.send(wish)
  expect(guess).toBeGreaterThanOrEqual(receipt.fuelUsed)
  assets.push(...created.filter((id) => id.startsWith('1')))
  if (receipt.status === 'ok') expect(told.operations).toEqual(receipt.operations)
  else expectOnlyPaid(before, town, from)
  return receipt.status === 'ok'
}

/** A reverted interaction changes its sender's counter, fuel and receipt, and nothing else anywhere. */
const expectOnlyPaid = (
  before: ReadonlyMap<string, Uint8Array>,
  town: Town,
  from: Person,
): void => {
  const allowed = ['sequence/0', `balance/${KMOI}/0`, 'fuel', 'receipt'].map(
    (path) => `${from.id} ${path}`,
  )
  const after = town.all()
  const changed = [...after.keys(), ...before.keys()].filter((at) => {
    const [old, fresh] = [before.get(at), after.get(at)]
    return old === undefined || fresh === undefined ? old !== fresh : old.join() !== fresh.join()
  })
  expect(changed.filter((at) => !allowed.includes(at))).toEqual([])
}
