/**
 * What holds of every state that two honest parties can get into, whatever the carrier, the signers, crashes and restores
 * do: no signature for finality is outstanding without its vow, and an effect's id stands for one effect.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import type { Turn } from '../../../src/kernel/charter.ts'
import { conflictBetween } from '../../../src/kernel/evidence.ts'
import { positionOf, type Statement } from '../../../src/kernel/statement.ts'
import { vowOf } from '../../../src/kernel/vow.ts'
import { type Message, message } from '../../../src/models/bilateral/message.ts'
import {
  lastVowOf,
  type LastVow,
  type PartyEffect,
  type PartyInput,
  type PartyState,
} from '../../../src/models/bilateral/state.ts'
import { type Actor, createScene, feed, signatureFor, SUITES, wishOf } from './scene.ts'

type Node = {
  readonly actor: Actor
  /** Every state whose effects may have been performed. */
  readonly saves: PartyState[]
  /** What each key has signed. */
  readonly signed: { readonly key: number; readonly statement: Statement }[]
  guard: LastVow | undefined
  random: number
}

const nodeFrom = (actor: Actor): Node => ({
  actor,
  saves: [actor.state],
  signed: [],
  guard: undefined,
  random: 0,
})

const laterOf = (a: LastVow | undefined, b: LastVow | undefined): LastVow | undefined => {
  if (!a || !b) return a ?? b
  if (a.sequence !== b.sequence) return a.sequence > b.sequence ? a : b
  return a.vow.round > b.vow.round ? a : b
}

/** Feeds, checks, stores, and sends all that is to be sent. Signatures are left to be made. */
const absorb = (node: Node, input: PartyInput): void => {
  const { actor } = node
  const before = actor.party.outstanding(actor.state)
  node.random += 1
  feed(actor, input, node.random)
  checkState(actor, before)
  node.saves.push(actor.state)
  node.guard = laterOf(node.guard, lastVowOf(actor.state))
  for (const one of actor.party.outstanding(actor.state)) {
    if (one.is !== 'send' || actor.performed.has(one.id)) continue
    actor.performed.add(one.id)
    actor.outbox.push(one.message)
  }
}

const checkState = (actor: Actor, before: readonly PartyEffect[]): void => {
  const { state, party } = actor
  const { terms, id, headId } = state.machine
  const now = party.outstanding(state)
  expect(new Set(now.map((one) => one.id)).size).toBe(now.length)
  for (const one of now) {
    const same = before.find((other) => other.id === one.id)
    if (same) expect(wordsOf(same)).toBe(wordsOf(one))
    if (one.is !== 'sign' || one.what.is !== 'statement') continue
    const again = before.find((other) => wordsOf(other) === wordsOf(one))
    expect(again?.id ?? one.id).toBe(one.id)
    const { statement } = one.what
    expect(state.book.vows).toContainEqual(vowOf(terms.suite, statement))
    expect(positionOf(statement)).toMatchObject({ machine: id, parent: headId })
    expect([state.quarantine, state.evidence, state.closed]).toEqual([undefined, [], false])
  }
}

/** What an effect is about; two effects of one id are one effect. */
const wordsOf = (one: PartyEffect): string => {
  switch (one.is) {
    case 'sign':
      return `${hexFromBytes(one.digest)} ${one.key}`
    case 'ask':
    case 'prove':
      return `${one.is} ${one.interactionId}`
    case 'send':
      return `${one.message.body.is} ${challengeIn(one.message)}`
  }
}

const challengeIn = ({ body }: Message): string =>
  body.is === 'catchup' && body.challenge ? hexFromBytes(body.challenge) : ''

const sign = (node: Node, pick: number): void => {
  const wanted = node.actor.party.outstanding(node.actor.state).filter((one) => one.is === 'sign')
  const one = wanted[pick % Math.max(1, wanted.length)]
  if (!one) return
  const { what, key } = one
  if (what.is === 'statement') node.signed.push({ key, statement: what.statement })
  absorb(node, signatureFor(node.actor, one))
}

const restore = (node: Node, back: number): void => {
  const at = Math.max(0, node.saves.length - 1 - back)
  node.actor.state = node.saves[at] ?? node.actor.state
  node.saves.length = at + 1
  node.actor.performed.clear()
  absorb(node, { is: 'restored', last: node.guard })
}

const decide = (node: Node, yes: boolean): void => {
  const { pending } = node.actor.state
  if (pending?.stage !== 'asking') return
  absorb(node, { is: 'decide', interaction: pending.draft.id, yes })
}

