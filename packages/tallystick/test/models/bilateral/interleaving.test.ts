/**
 * Two honest parties under a carrier that loses, repeats and reorders, with processes that crash and stores that
 * are put back: whatever happens, nobody signs against its word, and once all is well the two agree.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conflictBetween } from '../../../src/kernel/evidence.ts'
import type { Statement } from '../../../src/kernel/statement.ts'
import { message, type Message } from '../../../src/models/bilateral/message.ts'
import {
  isSameMemory,
  lastVowOf,
  type LastVow,
  type PartyState,
} from '../../../src/models/bilateral/state.ts'
import { adding, engine } from '../../kernel/sample.ts'
import { createPair, env, type Pair, relationship, type Side, wishOf } from './pair.ts'

/** A side with a store behind it: every state whose effects may have been performed, and the guard. */
type Node = Side & {
  readonly saves: PartyState[]
  readonly signed: Statement[]
  guard: LastVow | undefined
  random: number
}

const nodeFrom = (side: Side): Node => ({
  ...side,
  saves: [side.state],
  signed: [],
  guard: undefined,
  random: 0,
})

/** Feeds, stores, and performs all that is new. A signature is fed back like any other input. */
const take = (node: Node, input: Parameters<Side['party']['step']>[1], crash = 0): void => {
  node.random += 1
  const random = new Uint8Array(32).fill(node.random)
  node.state = node.party.step(node.state, input, { ...env, random })
  node.saves.push(node.state)
  node.guard = laterOf(node.guard, lastVowOf(node.state))
  let left = crash
  for (;;) {
    const effect = node.party
      .outstanding(node.state)
      .find((one) => !node.performed.has(one.id) && one.is !== 'ask')
    if (!effect) return
    // A crash between storing and performing, or between two effects.
    if (left === 1) return restart(node)
    left -= 1
    node.performed.add(effect.id)
    if (effect.is === 'send') node.outbox.push(effect.message)
    if (effect.is !== 'sign') continue
    if (effect.what.is === 'statement') node.signed.push(effect.what.statement)
    const signature = engine.sign('ed25519', node.person.keys.secret, effect.digest)
    return take(node, { is: 'signed', digest: effect.digest, key: effect.key, signature }, left)
  }
}

const laterOf = (a: LastVow | undefined, b: LastVow | undefined): LastVow | undefined => {
  if (!a || !b) return a ?? b
  if (a.sequence !== b.sequence) return a.sequence > b.sequence ? a : b
  return a.vow.round > b.vow.round ? a : b
}

const restart = (node: Node): void => {
  node.performed.clear()
}

const restore = (node: Node, other: Node, back: number): void => {
  if (other.state.quarantine) return
  const at = Math.max(0, node.saves.length - 1 - back)
  node.state = node.saves[at] ?? node.state
  node.saves.length = at + 1
  restart(node)
  take(node, { is: 'restored', last: node.guard })
}

type Happening = {
  readonly who: 0 | 1
  readonly is:
    | 'wish'
    | 'hear'
    | 'repeat'
    | 'lose'
    | 'yes'
    | 'no'
    | 'withdraw'
    | 'resend'
    | 'crash'
    | 'restore'
  readonly pick: number
}

const happening: fc.Arbitrary<Happening> = fc.record({
  who: fc.constantFrom(0 as const, 1 as const),
  is: fc.oneof(
    { weight: 12, arbitrary: fc.constant('hear' as const) },
    { weight: 4, arbitrary: fc.constantFrom('wish' as const, 'yes' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'repeat' as const,
        'lose' as const,
        'no' as const,
        'withdraw' as const,
        'resend' as const,
        'crash' as const,
      ),
    },
    { weight: 1, arbitrary: fc.constant('restore' as const) },
  ),
  pick: fc.nat(1000),
})

