/**
 * The ledger: an asset's rules, applied wherever the asset is held.
 *
 * Promise. Over any set of machines, balances, locks, bonds and money on its way add up to what was issued less what was
 * burned, as long as no source of a claim has forked (`ledger-audit.ts` computes both sides). Money leaves a name with its
 * consent only; the one exception is a bond, by evidence. A send is claimed once, a lock is paid once.
 *
 * Not promised. A claim is worth what its premise is worth: the logic sees that the fact is proven, the verdict says
 * how firm. Whoever proves a fact about a machine must have followed that machine's steps from its charter, because a
 * certifier who signs without executing could certify a root with any balance in it (`docs/spec/ledger.md`).
 */
import { assert } from '../base/assert.ts'
import { equalBytes } from '../base/bytes.ts'
import { Fault, faultFrom } from '../base/fault.ts'
import type { Change, Genesis, Logic } from '../kernel/logic.ts'
import { addAmounts, positiveAmount } from './amount.ts'
import { describeLedger } from './ledger-describe.ts'
import { bond, slash, unbond } from './ledger-bond.ts'
import { type LedgerOperation, ledgerOperation } from './ledger-operation.ts'
import { checkParams, type LedgerParams, ledgerParams } from './ledger-params.ts'
import { type LedgerRecord, ledgerRecord, recordPath, type Supply } from './ledger-record.ts'
import {
  checkConsent,
  checkWritten,
  createSheet,
  credit,
  debit,
  partyOf,
  pay,
  placeOf,
  recordAt,
  type Sheet,
} from './ledger-sheet.ts'
import { outcome, outcomePath } from './outcome.ts'

type Case<Name extends LedgerOperation['is']> = Extract<LedgerOperation, { is: Name }>

export const ledger: Logic = {
  name: 'ledger/1',
  genesis: (of) => faultFrom(() => genesisOf(of)),
  apply: (call) =>
    faultFrom(() => {
      const sheet = createSheet(call)
      const operation = ledgerOperation.decode(call.argument)
      if ('amount' in operation) positiveAmount(operation.amount, { part: operation.is })
      applyTo(sheet, operation, call.params)
      return sheet.changes()
    }),
  describe: (argument, params) =>
    describeLedger(ledgerOperation.decode(argument), ledgerParams.decode(params)),
}

const genesisOf = (of: Genesis): readonly Omit<Change, 'machine'>[] => {
  const params = ledgerParams.decode(of.params)
  const issued = checkParams(params, of.terms, of.machine)
  const records: readonly LedgerRecord[] = [
    { is: 'supply', issued, burned: 0n },
    ...params.initial.map((one) => ({ is: 'balance', ...one }) as const),
  ]
  return records.map((one) => ({ path: recordPath(one), value: ledgerRecord.encode(one) }))
}

/** The parameters are read by the one operation that needs them; they were checked when the machine began. */
const applyTo = (sheet: Sheet, operation: LedgerOperation, params: Uint8Array): void => {
  switch (operation.is) {
    case 'issue':
      return issue(sheet, operation, ledgerParams.decode(params))
    case 'burn':
      return burn(sheet, operation)
    case 'transfer':
      return transfer(sheet, operation)
    case 'send':
      return send(sheet, operation)
    case 'claim':
      return claim(sheet, operation)
    case 'lock':
      return lock(sheet, operation)
    case 'release':
      return release(sheet, operation)
    case 'bond':
      return bond(sheet, operation)
    case 'unbond':
      return unbond(sheet, operation)
    case 'slash':
      return slash(sheet, operation)
  }
}

const issue = (sheet: Sheet, { to, amount }: Case<'issue'>, params: LedgerParams): void => {
  const { machine } = sheet.call.self
  if (params.issuer === undefined) {
    throw new Fault('ledger/no-issuer', 'nothing is issued after the start', { machine })
  }
  checkConsent(sheet.call, { machine, holder: params.issuer })
  partyOf(sheet.call, to)
  const supply = supplyIn(sheet)
  const issued = addAmounts(supply.issued, amount, { machine })
  if (issued - supply.burned > params.cap) {
    throw new Fault('ledger/above-cap', `${issued - supply.burned} where ${params.cap} may exist`, {
      machine,
      party: params.issuer,
    })
  }
  credit(sheet, to, amount)
  sheet.put(machine, { ...supply, issued })
}

