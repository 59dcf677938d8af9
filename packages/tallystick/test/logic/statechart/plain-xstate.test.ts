/**
 * The examples in XState 5 as anybody installs it: the files as they stand, with two small implementations, `expr` and `assign`,
 * and effects that do nothing. XState's own clock counts the delays. After each event the state and the context are the same
 * as here, and what is refused here changes nothing there.
 */
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type AnyStateMachine, assign, createActor, createMachine, SimulatedClock } from 'xstate'
import { isFault } from '../../../src/base/fault.ts'
import { evaluate, readExpression } from '../../../src/logic/expression/expression.ts'
import type { Value, ValueMap } from '../../../src/logic/expression/value.ts'
import { begin, transition } from '../../../src/logic/statechart/interpret.ts'
import type { Setting, Snapshot } from '../../../src/logic/statechart/snapshot.ts'
import { chartOf, eventOf, movedOf, ORIGIN } from './charts.ts'
import { answersIn, EXAMPLES, type Example, type Play, type PlayStep } from './plays.ts'

const STARTS_AT = 1_000_000
const MACHINE = 'the machine'

type Given = { readonly context: ValueMap; readonly event: ValueMap }
type Heard = {
  readonly type: string
  readonly sender: string
  readonly data: ValueMap
  readonly answers: ValueMap
}

/** What somebody who has the file writes to run it. */
const implementations = (machine: Setting['machine']): object => {
  const valueOf = (cel: string, given: Given): Value => {
    const expression = readExpression(cel, new Set(['context', 'event', 'machine']))
    if (isFault(expression)) throw expression
    const gas = { used: 0, limit: 100_000 }
    return evaluate(expression, { variables: { ...given, machine }, gas, verifies: () => false })
  }
  const change = (given: Given, { set }: { readonly set: Readonly<Record<string, string>> }) =>
    Object.fromEntries(Object.entries(set).map(([key, cel]) => [key, valueOf(cel, given)]))
  return {
    guards: { expr: (given: Given, { cel }: { readonly cel: string }) => valueOf(cel, given) },
    actions: { assign: assign(change as never), effect: () => {} },
  }
}

type Stand = { readonly status: string; readonly value: unknown; readonly context: unknown }

const standOf = ({ status, value, context }: Stand): Stand => ({ status, value, context })

const createPlain = (json: object, machine: Setting['machine']) => {
  // XState infers types from a definition that it sees in the source; these come from files.
  const create = createMachine as unknown as (config: object, options: object) => AnyStateMachine
  const clock = new SimulatedClock()
  const actor = createActor(create(json, implementations(machine)), { clock })
  actor.start()
  return {
    stand: (): Stand => standOf(actor.getSnapshot() as Stand),
    wait: (ms: number): void => clock.increment(ms),
    send: (event: Heard): void => actor.send(event),
    /** Nobody sends to a machine that is done: XState then only says that it is. */
    isDone: (): boolean => actor.getSnapshot().status === 'done',
  }
}

const createOurs = (definition: string, machine: Setting['machine']) => {
  const chart = chartOf(definition)
  const setting: Setting = { machine, verifies: () => false }
  let { snapshot }: { readonly snapshot: Snapshot } = movedOf(
    begin(chart, { ...ORIGIN, now: STARTS_AT, at: STARTS_AT }, setting),
  )
  let height = 0
  return {
    stand: (): Stand => standOf(snapshot),
    send: (of: Heard, now: number): string | undefined => {
      height += 1
      const moved = transition(chart, snapshot, eventOf(of.type, { ...of, now, height }), setting)
      if (moved.is === 'rejected') return moved.code
      ;({ snapshot } = moved)
      return undefined
    },
  }
}

const heardOf = (step: PlayStep): Heard => {
  const sender = step.by ?? 'anybody'
  const hashOf = (_: string, rest: string): string =>
    createHash('sha256').update(`${MACHINE}|${sender}|${rest}`).digest('hex')
  const told = JSON.stringify(step.data ?? {}).replaceAll(/\{sha256:([^}]*)\}/g, hashOf)
  return {
    type: step.send ?? 'nsm.tick',
    sender,
    data: JSON.parse(told) as ValueMap,
    answers: answersIn(step),
  }
}

/** Plays on both sides, and tells where the plain machine stood after each step. */
const played = ({ definition, roles }: Example, play: Play, json: object): readonly Stand[] => {
  const machine = { id: MACHINE, creator: 'somebody', roles }
  const plain = createPlain(json, machine)
  const ours = createOurs(definition, machine)
  expect(plain.stand()).toEqual(ours.stand())
  let now = STARTS_AT
  return play.steps.map((step, at) => {
    const before = plain.stand()
    const heard = heardOf(step)
    now += step.wait ?? 0
    plain.wait(step.wait ?? 0)
    // A tick brings here what the clock has brought there already.
    if (step.send !== undefined && !plain.isDone()) plain.send(heard)
    const refused = ours.send(heard, now)
    const said = `${play.name}, step ${at + 1}`
    expect(refused, said).toBe(step.refused)
    expect(plain.stand(), said).toEqual(ours.stand())
    if (refused !== undefined) expect(plain.stand(), said).toEqual(before)
    if (step.state !== undefined) expect(plain.stand().value, said).toBe(step.state)
    return plain.stand()
  })
}

afterEach(() => void vi.restoreAllMocks())

describe.each(EXAMPLES)('the example $name in plain XState', (example) => {
  test.each(example.plays)('plays as here: $name', (play) => {
    const complaints = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')]
    const json = JSON.parse(example.definition) as object
    const stands = played(example, play, json)
    expect(stands.length).toBeGreaterThan(0)
    // Nothing had to be changed for it, and it found nothing to say against it.
    expect(json).toEqual(JSON.parse(example.definition))
    for (const one of complaints) expect(one).not.toHaveBeenCalled()
  })
})

test('a definition that differs in one guard plays otherwise', () => {
  const bet = EXAMPLES.find((one) => one.name === 'bet')
  const [play] = bet?.plays ?? []
  if (!bet || !play) throw new Error('there is a bet to play')
  const json = JSON.parse(
    bet.definition.replace('== context.outcome', '!= context.outcome'),
  ) as object
  expect(() => played(bet, play, json)).toThrow(/winner/)
})
