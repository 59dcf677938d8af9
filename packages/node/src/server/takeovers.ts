/**
 * Taking machines over: an operator that new terms bring in is handed the machine, and signs that it goes on from there.
 *
 * Safety. The state is stored before the vow, and the vow before the signature is out; it stands in the journal of vows at the place
 * of the step, so it is the one child there that this operator ever signs for outside of rounds. An operator that was in the
 * rounds which decided the step is asked for what it vowed there instead (`takeover.ts` of the model): two votes of one round would
 * convict it.
 *
 * Not promised. That an older state is kept: a machine that comes back to these operators goes on from the newest one.
 */
import { equalBytes, Fault, isFault } from 'tallystick/base'
import { type LogicRegistry, statementDigest } from 'tallystick/kernel'
import {
  type Acceptance,
  DIRECTORY,
  type HandedMachine,
  isShared,
  machineFromHanded,
  receiptVote,
  seatAt,
  seatOfSuccessor,
  submission,
  termsAt,
  vowKey,
} from 'tallystick/models'
import type { Store } from '../store/store.ts'
import type { Charters, Served } from './charters.ts'
import { keepHanded } from './handed.ts'
import type { Healing } from './healing.ts'
import type { Heads } from './heads.ts'
import type { OperatorKey } from './operator-key.ts'
import type { SharedMachines } from './shared.ts'
import { suiteAt } from './steps.ts'

export type Takeovers = {
  /** Stores the machine, and gives the own signature for the step that brought the terms. Raises why it is not taken over. */
  readonly take: (of: HandedMachine) => Promise<Acceptance>
}

export type TakeoversOptions = {
  readonly store: Store
  readonly journal: string
  readonly charters: Charters
  readonly heads: Heads
  readonly healing: Healing
  readonly shared: SharedMachines
  readonly key: OperatorKey
  readonly logics: LogicRegistry
  readonly clock: () => bigint
}

export const createTakeovers = (options: TakeoversOptions): Takeovers => ({
  take: async (of) => {
    const { machine, sequence } = of.step.transition
    const place = { machine, step: sequence }
    const served = await options.charters.find(machine)
    if (!served) throw new Fault('operator/unknown-machine', 'no charter was handed over', place)
    const operator = seatOfSuccessor(served.terms, of.step.transition, options.key.publicKey)
    if (operator < 0) {
      throw new Fault('operator/not-served', 'the new terms do not name this operator', place)
    }
    const before = termsAt(served.terms, sequence)
    const isSeated = seatAt(served.terms, sequence, options.key.publicKey) >= 0
    if (before?.policy.kind === DIRECTORY && isShared(before) && isSeated) {
      const own = await options.shared.acceptanceOf(of.step.transition)
      if (own) return own
      throw new Fault('operator/unknown-step', 'its rounds have not come to this step', place)
    }
    const start = machineFromHanded(served.terms, of, options.logics)
    if (isFault(start)) throw start
    await keepHanded(options.store, of)
    options.shared.forget(machine)
    return acceptWith(options, served, of, operator)
  },
})

/** The vow at the step's place, and the signature over it. */
const acceptWith = async (
  { store, journal, heads, healing, key, clock }: TakeoversOptions,
  served: Served,
  { step }: HandedMachine,
  operator: number,
): Promise<Acceptance> => {
  const { machine, sequence } = step.transition
  const value = submission.encode(step)
  const standing = await store.find(journal, vowKey(step.transition))
  // One that was set back may have signed for another step there; what it still knows of it signs again.
  const fault = standing ? undefined : await healing.vowFault(served, step.transition)
  if (fault) throw fault
  for (;;) {
    const head = await heads.putFor(machine, sequence)
    const append = { journal, key: vowKey(step.transition), value, time: clock() }
    const outcome = await store.commit({ appends: [append], puts: head ? [head] : [] })
    if (outcome.is === 'stale') {
      heads.forget(machine)
      continue
    }
    if (outcome.is === 'taken' && head) heads.forget(machine)
    if (outcome.is === 'stored') heads.raise(machine, sequence)
    const entry = outcome.is === 'taken' ? outcome.entry : outcome.entries[0]
    if (!entry) throw new Error('a stored unit has the entry that was appended')
    const vowed = submission.decode(entry.value)
    const suite = suiteAt(served, sequence)
    const vote = receiptVote(vowed.transition, entry.time)
    const signature = key.sign(statementDigest(suite, vote))
    const isSame = equalBytes(
      statementDigest(suite, receiptVote(step.transition, entry.time)),
      statementDigest(suite, vote),
    )
    if (isSame) return { signer: operator, round: 0, cited: 0, time: entry.time, signature }
    throw new Fault('operator/not-served', 'this operator has signed for another step there', {
      machine,
      step: sequence,
    })
  }
}