const happen = (nodes: readonly [Node, Node], one: Happening): void => {
  const node = nodes[one.who]
  const other = nodes[(1 - one.who) as 0 | 1]
  const at = one.pick % Math.max(1, other.outbox.length)
  const waiting = other.outbox[at]
  const crash = one.pick % 7
  switch (one.is) {
    case 'wish':
      return take(node, wishOf(1n, [adding(node.state.machine, BigInt(one.pick % 3))]), crash)
    case 'hear':
    case 'repeat':
    case 'lose':
      if (waiting && one.is !== 'repeat') other.outbox.splice(at, 1)
      if (waiting && one.is !== 'lose') hear(node, waiting, crash)
      return
    case 'yes':
    case 'no':
      return decide(node, one.is === 'yes', crash)
    case 'withdraw':
    case 'resend':
      return take(node, { is: one.is }, crash)
    case 'crash':
      return restart(node)
    case 'restore':
      return restore(node, other, 1 + (one.pick % 9))
  }
}

const hear = (node: Node, heard: Message, crash: number): void => {
  const input = { is: 'message', bytes: message.encode(heard) } as const
  const before = node.state
  take(node, input, crash)
  const once = node.party.step(before, input, env)
  const twice = node.party.step(once, input, env)
  expect(isSameMemory(once, twice), `${heard.body.is} heard twice`).toBe(true)
}

const decide = (node: Node, yes: boolean, crash: number): void => {
  const { pending } = node.state
  if (pending?.stage === 'asking') {
    take(node, { is: 'decide', interaction: pending.draft.id, yes }, crash)
  }
}

/** Everything gets through, and both agree to what they are asked. */
const heal = (nodes: readonly [Node, Node]): void => {
  for (let turn = 0; turn < 12; turn++) {
    for (const node of nodes) take(node, { is: 'resend' })
    for (let step = 0; step < 100; step++) {
      const [a, b] = nodes
      const [fromA, fromB] = [a.outbox.shift(), b.outbox.shift()]
      if (fromA) hear(b, fromA, 0)
      if (fromB) hear(a, fromB, 0)
      decide(a, true, 0)
      decide(b, true, 0)
      if (!fromA && !fromB) break
    }
  }
}

const conflictsIn = (node: Node): readonly string[] =>
  node.signed.flatMap((one, at) =>
    node.signed.slice(at + 1).flatMap((other) => conflictBetween('classic', one, other) ?? []),
  )

const checkWorld = (nodes: readonly [Node, Node]): void => {
  for (const node of nodes) {
    expect(conflictsIn(node), `${node.person.name} signed against its word`).toEqual([])
    expect(node.state.evidence).toEqual([])
  }
}

const checkEnd = ([a, b]: readonly [Node, Node]): void => {
  expect(a.state.machine.headId).toBe(b.state.machine.headId)
  expect(a.state.book.round).toBe(b.state.book.round)
  const stages = [a, b].map((node) => node.state.pending?.stage)
  expect(stages).toEqual([undefined, undefined])
  expect([a, b].map((node) => node.state.quarantine)).toEqual([undefined, undefined])
}

const nodesFrom = (pair: Pair): readonly [Node, Node] => [nodeFrom(pair.alice), nodeFrom(pair.bob)]

/**
 * Found by a random run: aborts of two rounds were vowed, their signatures lost with the store, and the guard remembers the
 * second only. Alice offered in a round that she had vowed to leave, and Bob voted for it in vain.
 */
const LOST_ABORTS: Happening[] = [
  { who: 0, is: 'wish', pick: 0 },
  { who: 0, is: 'withdraw', pick: 386 },
  { who: 0, is: 'restore', pick: 244 },
  { who: 1, is: 'hear', pick: 0 },
  { who: 1, is: 'hear', pick: 0 },
  { who: 0, is: 'hear', pick: 0 },
  { who: 0, is: 'withdraw', pick: 652 },
  { who: 0, is: 'restore', pick: 65 },
  { who: 1, is: 'hear', pick: 734 },
]

describe('whatever the carrier, the crashes and the stores do', () => {
  for (const turn of [{ is: 'alternate' } as const, { is: 'leader', party: 1 } as const]) {
    test(`two honest parties never contradict themselves and end at one head (${turn.is})`, () => {
      fc.assert(
        fc.property(fc.array(happening, { maxLength: 120, size: 'max' }), (happenings) => {
          const nodes = nodesFrom(createPair(relationship(turn)))
          for (const one of happenings) {
            happen(nodes, one)
            checkWorld(nodes)
          }
          heal(nodes)
          checkWorld(nodes)
          checkEnd(nodes)
        }),
        { numRuns: Number(process.env['RUNS'] ?? 150), examples: [[LOST_ABORTS]] },
      )
    })
  }
})
