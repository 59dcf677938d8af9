/** Random definitions within nsm-1, and random events for them. What is drawn depends on the seed alone. */
import type { StatechartEvent } from '../../../src/logic/statechart/snapshot.ts'
import { expr, ORIGIN, set } from './charts.ts'
import type { Json } from './oracle.ts'

export type Draw = {
  /** A whole number below `n`. */
  readonly below: (n: number) => number
  readonly isHit: (percent: number) => boolean
  readonly one: <Item>(items: readonly Item[]) => Item
}

export const createDraw = (seed: number): Draw => {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return (word ^ (word >>> 14)) >>> 0
  }
  const below = (n: number): number => next() % n
  return {
    below,
    isHit: (percent) => below(100) < percent,
    one: <Item>(items: readonly Item[]): Item => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to choose from')
      return item
    },
  }
}

type Spot = {
  readonly json: Json
  readonly path: readonly string[]
  readonly id: string
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  readonly parent: Spot | undefined
  readonly children: Spot[]
}

const EVENTS = ['A', 'B', 'C', 'D', 'E']
const RAISED = ['A', 'B', 'R', 'S', 'T']

export const generateDefinition = (draw: Draw): Json => {
  const spots: Spot[] = []
  const budget = { left: 3 + draw.below(14) }
  grow({ draw, spots, budget }, undefined, 'm')
  for (const spot of spots) decorate(draw, spots, spot)
  const [root] = spots
  if (!root) throw new Error('no root')
  root.json['id'] = 'm'
  root.json['context'] = { n: draw.below(5), m: draw.below(5), k: draw.below(3) }
  if (draw.isHit(50)) root.json['output'] = { won: draw.below(9) }
  return root.json
}

type Growth = {
  readonly draw: Draw
  readonly spots: Spot[]
  readonly budget: { left: number }
}

const grow = (growth: Growth, parent: Spot | undefined, key: string): Spot => {
  const { draw, spots, budget } = growth
  const path = parent ? [...parent.path, key] : []
  const depth = path.length
  const kind = kindOf(draw, parent, budget.left - depth)
  const json: Json = {}
  let id = ['m', ...path].join('.')
  if (parent && draw.isHit(15)) {
    id = `own${spots.length}`
    json['id'] = id
  }
  const spot: Spot = { json, path, id, kind, parent, children: [] }
  spots.push(spot)
  if (kind === 'final' || kind === 'history' || kind === 'parallel') json['type'] = kind
  if (kind !== 'compound' && kind !== 'parallel') return spot
  const states: Json = {}
  const count = kind === 'parallel' ? 1 + draw.below(3) : 1 + draw.below(4)
  for (let at = 0; at < count; at++) {
    budget.left -= 1
    const child = grow(growth, spot, 'abcdefgh'.charAt(at))
    spot.children.push(child)
    states[keyOf(child)] = child.json
  }
  if (spot.children.every((child) => child.kind === 'history' || child.kind === 'final')) {
    const below = [...path, 'z']
    const plain: Spot = {
      json: {},
      path: below,
      id: ['m', ...below].join('.'),
      kind: 'atomic',
      parent: spot,
      children: [],
    }
    spots.push(plain)
    spot.children.push(plain)
    states['z'] = plain.json
  }
  json['states'] = states
  const standing = spot.children.filter((child) => child.kind !== 'history')
  if (kind === 'compound') {
    const plain = standing.filter((child) => child.kind !== 'final')
    json['initial'] = keyOf(draw.one(draw.isHit(90) ? plain : standing))
  }
  return spot
}

const keyOf = (spot: Spot): string => spot.path.at(-1) ?? 'm'

const kindOf = (draw: Draw, parent: Spot | undefined, left: number): Spot['kind'] => {
  if (!parent) return draw.isHit(25) ? 'parallel' : 'compound'
  if (draw.isHit(12)) return 'final'
  if (left > -6 && draw.isHit(12)) return 'history'
  if (left <= 0) return 'atomic'
  return draw.one(['atomic', 'atomic', 'compound', 'compound', 'parallel'])
}

