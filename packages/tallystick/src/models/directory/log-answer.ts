/**
 * What an operator answers about its log and its map: the claim, the checkpoint that it is made under, and the nodes that
 * prove it (`checkpoint.ts`, `log-proof.ts`, `map.ts`). Whoever asks checks all three.
 */
import type { TransitionId } from '../../base/brand.ts'
import { type Codec, id, list, optional, struct, u64 } from '../../base/codec.ts'
import { LOG_ANSWER_ENTRIES_MAX } from '../../base/limits.ts'
import { type SignedCheckpoint, signedCheckpoint } from './checkpoint.ts'
import { logNodes, type LogNodes } from './log-proof.ts'
import { logEntry, type LogEntry } from './log.ts'
import { mapProof, type MapProof } from './map.ts'

/** Entries of a log, in its order. */
export const logEntries: Codec<readonly LogEntry[]> = list(logEntry, LOG_ANSWER_ENTRIES_MAX)

/** Where an entry stands, with the nodes beside its path (`inclusionFault`). */
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

/** What the map of a checkpoint holds under a parent (`mapFault`). */
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
