/** Running a plan: the loop that pops an event, steps a role, saves, performs effects and asks the checkers. */
import { createNetwork, type Network } from './network.ts'
import type { Plan, PlanEvent } from './plan.ts'
import { createQueue, type Queue } from './queue.ts'
import { createStreams, type Streams } from './random.ts'
import type {
  Actor,
  Checker,
  Delivery,
  NodeView,
  Run,
  RunOptions,
  Scenario,
  World,
} from './world.ts'

type Node<State, Input, Effect> = {
  readonly actor: Actor<State, Input, Effect>
  state: State
  /** Saved states, oldest first; as many as a restore may reach back. */
  saves: State[]
  honest: boolean
  /** Down until its successor process has taken its first inputs. */
  up: boolean
  /** Its store was put back, and its role has not saved that it knows. */
  isBehind: boolean
  restores: number
  /** Ticks of downtime after the next save tears; 0 when no tear is due. */
  tearDue: number
  /** Counts processes: what a dead process was waiting for never reaches its successor. */
  life: number
  /** Effects this process has performed. */
  performed: Set<string>
}

type Mail<Input> = { readonly input: Input; readonly label: string }

type Happening<Input> =
  | ({
      readonly is: 'input'
      readonly node: number
      readonly life: number | undefined
    } & Mail<Input>)
  | { readonly is: 'wake'; readonly node: number; readonly life: number }
  | { readonly is: 'plan'; readonly event: PlanEvent }
  | { readonly is: 'nudge' }

const SAVES_MAX = 16
const NUDGE_EVERY = 50
/** So many nudges in a row that lead to nothing end the liveness phase: all that is to come has come. */
const QUIET_NUDGES = 3
const LOG_MAX = 60

/** Runs a plan to its end or to the first violation. */
export const runPlan = <State, Input, Effect>(
  plan: Plan,
  scenario: Scenario<State, Input, Effect>,
  options: RunOptions = {},
): Run => {
  const running = start(plan, scenario, options)
  for (const event of plan.events) running.queue.push(event.at, { is: 'plan', event })
  if (scenario.nudge !== undefined) running.queue.push(NUDGE_EVERY, { is: 'nudge' })
  const endAt = plan.ticks + scenario.settleTicks
  for (let next = running.queue.pop(); next && next.at <= endAt; next = running.queue.pop()) {
    running.now = next.at
    running.events += 1
    handle(running, next.item)
    scenario.watch(worldOf(running))
    look(running, scenario.checkers)
    if (running.violation || running.quiet > QUIET_NUDGES) break
  }
  if (!running.violation) look(running, scenario.settled)
  const { violation, events, now, fingerprint, log } = running
  return { violation, events, ticks: now, fingerprint, seen: [...scenario.seen].sort(), log }
}

type Running<State, Input, Effect> = {
  readonly plan: Plan
  readonly scenario: Scenario<State, Input, Effect>
  readonly options: RunOptions
  readonly nodes: readonly Node<State, Input, Effect>[]
  readonly queue: Queue<Happening<Input>>
  readonly streams: Streams
  readonly network: Network<Mail<Input>>
  readonly log: string[]
  violation: Run['violation']
  now: number
  events: number
  /** Nudges since anything was under way. */
  quiet: number
  fingerprint: number
}

const start = <State, Input, Effect>(
  plan: Plan,
  scenario: Scenario<State, Input, Effect>,
  options: RunOptions,
): Running<State, Input, Effect> => {
  const streams = createStreams(plan.seed)
  return {
    plan,
    scenario,
    options,
    nodes: scenario.actors.map((actor) => createNode(actor)),
    queue: createQueue<Happening<Input>>(),
    streams,
    network: createNetwork<Mail<Input>>(plan, streams),
    log: [],
    violation: undefined,
    now: 0,
    events: 0,
    quiet: 0,
    fingerprint: 0,
  }
}

const createNode = <State, Input, Effect>(
  actor: Actor<State, Input, Effect>,
): Node<State, Input, Effect> => {
  const state = actor.start()
  return {
    actor,
    state,
    saves: [state],
    honest: actor.honest,
    up: true,
    isBehind: false,
    restores: 0,
    tearDue: 0,
    life: 0,
    performed: new Set(),
  }
}