const isUnder = (spot: Spot, above: Spot): boolean => {
  for (let one = spot.parent; one; one = one.parent) if (one === above) return true
  return false
}

const decorate = (draw: Draw, spots: readonly Spot[], spot: Spot): void => {
  const { json, kind } = spot
  if (kind === 'history') {
    if (draw.isHit(70)) json['history'] = draw.one(['shallow', 'deep'])
    const inside = spots.filter(
      (one) => spot.parent && isUnder(one, spot.parent) && one.kind !== 'history',
    )
    const target = draw.one(inside)
    const { parent } = spot
    json['target'] = draw.isHit(70)
      ? target.path.slice(parent?.path.length ?? 0).join('.')
      : nameOf(target)
    return
  }
  json['entry'] = [mark(`in ${spot.id}`), ...actionsOf(draw, 25)]
  json['exit'] = [mark(`out ${spot.id}`), ...actionsOf(draw, 15)]
  if (kind === 'final') {
    if (draw.isHit(50)) json['output'] = draw.one<unknown>([draw.below(9), { v: draw.below(9) }])
    return
  }
  const on: Json = {}
  const listened = draw.below(spot.parent ? 5 : 3)
  for (let at = 0; at < listened; at++)
    on[draw.one(draw.isHit(70) ? EVENTS : RAISED)] = arrowsOf(draw, spots, spot)
  if (draw.isHit(8)) on['nsm.tick'] = arrowsOf(draw, spots, spot)
  if (Object.keys(on).length > 0) json['on'] = on
  if (draw.isHit(18)) json['always'] = [arrowOf(draw, spots, { spot, guarded: 92 })]
  if (draw.isHit(14))
    json['after'] = {
      [draw.one(['10', '50'])]: arrowsOf(draw, spots, spot),
      ...(draw.isHit(30) ? { 30: arrowOf(draw, spots, { spot, guarded: 50 }) } : {}),
    }
  const mayEnd = spot.kind === 'parallel' || spot.children.some((child) => child.kind === 'final')
  if (mayEnd && draw.isHit(70)) json['onDone'] = arrowsOf(draw, spots, spot)
}

const mark = (kind: string): object => ({
  type: 'effect',
  params: { kind, args: { n: 'context.n' } },
})

const arrowsOf = (draw: Draw, spots: readonly Spot[], spot: Spot): unknown => {
  const count = draw.isHit(25) ? 2 + draw.below(2) : 1
  const arrows = Array.from({ length: count }, () => arrowOf(draw, spots, { spot, guarded: 45 }))
  return count === 1 && draw.isHit(50) ? arrows[0] : arrows
}

const arrowOf = (
  draw: Draw,
  spots: readonly Spot[],
  { spot, guarded }: { readonly spot: Spot; readonly guarded: number },
): unknown => {
  if (draw.isHit(3)) return {}
  const arrow: Json = {}
  if (draw.isHit(guarded)) arrow['guard'] = expr(guardOf(draw))
  if (draw.isHit(80)) arrow['target'] = targetOf(draw, spots, spot)
  if (draw.isHit(20)) arrow['reenter'] = draw.isHit(80)
  const actions = actionsOf(draw, 45)
  if (actions.length > 0) arrow['actions'] = actions
  if (Object.keys(arrow).length === 1 && typeof arrow['target'] === 'string' && draw.isHit(30))
    return arrow['target']
  return arrow
}

const GUARDS = [
  'context.n % 2 == 0',
  'context.n % 3 != 1',
  'context.m < 4',
  'context.n > context.m',
  'event.type == "A" || event.type == "R"',
  'has(event.data.v) && event.data.v > 2',
  'event.sender == "alice"',
  'event.now >= 40',
  'context.k == 1',
  'context.n + context.m + context.k < 9',
]

