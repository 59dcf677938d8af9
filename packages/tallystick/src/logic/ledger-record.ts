/**
 * What a ledger keeps in the states of machines, and where.
 *
 * Promise. Every value repeats what its path says, so a state can be read without knowing which names or ids to ask
 * for: a value is this ledger's exactly if it stands under the key of its own path. All paths lie under the prefix of the
 * asset (its machine and the position of the ledger there), in whichever machine they stand.
 *
 * | record | path | in |
 * |---|---|---|
 * | balance | 'balance', holder | every machine that holds some |
 * | supply | 'supply' | the asset's machine |
 * | lock | 'lock', id | the holder's machine |
 * | out | 'out', destination, interaction, nonce u8 | the machine debited |
 * | in | 'in', source, interaction, nonce u8 | the machine credited |
 * | bond | 'bond', covered machine, signer | any machine |
 * | slashed | 'slashed', convicted machine, sequence u64, signer | the bond's machine |
 *
 * A balance of zero has no record. `out`, `in` and `slashed` stay for good: they are what makes a claim or a slash
 * happen once.
 */
import {
  bytesFromId,
  type Id,
  type InteractionId,
  type MachineId,
  type SignerId,
} from '../base/brand.ts'
import { type Codec, id, literal, struct, text, u128, u64, u8, union } from '../base/codec.ts'
import { isFault, faultFrom } from '../base/fault.ts'
import { NAME_BYTES_MAX } from '../base/limits.ts'
import { type Machine, pathKey } from '../kernel/execute.ts'
import type { Path, Prefix } from '../kernel/logic.ts'
import { entriesOf, read } from '../state/tree.ts'

/** Money of one name in one machine. The name is a participant's, unique within the machine. */
export type Account = { readonly machine: MachineId; readonly holder: string }

export type LockId = Id<'lock'>

export type Balance = { readonly is: 'balance'; readonly holder: string; readonly amount: bigint }

export type Supply = { readonly is: 'supply'; readonly issued: bigint; readonly burned: bigint }

/** Money that only the word of `unlocker` moves, and only to the two names. */
export type Lock = {
  readonly is: 'lock'
  readonly id: LockId
  readonly from: string
  readonly to: string
  readonly amount: bigint
  readonly unlocker: Prefix
}

/** Money on its way to another machine. */
export type Out = {
  readonly is: 'out'
  readonly from: string
  readonly to: Account
  readonly amount: bigint
  /** The interaction that debited, and which of its debits this is. */
  readonly interaction: InteractionId
  readonly nonce: number
}

/** Money that has arrived. */
export type In = {
  readonly is: 'in'
  readonly source: MachineId
  readonly interaction: InteractionId
  readonly nonce: number
  readonly to: string
  readonly amount: bigint
}

/** Money that answers for one key's conduct on one machine. */
export type Bond = {
  readonly is: 'bond'
  readonly covers: MachineId
  readonly signer: SignerId
  /** Who put it up and gets it back. */
  readonly owner: Account
  readonly amount: bigint
}

export type Slashed = {
  readonly is: 'slashed'
  readonly machine: MachineId
  readonly sequence: bigint
  readonly signer: SignerId
  readonly paid: bigint
}

export type LedgerRecord = Balance | Supply | Lock | Out | In | Bond | Slashed

export type RecordOf<Name extends LedgerRecord['is']> = Extract<LedgerRecord, { is: Name }>

export const account: Codec<Account> = struct<Account>({
  machine: id<'machine'>(),
  holder: text(NAME_BYTES_MAX),
})

export const prefix: Codec<Prefix> = struct<Prefix>({ machine: id<'machine'>(), logic: u8 })

export const ledgerRecord: Codec<LedgerRecord> = union<LedgerRecord>({
  balance: struct({ is: literal('balance'), holder: text(NAME_BYTES_MAX), amount: u128 }),
  supply: struct({ is: literal('supply'), issued: u128, burned: u128 }),
  lock: struct({
    is: literal('lock'),
    id: id<'lock'>(),
    from: text(NAME_BYTES_MAX),
    to: text(NAME_BYTES_MAX),
    amount: u128,
    unlocker: prefix,
  }),
  out: struct({
    is: literal('out'),
    from: text(NAME_BYTES_MAX),
    to: account,
    amount: u128,
    interaction: id<'interaction'>(),
    nonce: u8,
  }),
  in: struct({
    is: literal('in'),
    source: id<'machine'>(),
    interaction: id<'interaction'>(),
    nonce: u8,
    to: text(NAME_BYTES_MAX),
    amount: u128,
  }),
  bond: struct({
    is: literal('bond'),
    covers: id<'machine'>(),
    signer: id<'signer'>(),
    owner: account,
    amount: u128,
  }),
  slashed: struct({
    is: literal('slashed'),
    machine: id<'machine'>(),
    sequence: u64,
    signer: id<'signer'>(),
    paid: u128,
  }),
})

/** What of a record its path is made from. */
export type Placed =
  | Pick<Balance, 'is' | 'holder'>
  | Pick<Supply, 'is'>
  | Pick<Lock, 'is' | 'id'>
  | Pick<Out, 'is' | 'to' | 'interaction' | 'nonce'>
  | Pick<In, 'is' | 'source' | 'interaction' | 'nonce'>
  | Pick<Bond, 'is' | 'covers' | 'signer'>
  | Pick<Slashed, 'is' | 'machine' | 'sequence' | 'signer'>

/** The path of a record, which never depends on its amounts. */
export const recordPath = (of: Placed): Path => {
  switch (of.is) {
    case 'balance':
      return ['balance', of.holder]
    case 'supply':
      return ['supply']
    case 'lock':
      return ['lock', bytesFromId(of.id)]
    case 'out':
      return [
        'out',
        bytesFromId(of.to.machine),
        bytesFromId(of.interaction),
        Uint8Array.of(of.nonce),
      ]
    case 'in':
      return ['in', bytesFromId(of.source), bytesFromId(of.interaction), Uint8Array.of(of.nonce)]
    case 'bond':
      return ['bond', bytesFromId(of.covers), bytesFromId(of.signer)]
    case 'slashed':
      return ['slashed', bytesFromId(of.machine), u64.encode(of.sequence), bytesFromId(of.signer)]
  }
}

/** Every record that one ledger keeps in one machine, in the order of keys. */
export const recordsIn = (machine: Machine, asset: Prefix): readonly LedgerRecord[] => {
  const found: LedgerRecord[] = []
  for (const [key, value] of entriesOf(machine.state)) {
    const record = faultFrom(() => ledgerRecord.decode(value))
    // Another logic may keep bytes that read as a record of ours; only the key says whose they are.
    if (isFault(record)) continue
    const own = faultFrom(() => pathKey(machine.terms.suite, asset, recordPath(record)))
    if (own === key) found.push(record)
  }
  return found
}

/** What a name holds in a machine, locked money apart. */
export const balanceOf = (machine: Machine, asset: Prefix, holder: string): bigint => {
  const path = recordPath({ is: 'balance', holder })
  const value = read(machine.state, pathKey(machine.terms.suite, asset, path))
  const record = value && ledgerRecord.decode(value)
  return record?.is === 'balance' ? record.amount : 0n
}
