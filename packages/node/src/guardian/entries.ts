/** What was executed, as the journal keeps it and as the executor goes on with it. */
import { interaction as kernelInteraction } from 'tallystick/kernel'
import {
  type MoiHead,
  type MoiId,
  type Prepared,
  type PreparedGenesis,
  receiptBytes,
  type ReceiptStatus,
} from 'tallystick/moi'
import { STORE_VALUE_BYTES_MAX } from '../limits.ts'
import { type LatticeEntry, latticeEntry } from './store/entry.ts'

export type Executed = {
  readonly is: 'executed'
  readonly hash: Uint8Array
  readonly status: ReceiptStatus
  /** How many ran. */
  readonly operations: number
  readonly entry: LatticeEntry
  /** The entry in its codec. */
  readonly bytes: Uint8Array
  /** Where the accounts stand that moved. */
  readonly moved: ReadonlyMap<MoiId, MoiHead>
}

/** Raises an error where it is more than the store takes at once. */
export const executedFrom = (of: Prepared): Executed => {
  const entry = interactionEntry(of)
  const bytes = latticeEntry.encode(entry)
  // Else the store would refuse the whole batch for it.
  if (bytes.length > STORE_VALUE_BYTES_MAX) throw new Error(`an entry has ${bytes.length} bytes`)
  return {
    is: 'executed',
    hash: of.hash,
    status: of.receipt.status,
    operations: of.receipt.operations.length,
    entry,
    bytes,
    moved: new Map(of.tesseract.steps.map((step) => [step.account, step.head])),
  }
}

const interactionEntry = (of: Prepared): LatticeEntry => ({
  ...fieldsOf(of),
  kind: 'interaction',
  receipt: receiptBytes(of.receipt),
  told: [...new Set(of.receipt.operations.flatMap((one) => one.logs.map((log) => log.account)))],
})

/** One part of the network's beginning. */
export const genesisEntry = (of: PreparedGenesis, time: bigint): LatticeEntry => ({
  ...fieldsOf(of),
  kind: 'genesis',
  time,
  receipt: new Uint8Array(0),
  told: [],
})

const fieldsOf = ({
  interaction,
  tesseract,
  changes,
}: PreparedGenesis): Pick<
  LatticeEntry,
  'interaction' | 'tesseract' | 'time' | 'steps' | 'seen' | 'changes'
> => ({
  interaction: kernelInteraction.encode(interaction),
  tesseract: tesseract.hash,
  time: tesseract.time,
  steps: tesseract.steps.map(({ account, link, transition }) => ({ account, link, transition })),
  seen: tesseract.seen.map(({ account, height, at }) => ({ account, height, head: at })),
  changes,
})
