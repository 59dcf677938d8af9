/** Why an event was not accepted: nothing listens to it, or guards refused, and which. */
import { faultFrom } from '../../base/fault.ts'
import type { Arrow } from './chart.ts'
import { TICK } from './event-name.ts'
import { holds, type Internal, type Run } from './run.ts'
import { waitMs } from './select.ts'
import type { Candidate, Rejected } from './snapshot.ts'

/** Costs no gas of the run: it is asked after the run has failed, and its answer is for people. */
export const explain = (failed: Run, event: Internal): Rejected => {
  const run: Run = { ...failed, gas: { used: 0, limit: failed.gas.limit }, surroundings: undefined }
  const { states } = run.definition
  const candidates = run.states
    .toSorted((a, b) => b - a)
    .flatMap((at) => {
      const state = states[at]
      if (state === undefined) return []
      const after = event.type === TICK ? state.after : []
      return [...(state.on.get(event.type) ?? []), ...after]
    })
    .map((arrow) => candidateOf(run, arrow))
  const isRefused = candidates.some(({ why }) => why === 'guard')
  return {
    is: 'rejected',
    code: isRefused ? 'GUARD_FAILED' : 'NO_TRANSITION',
    detail: detailOf(run, event, candidates),
    candidates,
  }
}

const candidateOf = (run: Run, arrow: Arrow): Candidate => {
  const state = run.definition.states[arrow.source]?.id ?? ''
  const wait = waitMs(run, arrow)
  const base = { state, path: arrow.path }
  if (arrow.delayMs > 0 && wait > 0)
    return { ...base, why: 'early', detail: `${wait} ms too early` }
  const { guard } = arrow
  const passes = guard === undefined || faultFrom(() => holds(run, guard))
  if (passes !== true) return { ...base, why: 'guard', detail: guard?.text ?? '' }
  return { ...base, why: 'forbidden', detail: 'it has neither a target nor an action' }
}

const detailOf = (run: Run, event: Internal, candidates: readonly Candidate[]): string => {
  const [first] = candidates
  if (first === undefined) {
    const here = run.states.map((at) => run.definition.states[at]?.id ?? '').join(', ')
    return `nothing listens to "${event.type}" in ${here}`
  }
  const others = candidates.length > 1 ? `, and ${candidates.length - 1} more` : ''
  return `${first.path}: ${first.detail}${others}`
}