const worldOf = <State, Input, Effect>(running: Running<State, Input, Effect>): World<State> => ({
  now: running.now,
  nodes: running.nodes.map((node): NodeView<State> => ({
    name: node.actor.name,
    honest: node.honest,
    state: node.state,
    up: node.up,
    restores: node.restores,
  })),
  stream: running.streams,
})

const note = <State, Input, Effect>(running: Running<State, Input, Effect>, says: string): void => {
  const line = `${running.now} ${says}`
  for (let at = 0; at < line.length; at++) {
    running.fingerprint = Math.imul(running.fingerprint ^ line.charCodeAt(at), 0x0100_0193) >>> 0
  }
  running.log.push(line)
  if (running.log.length > LOG_MAX) running.log.shift()
}

const look = <State, Input, Effect>(
  running: Running<State, Input, Effect>,
  checkers: readonly Checker<State>[],
): void => {
  const world = worldOf(running)
  const { only } = running.options
  for (const checker of checkers) {
    if (only && !only.includes(checker.name)) continue
    const says = checker.check(world)
    if (says === undefined) continue
    running.violation = { checker: checker.name, says, at: running.now }
    return
  }
}

const handle = <State, Input, Effect>(
  running: Running<State, Input, Effect>,
  happening: Happening<Input>,
): void => {
  switch (happening.is) {
    case 'plan':
      return happen(running, happening.event)
    case 'nudge':
      return nudge(running)
    case 'wake':
      return wake(running, happening)
    case 'input': {
      const node = running.nodes[happening.node]
      if (!node?.up) return
      if (happening.life !== undefined && happening.life !== node.life) return
      return feed(running, happening.node, happening)
    }
  }
}

const nudge = <State, Input, Effect>(running: Running<State, Input, Effect>): void => {
  const { nudge: input } = running.scenario
  if (input === undefined) return
  running.quiet = running.now > running.plan.ticks ? running.quiet + 1 : 0
  for (const at of running.nodes.keys()) {
    const mail = { input, label: 'nudge' }
    running.queue.push(running.now, { is: 'input', node: at, life: undefined, ...mail })
  }
  running.queue.push(running.now + NUDGE_EVERY, { is: 'nudge' })
}

/** Feeds one input, saves, and performs what is outstanding. A crash may fall between any two of these. */
const feed = <State, Input, Effect>(
  running: Running<State, Input, Effect>,
  at: number,
  { input, label }: Mail<Input>,
): void => {
  const node = running.nodes[at]
  if (!node) return
  const chances = running.streams(`crash/${at}`)
  const calm = running.now > running.plan.ticks
  const crashes = !calm && chances.chance(running.plan.knobs.crashPercent)
  const beforeSave = crashes && chances.chance(50)
  const random = running.streams(`random/${at}`).bytes()
  const next = node.actor.step(node.state, input, running.now, random)
  note(running, `${node.actor.name} takes ${label}`)
  // The planted bug: whatever follows from the new state is out before the state is kept.
  if (running.options.store === 'effects-first')
    performAll(running, at, { of: next, mayCrash: false })
  if (node.tearDue > 0) {
    const down = node.tearDue
    node.tearDue = 0
    return crash(running, at, down)
  }
  if (beforeSave) return crash(running, at, 1 + chances.below(30))
  save(node, next)
  const isDone = performAll(running, at, { of: node.state, mayCrash: crashes })
  if (isDone && crashes) crash(running, at, 1 + chances.below(30))
}

/** Performs what a state wants and this process has not done yet. False if a crash fell in between. */
const performAll = <State, Input, Effect>(
  running: Running<State, Input, Effect>,
  at: number,
  what: { readonly of: State; readonly mayCrash: boolean },
): boolean => {
  const node = running.nodes[at]
  if (!node) return false
  const outstanding = node.actor.outstanding(what.of)
  // What is no longer wanted may be wanted again later, and is then to be performed again.
  const wanted = new Set(outstanding.map(([id]) => id))
  for (const id of node.performed) if (!wanted.has(id)) node.performed.delete(id)
  const chances = running.streams(`crash/${at}`)
  for (const [id, effect] of outstanding) {
    if (node.performed.has(id)) continue
    if (what.mayCrash && chances.chance(50)) {
      crash(running, at, 1 + chances.below(30))
      return false
    }
    node.performed.add(id)
    perform(running, at, effect)
  }
  return true
}

