/** Reads what states do: transitions under `on`, `always`, `after` and `onDone`, and actions on the way in and out. */
import { STATECHART_ARROWS_MAX } from '../../base/limits.ts'
import { isJsonObject, type Json, type JsonObject } from '../../forms/strict-json.ts'
import { readActions, readGuard } from './behaviour.ts'
import { type Arrow, type ChartState, type Frame, isBelow, type Plan } from './chart.ts'
import { NO_MEMORY, planOf } from './entry.ts'
import { checkEventName } from './event-name.ts'
import { type Frames, sourceAt } from './frames.ts'
import type { Names } from './names.ts'
import { pathTo } from './problem.ts'
import { isList, itemPath, knownKeys, listAt, objectAt, type Report } from './report.ts'
import { areTogether, resolveTarget } from './targets.ts'
import { valueAt } from './value-check.ts'

export type Reading = {
  readonly report: Report
  readonly names: Names
  readonly all: Frames
  /** Transitions read so far. */
  count: number
}

export const readState = (reading: Reading, frame: Frame): ChartState => {
  const { report, names, all } = reading
  const source = sourceAt(all, frame.at)
  const under = (key: string) => ({ json: source[key], path: pathTo(frame.path, key) })
  const listed = (key: string): readonly Arrow[] =>
    readArrows(reading, { frame, delayMs: 0, ...under(key) })
  return {
    ...frame,
    entry: readActions(report, names, under('entry')),
    exit: readActions(report, names, under('exit')),
    on: readOn(reading, frame, source),
    after: readAfter(reading, frame, source),
    always: listed('always'),
    done: listed('onDone'),
    output:
      frame.kind === 'final' && source['output'] !== undefined
        ? valueAt(report, source['output'], pathTo(frame.path, 'output'))
        : undefined,
    tags: readTags(report, frame, source['tags']),
  }
}

const readOn = (
  reading: Reading,
  frame: Frame,
  source: JsonObject,
): ReadonlyMap<string, readonly Arrow[]> => {
  const { report } = reading
  const on = new Map<string, readonly Arrow[]>()
  const path = pathTo(frame.path, 'on')
  if (source['on'] === undefined) return on
  for (const [event, json] of Object.entries(objectAt(report, source['on'], path))) {
    const place = pathTo(path, event)
    checkEventName(report, event, { path: place, isRaised: false })
    on.set(event, readArrows(reading, { frame, delayMs: 0, json, path: place }))
  }
  return on
}

const readAfter = (reading: Reading, frame: Frame, source: JsonObject): readonly Arrow[] => {
  const { report } = reading
  const path = pathTo(frame.path, 'after')
  if (source['after'] === undefined) return []
  // Keys that are numbers come in ascending order, so that what is due first is tried first.
  return Object.entries(objectAt(report, source['after'], path)).flatMap(([key, json]) => {
    const place = pathTo(path, key)
    const delayMs = /^(?:0|[1-9]\d{0,15})$/.test(key) ? Number(key) : Number.NaN
    // Larger ones would stand where they are written, and not in ascending order.
    if (!(delayMs <= DELAY_MS_MAX)) {
      report.problems.push({
        code: 'bad-after',
        path: place,
        message: `a delay is a whole number of milliseconds, up to ${DELAY_MS_MAX}`,
        fix: 'write the number in digits; for later dates write a guard over event.now',
      })
      return []
    }
    return readArrows(reading, { frame, delayMs, json, path: place })
  })
}

/** The largest key that every engine keeps in ascending order: 2^32 − 2, some fifty days. */
const DELAY_MS_MAX = 4_294_967_294

type Given = {
  readonly frame: Frame
  readonly json: Json | undefined
  readonly path: string
  readonly delayMs: number
}

const readArrows = (reading: Reading, given: Given): readonly Arrow[] =>
  listAt(given.json).flatMap(([json, at]) => {
    const path = itemPath(given.path, at)
    reading.count += 1
    if (reading.count === STATECHART_ARROWS_MAX + 1) {
      reading.report.problems.push({
        code: 'too-many-transitions',
        path,
        message: `more than ${STATECHART_ARROWS_MAX} transitions`,
        fix: 'say in guards what differs by a value only',
      })
    }
    if (reading.count > STATECHART_ARROWS_MAX) return []
    return [readArrow(reading, { ...given, json, path })]
  })