const burn = (sheet: Sheet, { from, amount }: Case<'burn'>): void => {
  const supply = supplyIn(sheet)
  debit(sheet, from, amount)
  const burned = addAmounts(supply.burned, amount, placeOf(from))
  sheet.put(sheet.call.self.machine, { ...supply, burned })
}

const supplyIn = (sheet: Sheet): Supply => {
  const { machine } = sheet.call.self
  checkWritten(sheet.call, machine)
  const supply = recordAt(sheet, machine, { is: 'supply' })
  assert(supply !== undefined, 'genesis writes the supply and nothing removes it')
  return supply
}

const transfer = (sheet: Sheet, { from, to, amount }: Case<'transfer'>): void => {
  if (from.machine === to.machine && from.holder === to.holder) {
    throw new Fault('ledger/same-account', 'payer and payee are the same account', placeOf(from))
  }
  partyOf(sheet.call, to)
  debit(sheet, from, amount)
  credit(sheet, to, amount)
}

const send = (sheet: Sheet, { from, to, amount, nonce }: Case<'send'>): void => {
  if (from.machine === to.machine) {
    throw new Fault('ledger/send-home', 'within one machine money is transferred', placeOf(from))
  }
  debit(sheet, from, amount)
  pay(sheet, from.machine, to, { from: from.holder, amount, nonce })
}

const claim = (sheet: Sheet, { source, out }: Case<'claim'>): void => {
  const { call } = sheet
  const place = placeOf(out.to)
  partyOf(call, out.to)
  const arrived = { is: 'in', source, interaction: out.interaction, nonce: out.nonce } as const
  if (recordAt(sheet, out.to.machine, arrived)) {
    throw new Fault('ledger/already-claimed', `send ${out.nonce} of ${out.interaction}`, place)
  }
  // The key is the asset's own: a record with the same bytes under another prefix is somebody else's play money.
  const key = call.keyOf(source, recordPath(out))
  const value = ledgerRecord.encode(out)
  const isShown = call.premises.some(
    (one) =>
      one.is === 'fact' &&
      one.machine === source &&
      one.key === key &&
      one.value !== undefined &&
      equalBytes(one.value, value),
  )
  if (!isShown) {
    throw new Fault('ledger/no-premise', `no premise shows this send of ${source}`, place)
  }
  credit(sheet, out.to, positiveAmount(out.amount, place))
  sheet.put(out.to.machine, { ...arrived, to: out.to.holder, amount: out.amount })
}

const lock = (sheet: Sheet, operation: Case<'lock'>): void => {
  const { machine, id, from, to, amount, unlocker } = operation
  const { call } = sheet
  const place = { machine, party: from, part: id }
  if (from === to) throw new Fault('ledger/same-account', 'locked for its own holder', place)
  partyOf(call, { machine, holder: to })
  if (recordAt(sheet, machine, { is: 'lock', id })) {
    throw new Fault('ledger/lock-exists', `lock ${id} exists`, place)
  }
  // Attack: an id that was decided before would hand the new money out by the old decision.
  if (call.read(machine, outcomePath(id), unlocker)) {
    throw new Fault('ledger/lock-decided', `who gets lock ${id} is decided already`, place)
  }
  debit(sheet, { machine, holder: from }, amount)
  sheet.put(machine, { is: 'lock', id, from, to, amount, unlocker })
}

const release = (sheet: Sheet, { machine, id }: Case<'release'>): void => {
  const held = recordAt(sheet, machine, { is: 'lock', id })
  const place = { machine, part: id }
  if (!held) throw new Fault('ledger/unknown-lock', `no lock ${id}`, place)
  const word = sheet.call.read(machine, outcomePath(id), held.unlocker)
  if (!word) throw new Fault('ledger/undecided', `who gets lock ${id} is not decided`, place)
  const { toPayee, toPayer } = outcome.decode(word)
  if (toPayee + toPayer !== held.amount) {
    throw new Fault('ledger/wrong-split', `${toPayee} and ${toPayer} of ${held.amount}`, place)
  }
  sheet.remove(machine, held)
  if (toPayee > 0n) credit(sheet, { machine, holder: held.to }, toPayee)
  if (toPayer > 0n) credit(sheet, { machine, holder: held.from }, toPayer)
}
