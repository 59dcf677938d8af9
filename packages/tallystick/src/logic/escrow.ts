/**
 * Escrow: stakes in vaults that the ends of a declared process on another machine decide.
 *
 * Each stake is a vault of its own, from the player who staked to the other one. The process says under one path who has won, and
 * under another that it was called off. A stake goes to the other player where that one has won, and back where its own player has won
 * or the process was called off. Both stakes are locked by one interaction that both players consent to: both, or neither.
 *
 * Promise. What pays is the vault's own rule (`vault.ts`) on premises about the process: nothing here is asked when a stake is paid,
 * and whoever brings the premise, the money goes where the terms say. Terms name the process by its machine id, and so by its whole
 * definition: a process with another text or other oracles, or one that began under other custodians, decides nothing here. The id
 * stays when all who take part in the process agree on other custodians or a directory: who certifies it then decides here as well.
 *
 * Not promised. That the process ends, or that its ends exclude each other: that is the definition's to see to. One that ends in
 * neither way leaves the stakes to the word of both players. That the process knows of the stakes: whoever plays looks at the
 * escrow before the first move.
 */
import { bytesFromUtf8, equalBytes } from '../base/bytes.ts'
import { hash } from '../base/hash.ts'
import type { SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import { canonicalJson } from '../forms/canonical-json.ts'
import type { Json } from '../forms/strict-json.ts'
import { type Machine, pathKey } from '../kernel/execute.ts'
import type { Operation, Premise } from '../kernel/interaction.ts'
import type { Path, Prefix } from '../kernel/logic.ts'
import { read } from '../state/tree.ts'
import { contextPath } from './statechart/leaves.ts'
import {
  depositOperations,
  settleOperations,
  type Settlement,
  type Vault,
} from './vault-operation.ts'
import type { Ruling } from './vault-terms.ts'

/** Where a process says how it ended. */
export type Ends = {
  /** Holds the winner, by the name under which the process knows senders. */
  readonly winner: Path
  /** What stands where once it was called off. */
  readonly calledOff: { readonly path: Path; readonly value: Json }
}

/** The ends of the templates `bet` and `oracle-bet`. Both are final states, so at most one of them ever comes. */
export const BET_ENDS: Ends = {
  winner: contextPath('winner'),
  calledOff: { path: ['value'], value: 'cancelled' },
}

export type Process = {
  readonly suite: SuiteId
  /** The process's machine, and the position of its statechart there. */
  readonly logic: Prefix
  readonly ends: Ends
}

/** Where the money is: a machine with a ledger and a vault. */
export type Escrow = { readonly suite: SuiteId; readonly asset: Prefix; readonly vault: Prefix }

export type Player = {
  /** As a participant of the machine with the money. */
  readonly name: string
  /** As the process knows them: on Nostr, the public key in hexadecimal. */
  readonly sender: string
}

export type Stake = { readonly from: Player; readonly to: Player; readonly amount: bigint }

type Fact = Omit<Ruling, 'toPayee'>

const factOf = ({ suite, logic }: Process, path: Path, value: Json): Fact => ({
  machine: logic.machine,
  key: pathKey(suite, logic, path),
  value: bytesFromUtf8(canonicalJson(value)),
})

/**
 * The vault of a stake. Its nonce follows from the process and the two, so that everybody finds it: one player stakes once against
 * another in one process.
 */
export const stakeVault = (process: Process, escrow: Escrow, stake: Stake): Vault => {
  const { from, to, amount } = stake
  const { calledOff, winner } = process.ends
  const nonce = hash(
    'sha256',
    TAGS.stake,
    bytesFromUtf8(canonicalJson([process.logic.machine, from.sender, to.sender])),
  )
  return {
    logic: escrow.vault,
    suite: escrow.suite,
    terms: {
      nonce,
      machine: escrow.vault.machine,
      asset: escrow.asset,
      amount,
      payer: from.name,
      payee: to.name,
      release: { is: 'fact', ...factOf(process, winner, to.sender) },
      expiry: undefined,
      arbiter: {
        is: 'facts',
        of: [
          { ...factOf(process, winner, from.sender), toPayee: 0n },
          { ...factOf(process, calledOff.path, calledOff.value), toPayee: 0n },
        ],
      },
    },
  }
}

/** Locks all stakes in one interaction. Everybody who stakes consents to it. */
export const stakeOperations = (vaults: readonly Vault[]): readonly Operation[] =>
  vaults.flatMap(depositOperations)

/** How vaults are decided by what a machine shows, and the premises that say so. */
export type Payout = {
  readonly operations: readonly Operation[]
  readonly premises: readonly Premise[]
}

/**
 * What a machine's state comes to for vaults that wait for facts of it: operations that decide and pay them, with the facts as they
 * stand after its head. Undefined where it decides not all of them yet.
 */
export const payoutOf = (vaults: readonly Vault[], shown: Machine): Payout | undefined => {
  const found = vaults.map((vault) => decisionOf(vault, shown))
  const decided = found.flatMap((one) => one ?? [])
  if (decided.length < vaults.length) return undefined
  const premises = new Map(
    decided.map(({ fact: { machine, key, value } }): [string, Premise] => [
      key,
      { is: 'fact', machine, transition: shown.headId, key, value },
    ]),
  )
  return {
    operations: decided.flatMap(({ vault, how }) => settleOperations(vault, how)),
    premises: [...premises.values()],
  }
}

type Decision = { readonly vault: Vault; readonly how: Settlement; readonly fact: Fact }

const decisionOf = (vault: Vault, shown: Machine): Decision | undefined => {
  const { release, arbiter, amount } = vault.terms
  if (release.is === 'fact' && stands(release, shown)) {
    return { vault, how: { is: 'claim', secrets: [] }, fact: release }
  }
  const ruling = arbiter?.is === 'facts' && arbiter.of.find((one) => stands(one, shown))
  if (!ruling) return undefined
  const { toPayee } = ruling
  return {
    vault,
    how: { is: 'rule', outcome: { toPayee, toPayer: amount - toPayee } },
    fact: ruling,
  }
}

const stands = ({ machine, key, value }: Fact, shown: Machine): boolean => {
  const there = machine === shown.id && read(shown.state, key)
  return there !== false && there !== undefined && equalBytes(there, value)
}
