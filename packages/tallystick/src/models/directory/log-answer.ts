/**
 * What an operator answers when it is asked to account for its log and map, and how an answer is checked.
 *
 * Promise. An answer that passes is true of the checkpoint that it brings along, which the operator has signed.
 *
 * Not promised. That the checkpoint is one of the log that others are shown: an auditor links it to those it knows.
 *
 * | asked for | answered |
 * |---|---|
 * | growth from m to n | nodes (`log-proof.ts`) |
 * | inclusion of a vow | signed checkpoint, entry, index u64, nodes |
 * | the child under a parent | signed checkpoint, child (u8, and 32 if 1), map proof |
 * | entries from m on | a list of entries |
 */
import { bytesFromId, idFromBytes, type TransitionId } from '../../base/brand.ts'
import { type Codec, id, list, optional, struct, u64 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { LOG_ANSWER_ENTRIES_MAX } from '../../base/limits.ts'
import type { SuiteId } from '../../base/suite.ts'
import { type Checkpoint, type SignedCheckpoint, signedCheckpoint } from './checkpoint.ts'
import { createLog, type LogEntry, logEntry } from './log.ts'
import { inclusionFault, leafHash, logNodes, type LogNodes } from './log-proof.ts'
import {
  childTreesRoot,
  emptyChildTrees,
  mapFault,
  type MapPlace,
  type MapProof,
  mapProof,
  withChildren,
} from './map.ts'

export type InclusionAnswer = {
  readonly checkpoint: SignedCheckpoint
  readonly entry: LogEntry
  readonly index: bigint
  readonly nodes: LogNodes
}

export const inclusionAnswer: Codec<InclusionAnswer> = struct<InclusionAnswer>({
  checkpoint: signedCheckpoint,
  entry: logEntry,
  index: u64,
  nodes: logNodes,
})

export type MapAnswer = {
  readonly checkpoint: SignedCheckpoint
  readonly child: TransitionId | undefined
  readonly proof: MapProof
}

export const mapAnswer: Codec<MapAnswer> = struct<MapAnswer>({
  checkpoint: signedCheckpoint,
  child: optional(id<'transition'>()),
  proof: mapProof,
})

export const logEntries: Codec<readonly LogEntry[]> = list(logEntry, LOG_ANSWER_ENTRIES_MAX)

/** Why the entry is not shown to be in the answer's own log, if so: a fault of `inclusionFault`. */
export const inclusionAnswerFault = (of: InclusionAnswer): Fault | undefined => {
  const { size, logRoot } = of.checkpoint.checkpoint
  const leaf = leafHash(logEntry.encode(of.entry))
  const { index, nodes } = of
  return inclusionFault({ index, size, root: bytesFromId(logRoot), leaf, nodes })
}

/** Why the answer's own map is not shown to say so, if so: a fault of `mapFault`. */
export const mapAnswerFault = (
  suite: SuiteId,
  { parent }: MapPlace,
  { checkpoint, child, proof }: MapAnswer,
): Fault | undefined =>
  mapFault(suite, { root: checkpoint.checkpoint.mapRoot, parent, child }, proof)

/**
 * Whether a checkpoint is of these entries, all of them from the first on: what somebody finds out who follows the whole
 * log. Returns `log/wrong-root`, `map/wrong-root`, or `log/back-in-time` where an entry is timed before the one ahead of it
 * or behind the checkpoint.
 */
export const replayFault = (
  suite: SuiteId,
  entries: readonly LogEntry[],
  of: Checkpoint,
): Fault | undefined => {
  const log = createLog()
  for (const one of entries) log.append(logEntry.encode(one))
  if (BigInt(log.size()) !== of.size || idFromBytes<'log-root'>(log.root()) !== of.logRoot) {
    return new Fault('log/wrong-root', `${log.size()} entries do not make this log of ${of.size}`)
  }
  let before = 0n
  for (const { time } of [...entries, of]) {
    if (time < before) return new Fault('log/back-in-time', `${time} stands behind ${before}`)
    before = time
  }
  return childTreesRoot(withChildren(emptyChildTrees(suite), entries)) === of.mapRoot
    ? undefined
    : new Fault('map/wrong-root', 'the entries of the log do not make this map')
}