const guardOf = (draw: Draw): string =>
  draw.isHit(3)
    ? draw.one(['context.missing', '1 / context.k == 1', 'context.n'])
    : draw.one(GUARDS)

const nameOf = (spot: Spot): string => (spot.path.length === 0 ? '#m' : `#${idPath(spot)}`)

/** By the own id of the spot or of a state above it. */
const idPath = (spot: Spot): string => {
  const own = spot.json['id']
  if (typeof own === 'string') return own
  return spot.parent ? `${idPath(spot.parent)}.${spot.path.at(-1) ?? ''}` : 'm'
}

/** No transition leads to a history state from inside of what it remembers. */
const isReachable = (source: Spot, target: Spot): boolean =>
  target.kind !== 'history' || target.parent === undefined || !isUnder(source, target.parent)

const targetOf = (draw: Draw, all: readonly Spot[], spot: Spot): unknown => {
  const spots = all.filter((one) => isReachable(spot, one))
  const parallel = spots.filter((one) => one.kind === 'parallel' && one.children.length > 1)
  if (parallel.length > 0 && draw.isHit(12)) {
    const above = draw.one(parallel)
    const regions = above.children.filter((one) => one.kind !== 'history')
    const targets = regions
      .filter(() => draw.isHit(70))
      .map((region) => draw.one(spots.filter((one) => one === region || isUnder(one, region))))
    if (targets.length > 0) return targets.map(nameOf)
  }
  const siblings = (spot.parent?.children ?? []).filter((one) => isReachable(spot, one))
  if (siblings.length > 0 && draw.isHit(35)) return draw.one(siblings).path.at(-1)
  if (spot.children.length > 0 && draw.isHit(40))
    return `.${draw.one(spot.children).path.at(-1) ?? ''}`
  return nameOf(draw.one(spots))
}

const actionsOf = (draw: Draw, percent: number): object[] => {
  const actions: object[] = []
  while (actions.length < 3 && draw.isHit(percent)) actions.push(actionOf(draw))
  return actions
}

const SETS = [
  { n: 'context.n + 1' },
  { n: '(context.n * 2 + 1) % 11' },
  { m: 'context.m + 1' },
  { n: 'context.m', m: 'context.n' },
  { k: '(context.k + 1) % 3' },
  { m: '0' },
  { n: 'event.type == "A" ? 0 : context.n + 2' },
  { seen: 'event.data' },
]

const actionOf = (draw: Draw): object => {
  const choice = draw.below(100)
  if (choice < 50) return set(draw.one(SETS) as Record<string, string>)
  if (choice < 52) return set({ n: draw.one(['context.missing + 1', '1 / context.k']) })
  if (choice < 75)
    return {
      type: 'raise',
      params: { event: draw.one(RAISED), ...(draw.isHit(50) ? { data: { v: 'context.n' } } : {}) },
    }
  return { type: 'effect', params: { kind: 'tell', args: { type: 'event.type', n: 'context.n' } } }
}

/** Mostly events that the definition listens to. */
export const generateEvents = (
  draw: Draw,
  definition: Json,
  count: number,
): readonly StatechartEvent[] => {
  let now = 0
  const text = JSON.stringify(definition)
  const heard = [...EVENTS, ...RAISED].filter((type) => text.includes(`"${type}":`))
  const known = heard.length > 0 ? heard : EVENTS
  return Array.from({ length: count }, (_, at) => {
    now += draw.below(30)
    const type = draw.isHit(18) ? 'nsm.tick' : draw.isHit(4) ? 'X' : draw.one(known)
    return {
      ...ORIGIN,
      type,
      sender: draw.one(['alice', 'bob']),
      id: `e${at}`,
      at: now,
      now,
      height: at + 1,
      data: draw.isHit(60) ? { v: draw.below(6) } : {},
    }
  })
}
