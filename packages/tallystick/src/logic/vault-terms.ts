/**
 * Terms of a vault: who may get how much, on what being shown. They never change once money is in it.
 *
 * Promise. A vault's id is the hash of its terms, and the ledger's lock carries the id, the two names and the amount.
 * So whoever shows a condition to hold, it is the payee fixed at deposit who is paid, and nobody can
 * put other terms under money that is locked.
 *
 * Wire.
 *
 * | bytes | field |
 * |---|---|
 * | 32 | nonce |
 * | 32 | machine that keeps lock and vault |
 * | 32, u8 | the asset: its machine and the ledger's position there |
 * | u128 | amount |
 * | text, text | payer, payee: participants of the machine |
 * | … | the condition of release |
 * | u8, then 32 and u64 | expiry, if any: the machine whose clock counts, milliseconds since 1970 |
 * | u8, then u8 and text, or u8, 32 and 32, or u8 and a list | arbiter, if any: a participant, a key of another machine, or what facts elsewhere come to: machine 32, key 32, value bytes ≤ 256 and the payee’s u128 each |
 */
import type { MachineId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import {
  bytes,
  type Codec,
  fixedBytes,
  id,
  list,
  literal,
  optional,
  struct,
  text,
  u128,
  u64,
  union,
} from '../base/codec.ts'
import { Fault, faultFrom, type FaultPlace, isFault } from '../base/fault.ts'
import { hashId } from '../base/hash.ts'
import { NAME_BYTES_MAX, NOTICE_BYTES_MAX, RULINGS_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Terms } from '../kernel/charter.ts'
import type { Prefix } from '../kernel/logic.ts'
import type { StateKey } from '../state/keys.ts'
import { positiveAmount } from './amount.ts'
import { type LockId, prefix } from './ledger-record.ts'
import { outcome } from './outcome.ts'
import { checkCondition, condition, type Condition, nodesOf } from './vault-condition.ts'

/** When the payer may take the money back alone. The clock is a machine whose certificates attest time. */
export type Expiry = { readonly clock: MachineId; readonly at: bigint }

/** What a fact elsewhere comes to: a key of a machine that had this value gives the payee so much, and the payer the rest. */
export type Ruling = {
  readonly machine: MachineId
  readonly key: StateKey
  readonly value: Uint8Array
  readonly toPayee: bigint
}

/**
 * Who may divide the money: a third participant by its word, or a machine elsewhere by a fact under a key. With `facts` the
 * machine elsewhere knows nothing of outcomes: it goes its own way, and the terms say beforehand what each way comes to.
 */
export type Arbiter =
  | { readonly is: 'party'; readonly name: string }
  | { readonly is: 'fact'; readonly machine: MachineId; readonly key: StateKey }
  | { readonly is: 'facts'; readonly of: readonly Ruling[] }

export type VaultTerms = {
  /** 32 bytes that set apart two vaults with otherwise equal terms. */
  readonly nonce: Uint8Array
  readonly machine: MachineId
  readonly asset: Prefix
  readonly amount: bigint
  readonly payer: string
  readonly payee: string
  readonly release: Condition
  readonly expiry: Expiry | undefined
  readonly arbiter: Arbiter | undefined
}

export const vaultTerms: Codec<VaultTerms> = struct<VaultTerms>({
  nonce: fixedBytes(32),
  machine: id<'machine'>(),
  asset: prefix,
  amount: u128,
  payer: text(NAME_BYTES_MAX),
  payee: text(NAME_BYTES_MAX),
  release: condition,
  expiry: optional(struct<Expiry>({ clock: id<'machine'>(), at: u64 })),
  arbiter: optional(
    union<Arbiter>({
      party: struct({ is: literal('party'), name: text(NAME_BYTES_MAX) }),
      fact: struct({ is: literal('fact'), machine: id<'machine'>(), key: id<'state-key'>() }),
      facts: struct({
        is: literal('facts'),
        of: list(
          struct<Ruling>({
            machine: id<'machine'>(),
            key: id<'state-key'>(),
            value: bytes(NOTICE_BYTES_MAX),
            toPayee: u128,
          }),
          RULINGS_MAX,
        ),
      }),
    }),
  ),
})

/** The vault's id and its lock's, in the suite of the machine that keeps them. */
export const vaultId = (suite: SuiteId, of: VaultTerms): LockId =>
  hashId<'lock'>(suite, TAGS.vault, vaultTerms.encode(of))

/**
 * Checks terms against those of the machine that keeps the vault. Raises `vault/same-party`, `vault/unknown-party`,
 * `vault/partial-arbiter`, `vault/wrong-split`, `vault/no-time`, the faults of `checkCondition` and of `positiveAmount`.
 */
export const checkVaultTerms = (of: VaultTerms, terms: Terms): void => {
  const place = { machine: of.machine, party: of.payer }
  positiveAmount(of.amount, place)
  if (of.payer === of.payee) {
    throw new Fault('vault/same-party', 'payer and payee are the same', place)
  }
  checkCondition(of.release)
  const words = nodesOf(of.release).flatMap((one) => (one.is === 'word' ? [one.party] : []))
  const arbiter = of.arbiter?.is === 'party' ? [of.arbiter.name] : []
  for (const party of [of.payer, of.payee, ...words, ...arbiter]) {
    if (terms.participants.some((one) => one.name === party)) continue
    throw new Fault('vault/unknown-party', 'no participant has this name', { ...place, party })
  }
  for (const name of arbiter) {
    if (name !== of.payer && name !== of.payee) continue
    throw new Fault('vault/partial-arbiter', 'who is paid does not divide', {
      ...place,
      party: name,
    })
  }
  if (of.arbiter?.is === 'facts') checkRulings(of.arbiter.of, of.amount, place)
  checkReleaseAgrees(of, place)
  // At time zero everything has expired: the payee could never rely on such a vault.
  if (of.expiry?.at === 0n) throw new Fault('vault/no-time', 'expires at time zero', place)
}

/** Each fact comes to one division: else whoever brings it would choose. */
const checkRulings = (rulings: readonly Ruling[], amount: bigint, place: FaultPlace): void => {
  if (rulings.length === 0) throw new Fault('vault/bad-count', 'facts that are none', place)
  for (const [at, one] of rulings.entries()) {
    if (one.toPayee > amount) {
      throw new Fault('vault/wrong-split', `${one.toPayee} of ${amount} on a fact`, place)
    }
    const isTwice = rulings.slice(0, at).some((other) => isSameFact(one, other))
    if (isTwice) throw new Fault('vault/wrong-split', 'one fact divides in two ways', place)
  }
}

/**
 * A fact that counts towards release may divide in no other way than all to the payee: else it both pays and gives back, and whoever
 * brings it first chooses. At whatever depth it stands: conditions are monotone and every branch can come to count, so there is always
 * something to be shown by which both ways are open.
 */
const checkReleaseAgrees = (of: VaultTerms, place: FaultPlace): void => {
  for (const one of nodesOf(of.release)) {
    if (one.is !== 'fact') continue
    const isOther = sharesOn(one, of).some((toPayee) => toPayee !== of.amount)
    if (isOther) {
      throw new Fault('vault/wrong-split', 'one fact releases the money and divides it', place)
    }
  }
}

type Fact = Omit<Ruling, 'toPayee'>

/** What the payee gets by the arbiter where a fact stands; nothing where the arbiter does not look at it. */
const sharesOn = (fact: Fact, { amount, arbiter }: VaultTerms): readonly bigint[] => {
  if (arbiter?.is === 'facts') {
    return arbiter.of.flatMap((one) => (isSameFact(one, fact) ? [one.toPayee] : []))
  }
  if (arbiter?.is !== 'fact' || arbiter.machine !== fact.machine || arbiter.key !== fact.key) {
    return []
  }
  // Bytes that are no outcome of this vault divide nothing.
  const ruled = faultFrom(() => outcome.decode(fact.value))
  return isFault(ruled) || ruled.toPayee + ruled.toPayer !== amount ? [] : [ruled.toPayee]
}

const isSameFact = (one: Fact, other: Fact): boolean =>
  one.machine === other.machine && one.key === other.key && equalBytes(one.value, other.value)
