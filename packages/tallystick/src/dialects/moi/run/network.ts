/**
 * What a MOI network fixes at its start: its two well-known accounts, its terms for guardians, and who has what.
 *
 * Promise. The genesis is a function of its parameters, and its books balance: the supply of KMOI is what the participants begin
 * with and what lies ready for guardians' rewards.
 *
 * Not promised. MOI publishes neither stakes nor periods nor rewards of guardians; those here are parameters of ours.
 */
import { bytes, type Codec, id, list, struct, text, u32, u64 } from '../../../base/codec.ts'
import { Fault } from '../../../base/fault.ts'
import {
  MOI_CONTEXT_NODES_MAX,
  MOI_GENESIS_PARTICIPANTS_MAX,
  MOI_KEYS_MAX,
  MOI_KRAMA_ID_CHARACTERS_MAX,
  PUBLIC_KEY_BYTES_MAX,
} from '../../../base/limits.ts'
import { bytesFromUtf8 } from '../../../base/bytes.ts'
import { KMOI_ASSET as KMOI, type MoiId, SARGA_ACCOUNT as SARGA } from '../identifier.ts'
import type { MoiKey } from '../operation.ts'
import { createAccount, type NodeSets } from './account.ts'
import { type AccountChange, createDraft, type Draft } from './draft.ts'
import { credit } from './holding.ts'
import { PATH, tokenSupplyPath } from './layout.ts'
import { amountRecord, assetRecord } from './record.ts'

export type MoiNetwork = {
  /** The asset in which fuel is paid. */
  readonly kmoi: MoiId
  /** The account that keeps the guardians, and that nobody signs for. */
  readonly genesis: MoiId
  /** The guardians that vouch for a new account. */
  readonly nodes: NodeSets
  readonly guardians: {
    readonly stakeMin: bigint
    /** Seconds between unstaking and withdrawing. */
    readonly withdrawalSeconds: bigint
    /** What a stake earns in a year, in millionths of it. */
    readonly yearlyMillionths: bigint
  }
}

export type GenesisParticipant = {
  readonly id: MoiId
  readonly keys: readonly MoiKey[]
  readonly balance: bigint
}

export type MoiGenesis = {
  readonly nodes: NodeSets
  readonly guardians: MoiNetwork['guardians']
  readonly participants: readonly GenesisParticipant[]
  /** KMOI out of which guardians are paid. */
  readonly rewards: bigint
}

const kramaIds = list(text(MOI_KRAMA_ID_CHARACTERS_MAX), MOI_CONTEXT_NODES_MAX)

/** The parameters of a network's logic in its charter. */
export const moiGenesis: Codec<MoiGenesis> = struct<MoiGenesis>({
  nodes: struct<NodeSets>({ behaviour: kramaIds, random: kramaIds, storage: kramaIds }),
  guardians: struct<MoiNetwork['guardians']>({
    stakeMin: amountRecord,
    withdrawalSeconds: u64,
    yearlyMillionths: u64,
  }),
  participants: list(
    struct<GenesisParticipant>({
      id: id<'moi'>(),
      keys: list(
        struct<MoiKey>({
          publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
          weight: u64,
          signatureAlgorithm: u32,
        }),
        MOI_KEYS_MAX,
      ),
      balance: amountRecord,
    }),
    MOI_GENESIS_PARTICIPANTS_MAX,
  ),
  rewards: amountRecord,
})

export const networkOf = (of: MoiGenesis): MoiNetwork => ({
  kmoi: KMOI,
  genesis: SARGA,
  nodes: of.nodes,
  guardians: of.guardians,
})

/** KMOI counts in whole units, and no more of it exists than 64 bits can tell. */
export const KMOI_SUPPLY_MAX: bigint = (1n << 64n) - 1n
const KMOI_SYMBOL = bytesFromUtf8('KMOI')

/** What the accounts of the genesis begin with. Raises `moi/genesis` where it makes no sense. */
export const genesisChanges = (of: MoiGenesis): readonly AccountChange[] => {
  const draft = createDraft({ read: () => undefined, locks: new Map(), isQuestion: false })
  const supply = of.participants.reduce((sum, one) => sum + one.balance, of.rewards)
  if (supply > KMOI_SUPPLY_MAX) throw new Fault('moi/genesis', `${supply} KMOI in all`)
  openGenesis(draft, of)
  openKmoi(draft, of, supply)
  for (const one of of.participants) {
    if (draft.created().includes(one.id)) throw new Fault('moi/genesis', `${one.id} comes twice`)
    createAccount(draft, one.id, { kind: 'participant', nodes: of.nodes, keys: one.keys })
    if (one.balance > 0n) credit(draft, { account: one.id, asset: KMOI, token: 0n }, one.balance)
  }
  return draft.changes()
}

const openGenesis = (draft: Draft, of: MoiGenesis): void => {
  createAccount(draft, SARGA, { kind: 'genesis', nodes: of.nodes })
  draft.write(SARGA, PATH.rewards, amountRecord.encode(of.rewards))
}

const openKmoi = (draft: Draft, of: MoiGenesis, supply: bigint): void => {
  createAccount(draft, KMOI, { kind: 'asset', nodes: of.nodes })
  draft.write(
    KMOI,
    PATH.asset,
    assetRecord.encode({
      symbol: KMOI_SYMBOL,
      dimension: 0n,
      decimals: 0n,
      standard: 0,
      hasEvents: false,
      creator: SARGA,
      // Nobody signs for the genesis account, so nobody mints.
      manager: SARGA,
      maxSupply: supply,
    }),
  )
  draft.write(KMOI, PATH.supply, amountRecord.encode(supply))
  draft.write(KMOI, tokenSupplyPath(0n), amountRecord.encode(supply))
}
