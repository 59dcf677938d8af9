/**
 * Vaults: money that waits for something to be shown.
 *
 * Promise. The terms are fixed at deposit. A vault is decided once: for the payee when its condition is shown to hold, for
 * the payer on expiry or when both parties say so, or as the arbiter divides. What is decided adds up to what was
 * locked. An interaction that proves the vault expired cannot claim, and one that does not cannot take back without
 * the payee, so no interaction can do both by what it proves.
 *
 * Not promised. That somebody lets the deciding step happen: where both parties must sign every step, either can hold a
 * vault up, and the terms are evidence for whoever judges that. Which of a claim and a refund comes first after expiry is
 * decided by the machine's policy; claim in time. A fact proves that something was so after some step, not that it
 * still is (`docs/spec/vault.md`).
 */
import type { MachineId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import type { Terms } from '../kernel/charter.ts'
import type { Call, Change, Logic, ProvenPremise } from '../kernel/logic.ts'
import { type Lock, ledgerRecord, type LockId, recordPath } from './ledger-record.ts'
import { outcome, type Outcome, outcomePath } from './outcome.ts'
import {
  conditionHolds,
  digestOfSecret,
  nodesOf,
  type Showing,
  showsFact,
} from './vault-condition.ts'
import { describeVault } from './vault-describe.ts'
import { noticePath, type VaultOperation, vaultOperation } from './vault-operation.ts'
import { vaultPath } from './vault-record.ts'
import {
  type Arbiter,
  checkVaultTerms,
  vaultId,
  type VaultTerms,
  vaultTerms,
} from './vault-terms.ts'

type Case<Name extends VaultOperation['is']> = Extract<VaultOperation, { is: Name }>

export const vault: Logic = {
  name: 'vault/1',
  genesis: ({ params, machine }) =>
    params.length === 0
      ? []
      : new Fault('vault/bad-params', 'this logic has no parameters', { machine }),
  apply: (call) => faultFrom(() => [changeOf(call, vaultOperation.decode(call.argument))]),
  describe: (argument, _, terms) => describeVault(vaultOperation.decode(argument), terms.suite),
}

const changeOf = (call: Call, operation: VaultOperation): Change => {
  switch (operation.is) {
    case 'open':
      return open(call, operation)
    case 'claim':
    case 'refund':
    case 'rule':
      return settle(call, operation)
    case 'publish':
      return publish(call, operation)
  }
}

const open = (call: Call, { terms }: Case<'open'>): Change => {
  const { machine, payer } = terms
  const own = termsIn(call, machine)
  checkVaultTerms(terms, own)
  const id = vaultId(own.suite, terms)
  const place = { machine, party: payer, part: id }
  if (!consentIn(call, machine)(payer)) {
    throw new Fault('vault/no-consent', 'the payer has not consented', place)
  }
  if (call.read(machine, vaultPath(id)) || call.read(machine, outcomePath(id))) {
    throw new Fault('vault/exists', `vault ${id} exists`, place)
  }
  if (isExpired(terms, call.premises)) {
    throw new Fault('vault/expired', 'the interaction itself proves that the time is over', place)
  }
  const value = call.read(machine, recordPath({ is: 'lock', id }), terms.asset)
  const record = value && faultFrom(() => ledgerRecord.decode(value))
  if (!record || isFault(record) || record.is !== 'lock' || !locksFor(record, terms, call)) {
    throw new Fault('vault/no-lock', 'no lock of this asset has these terms', place)
  }
  return { machine, path: vaultPath(id), value: vaultTerms.encode(terms) }
}

const locksFor = (lock: Lock, terms: VaultTerms, { self }: Call): boolean =>
  lock.from === terms.payer &&
  lock.to === terms.payee &&
  lock.amount === terms.amount &&
  lock.unlocker.machine === self.machine &&
  lock.unlocker.logic === self.logic

type Settling = Case<'claim'> | Case<'refund'> | Case<'rule'>

const settle = (call: Call, operation: Settling): Change => {
  const { machine, id } = operation
  termsIn(call, machine)
  const kept = call.read(machine, vaultPath(id))
  if (!kept) throw new Fault('vault/unknown', `no vault ${id}`, { machine, part: id })
  if (call.read(machine, outcomePath(id))) {
    throw new Fault('vault/decided', `vault ${id} is decided`, { machine, part: id })
  }
  const value = outcome.encode(
    decide(vaultTerms.decode(kept), operation, showingOf(call, operation)),
  )
  return { machine, path: outcomePath(id), value }
}

/**
 * What a settlement comes to under a vault's terms. Raises the fault that says what is missing:
 * `vault/expired`, `vault/unmet`, `vault/wrong-secret`, `vault/no-expiry`, `vault/not-expired`, `vault/no-arbiter`,
 * `vault/no-ruling` or `vault/wrong-split`.
 */
export const decide = (terms: VaultTerms, operation: Settling, showing: Showing): Outcome => {
  const place = { machine: terms.machine, part: operation.id }
  switch (operation.is) {
    case 'claim':
      checkClaim(terms, showing, { ...place, party: terms.payee })
      return { toPayee: terms.amount, toPayer: 0n }
    case 'refund':
      checkRefund(terms, showing, { ...place, party: terms.payer })
      return { toPayee: 0n, toPayer: terms.amount }
    case 'rule':
      checkRuling(terms, operation.outcome, { showing, place })
      return operation.outcome
  }
}

type Place = { readonly machine: MachineId; readonly part: LockId; readonly party: string }

const checkClaim = (terms: VaultTerms, showing: Showing, place: Place): void => {
  if (isExpired(terms, showing.premises)) {
    throw new Fault('vault/expired', 'the interaction proves that the time is over', place)
  }
  checkSecrets(terms, showing.secrets, place)
  if (!conditionHolds(terms.release, showing)) {
    throw new Fault('vault/unmet', 'what is shown does not meet the condition', place)
  }
}

/** Every secret is asked for, and shown once: what is not needed must not ride along. */
const checkSecrets = (terms: VaultTerms, secrets: readonly Uint8Array[], place: Place): void => {
  const wanted = nodesOf(terms.release).flatMap((one) => (one.is === 'secret' ? [one.digest] : []))
  for (const [at, secret] of secrets.entries()) {
    const digest = digestOfSecret(secret)
    const isRepeat = secrets.slice(0, at).some((one) => equalBytes(one, secret))
    if (isRepeat || !wanted.some((one) => equalBytes(one, digest))) {
      throw new Fault('vault/wrong-secret', `secret ${at} is repeated or not asked for`, place)
    }
  }
}

const checkRefund = (terms: VaultTerms, showing: Showing, place: Place): void => {
  if (showing.consents(terms.payer) && showing.consents(terms.payee)) return
  if (!terms.expiry) {
    throw new Fault('vault/no-expiry', 'without expiry, only both parties’ word refunds', place)
  }
  if (!isExpired(terms, showing.premises)) {
    const says = `no premise shows that ${terms.expiry.clock} reached ${terms.expiry.at}`
    throw new Fault('vault/not-expired', says, place)
  }
}

const checkRuling = (
  { arbiter, amount }: VaultTerms,
  ruling: Outcome,
  { showing, place }: { readonly showing: Showing; readonly place: Omit<Place, 'party'> },
): void => {
  if (!arbiter) throw new Fault('vault/no-arbiter', 'nobody divides this vault', place)
  if (ruling.toPayee + ruling.toPayer !== amount) {
    const says = `${ruling.toPayee} and ${ruling.toPayer} of ${amount}`
    throw new Fault('vault/wrong-split', says, place)
  }
  if (isRuled(arbiter, ruling, showing)) return
  const fault = new Fault('vault/no-ruling', 'the arbiter has not said so', place)
  if (arbiter.is === 'facts') throw fault
  throw fault.at({ party: arbiter.is === 'party' ? arbiter.name : arbiter.machine })
}

const isRuled = (arbiter: Arbiter, ruling: Outcome, showing: Showing): boolean => {
  switch (arbiter.is) {
    case 'party':
      return showing.consents(arbiter.name)
    case 'fact':
      return showsFact({ ...arbiter, value: outcome.encode(ruling) }, showing.premises)
    case 'facts':
      return arbiter.of.some(
        (one) => one.toPayee === ruling.toPayee && showsFact(one, showing.premises),
      )
  }
}

/** Whether premises prove that the vault's clock has reached its expiry. Who shows no time proves nothing. */
export const isExpired = (
  { expiry }: Pick<VaultTerms, 'expiry'>,
  premises: readonly ProvenPremise[],
): boolean =>
  expiry !== undefined &&
  premises.some(
    (one) => one.is === 'time' && one.machine === expiry.clock && one.atLeast >= expiry.at,
  )

const publish = (call: Call, { machine, party, subject, value }: Case<'publish'>): Change => {
  const place = { machine, party }
  const path = noticePath(party, subject)
  if (!consentIn(call, machine)(party)) {
    throw new Fault('vault/no-consent', 'the party has not consented', place)
  }
  // Whoever relied on the first word must not find another in its place.
  if (call.read(machine, path)) throw new Fault('vault/said-already', 'said before', place)
  return { machine, path, value }
}

/** Terms of a written leg. Raises `vault/not-written`. */
const termsIn = (call: Call, machine: MachineId): Terms => {
  const terms = call.written.includes(machine) ? call.terms(machine) : undefined
  if (terms) return terms
  throw new Fault('vault/not-written', `${machine} is no written leg`, { machine })
}

/** Asks by name, in a written leg, whether a participant has consented. A name that nobody has consents to nothing. */
const consentIn = (call: Call, machine: MachineId): ((party: string) => boolean) => {
  const { participants } = termsIn(call, machine)
  return (party) => {
    const at = participants.findIndex((one) => one.name === party)
    return at >= 0 && call.consents(machine, at)
  }
}

const showingOf = (call: Call, operation: Settling): Showing => ({
  premises: call.premises,
  consents: consentIn(call, operation.machine),
  secrets: operation.is === 'claim' ? operation.secrets : [],
})
