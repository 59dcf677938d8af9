/**
 * What a receipt says, and the lies about logs and receipts that convict an operator.
 *
 * A receipt is a statement of the kernel: an operator's vote to commit to a child, with the time at which it took its vow. Two
 * receipts of one operator for two children of one parent are a `fork`, judged by the kernel alone.
 *
 * Two kinds of evidence are the directory's own. Each breaks a rule of `checkpoint.ts`:
 *
 * | kind | what the operator signed |
 * |---|---|
 * | `directory/split-log` | two checkpoints that no one log has: two roots of one size; a longer log of an earlier time; or a shorter log that does not begin the longer one, which nodes of the longer one show |
 * | `directory/unlogged` | a receipt, and a checkpoint of a later time whose map has no child or another one there |
 *
 * Safety. Whoever keeps the rules is never convicted. For nodes: they must lead to the longer log's own root, so each of
 * them is a node of that log, and then the shorter root that they lead to is the only one an honest operator signs. For
 * receipts: only a vote as owned machines have it counts, in round 0, citing nothing, and with a time; an acceptance of that
 * shape is logged like a receipt. Votes in the rounds of shared machines cite their held quorum, acceptances in later
 * rounds have a round, votes between two parties have no time; an operator need not log those.
 *
 * Checked cheap before dear: form, conflict, key, signatures, hashes. As in the kernel, whom the key belongs to is for a
 * charter to say; the name is what the accuser calls it.
 */
