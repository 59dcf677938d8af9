/** Door: processes that people declare. Definitions, their inputs, and the logic that runs them. */
export * from '../forms/canonical-json.ts'
export type { Value, ValueMap } from '../logic/expression/value.ts'
export * from '../logic/statechart/agreement.ts'
export type { Action, Arrow, ChartState, Definition, Guard } from '../logic/statechart/chart.ts'
export { type CommuteDoubt, commuteDoubts } from '../logic/statechart/commute.ts'
export { TICK } from '../logic/statechart/event-name.ts'
export { begin, RESERVED_DATA, transition } from '../logic/statechart/interpret.ts'
export {
  contextPath,
  effectsPath,
  type Head,
  headFrom,
  jsonAt,
  type ReadLeaf,
  snapshotFrom,
} from '../logic/statechart/leaves.ts'
export { checkLink, type Link } from '../logic/statechart/lineage.ts'
export { statechart } from '../logic/statechart/logic.ts'
export { DELIVERY_NAMES, type Names, NO_NAMES } from '../logic/statechart/names.ts'
export * from '../logic/statechart/operation.ts'
export * from '../logic/statechart/params.ts'
export { machineValue, type Prepared, prepared, readWhole } from '../logic/statechart/prepared.ts'
export type { LintCode, Problem, ProblemCode } from '../logic/statechart/problem.ts'
export { type Prospect, prospectsIn } from '../logic/statechart/prospect.ts'
export { isDefinition, PROFILE, readDefinition } from '../logic/statechart/read.ts'
export { rejectionFromFault } from '../logic/statechart/rejection.ts'
export type {
  Candidate,
  Effect,
  Moved,
  Rejected,
  RejectionCode,
  Setting,
  Snapshot,
  StatechartEvent,
  StateValue,
} from '../logic/statechart/snapshot.ts'