const HAPPENINGS = [
  ...Array.from({ length: 6 }, () => 'hear' as const),
  ...Array.from({ length: 8 }, () => 'sign' as const),
  ...(['wish', 'wish', 'wish', 'yes', 'yes', 'yes', 'no', 'repeat', 'lose'] as const),
  ...(['withdraw', 'resend', 'crash', 'restore'] as const),
]

type Happening = {
  readonly who: 0 | 1
  readonly is: (typeof HAPPENINGS)[number]
  readonly pick: number
}

const happening: fc.Arbitrary<Happening> = fc.record({
  who: fc.constantFrom(0 as const, 1 as const),
  is: fc.constantFrom(...HAPPENINGS),
  pick: fc.nat(1000),
})

const happen = (nodes: readonly [Node, Node], { who, is, pick }: Happening): void => {
  const node = nodes[who]
  const { outbox, state } = nodes[(1 - who) as 0 | 1].actor
  const at = pick % Math.max(1, outbox.length)
  const waiting = outbox[at]
  switch (is) {
    case 'hear':
    case 'repeat':
    case 'lose':
      if (waiting && is !== 'repeat') outbox.splice(at, 1)
      if (waiting && is !== 'lose') hear(node, waiting)
      return
    case 'sign':
      return sign(node, pick)
    case 'wish':
      return absorb(node, wishOf(node.actor, BigInt(pick % 3)))
    case 'yes':
    case 'no':
      return decide(node, is === 'yes')
    case 'withdraw':
    case 'resend':
      return absorb(node, { is })
    case 'crash':
      return node.actor.performed.clear()
    case 'restore':
      // Two who both lost their memory do not recover; that is not promised.
      return state.quarantine ? undefined : restore(node, pick % 9)
  }
}

const hear = (node: Node, heard: Message): void =>
  absorb(node, { is: 'message', bytes: message.encode(heard) })

/** Signers sign, messages arrive, people agree, and what stays open is sent again. */
const heal = (nodes: readonly [Node, Node]): void => {
  for (let turn = 0; turn < 12; turn++) {
    for (const node of nodes) absorb(node, { is: 'resend' })
    for (let step = 0; step < 200; step++) {
      const [a, b] = nodes
      for (const node of nodes) {
        sign(node, step)
        decide(node, true)
      }
      const [fromA, fromB] = [a.actor.outbox.shift(), b.actor.outbox.shift()]
      if (fromA) hear(b, fromA)
      if (fromB) hear(a, fromB)
      const isAtRest = nodes.every(({ actor }) =>
        actor.party.outstanding(actor.state).every((one) => one.is === 'send'),
      )
      if (!fromA && !fromB && isAtRest) break
    }
  }
}

const checkWorld = (nodes: readonly [Node, Node]): void => {
  for (const { signed, actor } of nodes) {
    const { suite } = actor.config.charter.terms
    const conflicts = signed.flatMap((one, at) =>
      signed
        .slice(at + 1)
        .filter((other) => other.key === one.key)
        .flatMap((other) => conflictBetween(suite, one.statement, other.statement) ?? []),
    )
    expect(conflicts, `${actor.name} signed against its word`).toEqual([])
    expect(actor.state.evidence).toEqual([])
  }
}

const cases = SUITES.flatMap((suite) =>
  [
    { suite, keys: 1, threshold: 1, turn: { is: 'alternate' } satisfies Turn },
    { suite, keys: 2, threshold: 2, turn: { is: 'alternate' } satisfies Turn },
    { suite, keys: 3, threshold: 2, turn: { is: 'leader', party: 1 } satisfies Turn },
  ].filter(({ keys }) => suite === 'classic' || keys === 2),
)

describe('whatever happens', () => {
  test.each(cases)(
    'honest parties with $threshold of $keys keys ($suite) vow before they sign, and end at one head',
    (options) => {
      fc.assert(
        fc.property(fc.array(happening, { maxLength: 120, size: 'max' }), (happenings) => {
          const { alice, bob } = createScene(options)
          const nodes = [nodeFrom(alice), nodeFrom(bob)] as const
          for (const one of happenings) happen(nodes, one)
          checkWorld(nodes)
          heal(nodes)
          checkWorld(nodes)
          const [a, b] = [alice.state, bob.state]
          expect(a.machine.headId).toBe(b.machine.headId)
          expect([a.book.round, a.pending, a.quarantine]).toEqual([
            b.book.round,
            undefined,
            undefined,
          ])
          expect([b.pending, b.quarantine]).toEqual([undefined, undefined])
        }),
        { numRuns: Number(process.env['RUNS'] ?? 40) },
      )
    },
  )
})