const save = <State, Input, Effect>(node: Node<State, Input, Effect>, state: State): void => {
  node.state = state
  node.actor.guard(state)
  node.saves.push(state)
  if (node.saves.length > SAVES_MAX) node.saves.shift()
}

const perform = <State, Input, Effect>(
  running: Running<State, Input, Effect>,
  at: number,
  effect: Effect,
): void => {
  running.quiet = 0
  for (const delivery of running.scenario.perform(worldOf(running), at, effect)) {
    if (delivery.by === 'network') {
      post(running, at, delivery)
      continue
    }
    const { input, label = nameOf(input) } = delivery
    const life = running.nodes[at]?.life
    const tick = running.now + 1 + running.streams(`local/${at}`).below(3)
    running.queue.push(tick, { is: 'input', node: delivery.to, input, label, life })
  }
}

const post = <State, Input, Effect>(
  running: Running<State, Input, Effect>,
  from: number,
  { to, input, label = nameOf(input) }: Delivery<Input>,
): void => {
  running.network.keep(to, { input, label })
  for (const { at, mangled } of running.network.send(from, to, running.now)) {
    const mail = mangled
      ? {
          input: running.scenario.mangle(input, running.streams(`mangle/${from}>${to}`)),
          label: `mangled ${label}`,
        }
      : { input, label }
    running.queue.push(at, { is: 'input', node: to, life: undefined, ...mail })
  }
}

const crash = <State, Input, Effect>(
  running: Running<State, Input, Effect>,
  at: number,
  down: number,
): void => {
  const node = running.nodes[at]
  if (!node) return
  if (running.options.store === 'lying-sync' && node.saves.length > 1) node.saves.pop()
  const saved = node.saves.at(-1)
  if (saved !== undefined) node.state = saved
  node.up = false
  node.life += 1
  node.performed = new Set()
  note(running, `${node.actor.name} stops for ${down}${node.isBehind ? ', restored' : ''}`)
  running.queue.push(running.now + down, { is: 'wake', node: at, life: node.life })
}

const wake = <State, Input, Effect>(
  running: Running<State, Input, Effect>,
  of: { readonly node: number; readonly life: number },
): void => {
  const node = running.nodes[of.node]
  if (!node || node.life !== of.life) return
  node.up = true
  running.quiet = 0
  for (const input of node.actor.wake(node.isBehind ? 'restored' : 'restarted')) {
    feed(running, of.node, { input, label: nameOf(input) })
    if (node.life !== of.life) return
  }
  node.isBehind = false
}

const happen = <State, Input, Effect>(
  running: Running<State, Input, Effect>,
  event: PlanEvent,
): void => {
  if (event.is === 'cut') return running.network.cut(event)
  const node = running.nodes[event.node]
  if (!node?.up) return
  switch (event.is) {
    case 'wish': {
      const input = running.scenario.wish(worldOf(running), event.node, event.choice)
      if (input !== undefined) feed(running, event.node, { input, label: nameOf(input) })
      return
    }
    case 'echo': {
      const mail = running.network.recall(event.node, event.choice)
      if (mail) feed(running, event.node, { ...mail, label: `old ${mail.label}` })
      return
    }
    case 'crash':
      return crash(running, event.node, event.down)
    case 'torn':
      node.tearDue = event.down
      return
    case 'restore':
      node.restores += 1
      node.saves = node.saves.slice(0, Math.max(1, node.saves.length - event.back))
      // Whoever runs on an old state without knowing it may sign twice: its promises end here, others' do not.
      if (event.noticed) node.isBehind = true
      else node.honest = false
      return crash(running, event.node, 1)
  }
}

const nameOf = (input: unknown): string => {
  if (typeof input !== 'object' || input === null) return String(input)
  return 'is' in input && typeof input.is === 'string' ? input.is : 'input'
}
