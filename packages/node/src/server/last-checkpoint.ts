/**
 * The last checkpoint that was signed over a journal, kept beside it.
 *
 * Promise. A journal that is shorter than what was signed for, or whose first entries are others, is told from the one that
 * was signed for, without reading it: the journal's chain at that size is kept with the checkpoint, and the journal has it
 * in the last of those entries.
 *
 * Not promised. That of a checkpoint which an older program kept: it kept no chain, and the log itself has to be compared.
 */
import { Fault, fixedBytes, struct, u64 } from 'tallystick/base'
import { type SignedCheckpoint, signedCheckpoint } from 'tallystick/models'
import { CHAIN_BYTES } from '../store/chain.ts'
import type { Store } from '../store/store.ts'

const CHECKPOINTS = 'checkpoints'
const LAST = new Uint8Array([0])
const LAST_CHAIN = new Uint8Array([1])

const chainAt = struct<{ readonly size: bigint; readonly chain: Uint8Array }>({
  size: u64,
  chain: fixedBytes(CHAIN_BYTES),
})

export type LastCheckpoint = {
  readonly signed: SignedCheckpoint
  /** Whether the journal was found to begin with what was signed for; else the log has to be compared. */
  readonly isCompared: boolean
}

/** Raises `operator/lost-vows` where the journal is known to be another. */
export const readLastCheckpoint = async (
  store: Store,
  journal: string,
): Promise<LastCheckpoint | undefined> => {
  const record = await store.get(CHECKPOINTS, LAST)
  if (!record) return undefined
  const signed = signedCheckpoint.decode(record.value)
  const { size } = signed.checkpoint
  const head = await store.head(journal)
  if (head.size < size) throw lostVows(size, head.size)
  if (size === 0n) return { signed, isCompared: true }
  const kept = await store.get(CHECKPOINTS, LAST_CHAIN)
  const known = kept && chainAt.decode(kept.value)
  if (known?.size !== size) return { signed, isCompared: false }
  const [last] = await store.read(journal, size - 1n, 1)
  if (!last || Buffer.compare(last.chain, known.chain) !== 0) throw lostVows(size, head.size)
  return { signed, isCompared: true }
}

export const lostVows = (signed: bigint, size: bigint): Fault =>
  new Fault(
    'operator/lost-vows',
    `a checkpoint over ${signed} vows was signed, and they are not those of the journal, which has ${size}`,
  )

/** Keeps a checkpoint over the first entries of the journal, unless one of a larger size is kept. */
export const rememberCheckpoint = async (
  store: Store,
  journal: string,
  signed: SignedCheckpoint,
): Promise<void> => {
  const { size } = signed.checkpoint
  const [entry] = size === 0n ? [] : await store.read(journal, size - 1n, 1)
  for (;;) {
    const record = await store.get(CHECKPOINTS, LAST)
    const kept = record && signedCheckpoint.decode(record.value).checkpoint.size
    if (kept !== undefined && kept > size) return
    const value = signedCheckpoint.encode(signed)
    const last = { space: CHECKPOINTS, key: LAST, value, ifVersion: record?.version ?? 0n }
    const chain = entry && {
      space: CHECKPOINTS,
      key: LAST_CHAIN,
      value: chainAt.encode({ size, chain: entry.chain }),
    }
    // An older program kept the checkpoint without the chain.
    const puts = [...(kept === size ? [] : [last]), ...(chain ? [chain] : [])]
    const outcome = await store.commit({ appends: [], puts })
    if (outcome.is === 'stored') return
  }
}
