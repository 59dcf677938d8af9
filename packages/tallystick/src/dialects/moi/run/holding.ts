/**
 * Balances, mandates and lockups: what an account has, whom it lets spend it, and what it has put aside for somebody.
 *
 * Promise. All three lie with the holder. Nothing here makes or destroys value but `credit` and `debit` by themselves: whoever
 * calls one calls the other too, or changes a supply (`asset-engine.ts`, `guardian.ts`, `fuel.ts`).
 */
import type { MoiId } from '../identifier.ts'
import { append, exception } from './account.ts'
import type { Draft, ReadAccount } from './draft.ts'
import {
  balancePath,
  holdingPath,
  lockupPath,
  lockupPlacePath,
  mandatePath,
  mandatePlacePath,
  PATH,
} from './layout.ts'
import {
  amountRecord,
  countRecord,
  holdingRecord,
  type HoldingRecord,
  type MandateRecord,
  mandateRecord,
  placeRecord,
  type PlaceRecord,
  U256_MAX,
  valueOr,
} from './record.ts'

export type Holding = { readonly account: MoiId; readonly asset: MoiId; readonly token: bigint }

export const balanceOf = (read: ReadAccount, of: Holding): bigint =>
  valueOr(amountRecord, read(of.account, balancePath(of.asset, of.token)), 0n)

/** Raises `moi/exception` above what 256 bits hold; a supply within its maximum never comes there. */
export const credit = (draft: Draft, to: Holding, amount: bigint): void => {
  const path = balancePath(to.asset, to.token)
  const value = draft.read(to.account, path)
  if (value === undefined) {
    const place = holdingRecord.encode({ asset: to.asset, token: to.token })
    append(draft, to.account, { count: PATH.holdingCount, place: holdingPath }, place)
  }
  const after = valueOr(amountRecord, value, 0n) + amount
  if (after > U256_MAX) throw exception('balance overflow')
  draft.write(to.account, path, amountRecord.encode(after))
}

/** Raises `moi/exception` where there is less. */
export const debit = (draft: Draft, from: Holding, amount: bigint): void => {
  const before = balanceOf(draft.read, from)
  if (amount > before) throw exception(`insufficient balance: ${before} where ${amount} is needed`)
  if (amount === 0n) return
  draft.write(
    from.account,
    balancePath(from.asset, from.token),
    amountRecord.encode(before - amount),
  )
}

export const mandateOf = (
  read: ReadAccount,
  from: Holding,
  spender: MoiId,
): MandateRecord | undefined => {
  const value = read(from.account, mandatePath(from.asset, from.token, spender))
  return value && mandateRecord.decode(value)
}

/** Sets what a spender may spend, from now on and up to a second that is no longer in it. */
export const setMandate = (
  draft: Draft,
  from: Holding,
  spender: MoiId,
  mandate: MandateRecord,
): void => {
  const path = mandatePath(from.asset, from.token, spender)
  if (draft.read(from.account, path) === undefined) {
    const place = placeRecord.encode({ asset: from.asset, token: from.token, for: spender })
    append(draft, from.account, { count: PATH.mandateCount, place: mandatePlacePath }, place)
  }
  draft.write(from.account, path, mandateRecord.encode(mandate))
}

export const lockupOf = (read: ReadAccount, from: Holding, beneficiary: MoiId): bigint =>
  valueOr(amountRecord, read(from.account, lockupPath(from.asset, from.token, beneficiary)), 0n)

export const setLockup = (
  draft: Draft,
  from: Holding,
  beneficiary: MoiId,
  amount: bigint,
): void => {
  const path = lockupPath(from.asset, from.token, beneficiary)
  if (draft.read(from.account, path) === undefined) {
    const place = placeRecord.encode({ asset: from.asset, token: from.token, for: beneficiary })
    append(draft, from.account, { count: PATH.lockupCount, place: lockupPlacePath }, place)
  }
  if (amount > U256_MAX) throw exception('lockup overflow')
  draft.write(from.account, path, amountRecord.encode(amount))
}

const placesOf = <T>(
  read: ReadAccount,
  account: MoiId,
  list: {
    readonly count: readonly string[]
    readonly place: (at: number) => readonly (string | Uint8Array)[]
    readonly decode: (bytes: Uint8Array) => T
  },
): readonly T[] => {
  const count = valueOr(countRecord, read(account, list.count), 0)
  return Array.from({ length: count }, (_, at) => read(account, list.place(at)))
    .filter((value) => value !== undefined)
    .map((value) => list.decode(value))
}

/** Every asset and token that the account has had some of. */
export const holdingsOf = (read: ReadAccount, account: MoiId): readonly HoldingRecord[] =>
  placesOf(read, account, {
    count: PATH.holdingCount,
    place: holdingPath,
    decode: holdingRecord.decode,
  })

/** Every mandate that the account has ever given, spent ones too. */
export const mandatesOf = (read: ReadAccount, account: MoiId): readonly PlaceRecord[] =>
  placesOf(read, account, {
    count: PATH.mandateCount,
    place: mandatePlacePath,
    decode: placeRecord.decode,
  })

export const lockupsOf = (read: ReadAccount, account: MoiId): readonly PlaceRecord[] =>
  placesOf(read, account, {
    count: PATH.lockupCount,
    place: lockupPlacePath,
    decode: placeRecord.decode,
  })
