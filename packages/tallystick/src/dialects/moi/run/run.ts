/**
 * Execution: what an interaction makes of the accounts it touches, and the receipt that says so.
 *
 * Safety. `run` is a function of its arguments. Operations happen one after the other on a draft of their own; if one fails, all of
 * them are dropped together, and what remains is what has to happen either way: the sender's key counts on, fuel is paid, and
 * the receipt's hash is written. Nothing is changed in an account that was neither declared with a mutate lock nor created
 * here, the sender and the payer being declared so by being what they are.
 *
 * Liveness. Every loop is bounded by the interaction's size or by fuel, and fuel by `MOI_FUEL_MAX`, so a run ends.
 *
 * `call` and `estimate` are the same run without consequences: nothing is paid, the counter stands still, and a call looks at any
 * account, since it commits to nothing. Whether an interaction may happen at all is judged in `admission.ts`, before.
 */
import { Fault, faultFrom, isFault } from '../../../base/fault.ts'
import {
  MOI_FUEL_MAX,
  MOI_LOG_TOPICS_MAX,
  MOI_LOGS_MAX,
  MOI_OUTPUT_BYTES_MAX,
} from '../../../base/limits.ts'
import type { MoiId } from '../identifier.ts'
import type { MoiInteraction } from '../interaction.ts'
import { readOperation } from '../operation.ts'
import type { Meter } from '../pisa/host.ts'
import { sequenceOf } from './account.ts'
import { type AccountChange, createDraft, type Lock, type ReadAccount } from './draft.ts'
import { BASE_FUEL, burnFuel, createMeter, payerOf, reserveFuel, settleFuel } from './fuel.ts'
import { PATH, sequencePath } from './layout.ts'
import type { MoiNetwork } from './network.ts'
import { perform, type Performed, type Setting } from './perform.ts'
import {
  errorBytes,
  type OperationResult,
  type OperationStatus,
  type Receipt,
  receiptHash,
  type ReceiptStatus,
} from './receipt.ts'
import { receiptRecord, sequenceRecord } from './record.ts'

export type Run = {
  readonly args: MoiInteraction
  /** `interactionHash` of the bytes as they came. */
  readonly hash: Uint8Array
  /** The accounts' state before. */
  readonly read: ReadAccount
  readonly network: MoiNetwork
  /** Seconds since 1970, agreed on by those who certify. */
  readonly time: bigint
}

export type Ran = {
  readonly changes: readonly AccountChange[]
  readonly created: readonly MoiId[]
  readonly receipt: Receipt
  readonly fuelUsed: bigint
}

/** The participants' locks; sender and payer are participants whether they are listed or not. */
export const locksOf = (args: MoiInteraction): ReadonlyMap<MoiId, Lock> => {
  const locks = new Map<MoiId, Lock>([[args.sender.id, 'mutate']])
  locks.set(payerOf(args), 'mutate')
  for (const { id, lock } of args.participants) locks.set(id, lock)
  return locks
}

/** Raises `moi/exception` where the payer lacks the fuel, which admission refuses before. */
export const run = (of: Run): Ran => {
  const { args, network } = of
  const draft = createDraft({ read: of.read, locks: locksOf(args), isQuestion: false })
  const { id, keyId } = args.sender
  const sequence = sequenceOf(draft.read, id, keyId)
  draft.write(id, sequencePath(keyId), sequenceRecord.encode(sequence + 1n))
  reserveFuel(draft, network, args)
  const meter = createMeter(args.fuelLimit)
  const receipt = runOperations({ draft, args, network, time: of.time, meter }, of.hash)
  settleFuel(draft, network, args, receipt.fuelUsed)
  const record = { interaction: of.hash, receipt: receiptHash(receipt) }
  draft.write(id, PATH.receipt, receiptRecord.encode(record))
  return {
    changes: draft.changes(),
    created: draft.created(),
    receipt,
    fuelUsed: receipt.fuelUsed,
  }
}

/** A run that commits nothing. */
export type Question = Run & {
  /** Fuel that answering may use; missing for as much as an interaction may. */
  readonly fuelMax?: number
}

