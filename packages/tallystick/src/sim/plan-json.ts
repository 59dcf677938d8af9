/** Plans as JSON: the form in which a plan that found something is kept. */
import { Fault } from '../base/fault.ts'
import {
  isJsonObject,
  type Json,
  jsonCount,
  jsonList,
  type JsonObject,
  jsonText,
} from '../forms/strict-json.ts'
import type { Plan, PlanEvent } from './plan.ts'

/** Reads a plan. Raises `plan/malformed` or `json/wrong-shape`, naming what is wrong. */
export const planFromJson = (json: Json): Plan => {
  const plan = objectFrom(json, 'the plan')
  const knobs = objectFrom(plan['knobs'], 'knobs')
  return {
    scenario: jsonText(plan['scenario'], 'scenario'),
    seed: jsonCount(plan['seed'], 'seed'),
    ticks: jsonCount(plan['ticks'], 'ticks'),
    knobs: {
      lossPercent: jsonCount(knobs['lossPercent'], 'lossPercent'),
      repeatPercent: jsonCount(knobs['repeatPercent'], 'repeatPercent'),
      delayMax: Math.max(1, jsonCount(knobs['delayMax'], 'delayMax')),
      manglePercent: jsonCount(knobs['manglePercent'], 'manglePercent'),
      crashPercent: jsonCount(knobs['crashPercent'], 'crashPercent'),
    },
    events: jsonList(plan['events'], 'events').map(eventFrom),
  }
}

const objectFrom = (json: Json | undefined, what: string): JsonObject => {
  if (isJsonObject(json)) return json
  throw new Fault('plan/malformed', `${what} is no object`, { part: what })
}

const eventFrom = (json: Json): PlanEvent => {
  const of = objectFrom(json, 'an event')
  const count = (member: string): number => jsonCount(of[member], member)
  const at = count('at')
  const kind: string = jsonText(of['is'], 'is')
  switch (kind) {
    case 'wish':
      return { at, is: 'wish', node: count('node'), choice: count('choice') }
    case 'crash':
      return { at, is: 'crash', node: count('node'), down: count('down') }
    case 'torn':
      return { at, is: 'torn', node: count('node'), down: count('down') }
    case 'restore': {
      const noticed = of['noticed'] === true
      return { at, is: 'restore', node: count('node'), back: count('back'), noticed }
    }
    case 'cut':
      return { at, is: 'cut', from: count('from'), to: count('to'), ticks: count('ticks') }
    case 'echo':
      return { at, is: 'echo', node: count('node'), choice: count('choice') }
    default:
      throw new Fault('plan/malformed', 'an event of an unknown kind', { part: 'is' })
  }
}
