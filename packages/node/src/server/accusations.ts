/**
 * Accusations: evidence that an operator has seen, and the keys that it serves no more because of it.
 *
 * Safety. Only what convicts is kept, and it convicts nobody honest. Two statements about a machine freeze the key that signed
 * them: the first piece stands in the store, and every vow is stored on the condition that its key is not there, so no process
 * of the operator serves a key that another has frozen. Evidence about a log or a key log freezes nothing: it is kept, shown
 * and told. For each key the first piece of each form is kept; more of it adds nothing.
 *
 * Liveness. What is kept stands in a journal, in the order in which it came, so whoever asks again from where it stopped misses
 * nothing.
 *
 * Not promised. That everybody's evidence is kept: there is room for so much (attack: filling a disk with keys that convict
 * themselves). Room is always left for what the operator finds itself, and for the operators that it watches.
 */
import {
  ACCUSATIONS_MAX,
  bytesFromId,
  concatBytes,
  Fault,
  isFault,
  type SignerId,
  type Verifier,
} from 'tallystick/base'
import { evidence, type KeyEvidence } from 'tallystick/kernel'
import {
  accusation,
  type Accusation,
  type Charge,
  forkBetween,
  judgeAccusation,
  type KeptAccusation,
  ownerSigner,
  type Submission,
  termsAt,
} from 'tallystick/models'
import type { Append, Put, Store } from '../store/store.ts'
import { setBounded } from './bounded-map.ts'
import type { Served } from './charters.ts'
import type { ServerLimits } from './limits.ts'
import type { OperatorLogger } from './log.ts'
import type { Metrics } from './metrics.ts'

export const FROZEN = 'frozen'
const ACCUSATIONS = 'accusations'

export type Accusations = {
  /** Judges it and keeps it. Raises what makes it worthless, and `evidence/too-many`. */
  readonly accuse: (of: Accusation) => Promise<Charge>
  /** The same for two children that an owner has signed; says nothing where they convict nobody. */
  readonly accuseOwner: (served: Served, first: Submission, second: Submission) => Promise<void>
  /** The same for keys that may have signed two events of one identity. */
  readonly accuseKeys: (found: readonly KeyEvidence[]) => Promise<void>
  /** What is kept against a key, one piece of each form at most. */
  readonly against: (signer: SignerId) => Promise<readonly KeptAccusation[]>
  /** What is kept from a place on, as much as fits an answer. */
  readonly keptFrom: (from: bigint) => Promise<readonly KeptAccusation[]>
  /** Calls back for each piece that is new here. */
  readonly onKept: (listener: (of: Accusation, charge: Charge) => void) => void
  /** For a unit: it is stored only while the key is not frozen. */
  readonly unlessFrozen: (signer: SignerId) => Put
  readonly isKnownFrozen: (signer: SignerId) => boolean
  readonly learnFrozen: (signer: SignerId) => void
  readonly watched: ReadonlyMap<SignerId, string>
}

export type AccusationsOptions = {
  readonly store: Store
  readonly verifier: Verifier
  readonly limits: ServerLimits
  readonly clock: () => bigint
  readonly log: OperatorLogger
  readonly metrics: Metrics
  /** Operators that this one watches: there is always room for evidence against them. */
  readonly watched: ReadonlyMap<SignerId, string>
}

