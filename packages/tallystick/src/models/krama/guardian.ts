/**
 * A guardian that seals: what it vows, and what it signs.
 *
 * Safety. `sealBatch` returns vows and a digest together. The shell stores the vows durably before it signs the digest (invariant
 * 4); what it has stored it hands in again at the next call, also after a restart. A vow is for one child of one parent, and
 * for one parent at each number of a machine, so no second child gets past `permitsAt`. Sealing times never go back: a time
 * before the last one is raised to it.
 *
 * Liveness. Nothing is waited for. Vows of a batch that was never signed are kept, and the same batch may be sealed again.
 *
 * Not promised. That the transitions follow from the rules: the guardian has executed them (`dialects/moi/lattice.ts`) before
 * they come here.
 *
 * With several guardians this is the place where one holds and commits in rounds, and where what a proposer asks for is
 * executed and compared; the vow is the same.
 */
import type { MachineId, TransitionId } from '../../base/brand.ts'
import { Fault } from '../../base/fault.ts'
import { GUARDIAN_BATCH_MAX } from '../../base/limits.ts'
import type { SuiteId } from '../../base/suite.ts'
import { type Transition, transitionId } from '../../kernel/transition.ts'
import type { Millis } from '../../kernel/verdict.ts'
import { NO_PERMISSION, permitsAt, type Pledge, type Vow, withPledge } from '../../kernel/vow.ts'
import { rootOfTesseracts, kramaSealDigest, type Sealed } from './tesseract.ts'

export type SealAsk = {
  readonly suite: SuiteId
  /** The transitions of each interaction, in the order of its written legs. */
  readonly tesseracts: readonly (readonly Transition[])[]
  /** By the guardian's clock. */
  readonly now: Millis
  /** When it has sealed last; 0 if never. */
  readonly sealedAt: Millis
  /** The vow that was stored for a machine. */
  readonly pledgeOf: (machine: MachineId) => Pledge | undefined
}

export type SealBatch = {
  /** To be stored before the digest is signed, with the time. */
  readonly pledges: ReadonlyMap<MachineId, Pledge>
  readonly time: Millis
  readonly digest: Uint8Array
  readonly tesseracts: Sealed['tesseracts']
}

/** Returns `krama/second-child` where a vow forbids it. Raises `batch/wrong-size` for a batch that is empty or too large. */
export const sealBatch = (ask: SealAsk): SealBatch | Fault => {
  if (ask.tesseracts.length > GUARDIAN_BATCH_MAX) {
    throw new Fault('batch/wrong-size', `${ask.tesseracts.length} interactions under one seal`)
  }
  const pledges = new Map<MachineId, Pledge>()
  const tesseracts: (readonly TransitionId[])[] = []
  for (const transitions of ask.tesseracts) {
    const ids: TransitionId[] = []
    for (const of of transitions) {
      const child = transitionId(ask.suite, of)
      const pledge = pledges.get(of.machine) ?? ask.pledgeOf(of.machine)
      const vow: Vow = { round: 0, phase: 'commit', child, cited: 0 }
      if (!permitsAt(pledge, of, vow, NO_PERMISSION)) {
        const place = { machine: of.machine, step: of.sequence }
        return new Fault('krama/second-child', 'another child is vowed for', place)
      }
      pledges.set(of.machine, withPledge(pledge, of, vow))
      ids.push(child)
    }
    tesseracts.push(ids)
  }
  const time = ask.now > ask.sealedAt ? ask.now : ask.sealedAt
  const root = rootOfTesseracts(ask.suite, tesseracts)
  return { pledges, time, digest: kramaSealDigest(ask.suite, { root, time }), tesseracts }
}

/** The seal of a lone guardian, out of its signature. */
export const sealedBy = (of: SealBatch, signature: Uint8Array): Sealed => ({
  tesseracts: of.tesseracts,
  time: of.time,
  signatures: [{ guardian: 0, signature }],
})
