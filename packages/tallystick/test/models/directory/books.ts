/** What one operator vowed for, its log and map, and what it signs and answers about them, honest or not. */
import { idFromBytes, type TransitionId } from '../../../src/base/brand.ts'
import type { KeyPair } from '../../../src/base/verifier.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { type Transition, transitionId } from '../../../src/kernel/transition.ts'
import {
  type Checkpoint,
  checkpointDigest,
  type SignedCheckpoint,
} from '../../../src/models/directory/checkpoint.ts'
import { type Receipt, receiptVote } from '../../../src/models/directory/evidence.ts'
import type { InclusionAnswer, MapAnswer } from '../../../src/models/directory/log-answer.ts'
import {
  createLog,
  type LogEntry,
  logEntry,
  type OperatorLog,
} from '../../../src/models/directory/log.ts'
import {
  type ChildTrees,
  childTreesRoot,
  emptyChildTrees,
  proveInChildTrees,
  withChildren,
} from '../../../src/models/directory/map.ts'
import { anId, aTransition } from '../../kernel/sample.ts'
import { engine, operators } from './town.ts'

const [first] = operators
if (!first) throw new Error('an operator')
export const keys: KeyPair = first
export const SUITE = 'classic'

/** Steps of made-up machines, each with the time of its receipt. */
export const stepOf = (at: number, child = 'child'): Transition =>
  aTransition({
    machine: anId(`machine ${at}`),
    parent: anId(`parent ${at}`),
    interaction: anId(`${child} ${at}`),
  })

export type Vowed = { readonly step: Transition; readonly time: bigint }

export const entryOf = ({ step, time }: Vowed): LogEntry => ({
  machine: step.machine,
  sequence: step.sequence,
  parent: step.parent,
  child: transitionId(SUITE, step),
  time,
})

export const logOf = (vowed: readonly Vowed[]): OperatorLog => {
  const log = createLog()
  for (const one of vowed) log.append(logEntry.encode(entryOf(one)))
  return log
}
export const mapOf = (vowed: readonly Vowed[]): ChildTrees =>
  withChildren(emptyChildTrees(SUITE), vowed.map(entryOf))

export const checkpointOf = (vowed: readonly Vowed[], time: bigint): SignedCheckpoint =>
  signedAs({
    size: BigInt(vowed.length),
    time,
    logRoot: idFromBytes(logOf(vowed).root()),
    mapRoot: childTreesRoot(mapOf(vowed)),
  })

export const signedAs = (
  checkpoint: Checkpoint,
  secret: Uint8Array = keys.secret,
): SignedCheckpoint => ({
  checkpoint,
  signature: engine.sign('ed25519', secret, checkpointDigest(SUITE, checkpoint)),
})

export const receiptFor = (
  { step, time }: Vowed,
  secret: Uint8Array = keys.secret,
): Pick<Receipt, 'time' | 'signature'> => ({
  time,
  signature: engine.sign('ed25519', secret, statementDigest(SUITE, receiptVote(step, time))),
})

/** The child that this book has under a parent, against its checkpoint at a time. */
export const childIn = (
  vowed: readonly Vowed[],
  of: Pick<Transition, 'parent'>,
  time: bigint,
): MapAnswer => {
  const entry = vowed.find((one) => one.step.parent === of.parent)
  const child: TransitionId | undefined = entry && transitionId(SUITE, entry.step)
  return {
    checkpoint: checkpointOf(vowed, time),
    child,
    proof: proveInChildTrees(mapOf(vowed), of),
  }
}

export const inclusionIn = (
  vowed: readonly Vowed[],
  index: number,
  time: bigint,
): InclusionAnswer => {
  const one = vowed[index]
  if (!one) throw new Error('no such entry')
  return {
    checkpoint: checkpointOf(vowed, time),
    index: BigInt(index),
    entry: entryOf(one),
    nodes: logOf(vowed).inclusion(index),
  }
}