export const createAccusations = (options: AccusationsOptions): Accusations => {
  const { store, limits } = options
  const frozen = new Map<SignerId, true>()
  const listeners: ((of: Accusation, charge: Charge) => void)[] = []
  const learn = (signer: SignerId): void => setBounded(frozen, signer, true, limits.headsKept)
  const keep = async (of: Accusation, isOwn: boolean): Promise<Charge> => {
    const charge = judgeAccusation(of, options.verifier)
    if (isFault(charge)) throw charge
    const isNew = await keepJudged(options, of, charge, isOwn)
    if (of.is === 'statements') learn(charge.signer)
    if (isNew) for (const listener of listeners) listener(of, charge)
    return charge
  }
  return {
    accuse: (of) => keep(of, false),
    accuseOwner: async (served, first, second) => {
      // One piece of evidence is enough, and a frozen owner pays for no further check.
      const terms = termsAt(served.terms, first.transition.sequence)
      const signer = terms && ownerSigner({ terms })
      if (!terms || signer === undefined || frozen.has(signer)) return
      const found = forkBetween({ terms }, [first, second], options.verifier)
      if (found) await keep({ is: 'statements', evidence: found }, true)
    },
    accuseKeys: async (found) => {
      for (const one of found) {
        // Whoever sends an event may have made its signatures up; and it is answered whether there is room or not.
        await keep({ is: 'keys', evidence: one }, false).catch((error: unknown) => {
          if (!isFault(error)) throw error
        })
      }
    },
    against: (signer) => keptAgainst(store, signer),
    keptFrom: async (from) => {
      const kept: KeptAccusation[] = []
      let size = 0
      for (const { index, value } of await store.read(ACCUSATIONS, from, ACCUSATIONS_MAX)) {
        size += value.length
        if (kept.length > 0 && size > limits.answerBytes) break
        kept.push({ index, accusation: accusation.decode(value) })
      }
      return kept
    },
    onKept: (listener) => {
      listeners.push(listener)
    },
    unlessFrozen: (signer) => ({
      space: FROZEN,
      key: bytesFromId(signer),
      value: undefined,
      ifVersion: 0n,
    }),
    isKnownFrozen: (signer) => frozen.has(signer),
    learnFrozen: learn,
    watched: options.watched,
  }
}

const FORMS = ['statements', 'log', 'keys'] as const satisfies readonly Accusation['is'][]

const keyOf = (signer: SignerId, form: Accusation['is']): Uint8Array =>
  concatBytes(bytesFromId(signer), new Uint8Array([FORMS.indexOf(form)]))

/** Stores a piece, and freezes the key in the same unit where it is to be frozen. Whether it is new here. */
const keepJudged = async (
  options: AccusationsOptions,
  of: Accusation,
  charge: Charge,
  isOwn: boolean,
): Promise<boolean> => {
  const { store, limits, watched, log, metrics } = options
  const key = keyOf(charge.signer, of.is)
  if (await store.find(ACCUSATIONS, key)) return false
  const isAnybodys = !isOwn && !watched.has(charge.signer)
  if (isAnybodys && (await store.head(ACCUSATIONS)).size >= BigInt(limits.accusations)) {
    throw new Fault('evidence/too-many', 'this operator keeps no more evidence')
  }
  const append: Append = {
    journal: ACCUSATIONS,
    key,
    value: accusation.encode(of),
    time: options.clock(),
  }
  const freeze: Put | undefined =
    of.is === 'statements'
      ? {
          space: FROZEN,
          key: bytesFromId(charge.signer),
          value: evidence.encode(of.evidence),
          ifVersion: 0n,
        }
      : undefined
  const outcome = await store.commit({ appends: [append], puts: freeze ? [freeze] : [] })
  if (outcome.is === 'taken') return false
  if (outcome.is === 'stale') {
    // Frozen by a program of before, which kept no journal of it.
    const again = await store.commit({ appends: [append], puts: [] })
    if (again.is !== 'stored') return false
  }
  metrics.convicted(charge.kind)
  log('warning', 'a key is convicted', {
    signer: charge.signer,
    kind: charge.kind,
    watched: watched.get(charge.signer),
  })
  return true
}

const keptAgainst = async (store: Store, signer: SignerId): Promise<readonly KeptAccusation[]> => {
  const found = await Promise.all(FORMS.map((form) => store.find(ACCUSATIONS, keyOf(signer, form))))
  return found.flatMap((entry) =>
    entry ? [{ index: entry.index, accusation: accusation.decode(entry.value) }] : [],
  )
}