const ARROW_KEYS = new Set(['target', 'guard', 'actions', 'reenter', 'description', 'meta'])

const readArrow = (reading: Reading, { frame, json, path, delayMs }: Given): Arrow => {
  const { report, names, all } = reading
  const isPlain = typeof json === 'string'
  const object = isPlain ? { target: json } : objectAt(report, json, path)
  knownKeys(report, { object, path, allowed: ARROW_KEYS, where: 'a transition' })
  const reenter = object['reenter']
  if (reenter !== undefined && typeof reenter !== 'boolean') {
    report.problems.push({
      code: 'wrong-type',
      path: pathTo(path, 'reenter'),
      message: 'this is neither true nor false',
      fix: 'write true or false',
    })
  }
  const targets = readTargets(reading, frame, {
    json: object['target'],
    path: isPlain ? path : pathTo(path, 'target'),
  })
  const route = { source: frame.at, targets, isReentering: reenter === true }
  return {
    ...route,
    path,
    guard: readGuard(report, names, { json: object['guard'], path: pathTo(path, 'guard') }),
    actions: readActions(report, names, { json: object['actions'], path: pathTo(path, 'actions') }),
    delayMs,
    plan: fixedPlan(all, route),
  }
}

const fixedPlan = (
  { frames }: Frames,
  route: Pick<Arrow, 'source' | 'targets' | 'isReentering'>,
): Plan | undefined =>
  route.targets.some((target) => frames[target]?.kind === 'history')
    ? undefined
    : planOf(frames, route, NO_MEMORY)

const readTargets = (
  reading: Reading,
  frame: Frame,
  { json, path }: { readonly json: Json | undefined; readonly path: string },
): readonly number[] => {
  const { report, all } = reading
  const bad = (place: string, message: string, fix: string): void => {
    report.problems.push({ code: 'bad-target', path: place, message, fix })
  }
  if (isList(json) && json.length === 0)
    bad(path, 'a list of no targets', 'leave "target" out if nothing is entered')
  const targets = listAt(json).flatMap(([item, at]) => {
    const place = itemPath(path, at)
    const found = typeof item === 'string' ? targetOf(all, frame, item) : 'this is no text'
    if (typeof found === 'number') return [found]
    bad(place, found, 'write #id, .child or the name of a sibling')
    return []
  })
  if (areTogether(all.frames, targets)) return targets
  bad(path, 'a machine cannot stand in all of these at once', 'name one state for each region')
  return targets.slice(0, 1)
}

/**
 * From inside of what a history state remembers there is no way to it: XState would enter states that nobody has left, and
 * together with a transition of another region come to states that cannot be active at once.
 */
const targetOf = (all: Frames, frame: Frame, target: string): number | string => {
  const found = resolveTarget(all, frame, target)
  const history = typeof found === 'number' ? all.frames[found] : undefined
  const isInside = history?.kind === 'history' && isBelow(all.frames, frame.at, history.parent)
  return isInside ? 'this lies inside of what that history state remembers' : found
}

const readTags = (report: Report, frame: Frame, json: Json | undefined): readonly string[] =>
  listAt(json).flatMap(([tag, at]) => {
    if (typeof tag === 'string') return [tag]
    report.problems.push({
      code: 'wrong-type',
      path: itemPath(pathTo(frame.path, 'tags'), at),
      message: 'a tag is a text',
      fix: 'write a text in quotes',
    })
    return []
  })

/** Whether a part of a definition that nothing interprets has the right form. */
export const checkProse = (report: Report, source: JsonObject, path: string): void => {
  for (const key of ['description', 'version']) {
    const given = source[key]
    if (given === undefined || typeof given === 'string') continue
    report.problems.push({
      code: 'wrong-type',
      path: pathTo(path, key),
      message: 'this is no text',
      fix: 'write a text in quotes',
    })
  }
  const meta = source['meta']
  if (meta !== undefined && !isJsonObject(meta)) objectAt(report, meta, pathTo(path, 'meta'))
}
