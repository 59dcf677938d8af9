/**
 * A deterministic network of certifiers for tests of the round engine. One seed gives one run: who is offered which
 * child, what is lost, delayed, repeated and reordered, who crashes and comes back from what it stored. After `HEAL` the
 * network is good. Twins are two honest nodes with one key and a wall between them: all the adversary there is.
 */
import { isFault } from '../../src/base/fault.ts'
import { type Cast, castFrom, type OfferedCast } from '../../src/kernel/cast.ts'
import { evenQuorum, type Quorum } from '../../src/kernel/quorum.ts'
import {
  createRounds,
  ROUND_RULES,
  type RoundEffect,
  type RoundInput,
} from '../../src/kernel/round.ts'
import {
  beginRounds,
  type Decision,
  decisionOf,
  type RoundInstance,
  type RoundRules,
  roundState,
  type RoundState,
} from '../../src/kernel/round-state.ts'
import type { Role } from '../../src/kernel/role.ts'
import { type Statement, statementDigest } from '../../src/kernel/statement.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import { createStreams, type Stream } from '../../src/sim/random.ts'
import { anId, aTransition, engine, type Person, person, signerFrom } from './sample.ts'

export const PEOPLE: readonly Person[] = ['ada', 'ben', 'cyd', 'dan'].map(person)

export type Plan = {
  readonly seed: number
  /** Signers that run twice. */
  readonly twins?: readonly number[]
  readonly threshold?: number
  readonly rules?: RoundRules
  /** Faults that this run is to have, instead of those that the seed chooses. */
  readonly knobs?: (stream: Stream) => Partial<Knobs>
  /** What a node is after a crash; the state it stored, unless a test plants a bug. */
  readonly restored?: (stored: RoundState) => RoundState
}

export type Run = {
  /** By node: what it took to be final, in the order of nodes. */
  readonly decisions: readonly (Decision | undefined)[]
  /** Everything that every signer has signed, by anybody who holds its key. */
  readonly signed: readonly (readonly Cast[])[]
  readonly casts: readonly Cast[]
  readonly events: number
  /** Highest round that a node was in. */
  readonly rounds: number
  readonly decidedAt: number
}

const HEAL = 3000
const END = 20_000
const PATIENCE = 100n
const RESEND = 150
const DELAYS: Readonly<Record<Link, number>> = { sure: 0.1, good: 1, slow: 8, dead: 1 }
const SUITE = 'classic'

export const CHILDREN: readonly Transition[] = ['first', 'second', 'third'].map((name) =>
  aTransition({ interaction: anId(name) }),
)
const { machine, parent, sequence } = aTransition()

export const quorumOf = (threshold: number): Quorum =>
  evenQuorum(PEOPLE.map(signerFrom), { threshold, faulty: 1 })

export const instanceFor = (quorum: Quorum, seat: number): RoundInstance => ({
  suite: SUITE,
  machine,
  parent,
  sequence,
  quorum,
  seat,
  patience: PATIENCE,
  notBefore: undefined,
})

type Event = { readonly at: number; readonly order: number; readonly run: () => void }

type Node = {
  readonly signer: number
  /** Nodes on different sides of the wall hear nothing of each other before it is healed. */
  readonly side: number
  readonly role: Role<RoundState, RoundInput, RoundEffect>
  state: RoundState
  isUp: boolean
  sent: string
  wakes: Set<bigint>
}

