/**
 * Accusations: evidence of every kind in one form, as it goes from hand to hand between clients and operators.
 *
 * | code | case | judged by | the key signed |
 * |---|---|---|---|
 * | 0 | `statements` | `kernel/evidence.ts` | two statements about one machine |
 * | 1 | `log` | `evidence.ts` | two stories about its log, or a receipt that its map lacks |
 * | 2 | `keys` | `kernel/key-evidence.ts` | two events of one identity with one number |
 *
 * A code is one byte, and the evidence follows in its own codec.
 *
 * Safety. Each judge convicts nobody who keeps the rules of its kind, so whoever keeps what convicts and hands it on harms
 * nobody honest, wherever it came from.
 *
 * Not promised. That a conviction means the same for all kinds. Only two statements say that a key is no longer to be served as
 * an owner's (`freeze.ts`). An operator that lied about its log, and a key of an identity that a thief shares, are for those to
 * judge who rely on them.
 */
import type { SignerId } from '../../base/brand.ts'
import { type Codec, list, literal, struct, u64, union } from '../../base/codec.ts'
import { type Fault, isFault } from '../../base/fault.ts'
import { ACCUSATIONS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type Conviction, convict, evidence, type Evidence } from '../../kernel/evidence.ts'
import {
  convictKey,
  type KeyConviction,
  keyEvidence,
  type KeyEvidence,
} from '../../kernel/key-evidence.ts'
import { convictOperator, operatorEvidence, type OperatorEvidence } from './evidence.ts'

type ByStatements = { readonly is: 'statements'; readonly evidence: Evidence }
type ByLog = { readonly is: 'log'; readonly evidence: OperatorEvidence }
type ByKeys = { readonly is: 'keys'; readonly evidence: KeyEvidence }

export type Accusation = ByStatements | ByLog | ByKeys

export const accusation: Codec<Accusation> = union<Accusation>({
  statements: struct<ByStatements>({ is: literal('statements'), evidence }),
  log: struct<ByLog>({ is: literal('log'), evidence: operatorEvidence }),
  keys: struct<ByKeys>({ is: literal('keys'), evidence: keyEvidence }),
})

/** One that somebody keeps, and its place in the order in which they came there. */
export type KeptAccusation = { readonly index: bigint; readonly accusation: Accusation }

export const keptAccusations: Codec<readonly KeptAccusation[]> = list(
  struct<KeptAccusation>({ index: u64, accusation }),
  ACCUSATIONS_MAX,
)

/** Whom it convicts, and of what kind. */
export type Charge = {
  readonly signer: SignerId
  readonly kind: Conviction['kind'] | KeyConviction['kind']
}

/** Judges it by its kind. Returns the faults of that kind's judge where it convicts nobody. */
export const judgeAccusation = (of: Accusation, verifier: Verifier): Charge | Fault => {
  const found = convictionOf(of, verifier)
  return isFault(found) ? found : { signer: found.signer, kind: found.kind }
}

const convictionOf = (of: Accusation, verifier: Verifier): Charge | Fault => {
  switch (of.is) {
    case 'statements':
      return convict(of.evidence, verifier)
    case 'log':
      return convictOperator(of.evidence, verifier)
    case 'keys':
      return convictKey(of.evidence, verifier)
  }
}
