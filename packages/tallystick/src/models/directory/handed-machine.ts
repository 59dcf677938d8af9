/**
 * A machine as it is handed to operators who take it over: the step that brought them in, and the state after it.
 *
 * Promise. The state is that of the step's header, which the terms before have certified: its values give the root that stands
 * there. So an operator that has the change of terms (`amendment.ts`) needs no history to go on, and is shown none: what two parties
 * did before is theirs.
 *
 * Not promised. That the state follows from the steps before: whoever certified the step has vouched for that.
 *
 * | bytes | what |
 * |---|---|
 * | submission | the step; its proposal is empty where nobody proposes alone |
 * | list of key 32, value bytes | all values of the state after it; empty for an operator that runs no logic there |
 */
import { bytes, type Codec, id, list, struct } from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { STATE_LEAVES_MAX, STATE_VALUE_BYTES_MAX } from '../../base/limits.ts'
import { type Machine, openMachine } from '../../kernel/execute.ts'
import type { LogicRegistry } from '../../kernel/logic.ts'
import { transitionId } from '../../kernel/transition.ts'
import type { StateKey } from '../../state/keys.ts'
import { entriesOf, rootOf, treeFrom } from '../../state/tree.ts'
import { type ServedMachine, termsAt } from './served.ts'
import { type Submission, submission } from './submission.ts'

export type HandedValue = { readonly key: StateKey; readonly value: Uint8Array }

export type HandedMachine = {
  readonly step: Submission
  readonly state: readonly HandedValue[]
}

export const handedValue: Codec<HandedValue> = struct<HandedValue>({
  key: id<'state-key'>(),
  value: bytes(STATE_VALUE_BYTES_MAX),
})

export const handedMachine: Codec<HandedMachine> = struct<HandedMachine>({
  step: submission,
  state: list(handedValue, STATE_LEAVES_MAX),
})

/** A machine at the step that changed its terms, to be handed over. */
export const handedFrom = (machine: Machine, step: Submission): HandedMachine => ({
  step,
  state: entriesOf(machine.state).map(([key, value]) => ({ key, value })),
})

/**
 * The machine that operators go on from. Returns `takeover/other-step` for a step that brought no terms that are known here,
 * `takeover/other-state` where the values do not give the header's root, and the faults of the charter.
 */
export const machineFromHanded = (
  of: ServedMachine,
  { step: { transition }, state }: HandedMachine,
  logics: LogicRegistry,
): Machine | Fault => {
  const { machine, sequence } = transition
  const place = { machine, step: sequence }
  const before = termsAt(of, sequence)
  const headId = before && transitionId(before.suite, transition)
  const era = of.eras.find((one) => one.by !== undefined && one.by === headId)
  if (!before || headId === undefined || !era) {
    return new Fault('takeover/other-step', 'no terms that are known came with this step', place)
  }
  const genesis = openMachine(of.charter, logics)
  if (isFault(genesis)) return genesis
  const entries = state.map(({ key, value }) => [key, value] as const)
  const tree = faultFrom(() => treeFrom(before.suite, entries))
  if (isFault(tree)) return tree
  if (rootOf(tree) !== transition.state) {
    return new Fault('takeover/other-state', 'the values do not give the state of the step', place)
  }
  return { ...genesis, terms: era.terms, head: transition, headId, state: tree }
}
