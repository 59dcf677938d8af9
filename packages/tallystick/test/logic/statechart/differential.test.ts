import { describe, expect, it } from 'vitest'
import { isDefinition, readDefinition } from '../../../src/logic/statechart/read.ts'
import { caseFrom, compare, type Interpreter, OURS, runCases } from './differ.ts'
import { createOracle } from './oracle.ts'
import { BROKEN, FOUND } from './found.ts'
import { ORIGIN } from './charts.ts'

/** A hundred thousand of them are run by `TALLYSTICK_SLOW=1`. */
const CASES = 800

describe('the interpreter beside XState 5.33', () => {
  it('agrees on random definitions and events', { timeout: 300_000 }, () => {
    const { difference, totals } = runCases({ from: 1, count: CASES })
    expect(difference).toBeUndefined()
    expect(totals.refused).toBeLessThan(CASES / 20)
    expect(totals.accepted).toBeGreaterThan(2 * CASES)
    expect(totals.rejected).toBeGreaterThan(CASES / 2)
    expect(totals.bounded).toBeLessThan(totals.accepted / 5)
  })

  it.each(Object.entries(FOUND))('agrees where it once differed: %s', (_, found) => {
    const read = readDefinition(JSON.stringify(found.definition))
    expect(isDefinition(read)).toBe(true)
    expect(compare(found).difference).toBeUndefined()
  })

  it.each(Object.entries(BROKEN))('refuses what breaks XState: %s', (_, broken) => {
    const read = readDefinition(JSON.stringify(broken.definition))
    const codes = isDefinition(read) ? [] : read.map(({ code }) => code)
    expect(codes).toEqual(['bad-target'])
    const oracle = createOracle(broken.definition)
    oracle.begin({ ...ORIGIN, type: 'xstate.init', data: {} })
    const judged = broken.events.map((event) => oracle.send(event)).at(-1)
    expect(judged).toMatchObject({ value: broken.value })
  })

  it.each(Object.entries(PLANTED))(
    'is found to differ if %s',
    { timeout: 300_000 },
    (_, planted) => {
      const { difference } = runCases({ from: 1, count: CASES, ours: planted(), isShrunk: false })
      expect(difference).toBeDefined()
    },
  )

  it('draws the same case for the same seed', () => {
    expect(caseFrom(7)).toEqual(caseFrom(7))
    expect(caseFrom(7)).not.toEqual(caseFrom(8))
  })
})

/** Interpreters with one mistake each. */
const PLANTED: Readonly<Record<string, () => Interpreter>> = {
  'history is forgotten between events': () => ({
    ...OURS,
    transition: (definition, snapshot, ...rest) =>
      OURS.transition(definition, { ...snapshot, historyValue: {} }, ...rest),
  }),
  'time passes a millisecond late': () => ({
    ...OURS,
    transition: (definition, snapshot, event, setting) =>
      OURS.transition(definition, snapshot, { ...event, now: event.now - 1 }, setting),
  }),
  'entry actions run backwards': () => withStates((state) => ({ entry: state.entry.toReversed() })),
  'the last transition is tried first': () =>
    withStates((state) => ({
      on: new Map([...state.on].map(([type, arrows]) => [type, arrows.toReversed()])),
    })),
  'onDone is never heard': () => withStates(() => ({ done: [] })),
  'a reentering transition does not reenter': () =>
    withStates((state) => ({
      on: new Map(
        [...state.on].map(([type, arrows]) => [
          type,
          arrows.map((arrow) => ({ ...arrow, isReentering: false, plan: undefined })),
        ]),
      ),
    })),
}

type State = Parameters<Interpreter['begin']>[0]['states'][number]

function withStates(change: (state: State) => Partial<State>): Interpreter {
  const changed = (definition: Parameters<Interpreter['begin']>[0]) => ({
    ...definition,
    states: definition.states.map((state) => ({ ...state, ...change(state) })),
  })
  return {
    begin: (definition, ...rest) => OURS.begin(changed(definition), ...rest),
    transition: (definition, ...rest) => OURS.transition(changed(definition), ...rest),
  }
}
