/**
 * Bonds: money that answers for one key's conduct on one machine.
 *
 * A bond is put up by the key's own party, kept in a machine of the depositor's choice, and named by the machine it
 * covers and the key. It goes back only with the word of every participant of the machine that keeps it: a delay would
 * need a clock, and those participants are the ones who rely on it.
 *
 * Promise. Evidence that convicts the key of two steps under one position pays the listed victims from the bond: each must be
 * the addressee of a send that one of those very steps made, shown under that step's signed state root. Nobody gets more
 * than was sent to him, nothing is paid twice for one position, and the shares follow from the list alone.
 *
 * Shares. If the bond covers the sum, everyone gets what was sent and the rest stays bonded. Otherwise each gets
 * ⌊bond × sent ÷ sum⌋ and the units left over go one each to the first victims in the order of the list, which is the
 * ascending order of the records' keys.
 *
 * Who was promised money in a machine that the culprit shares is paid in an account of the same keys instead, if the list
 * says so: in the shared machine the culprit would have to sign for it.
 *
 * Not promised. That the list is complete, that a listed send was not honoured after all, or that a victim is a
 * stranger to the culprit: the ledger cannot know. Who proposes steps on the machine that keeps the bond decides whom
 * to list and should wait for claims before it does (`docs/spec/ledger.md`).
 */
import { equalBytes } from '../base/bytes.ts'
import { Fault, isFault } from '../base/fault.ts'
import { machineId } from '../kernel/charter.ts'
import { evidence, type Evidence } from '../kernel/evidence.ts'
import { pathKey } from '../kernel/execute.ts'
import type { Transition } from '../kernel/transition.ts'
import { controller, signerOf } from '../kernel/controller.ts'
import type { Prefix } from '../kernel/logic.ts'
import { proofFault } from '../state/proof.ts'
import { addAmounts, positiveAmount } from './amount.ts'
import type { LedgerOperation, Victim } from './ledger-operation.ts'
import { type Account, type Bond, ledgerRecord, recordPath } from './ledger-record.ts'
import { checkWritten, debit, partyOf, pay, placeOf, recordAt, type Sheet } from './ledger-sheet.ts'

type Case<Name extends LedgerOperation['is']> = Extract<LedgerOperation, { is: Name }>

export const bond = (sheet: Sheet, operation: Case<'bond'>): void => {
  const { from, at, covers, signer, amount } = operation
  const { call } = sheet
  checkWritten(call, at)
  const before = recordAt(sheet, at, { is: 'bond', covers, signer })
  if (before && !sameAccount(before.owner, from)) {
    throw new Fault(
      'ledger/bond-of-another',
      `${before.owner.holder} put up this bond`,
      placeOf(from),
    )
  }
  const terms = call.terms(from.machine)
  const keys = terms?.participants[partyOf(call, from)]?.controller.keys ?? []
  // Attack: a stranger's bond of one unit on a key would keep that key's party from putting up its own.
  if (!terms || !keys.some((one) => signerOf(terms.suite, one) === signer)) {
    throw new Fault('ledger/foreign-signer', `${signer} is no key of the payer`, placeOf(from))
  }
  debit(sheet, from, amount)
  const total = addAmounts(before?.amount ?? 0n, amount, placeOf(from))
  sheet.put(at, { is: 'bond', covers, signer, owner: from, amount: total })
}

export const unbond = (sheet: Sheet, operation: Case<'unbond'>): void => {
  const { at, amount, nonce } = operation
  const { call } = sheet
  const held = bondAt(sheet, operation)
  for (const [party, { name }] of (call.terms(at)?.participants ?? []).entries()) {
    if (call.consents(at, party)) continue
    throw new Fault('ledger/no-consent', 'a participant who keeps the bond has not consented', {
      machine: at,
      party: name,
    })
  }
  if (held.amount < amount) {
    throw new Fault('ledger/insufficient', `${amount} wanted, ${held.amount} bonded`, {
      machine: at,
      party: held.owner.holder,
    })
  }
  setBond(sheet, at, held, held.amount - amount)
  pay(sheet, at, held.owner, { from: held.owner.holder, amount, nonce })
}

export const slash = (sheet: Sheet, { at, evidence: proof, victims }: Case<'slash'>): void => {
  const { call } = sheet
  checkWritten(call, at)
  const conviction = call.convict(proof)
  if (isFault(conviction)) throw conviction
  const { machine, sequence, signer } = conviction
  const place = { machine: at, party: signer }
  const mark = { is: 'slashed', machine, sequence, signer } as const
  if (recordAt(sheet, at, mark)) {
    throw new Fault('ledger/already-slashed', `paid for step ${sequence} of ${machine}`, place)
  }
  const kept = bondAt(sheet, { at, covers: machine, signer })
  const owed = owedTo(call.self, evidence.decode(proof), victims)
  const shares = splitProRata(kept.amount, owed)
  const paid = shares.reduce((sum, one) => sum + one, 0n)
  setBond(sheet, at, kept, kept.amount - paid)
  for (const [nonce, victim] of victims.entries()) {
    pay(sheet, at, payeeOf(victim), { from: kept.owner.holder, amount: shares[nonce] ?? 0n, nonce })
  }
  sheet.put(at, { ...mark, paid })
}

