/**
 * One operation's view of the books: what the state says, with what the operation has changed so far on top.
 *
 * Promise. Two changes of one account in one operation see each other, and nothing is written
 * unless the whole operation succeeds. Faults are thrown; the logic catches them at its edge.
 */
import type { MachineId } from '../base/brand.ts'
import { Fault } from '../base/fault.ts'
import type { Call, Change, Path } from '../kernel/logic.ts'
import type { StateKey } from '../state/keys.ts'
import { addAmounts, textFromAmount } from './amount.ts'
import { ledgerParams } from './ledger-params.ts'
import {
  type Account,
  type LedgerRecord,
  ledgerRecord,
  type Placed,
  type RecordOf,
  recordPath,
} from './ledger-record.ts'

export type Sheet = {
  readonly call: Call
  readonly valueAt: (machine: MachineId, path: Path) => Uint8Array | undefined
  readonly put: (machine: MachineId, record: LedgerRecord) => void
  readonly remove: (machine: MachineId, of: Placed) => void
  readonly changes: () => readonly Change[]
}

export const createSheet = (call: Call): Sheet => {
  const pending = new Map<string, Change>()
  // The key alone would do: it is under one prefix, but two machines have the same keys.
  const slot = (machine: MachineId, key: StateKey): string => `${machine} ${key}`
  const change = (machine: MachineId, of: Placed, value: Uint8Array | undefined): void => {
    checkWritten(call, machine)
    const path = recordPath(of)
    pending.set(slot(machine, call.keyOf(machine, path)), { machine, path, value })
  }
  return {
    call,
    valueAt: (machine, path) => {
      const changed = pending.get(slot(machine, call.keyOf(machine, path)))
      return changed ? changed.value : call.read(machine, path)
    },
    put: (machine, record) => change(machine, record, ledgerRecord.encode(record)),
    remove: (machine, of) => change(machine, of, undefined),
    changes: () => [...pending.values()],
  }
}

/** A record as this operation sees it. */
export const recordAt = <Name extends LedgerRecord['is']>(
  sheet: Sheet,
  machine: MachineId,
  of: Placed & { readonly is: Name },
): RecordOf<Name> | undefined => {
  const value = sheet.valueAt(machine, recordPath(of))
  if (value === undefined) return undefined
  const record = ledgerRecord.decode(value)
  if (isRecord<Name>(record, of.is)) return record
  throw new Error(`assertion failed: the path of a ${of.is} holds something else`)
}

/** Raises `ledger/not-written` unless the machine is a written leg. Only there do terms and state mean one thing. */
export const checkWritten = (call: Call, machine: MachineId): void => {
  if (!call.written.includes(machine)) {
    throw new Fault('ledger/not-written', `${machine} is no written leg of the interaction`, {
      machine,
    })
  }
}

/** Position of an account's holder in its machine. Raises `ledger/not-written` or `ledger/unknown-holder`. */
export const partyOf = (call: Call, of: Account): number => {
  checkWritten(call, of.machine)
  const party = call.terms(of.machine)?.participants.findIndex((one) => one.name === of.holder)
  if (party === undefined || party < 0) {
    throw new Fault('ledger/unknown-holder', 'no participant has this name', placeOf(of))
  }
  return party
}

/** Raises `ledger/no-consent` unless the holder has consented to the interaction. */
export const checkConsent = (call: Call, of: Account): void => {
  if (!call.consents(of.machine, partyOf(call, of))) {
    throw new Fault('ledger/no-consent', 'who would pay has not consented', placeOf(of))
  }
}

/** Adds to a balance. Whether the name is a participant is for the caller to have asked, where it matters. */
export const credit = (sheet: Sheet, to: Account, amount: bigint): void => {
  const before = recordAt(sheet, to.machine, { is: 'balance', holder: to.holder })
  const after = addAmounts(before?.amount ?? 0n, amount, placeOf(to))
  setBalance(sheet, to, after)
}

/** Takes from a balance with its holder's consent. Raises `ledger/no-consent` or `ledger/insufficient`. */
export const debit = (sheet: Sheet, from: Account, amount: bigint): void => {
  checkConsent(sheet.call, from)
  const held = recordAt(sheet, from.machine, { is: 'balance', holder: from.holder })?.amount ?? 0n
  if (held < amount) {
    const { decimals, symbol } = ledgerParams.decode(sheet.call.params)
    const [wanted, there] = [amount, held].map((one) => textFromAmount(one, decimals))
    throw new Fault(
      'ledger/insufficient',
      `${wanted} ${symbol} wanted, ${there} ${symbol} held`,
      placeOf(from),
    )
  }
  setBalance(sheet, from, held - amount)
}

/** Pays a name here by credit, and a name elsewhere by a record that it can claim there. */
export const pay = (
  sheet: Sheet,
  at: MachineId,
  to: Account,
  paid: { readonly from: string; readonly amount: bigint; readonly nonce: number },
): void => {
  if (paid.amount === 0n) return
  if (to.machine === at) return credit(sheet, to, paid.amount)
  const record = { is: 'out', to, interaction: sheet.call.interaction, ...paid } as const
  if (recordAt(sheet, at, record)) {
    throw new Fault('ledger/repeated-send', `send ${paid.nonce} has been made`, {
      machine: at,
      party: paid.from,
    })
  }
  sheet.put(at, record)
}

export const placeOf = (of: Account): { readonly machine: MachineId; readonly party: string } => ({
  machine: of.machine,
  party: of.holder,
})

const setBalance = (sheet: Sheet, of: Account, amount: bigint): void => {
  if (amount === 0n) sheet.remove(of.machine, { is: 'balance', holder: of.holder })
  else sheet.put(of.machine, { is: 'balance', holder: of.holder, amount })
}

const isRecord = <Name extends LedgerRecord['is']>(
  record: LedgerRecord,
  is: Name,
): record is RecordOf<Name> => record.is === is
