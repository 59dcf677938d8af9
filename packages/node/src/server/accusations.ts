/**
 * Accusations: evidence that an operator has seen, and the keys that it serves no more because of it.
 *
 * Safety. Only evidence that convicts freezes, and evidence convicts nobody honest, so no honest key is frozen. The first piece
 * against a key is kept and shown to whoever asks; more of it adds nothing. A frozen key is in the store, and every vow is
 * stored on the condition that its key is not there, so no process of the operator serves a key that another has frozen.
 */
import { bytesFromId, isFault, type SignerId, type Verifier } from 'tallystick/base'
import { type Conviction, convict, evidence, type Evidence } from 'tallystick/kernel'
import { forkBetween, ownerSigner, type Submission, termsAt } from 'tallystick/models'
import type { Put, Store } from '../store/store.ts'
import { setBounded } from './bounded-map.ts'
import type { Served } from './charters.ts'
import type { ServerLimits } from './limits.ts'

export const FROZEN = 'frozen'

export type Accusations = {
  /** Judges evidence and keeps it. Raises what makes it worthless. */
  readonly accuse: (of: Evidence) => Promise<Conviction>
  /** The same for two children that an owner has signed; says nothing where they convict nobody. */
  readonly accuseOwner: (served: Served, first: Submission, second: Submission) => Promise<void>
  readonly evidenceAgainst: (signer: SignerId) => Promise<Uint8Array | undefined>
  /** For a unit: it is stored only while the key is not frozen. */
  readonly unlessFrozen: (signer: SignerId) => Put
  readonly isKnownFrozen: (signer: SignerId) => boolean
  readonly learnFrozen: (signer: SignerId) => void
}

export const createAccusations = (options: {
  readonly store: Store
  readonly verifier: Verifier
  readonly limits: ServerLimits
}): Accusations => {
  const frozen = new Map<SignerId, true>()
  const learn = (signer: SignerId): void =>
    setBounded(frozen, signer, true, options.limits.headsKept)
  const accuse = async (of: Evidence): Promise<Conviction> => {
    const conviction = convict(of, options.verifier)
    if (isFault(conviction)) throw conviction
    const key = bytesFromId(conviction.signer)
    await options.store.commit({
      appends: [],
      puts: [{ space: FROZEN, key, value: evidence.encode(of), ifVersion: 0n }],
    })
    learn(conviction.signer)
    return conviction
  }
  return {
    accuse,
    accuseOwner: async (served, first, second) => {
      // One piece of evidence is enough, and a frozen owner pays for no further check.
      const terms = termsAt(served.terms, first.transition.sequence)
      const signer = terms && ownerSigner({ terms })
      if (!terms || signer === undefined || frozen.has(signer)) return
      const found = forkBetween({ terms }, [first, second], options.verifier)
      if (found) await accuse(found)
    },
    evidenceAgainst: async (signer) =>
      (await options.store.get(FROZEN, bytesFromId(signer)))?.value,
    unlessFrozen: (signer) => ({
      space: FROZEN,
      key: bytesFromId(signer),
      value: undefined,
      ifVersion: 0n,
    }),
    isKnownFrozen: (signer) => frozen.has(signer),
    learnFrozen: learn,
  }
}