/** Runs one seed to its end. */
export const runNet = (plan: Plan): Run => {
  const quorum = quorumOf(plan.threshold ?? 3)
  const streams = createStreams(plan.seed)
  const net = streams('net')
  const knobs = { ...knobsFrom(streams('plan')), ...plan.knobs?.(streams('knobs')) }
  const queue: Event[] = []
  const signed: Cast[][] = PEOPLE.map(() => [])
  let now = 0
  let order = 0
  let events = 0
  let decidedAt = 0

  const schedule = (delay: number, run: () => void): void => {
    const event = { at: now + delay, order: order++, run }
    let low = 0
    let high = queue.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = queue[middle]
      if (other && (other.at > event.at || (other.at === event.at && other.order > event.order))) {
        low = middle + 1
      } else high = middle
    }
    queue.splice(low, 0, event)
  }

  const seats = [...PEOPLE.keys(), ...(plan.twins ?? [])]
  const nodes = seats.map((signer, at): Node => ({
    signer,
    side: at < PEOPLE.length ? sideOf(plan, signer, knobs) : 1 - sideOf(plan, signer, knobs),
    role: createRounds(instanceFor(quorum, signer), plan.rules ?? ROUND_RULES),
    state: beginRounds(),
    isUp: true,
    sent: '',
    wakes: new Set(),
  }))

  const feed = (node: Node, input: RoundInput): void => {
    if (!node.isUp) return
    const env = { now: BigInt(now), random: new Uint8Array(32) }
    node.state = node.role.step(node.state, input, env)
    perform(node)
  }

  const perform = (node: Node): void => {
    for (const effect of node.role.outstanding(node.state)) {
      if (!node.isUp) return
      switch (effect.is) {
        case 'sign':
          signLater(node, effect.statement)
          break
        case 'send':
          sendIfNew(node, effect.casts)
          break
        case 'check':
          schedule(net.below(20), () =>
            feed(node, { is: 'judged', transition: effect.transition, isValid: true }),
          )
          break
        case 'wake':
          if (!node.wakes.has(effect.at)) {
            node.wakes.add(effect.at)
            schedule(Number(effect.at) - now, () => feed(node, { is: 'tick' }))
          }
          break
      }
    }
  }

  const signLater = (node: Node, statement: Statement): void => {
    // A crash between the vow and the signature leaves the vow, and the signature is asked for again.
    if (now < HEAL && net.chance(knobs.crash)) return crash(node)
    const person = PEOPLE[node.signer]
    if (!person) return
    const signature = engine.sign('ed25519', person.keys.secret, statementDigest(SUITE, statement))
    const cast = castFrom(
      instanceFor(quorum, node.signer),
      quorum,
      { signer: node.signer, statement, signature },
      engine,
    )
    if (isFault(cast)) throw cast
    signed[node.signer]?.push(cast)
    schedule(0, () => feed(node, { is: 'signed', statement, signature }))
  }

  const crash = (node: Node): void => {
    if (!node.isUp) return
    const codec = roundState(SUITE)
    const stored = codec.decode(codec.encode(node.state))
    node.isUp = false
    schedule(net.below(400), () => {
      node.isUp = true
      node.state = (plan.restored ?? ((same) => same))(stored)
      node.sent = ''
      node.wakes = new Set()
      feed(node, { is: 'tick' })
    })
  }

  const sendIfNew = (node: Node, casts: readonly OfferedCast[]): void => {
    const mark = `${casts.length} ${node.state.round} ${casts.map((one) => one.signer).join('')}`
    if (mark !== node.sent) send(node, casts)
    node.sent = mark
  }

  const send = (node: Node, casts: readonly OfferedCast[]): void => {
    for (const other of nodes) {
      if (other === node || other.signer === node.signer) continue
      const isBad = now < HEAL
      if (isBad && knobs.hasWall && other.side !== node.side) continue
      const link = knobs.links[nodes.indexOf(node) * 8 + nodes.indexOf(other)] ?? 'good'
      if (isBad && (link === 'dead' || (link !== 'sure' && net.chance(knobs.loss)))) continue
      const copies = isBad && net.chance(knobs.repeat) ? 2 : 1
      for (let copy = 0; copy < copies; copy++) {
        const delay = 1 + net.below(isBad ? knobs.delay * DELAYS[link] : 20)
        schedule(delay, () => feed(other, { is: 'casts', casts: checked(quorum, casts) }))
      }
    }
  }

  const resend = (node: Node): void => {
    node.sent = ''
    if (node.isUp) perform(node)
    if (now < END) schedule(RESEND, () => resend(node))
  }

  for (const node of nodes) {
    for (const child of CHILDREN) {
      if (!net.chance(knobs.wishes)) continue
      schedule(net.below(300), () => feed(node, { is: 'judged', transition: child, isValid: true }))
    }
    schedule(net.below(RESEND), () => resend(node))
    if (net.chance(knobs.crash)) schedule(net.below(HEAL), () => crash(node))
  }
  // Somebody wants something in every run, or there is nothing to decide.
  const [someone] = nodes
  const [child] = CHILDREN
  if (someone && child) {
    schedule(0, () => feed(someone, { is: 'judged', transition: child, isValid: true }))
  }

  while (queue.length > 0 && now < END) {
    const event = queue.pop()
    if (!event) break
    now = event.at
    events += 1
    event.run()
    if (nodes.every((node) => decisionOf(quorum, node.state))) {
      decidedAt = now
      break
    }
  }
  return {
    decisions: nodes.map((node) => decisionOf(quorum, node.state)),
    signed,
    casts: nodes.flatMap((node) => node.state.casts),
    events,
    rounds: Math.max(...nodes.map((node) => node.state.round)),
    decidedAt,
  }
}

