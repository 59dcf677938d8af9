/**
 * Shrinking: the shortest event list that still breaks the same rule.
 *
 * Promise. The result fails with the same checker, is no longer than what came in, and taking out any one of its events
 * makes it pass. Found by delta debugging: drop halves, then quarters, down to single events, until nothing more can go.
 */
import type { Plan, PlanEvent } from './plan.ts'

/** Name of the checker that a plan fails, or undefined if it passes. */
export type Trial = (plan: Plan) => string | undefined

export const shrinkPlan = (failing: Plan, trial: Trial): Plan => {
  const broken = trial(failing)
  if (broken === undefined) return failing
  const fails = (plan: Plan): boolean => trial(plan) === broken
  let best = withCalmNetwork(failing, fails)
  let size = Math.ceil(best.events.length / 2)
  while (size >= 1 && best.events.length > 0) {
    const shorter = withoutOneRun(best, size, fails)
    if (shorter) best = shorter
    else if (size === 1) break
    else size = Math.ceil(size / 2)
    size = Math.min(size, Math.max(1, best.events.length))
  }
  return best
}

/** The first plan that still fails after a run of `size` events is taken out. */
const withoutOneRun = (
  plan: Plan,
  size: number,
  fails: (plan: Plan) => boolean,
): Plan | undefined => {
  for (let from = 0; from < plan.events.length; from += size) {
    const events: readonly PlanEvent[] = plan.events.filter(
      (_, at) => at < from || at >= from + size,
    )
    const shorter = { ...plan, events }
    if (fails(shorter)) return shorter
  }
  return undefined
}

/** Turns the network's knobs off one by one, as far as the failure does not need them. */
const withCalmNetwork = (plan: Plan, fails: (plan: Plan) => boolean): Plan => {
  let best = plan
  const knobs = [
    'lossPercent',
    'repeatPercent',
    'manglePercent',
    'crashPercent',
    'delayMax',
  ] as const
  for (const knob of knobs) {
    const calmer = { ...best, knobs: { ...best.knobs, [knob]: knob === 'delayMax' ? 1 : 0 } }
    if (fails(calmer)) best = calmer
  }
  return best
}