/** What the interaction would do and say now, whoever sends it and whatever limit it names. */
export const call = (of: Question): Receipt => {
  const draft = createDraft({ read: of.read, locks: locksOf(of.args), isQuestion: true })
  const { args, network, time } = of
  return runOperations({ draft, args, network, time, meter: liftedMeter(of) }, of.hash)
}

const liftedMeter = ({ fuelMax = MOI_FUEL_MAX }: Question): Meter => createMeter(BigInt(fuelMax))

/**
 * Fuel that is enough for the interaction: what it uses now, and a quarter more of what logics used, since their state may have
 * moved when it happens. What is not used is not paid.
 */
export const estimate = (of: Question): bigint => {
  const draft = createDraft({ read: of.read, locks: locksOf(of.args), isQuestion: false })
  const { args, network, time } = of
  const setting = { draft, args, network, time, meter: liftedMeter(of) }
  const used = runOperations(setting, of.hash).fuelUsed
  const base = BigInt(BASE_FUEL * args.operations.length)
  return used > base ? used + (used - base + 3n) / 4n : base
}

/** All of them on a draft on top of the setting's, which is kept if all went well. */
const runOperations = (in_: Omit<Setting, 'raised'>, hash: Uint8Array): Receipt => {
  const { args, meter } = in_
  const { draft, keep } = in_.draft.fork()
  const results: OperationResult[] = []
  let status: ReceiptStatus = 'ok'
  for (const position of args.operations.keys()) {
    const { result, fault } = runOperation(
      { ...in_, draft, raised: { error: undefined } },
      position,
    )
    results.push(result)
    if (fault) {
      status = fault.code === 'moi/exhausted' ? 'insufficient-fuel' : 'reverted'
      break
    }
  }
  if (status === 'ok') keep()
  return {
    interaction: hash,
    status,
    fuelUsed: BigInt(meter.used),
    sender: args.sender.id,
    operations: status === 'ok' ? results : results.map(undone),
  }
}

/** What a receipt says of an operation whose effects were dropped. */
const undone = (one: OperationResult): OperationResult => ({ ...one, created: undefined, logs: [] })

type Tried = { readonly result: OperationResult; readonly fault: Fault | undefined }

const runOperation = (in_: Setting, position: number): Tried => {
  const { type = 0, payload = NONE } = in_.args.operations[position] ?? {}
  const done = faultFrom(() => {
    burnFuel(in_.meter, BASE_FUEL)
    const operation = readOperation(type, payload)
    if (isFault(operation)) throw operation
    const performed = perform(in_, operation, position)
    checkRoom(performed)
    return performed
  })
  if (!isFault(done))
    return { result: { type, status: 'ok', error: NONE, ...done }, fault: undefined }
  const status = statusOf(done)
  const error = in_.raised.error ?? errorBytes(status, done)
  const result = { type, status, outputs: NONE, error, created: undefined, logs: [] }
  return { result, fault: done }
}

const NONE = new Uint8Array()

const TOPIC_BYTES = 32

/** Attack: what no receipt can hold would be executed and never paid for. */
const checkRoom = ({ outputs, logs }: Performed): void => {
  const bytes = logs.reduce(
    (sum, log) => sum + log.data.length + TOPIC_BYTES * log.topics.length,
    outputs.length,
  )
  if (bytes > MOI_OUTPUT_BYTES_MAX) throw tooMuch(`${bytes} bytes of outputs and logs`)
  if (logs.length > MOI_LOGS_MAX) throw tooMuch(`${logs.length} logs`)
  if (logs.some((log) => log.topics.length > MOI_LOG_TOPICS_MAX)) throw tooMuch('topics of a log')
}

const tooMuch = (what: string): Fault =>
  new Fault('moi/defect', `${what} are more than a receipt holds`)

/** A refusal is an exception; what could not be read, or was not allowed, a defect. */
const statusOf = ({ code }: Fault): OperationStatus =>
  code === 'moi/exception' || code === 'moi/exhausted' ? 'exception' : 'defect'