export type Knobs = {
  readonly loss: number
  readonly repeat: number
  readonly delay: number
  readonly crash: number
  readonly wishes: number
  readonly hasWall: boolean
  readonly sides: readonly number[]
  /** By sender and receiver, each direction apart: whom one hears is not who hears one. */
  readonly links: readonly Link[]
}

export type Link = 'sure' | 'good' | 'slow' | 'dead'

/** Each seed turns whole classes of faults on or off, so that rare mixtures come up. */
const knobsFrom = (plan: Stream): Knobs => ({
  loss: plan.pick([0, 10, 30, 60]) ?? 0,
  repeat: plan.pick([0, 30]) ?? 0,
  delay: plan.pick([20, 60, 200]) ?? 20,
  crash: plan.pick([0, 5, 20]) ?? 0,
  wishes: plan.pick([30, 100]) ?? 30,
  hasWall: plan.chance(50),
  sides: PEOPLE.map(() => plan.below(2)),
  links: linksFrom(plan),
})

/** Good links, or some that are slow or dead in one direction, or one node that is heard by nobody. */
const linksFrom = (plan: Stream): Knobs['links'] => {
  const kind = plan.below(3)
  if (kind === 0) return []
  if (kind === 1) return silence(plan.below(PEOPLE.length))
  return Array.from(
    { length: 64 },
    () => plan.pick<Link>(['good', 'good', 'slow', 'dead']) ?? 'good',
  )
}

/** One node hears everybody and is heard by nobody: the way to a lock that the others know nothing of. */
export const silence = (node: number): readonly Link[] =>
  Array.from({ length: 64 }, (_, link) => {
    if (link >> 3 === node) return 'dead'
    return link % 8 === node ? 'sure' : 'good'
  })

const sideOf = (plan: Plan, signer: number, knobs: Knobs): number =>
  (plan.twins ?? []).includes(signer) ? 0 : (knobs.sides[signer] ?? 0)

/** Checking a signature once is enough, as nobody changes a cast on the way. */
const checkedBefore = new WeakMap<OfferedCast, Cast>()

const checked = (quorum: Quorum, casts: readonly OfferedCast[]): readonly Cast[] =>
  casts.map((offered) => {
    const known = checkedBefore.get(offered)
    if (known) return known
    const cast = castFrom(instanceFor(quorum, 0), quorum, offered, engine)
    if (isFault(cast)) throw cast
    checkedBefore.set(offered, cast)
    checkedBefore.set(cast, cast)
    return cast
  })
