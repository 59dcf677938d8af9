/** Entries of the journal out of what was executed. */
import { interaction as kernelInteraction } from 'tallystick/kernel'
import { type Prepared, type PreparedGenesis, receipt as receiptCodec } from 'tallystick/moi'
import type { LatticeEntry } from './store/entry.ts'

/** An interaction that was executed. */
export const interactionEntry = (of: Prepared): LatticeEntry => ({
  ...fieldsOf(of),
  kind: 'interaction',
  receipt: receiptCodec.encode(of.receipt),
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
