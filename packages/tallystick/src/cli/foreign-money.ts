/**
 * Money of elsewhere in a relationship of two: taking in what was sent there, and sending it out again. In words:
 *
 *     take FILE                       claim what a file proves was sent to one of the two here
 *     send FILE AMOUNT [SYMBOL]       send own money to the account whose card the file is
 *
 * Taking in what a directory has certified and paying it on inside is payment mode M1: the money can be spent here only, and each
 * step needs both. What is sent out is worth what the word of the two is worth, until a directory certifies more than that.
 */
import { Fault } from '../base/fault.ts'
import { type Charter, machineId } from '../kernel/charter.ts'
import type { Operation, Premise } from '../kernel/interaction.ts'
import { amountFromText } from '../logic/amount.ts'
import { operationOnLedger } from '../logic/ledger-operation.ts'
import { bundleFromFile } from '../verify/bundle.ts'
import { readInputFile } from './input-file.ts'
import type { MachineDesk } from './machine-desk.ts'
import { assetsOf } from './machine-view.ts'
import { usageError } from './print.ts'
import { assetAmong } from './proposal-words.ts'
import type { Salted } from './record-words.ts'
import { claimOfSend, isTaken, sendsTo } from './sends.ts'

export type ForeignWish = {
  readonly operations: readonly Operation[]
  readonly premises: readonly Premise[]
  readonly attachments: readonly Uint8Array[]
  /** Charters that the other machine has to know. */
  readonly learn: readonly Charter[]
  /** Values that the step commits to and does not show. */
  readonly salted?: Salted | undefined
}

/** What these words ask for, if they are about money of elsewhere. Raises a usage error, and what reading the file raises. */
export const foreignWish = (desk: MachineDesk, words: string): ForeignWish | undefined => {
  const [verb, path, amount, symbol, ...rest] = words.trim().split(/\s+/)
  if (verb !== 'take' && verb !== 'send') return undefined
  if (path === undefined || rest.length > 0 || (verb === 'take') !== (amount === undefined)) {
    throw usageError(
      `"${verb}" takes ${verb === 'take' ? 'a file' : 'the card of an account and an amount'}`,
      verb === 'take'
        ? 'tally propose "take paid.tally"'
        : 'tally propose "send bob.account.tally 5"',
    )
  }
  return verb === 'take' ? take(desk, path) : send(desk, path, amount ?? '', symbol)
}

const take = (desk: MachineDesk, path: string): ForeignWish => {
  const { machine } = desk.state()
  const file = readInputFile(path)
  const found = sendsTo(bundleFromFile(file), machine.id).filter((one) => !isTaken(machine, one))
  if (found.length === 0) {
    throw new Fault('payment/none', 'nothing in it was sent here and not taken yet', { part: path })
  }
  const claims = found.map(claimOfSend)
  return {
    operations: claims.map((one) => one.operation),
    premises: claims.map((one) => one.premise),
    attachments: [file],
    learn: found.map((one) => one.charter),
  }
}

const send = (
  desk: MachineDesk,
  path: string,
  amount: string,
  symbol: string | undefined,
): ForeignWish => {
  const state = desk.state()
  const [charter] = bundleFromFile(readInputFile(path)).charters
  const { turn, participants } = charter?.terms ?? { turn: undefined, participants: [] }
  const holder = turn?.is === 'owner' ? participants[turn.party]?.name : undefined
  if (!charter || holder === undefined) {
    throw usageError(`${path} is not the card of an account`, 'tally account card writes one')
  }
  const { own } = desk.folder
  const asset = assetAmong(assetsOf(state), symbol)
  const operation = operationOnLedger(asset.prefix, {
    is: 'send',
    from: { machine: state.machine.id, holder: own },
    to: { machine: machineId(charter), holder },
    amount: amountFromText(amount, asset.params.decimals, { party: own }),
    nonce: 0,
  })
  return { operations: [operation], premises: [], attachments: [], learn: [] }
}
