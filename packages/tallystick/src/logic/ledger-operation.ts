/**
 * Operations of a ledger: what can be asked of it, as a closed union with one strict codec.
 *
 * Wire. A u8 tag, the case's position below, then its fields in order. An account is a machine's id and a name of up
 * to 64 bytes; an amount is a u128; a nonce is a u8. An operation names its asset by the kernel's own fields, machine and
 * logic position, and the machines it moves money in by account, so it reads the same whatever the order of the legs.
 */
import type { MachineId, SignerId } from '../base/brand.ts'
import {
  bytes,
  type Codec,
  id,
  list,
  literal,
  optional,
  struct,
  text,
  u128,
  u8,
  union,
} from '../base/codec.ts'
import { NAME_BYTES_MAX, OPERATION_BYTES_MAX, VICTIMS_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { type Charter, charter } from '../kernel/charter.ts'
import { pathKey } from '../kernel/execute.ts'
import type { Operation, Premise } from '../kernel/interaction.ts'
import type { Prefix } from '../kernel/logic.ts'
import { proof } from '../state/proof-codec.ts'
import type { Proof } from '../state/proof.ts'
import type { TransitionId } from '../base/brand.ts'
import { positiveAmount } from './amount.ts'
import {
  account,
  type Account,
  ledgerRecord,
  type LockId,
  type Out,
  prefix,
  recordPath,
} from './ledger-record.ts'

/** Somebody to whom one of two conflicting steps promised money. */
export type Victim = {
  /** Which statement of the evidence carries the step: 0 or 1. */
  readonly child: number
  /** What that very step sent. */
  readonly out: Out
  /** Shows `out` under that step's state root. */
  readonly proof: Proof
  /** Where the victim is paid instead: an account that the very same keys own alone. */
  readonly instead: Instead | undefined
}

/** Two charters: of the machine that the send was to go to, and of an account that its addressee owns alone. */
export type Instead = { readonly promised: Charter; readonly account: Charter }

export type LedgerOperation =
  /** Makes money. The issuer consents; the asset's machine is written. */
  | { readonly is: 'issue'; readonly to: Account; readonly amount: bigint }
  /** Unmakes money. The holder consents; the asset's machine is written. */
  | { readonly is: 'burn'; readonly from: Account; readonly amount: bigint }
  /** Moves money within a machine or between two written legs. The payer consents. */
  | {
      readonly is: 'transfer'
      readonly from: Account
      readonly to: Account
      readonly amount: bigint
    }
  /** Debits here, for a claim elsewhere. The payer consents. `nonce` sets apart sends of one interaction. */
  | {
      readonly is: 'send'
      readonly from: Account
      readonly to: Account
      readonly amount: bigint
      readonly nonce: number
    }
  /** Credits what a premise shows to have been sent. Anybody may bring it, once. */
  | { readonly is: 'claim'; readonly source: MachineId; readonly out: Out }
  /** Sets money aside until `unlocker` says who of the two gets how much. The holder consents. */
  | {
      readonly is: 'lock'
      readonly machine: MachineId
      readonly id: LockId
      readonly from: string
      readonly to: string
      readonly amount: bigint
      readonly unlocker: Prefix
    }
  /** Pays out a lock as decided. Anybody may ask. */
  | { readonly is: 'release'; readonly machine: MachineId; readonly id: LockId }
  /** Puts up money for a key's conduct on the machine `covers`. The holder, whose key it is, consents. */
  | {
      readonly is: 'bond'
      readonly from: Account
      readonly at: MachineId
      readonly covers: MachineId
      readonly signer: SignerId
      readonly amount: bigint
    }
  /** Gives back bonded money. Every participant of the machine that keeps the bond consents. */
  | {
      readonly is: 'unbond'
      readonly at: MachineId
      readonly covers: MachineId
      readonly signer: SignerId
      readonly amount: bigint
      readonly nonce: number
    }
  /** Pays victims of a proven fork from the bond. Anybody may ask, once for each position. */
  | {
      readonly is: 'slash'
      readonly at: MachineId
      readonly evidence: Uint8Array
      readonly victims: readonly Victim[]
    }

const out = struct<Out>({
  is: literal('out'),
  from: text(NAME_BYTES_MAX),
  to: account,
  amount: u128,
  interaction: id<'interaction'>(),
  nonce: u8,
})

const machine = id<'machine'>()
const signer = id<'signer'>()

export const ledgerOperation: Codec<LedgerOperation> = union<LedgerOperation>({
  issue: struct({ is: literal('issue'), to: account, amount: u128 }),
  burn: struct({ is: literal('burn'), from: account, amount: u128 }),
  transfer: struct({ is: literal('transfer'), from: account, to: account, amount: u128 }),
  send: struct({ is: literal('send'), from: account, to: account, amount: u128, nonce: u8 }),
  claim: struct({ is: literal('claim'), source: machine, out }),
  lock: struct({
    is: literal('lock'),
    machine,
    id: id<'lock'>(),
    from: text(NAME_BYTES_MAX),
    to: text(NAME_BYTES_MAX),
    amount: u128,
    unlocker: prefix,
  }),
  release: struct({ is: literal('release'), machine, id: id<'lock'>() }),
  bond: struct({
    is: literal('bond'),
    from: account,
    at: machine,
    covers: machine,
    signer,
    amount: u128,
  }),
  unbond: struct({
    is: literal('unbond'),
    at: machine,
    covers: machine,
    signer,
    amount: u128,
    nonce: u8,
  }),
  slash: struct({
    is: literal('slash'),
    at: machine,
    evidence: bytes(OPERATION_BYTES_MAX),
    victims: list(
      struct<Victim>({
        child: u8,
        out,
        proof,
        instead: optional(struct<Instead>({ promised: charter, account: charter })),
      }),
      VICTIMS_MAX,
    ),
  }),
})

/**
 * Builds an operation on an asset. Raises the faults of `positiveAmount`, naming the payer, and those of the codec.
 */
export const operationOnLedger = (asset: Prefix, of: LedgerOperation): Operation => {
  if ('amount' in of) positiveAmount(of.amount, { party: payerOf(of) })
  return { machine: asset.machine, logic: asset.logic, argument: ledgerOperation.encode(of) }
}

/** What a claim needs to know about a send that has been made. */
export type Sent = {
  readonly asset: Prefix
  /** The machine that was debited, its suite, and a transition after which the record stands. */
  readonly source: MachineId
  readonly suite: SuiteId
  readonly transition: TransitionId
  readonly out: Out
}

/** The operation that claims a send, and the premise it rests on. */
export const claimOf = (
  sent: Sent,
): { readonly operation: Operation; readonly premise: Premise } => ({
  operation: operationOnLedger(sent.asset, { is: 'claim', source: sent.source, out: sent.out }),
  premise: {
    is: 'fact',
    machine: sent.source,
    transition: sent.transition,
    key: pathKey(sent.suite, sent.asset, recordPath(sent.out)),
    value: ledgerRecord.encode(sent.out),
  },
})

const payerOf = (of: LedgerOperation): string => {
  if (!('from' in of)) return of.is
  return typeof of.from === 'string' ? of.from : of.from.holder
}
