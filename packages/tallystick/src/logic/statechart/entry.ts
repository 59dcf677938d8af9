/**
 * What an arrow leaves and what it enters, as XState 5.33 computes it.
 *
 * The domain of an arrow is the state whose active descendants it leaves: its source if it stays inside and does not
 * reenter, else the closest state above the source and all targets. What is entered is found from the targets down
 * (initial states, all regions, what history remembers) and up to the domain. Only history makes it depend on the
 * past; for all other arrows this is computed once, when the definition is read.
 */
import { type Arrow, type Frame, isBelow, type Plan } from './chart.ts'

/** What history states remember: lists of states by the number of the history state. */
export type Memory = ReadonlyMap<number, readonly number[]>

export type Route = Pick<Arrow, 'source' | 'targets' | 'isReentering'>

/** Nothing is remembered. */
export const NO_MEMORY: Memory = new Map()

export const planOf = (frames: readonly Frame[], route: Route, memory: Memory): Plan => ({
  domain: domainOf(frames, route, memory),
  entry: entryOf(frames, [route], memory),
})

/** The states that a machine stands in at its beginning, in document order. */
export const openingOf = (frames: readonly Frame[]): readonly number[] => {
  const entering = createEntering(frames, NO_MEMORY)
  add(entering, 0)
  addBelow(entering, 0)
  return sorted(entering)
}

/** What several arrows, taken at once, enter, in document order. */
export const entryOf = (
  frames: readonly Frame[],
  routes: readonly Route[],
  memory: Memory,
): readonly number[] => {
  const entering = createEntering(frames, memory)
  for (const route of routes) addRoute(entering, route)
  return sorted(entering)
}

/** −1 where the root itself is left. */
export const domainOf = (frames: readonly Frame[], route: Route, memory: Memory): number => {
  const { source, isReentering } = route
  const targets = effectiveTargets(frames, route.targets, memory)
  const isInside = targets.every((target) => target === source || isBelow(frames, target, source))
  if (!isReentering && isInside) return source
  const [head, ...tail] = [...targets, source]
  let above = frames[head ?? source]?.parent ?? -1
  while (above >= 0 && !tail.every((one) => isBelow(frames, one, above)))
    above = frames[above]?.parent ?? -1
  if (above >= 0) return above
  return isReentering ? -1 : 0
}

const effectiveTargets = (
  frames: readonly Frame[],
  targets: readonly number[],
  memory: Memory,
): readonly number[] => [
  ...new Set(
    targets.flatMap((target) => {
      const frame = frames[target]
      return frame?.kind === 'history' ? (memory.get(target) ?? frame.defaults) : [target]
    }),
  ),
]

type Entering = {
  readonly frames: readonly Frame[]
  readonly memory: Memory
  readonly states: Set<number>
  /** States below which something is entered. */
  readonly above: Set<number>
}

const createEntering = (frames: readonly Frame[], memory: Memory): Entering => ({
  frames,
  memory,
  states: new Set(),
  above: new Set(),
})

const sorted = ({ states }: Entering): readonly number[] => [...states].sort((a, b) => a - b)

const add = ({ frames, states, above }: Entering, at: number): void => {
  if (states.has(at)) return
  states.add(at)
  let up = frames[at]?.parent ?? -1
  while (up >= 0 && !above.has(up)) {
    above.add(up)
    up = frames[up]?.parent ?? -1
  }
}

const addRoute = (entering: Entering, route: Route): void => {
  const { frames, memory } = entering
  const { source, targets, isReentering } = route
  const domain = domainOf(frames, route, memory)
  for (const target of targets) {
    const isEntered = source !== target || source !== domain || isReentering
    if (frames[target]?.kind !== 'history' && isEntered) add(entering, target)
    addBelow(entering, target)
  }
  const isFromRoot = source === 0 && isReentering
  for (const target of effectiveTargets(frames, targets, memory)) {
    const ancestors = ancestorsOf(frames, target, domain)
    if (frames[domain]?.kind === 'parallel') ancestors.push(domain)
    addAbove(entering, ancestors, isFromRoot ? -1 : domain)
  }
}

const ancestorsOf = (frames: readonly Frame[], at: number, until: number): number[] => {
  const ancestors: number[] = []
  if (at === until) return ancestors
  let up = frames[at]?.parent ?? -1
  while (up >= 0 && up !== until) {
    ancestors.push(up)
    up = frames[up]?.parent ?? -1
  }
  return ancestors
}

// The depth of the recursion is that of the states, which is bounded when they are read.
const addBelow = (entering: Entering, at: number): void => {
  const frame = entering.frames[at]
  if (frame === undefined) return
  switch (frame.kind) {
    case 'history':
      addRemembered(entering, frame)
      return
    case 'compound':
      add(entering, frame.initial)
      addBelow(entering, frame.initial)
      return
    case 'parallel':
      addRegions(entering, frame)
      return
    case 'atomic':
    case 'final':
      return
  }
}

const addRemembered = (entering: Entering, history: Frame): void => {
  const remembered = entering.memory.get(history.at) ?? history.defaults
  for (const at of remembered) {
    add(entering, at)
    addBelow(entering, at)
  }
  for (const at of remembered)
    addAbove(entering, ancestorsOf(entering.frames, at, history.parent), -1)
}

/** Regions of which nothing is entered yet. */
const addRegions = (entering: Entering, parallel: Frame): void => {
  for (const region of parallel.children) {
    if (entering.above.has(region)) continue
    add(entering, region)
    addBelow(entering, region)
  }
}

const addAbove = (entering: Entering, ancestors: readonly number[], domain: number): void => {
  const { frames } = entering
  for (const at of ancestors) {
    if (isBelow(frames, at, domain)) add(entering, at)
    const frame = frames[at]
    if (frame?.kind === 'parallel') addRegions(entering, frame)
  }
}