import { idFromBytes, type MachineId, type TransitionId, zeroId } from '../../base/brand.ts'
import { equalBytes, hexFromBytes } from '../../base/bytes.ts'
import {
  bytes,
  type Codec,
  id,
  literal,
  optional,
  struct,
  text,
  u64,
  union,
} from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { NAME_BYTES_MAX, PUBLIC_KEY_BYTES_MAX, SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import { scheme, suite } from '../../base/suite.ts'
import type { Verifier } from '../../base/verifier.ts'
import { signerOf } from '../../kernel/controller.ts'
import type { Conviction } from '../../kernel/evidence.ts'
import type { Accused } from '../../kernel/model.ts'
import { statementDigest, type Vote } from '../../kernel/statement.ts'
import { transition, type Transition, transitionId } from '../../kernel/transition.ts'
import {
  type Checkpoint,
  checkCheckpoint,
  type LogKey,
  type SignedCheckpoint,
  signedCheckpoint,
  splitOf,
} from './checkpoint.ts'
import { logNodes, type LogNodes, prefixRoots } from './log-proof.ts'
import { mapFault, type MapProof, mapProof } from './map.ts'
import { acceptanceVote } from '../rounds/acceptance.ts'
import { DIRECTORY, type DirectoryPolicy } from './policy.ts'

/** An operator's signature; `operator` is its position in the policy. */
export type Receipt = {
  readonly operator: number
  /** Milliseconds since 1970 by the operator's clock when it took its vow. */
  readonly time: bigint
  readonly signature: Uint8Array
}

/** The vote that a receipt is the signature of. */
export const receiptVote = (of: Transition, time: bigint): Vote =>
  acceptanceVote(of, { round: 0, cited: 0, time })

/** Two checkpoints that no one log has. */
export type SplitLog = {
  readonly is: 'split-log'
  readonly first: SignedCheckpoint
  readonly second: SignedCheckpoint
  /** Empty where sizes and times say enough; else `prefix` nodes of the longer log (`log.ts`), to the shorter size. */
  readonly nodes: LogNodes
}

/** A receipt that is missing from where it ought to stand. */
export type Unlogged = {
  readonly is: 'unlogged'
  readonly transition: Transition
  readonly receipt: Pick<Receipt, 'time' | 'signature'>
  readonly checkpoint: SignedCheckpoint
  /** What the map has in its place. */
  readonly child: TransitionId | undefined
  readonly proof: MapProof
}

export type OperatorLie = SplitLog | Unlogged

export type OperatorEvidence = LogKey & {
  /** What the accuser calls the operator. Proves nothing. */
  readonly name: string
  readonly lie: OperatorLie
}

const lie: Codec<OperatorLie> = union<OperatorLie>({
  'split-log': struct<SplitLog>({
    is: literal('split-log'),
    first: signedCheckpoint,
    second: signedCheckpoint,
    nodes: logNodes,
  }),
  unlogged: struct<Unlogged>({
    is: literal('unlogged'),
    transition,
    receipt: struct({ time: u64, signature: bytes(SIGNATURE_BYTES_MAX) }),
    checkpoint: signedCheckpoint,
    child: optional(id<'transition'>()),
    proof: mapProof,
  }),
})

export const operatorEvidence: Codec<OperatorEvidence> = struct<OperatorEvidence>({
  suite,
  scheme,
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
  name: text(NAME_BYTES_MAX),
  lie,
})

/**
 * Judges evidence against an operator. Returns whom it convicts, or the fault that makes it worthless: `evidence/no-conflict`,
 * `evidence/bad-key`, `evidence/bad-signature`, or a fault of the nodes or the map's proof.
 *
 * A split log is no machine's: its conviction has zeros for the machine and the shorter size for the number.
 */
export const convictOperator = (of: OperatorEvidence, verifier: Verifier): Conviction | Fault => {
  const conflict = conflictFault(of)
  if (conflict) return conflict
  if (!verifier.acceptsKey(of.scheme, of.publicKey)) {
    return new Fault('evidence/bad-key', `not a valid ${of.scheme} key`)
  }
  const fault = signatureFault(of, verifier) ?? proofFault(of)
  if (fault) return fault
  const signer = signerOf(of.suite, of)
  const kind = `${DIRECTORY}/${of.lie.is}` as const
  switch (of.lie.is) {
    case 'split-log': {
      const { machine, sequence } = noMachine(of.lie)
      return { kind, signer, machine, sequence, children: [] }
    }
    case 'unlogged': {
      const { transition: made, child } = of.lie
      const { machine, sequence } = made
      const children = [transitionId(of.suite, made), ...(child === undefined ? [] : [child])]
      return { kind, signer, machine, sequence, children }
    }
  }
}

/** As `convictOperator`, of an operator that the policy names: else `evidence/unknown-operator`. Raises decoding faults. */
export const convictNamedOperator = (
  proof: Uint8Array,
  { terms, policy, verifier }: Accused<DirectoryPolicy>,
): readonly Conviction[] | Fault => {
  const of = operatorEvidence.decode(proof)
  const isNamed = policy.operators.some(
    (one) => one.scheme === of.scheme && equalBytes(one.publicKey, of.publicKey),
  )
  if (!isNamed || of.suite !== terms.suite) {
    return new Fault('evidence/unknown-operator', 'the policy names no such operator')
  }
  const conviction = convictOperator(of, verifier)
  return isFault(conviction) ? conviction : [conviction]
}

const noMachine = ({ first, second }: SplitLog): { machine: MachineId; sequence: bigint } => ({
  machine: zeroId(),
  sequence: shorterFirst(first.checkpoint, second.checkpoint)[0].size,
})

const shorterFirst = (a: Checkpoint, b: Checkpoint): readonly [Checkpoint, Checkpoint] =>
  a.size < b.size ? [a, b] : [b, a]

const innocent = (why: string): Fault => new Fault('evidence/no-conflict', why)

/** What an honest operator could have signed is no evidence. */
const conflictFault = ({ suite: of, lie: told }: OperatorEvidence): Fault | undefined => {
  switch (told.is) {
    case 'split-log': {
      const [a, b] = [told.first.checkpoint, told.second.checkpoint]
      if (splitOf(a, b)) {
        return told.nodes.length === 0 ? undefined : innocent('nodes where none are needed')
      }
      return a.size === b.size || told.nodes.length === 0
        ? innocent('one log may have had both checkpoints')
        : undefined
    }
    case 'unlogged':
      if (told.receipt.time === 0n || told.receipt.time >= told.checkpoint.checkpoint.time) {
        return innocent('the receipt need not be in that checkpoint')
      }
      return told.child === transitionId(of, told.transition)
        ? innocent('the map has the very child')
        : undefined
  }
}

const signatureFault = (of: OperatorEvidence, verifier: Verifier): Fault | undefined => {
  const bad = new Fault('evidence/bad-signature', 'a statement is not signed by the accused key')
  const told = of.lie
  switch (told.is) {
    case 'split-log':
      return (checkCheckpoint(of, told.first, verifier) ??
        checkCheckpoint(of, told.second, verifier))
        ? bad
        : undefined
    case 'unlogged': {
      const { time, signature } = told.receipt
      const digest = statementDigest(of.suite, receiptVote(told.transition, time))
      if (!verifier.verify(of.scheme, of.publicKey, digest, signature)) return bad
      return checkCheckpoint(of, told.checkpoint, verifier) ? bad : undefined
    }
  }
}

const proofFault = ({ suite: of, lie: told }: OperatorEvidence): Fault | undefined => {
  switch (told.is) {
    case 'split-log':
      return told.nodes.length === 0 ? undefined : prefixFault(told)
    case 'unlogged': {
      const { parent } = told.transition
      const root = told.checkpoint.checkpoint.mapRoot
      return mapFault(of, { root, parent, child: told.child }, told.proof)
    }
  }
}

/** The nodes must be the longer log's, and lead to another shorter one than was signed. */
const prefixFault = (told: SplitLog): Fault | undefined => {
  const [shorter, longer] = shorterFirst(told.first.checkpoint, told.second.checkpoint)
  const roots = prefixRoots(shorter.size, longer.size, told.nodes)
  if (isFault(roots)) return roots
  if (hexFromBytes(roots.to) !== longer.logRoot) {
    return new Fault('log/wrong-root', `the nodes are not of the log of ${longer.size}`)
  }
  return idFromBytes<'log-root'>(roots.from) === shorter.logRoot
    ? innocent('the shorter log begins the longer one')
    : undefined
}
