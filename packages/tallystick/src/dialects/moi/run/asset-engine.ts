/**
 * The asset engine: what can be done with an asset, whoever asks for it, a standard's routine or a logic of its own.
 *
 * Promise. Over all accounts, what is held and what is locked up of a token add up to its circulating supply (for KMOI together
 * with stakes, rewards and spent fuel). Nothing leaves an account but by its own interaction, within a mandate that it gave, or
 * out of a lockup to the one it was locked up for. No token's supply passes the asset's maximum.
 *
 * Not promised. MOI publishes the names of these routines and little of their rules. Ours: the manager alone mints, and the
 * asset's own logic while it is being created; a maximum of zero lets nothing be minted; a mandate replaces the one before; a
 * lockup adds to the one before, and anybody may release it to whom it is for.
 */
import { hexFromMoiId, type MoiId } from '../identifier.ts'
import { accountOf, exception } from './account.ts'
import type { Draft, ReadAccount } from './draft.ts'
import {
  balanceOf,
  credit,
  debit,
  type Holding,
  lockupOf,
  mandateOf,
  setLockup,
  setMandate,
} from './holding.ts'
import { PATH, tokenSupplyPath } from './layout.ts'
import { amountRecord, type AssetRecord, assetRecord, U256_MAX, valueOr } from './record.ts'

export type Engine = {
  readonly draft: Draft
  readonly asset: MoiId
  readonly record: AssetRecord
  /** Who sent the interaction. */
  readonly sender: MoiId
  /** Seconds since 1970, agreed on by those who certify. */
  readonly time: bigint
  /** Whether this is the interaction that creates the asset, running its deploy routine. */
  readonly isCreating: boolean
}

export const assetOf = (read: ReadAccount, asset: MoiId): AssetRecord | undefined => {
  const value = read(asset, PATH.asset)
  return value && assetRecord.decode(value)
}

/** How much of a token exists, or of all of them. */
export const supplyOf = (read: ReadAccount, asset: MoiId, token?: bigint): bigint =>
  valueOr(amountRecord, read(asset, token === undefined ? PATH.supply : tokenSupplyPath(token)), 0n)

/** Raises `moi/exception` unless the account is registered. */
export const expectAccount = (draft: Draft, id: MoiId): void => {
  if (!accountOf(draft.read, id)) throw exception(`account not found: ${hexFromMoiId(id)}`)
}

const holding = (engine: Engine, account: MoiId, token: bigint): Holding => ({
  account,
  asset: engine.asset,
  token,
})

export type Movement = {
  readonly token: bigint
  /** Missing for the sender. */
  readonly benefactor?: MoiId
  readonly beneficiary: MoiId
  readonly amount: bigint
}

/** Nothing may be moved too: clients create accounts with an empty gift. */
export const transfer = (engine: Engine, of: Movement): void => {
  const { draft, sender } = engine
  const benefactor = of.benefactor ?? sender
  expectAccount(draft, of.beneficiary)
  if (benefactor !== sender) spendMandate(engine, { ...of, benefactor })
  debit(draft, holding(engine, benefactor, of.token), of.amount)
  credit(draft, holding(engine, of.beneficiary, of.token), of.amount)
}

const spendMandate = (engine: Engine, of: Movement & { readonly benefactor: MoiId }): void => {
  const from = holding(engine, of.benefactor, of.token)
  const mandate = mandateOf(engine.draft.read, from, engine.sender)
  if (!mandate || mandate.amount === 0n) throw exception('mandate not found')
  if (engine.time >= mandate.expiresAt) throw exception('mandate expired')
  if (of.amount > mandate.amount) {
    throw exception(`insufficient mandate: ${mandate.amount} where ${of.amount} is needed`)
  }
  const left = { ...mandate, amount: mandate.amount - of.amount }
  setMandate(engine.draft, from, engine.sender, left)
}

const expectPositive = (amount: bigint): void => {
  if (amount <= 0n) throw exception('amount must be positive')
}

export const mint = (engine: Engine, of: Omit<Movement, 'benefactor'>): void => {
  const { draft, record, asset, sender } = engine
  if (sender !== record.manager && !engine.isCreating) {
    throw exception('sender is not the manager of the asset')
  }
  expectPositive(of.amount)
  expectAccount(draft, of.beneficiary)
  const supply = supplyOf(draft.read, asset, of.token) + of.amount
  if (supply > record.maxSupply) {
    throw exception(`max supply exceeded: ${supply} where ${record.maxSupply} may exist`)
  }
  setSupply(engine, of.token, supply, supplyOf(draft.read, asset) + of.amount)
  credit(draft, holding(engine, of.beneficiary, of.token), of.amount)
}

const setSupply = (engine: Engine, token: bigint, ofToken: bigint, ofAll: bigint): void => {
  if (ofAll > U256_MAX) throw exception('supply overflow')
  engine.draft.write(engine.asset, tokenSupplyPath(token), amountRecord.encode(ofToken))
  engine.draft.write(engine.asset, PATH.supply, amountRecord.encode(ofAll))
}

/** Burns what the sender has. */
export const burn = (
  engine: Engine,
  of: { readonly token: bigint; readonly amount: bigint },
): void => {
  const { draft, asset } = engine
  expectPositive(of.amount)
  debit(draft, holding(engine, engine.sender, of.token), of.amount)
  const ofToken = supplyOf(draft.read, asset, of.token) - of.amount
  setSupply(engine, of.token, ofToken, supplyOf(draft.read, asset) - of.amount)
}

export type Approval = Omit<Movement, 'benefactor'> & { readonly expiresAt: bigint }

export const approve = (engine: Engine, of: Approval): void => {
  expectPositive(of.amount)
  if (of.expiresAt <= engine.time) throw exception('mandate would be expired')
  expectAccount(engine.draft, of.beneficiary)
  const mandate = { amount: of.amount, expiresAt: of.expiresAt }
  setMandate(engine.draft, holding(engine, engine.sender, of.token), of.beneficiary, mandate)
}

export const revoke = (
  engine: Engine,
  of: { readonly token: bigint; readonly beneficiary: MoiId },
): void => {
  const from = holding(engine, engine.sender, of.token)
  const mandate = mandateOf(engine.draft.read, from, of.beneficiary)
  if (!mandate || mandate.amount === 0n) throw exception('mandate not found')
  setMandate(engine.draft, from, of.beneficiary, { ...mandate, amount: 0n })
}

export const lockup = (engine: Engine, of: Omit<Movement, 'benefactor'>): void => {
  const { draft } = engine
  expectPositive(of.amount)
  expectAccount(draft, of.beneficiary)
  const from = holding(engine, engine.sender, of.token)
  debit(draft, from, of.amount)
  setLockup(draft, from, of.beneficiary, lockupOf(draft.read, from, of.beneficiary) + of.amount)
}

export const release = (engine: Engine, of: Movement & { readonly benefactor: MoiId }): void => {
  const { draft } = engine
  expectPositive(of.amount)
  expectAccount(draft, of.benefactor)
  const from = holding(engine, of.benefactor, of.token)
  const locked = lockupOf(draft.read, from, of.beneficiary)
  if (of.amount > locked) {
    throw exception(`insufficient lockup: ${locked} where ${of.amount} is needed`)
  }
  setLockup(draft, from, of.beneficiary, locked - of.amount)
  credit(draft, holding(engine, of.beneficiary, of.token), of.amount)
}

export const balanceIn = (engine: Engine, account: MoiId, token: bigint): bigint =>
  balanceOf(engine.draft.read, holding(engine, account, token))
