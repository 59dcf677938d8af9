/**
 * What can happen next in a chart, for people: which events something listens to where it stands, and on what condition.
 *
 * Promise. Every event that is not listed is rejected. Not promised: that a listed one is accepted; its guard decides that when it
 * comes, with its sender, its data and its time.
 */
import type { Arrow, ChartState, Definition } from './chart.ts'
import { statesFromValue } from './configuration.ts'
import { TICK } from './event-name.ts'
import type { Snapshot } from './snapshot.ts'

export type Prospect = {
  readonly event: string
  /** Id of the state that listens. */
  readonly state: string
  /** As the definition has it; missing where there is no condition. */
  readonly guard: string | undefined
  /** Ids of the states it leads to; none where the chart stays where it is. */
  readonly targets: readonly string[]
  /** From when on, in milliseconds since 1970; missing for events that need not wait. */
  readonly notBefore: number | undefined
}

/** In the order in which arrows are tried: innermost state first. */
export const prospectsIn = (
  definition: Definition,
  { status, value, entered }: Snapshot,
): readonly Prospect[] => {
  if (status === 'done') return []
  const active = statesFromValue(definition, value).toSorted((a, b) => b - a)
  return active.flatMap((at) => {
    const state = definition.states[at]
    if (!state) return []
    const listed = [...state.on].flatMap(([event, arrows]) =>
      arrows.filter(leadsOn).map((arrow) => prospectOf(definition, state, { event, arrow })),
    )
    const since = entered[state.id] ?? 0
    const timed = state.after.filter(leadsOn).map((arrow) => ({
      ...prospectOf(definition, state, { event: TICK, arrow }),
      notBefore: since + arrow.delayMs,
    }))
    return [...listed, ...timed]
  })
}

/** An arrow with neither target nor action forbids its event. */
const leadsOn = ({ targets, actions }: Arrow): boolean => targets.length + actions.length > 0

const prospectOf = (
  { states }: Definition,
  { id }: ChartState,
  { event, arrow }: { readonly event: string; readonly arrow: Arrow },
): Prospect => ({
  event,
  state: id,
  guard: arrow.guard?.text,
  targets: arrow.targets.map((at) => states[at]?.id ?? ''),
  notBefore: undefined,
})