/**
 * Splits a pool among claims. Each share is at most its claim; the shares sum to the smaller of pool and claims. Units
 * that whole division leaves over go one each to the first claims.
 */
export const splitProRata = (pool: bigint, claims: readonly bigint[]): readonly bigint[] => {
  const sum = claims.reduce((total, one) => total + one, 0n)
  if (pool >= sum) return claims
  const shares = claims.map((one) => (pool * one) / sum)
  const left = Number(pool - shares.reduce((total, one) => total + one, 0n))
  // The pool is below the sum, so every share is below its claim and one unit more never exceeds it.
  return shares.map((one, at) => (at < left ? one + 1n : one))
}

/**
 * What was sent to each victim. Raises `ledger/no-victim`, `ledger/victims-unordered`, `ledger/wrong-victim`,
 * `ledger/no-fork`, or a fault of a victim's proof.
 */
export const owedTo = (
  asset: Prefix,
  held: Evidence,
  victims: readonly Victim[],
): readonly bigint[] => {
  if (victims.length === 0) throw new Fault('ledger/no-victim', 'nobody is to be paid')
  const { suite } = held
  const steps = stepsOf(held)
  let last = ''
  return victims.map((victim) => {
    const place = placeOf(victim.out.to)
    const step = steps[victim.child]
    if (!step) {
      throw new Fault('ledger/wrong-victim', `no step ${victim.child} in the evidence`, place)
    }
    const key = pathKey(suite, asset, recordPath(victim.out))
    // One order, and with it nobody twice: the two steps may well contain the same send.
    if (key <= last) throw new Fault('ledger/victims-unordered', 'keys must ascend', place)
    last = key
    checkSent(victim, step, { suite, key })
    return positiveAmount(victim.out.amount, place)
  })
}

/**
 * Where a victim is paid: where the send was to go, or an account that the very same keys own alone. The machine that the send
 * was to go to may be shared with the culprit, who would have to sign there for the victim to be paid.
 *
 * Both are known by their charters, whose hashes are the machines' ids; later changes of terms are not looked at. Raises
 * `ledger/other-payee`.
 */
export const payeeOf = ({ out, instead }: Victim): Account => {
  if (!instead) return out.to
  const { promised, account } = instead
  const { turn, participants } = account.terms
  const place = placeOf(out.to)
  const named = promised.terms.participants.find((one) => one.name === out.to.holder)
  const owner = turn.is === 'owner' ? participants[turn.party] : undefined
  if (machineId(promised) !== out.to.machine || !named || !owner) {
    const says = 'the charters are not those of the promised machine and of an account'
    throw new Fault('ledger/other-payee', says, place)
  }
  const [keys, others] = [named, owner].map((one) => controller.encode(one.controller))
  if (!keys || !others || !equalBytes(keys, others)) {
    throw new Fault('ledger/other-payee', 'the account is of other keys', place)
  }
  return { machine: machineId(account), holder: owner.name }
}

/** The two steps of the evidence. An abort and a commit are a broken word, but no second promise of the same money. */
export const stepsOf = (held: Evidence): readonly Transition[] => {
  const { statement: first } = held.first
  const { statement: second } = held.second
  if (first.is === 'vote' && second.is === 'vote') return [first.transition, second.transition]
  throw new Fault('ledger/no-fork', 'the evidence does not show two steps')
}

const checkSent = (
  { out, proof }: Victim,
  child: Transition,
  { suite, key }: { readonly suite: Evidence['suite']; readonly key: ReturnType<typeof pathKey> },
): void => {
  // The state is cumulative: a send of an earlier step stands under both roots and was harmed by neither.
  if (out.interaction !== child.interaction) {
    const says = 'the send is not of the step in the evidence'
    throw new Fault('ledger/wrong-victim', says, placeOf(out.to))
  }
  const claim = { root: child.state, key, value: ledgerRecord.encode(out) }
  const fault = proofFault(suite, claim, proof)
  if (fault) throw fault.at(placeOf(out.to))
}

const bondAt = (
  sheet: Sheet,
  { at, covers, signer }: Pick<Case<'unbond'>, 'at' | 'covers' | 'signer'>,
): Bond => {
  checkWritten(sheet.call, at)
  const held = recordAt(sheet, at, { is: 'bond', covers, signer })
  if (held) return held
  throw new Fault('ledger/unknown-bond', `no bond for ${covers}`, { machine: at, party: signer })
}

const setBond = (sheet: Sheet, at: Case<'unbond'>['at'], held: Bond, amount: bigint): void => {
  if (amount === 0n) sheet.remove(at, held)
  else sheet.put(at, { ...held, amount })
}

const sameAccount = (a: Account, b: Account): boolean =>
  a.machine === b.machine && a.holder === b.holder
