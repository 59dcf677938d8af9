/**
 * Operations of a vault, and the pairs of operations that belong together: what the vault decides, the ledger pays in
 * the same interaction.
 *
 * Wire. A u8 tag, then the fields.
 *
 * | tag | operation | fields |
 * |---|---|---|
 * | 0 | open | the terms (`vault-terms.ts`) |
 * | 1 | claim | machine 32, id 32, list of secrets of 32 bytes |
 * | 2 | refund | machine 32, id 32 |
 * | 3 | rule | machine 32, id 32, to the payee u128, to the payer u128 |
 * | 4 | publish | machine 32, party text, subject 32, value bytes ≤ 256 |
 */
import type { MachineId } from '../base/brand.ts'
import {
  bytes,
  type Codec,
  fixedBytes,
  id,
  list,
  literal,
  struct,
  text,
  union,
} from '../base/codec.ts'
import { CONDITION_NODES_MAX, NAME_BYTES_MAX, NOTICE_BYTES_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { pathKey } from '../kernel/execute.ts'
import type { Operation } from '../kernel/interaction.ts'
import type { Path, Prefix } from '../kernel/logic.ts'
import type { StateKey } from '../state/keys.ts'
import { operationOnLedger } from './ledger-operation.ts'
import type { LockId } from './ledger-record.ts'
import { outcome, type Outcome } from './outcome.ts'
import { SECRET_BYTES } from './vault-condition.ts'
import { vaultId, type VaultTerms, vaultTerms } from './vault-terms.ts'

export type VaultOperation =
  /** Puts terms under money that is locked for them. The payer consents. */
  | { readonly is: 'open'; readonly terms: VaultTerms }
  /** Decides for the payee, on the condition. */
  | {
      readonly is: 'claim'
      readonly machine: MachineId
      readonly id: LockId
      readonly secrets: readonly Uint8Array[]
    }
  /** Decides for the payer, on expiry or on both parties' word. */
  | { readonly is: 'refund'; readonly machine: MachineId; readonly id: LockId }
  /** Decides as the arbiter says. */
  | {
      readonly is: 'rule'
      readonly machine: MachineId
      readonly id: LockId
      readonly outcome: Outcome
    }
  /** Says something about a subject, once and for good, for vaults elsewhere to rely on. The party consents. */
  | {
      readonly is: 'publish'
      readonly machine: MachineId
      readonly party: string
      readonly subject: Uint8Array
      readonly value: Uint8Array
    }

const machine = id<'machine'>()
const lock = id<'lock'>()

export const vaultOperation: Codec<VaultOperation> = union<VaultOperation>({
  open: struct({ is: literal('open'), terms: vaultTerms }),
  claim: struct({
    is: literal('claim'),
    machine,
    id: lock,
    secrets: list(fixedBytes(SECRET_BYTES), CONDITION_NODES_MAX),
  }),
  refund: struct({ is: literal('refund'), machine, id: lock }),
  rule: struct({ is: literal('rule'), machine, id: lock, outcome }),
  publish: struct({
    is: literal('publish'),
    machine,
    party: text(NAME_BYTES_MAX),
    subject: fixedBytes(32),
    value: bytes(NOTICE_BYTES_MAX),
  }),
})

export const operationOnVault = (vault: Prefix, of: VaultOperation): Operation => ({
  machine: vault.machine,
  logic: vault.logic,
  argument: vaultOperation.encode(of),
})

/** A vault as a whole: which logic keeps it, on which terms, in which suite. */
export type Vault = { readonly logic: Prefix; readonly suite: SuiteId; readonly terms: VaultTerms }

/** Locks the money and opens the vault, in one interaction that the payer consents to. */
export const depositOperations = ({ logic, suite, terms }: Vault): readonly Operation[] => [
  operationOnLedger(terms.asset, {
    is: 'lock',
    machine: terms.machine,
    id: vaultId(suite, terms),
    from: terms.payer,
    to: terms.payee,
    amount: terms.amount,
    unlocker: logic,
  }),
  operationOnVault(logic, { is: 'open', terms }),
]

export type Settlement =
  | { readonly is: 'claim'; readonly secrets: readonly Uint8Array[] }
  | { readonly is: 'refund' }
  | { readonly is: 'rule'; readonly outcome: Outcome }

/** Decides the vault and pays it out, in one interaction. */
export const settleOperations = (
  { logic, suite, terms }: Vault,
  how: Settlement,
): readonly Operation[] => {
  const of = { machine: terms.machine, id: vaultId(suite, terms) }
  return [
    operationOnVault(logic, { ...how, ...of }),
    operationOnLedger(terms.asset, { is: 'release', ...of }),
  ]
}

export const noticePath = (party: string, subject: Uint8Array): Path => ['notice', party, subject]

/** Where a machine keeps what one of its participants has published about a subject: the key that terms name. */
export const noticeKey = (
  of: { readonly suite: SuiteId; readonly logic: Prefix },
  party: string,
  subject: Uint8Array,
): StateKey => pathKey(of.suite, of.logic, noticePath(party, subject))

/** What an arbiter publishes for a vault that names one of its keys. */
export const rulingValue = (of: Outcome): Uint8Array => outcome.encode(of)
