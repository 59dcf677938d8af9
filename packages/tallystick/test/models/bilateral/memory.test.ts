import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Fault, isFault } from '../../../src/base/fault.ts'
import {
  memoryFrom,
  partyMemory,
  partyStep,
  stateFromMemory,
} from '../../../src/models/bilateral/memory.ts'
import { type PartyState, stepsOf } from '../../../src/models/bilateral/state.ts'
import { logics } from '../../kernel/sample.ts'
import { createPair, give, type Pair, restart, settle, type Side, wish } from './pair.ts'

/** Writes a side's memory down, reads it back, and gives the state that comes of it. */
const reread = (side: Side): PartyState | Fault => {
  const memory = memoryFrom(side.state)
  if (!memory) throw new Error('a step is on its way')
  const read = partyMemory.decode(partyMemory.encode(memory))
  const steps = stepsOf(side.state).map((one) => partyStep.decode(partyStep.encode(one)))
  return stateFromMemory(side.party.begin(), read, { steps, logics })
}

const afterSteps = (count: number): Pair => {
  const pair = createPair()
  for (let step = 0; step < count; step++) {
    wish(step % 2 === 0 ? pair.alice : pair.bob)
    settle(pair)
  }
  return pair
}

describe('the memory of a party', () => {
  test('read back is the state that was written, and goes on as it would have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), (count) => {
        const pair = afterSteps(count)
        for (const side of [pair.alice, pair.bob]) {
          const state = reread(side)
          if (isFault(state)) throw state
          expect(memoryFrom(state)).toEqual(memoryFrom(side.state))
          expect(stepsOf(state)).toEqual(stepsOf(side.state))
          side.state = state
          restart(side)
        }
        wish(count % 2 === 0 ? pair.alice : pair.bob, 5n)
        settle(pair)
        expect(pair.alice.state.machine.head.sequence).toBe(BigInt(count + 1))
        expect(pair.alice.state.machine.headId).toBe(pair.bob.state.machine.headId)
      }),
      { numRuns: 7 },
    )
  })

  test('holds rounds that were aborted and what was signed in them', () => {
    const pair = createPair()
    pair.bob.agrees = false
    wish(pair.alice)
    settle(pair)
    const asked = pair.bob.asked.at(-1)
    if (asked?.is !== 'ask') throw new Error('Bob was not asked')
    give(pair.bob, { is: 'decide', interaction: asked.interactionId, yes: false })
    settle(pair)
    const state = reread(pair.alice)
    if (isFault(state)) throw state
    expect(state.book).toEqual(pair.alice.state.book)
    expect(state.book.round).toBe(1)
    expect(state.ended?.by).toBe(1)
  })

  test('is not taken while a step is on its way', () => {
    const pair = createPair()
    expect(memoryFrom(pair.alice.state)).toBeDefined()
    wish(pair.alice)
    expect(memoryFrom(pair.alice.state)).toBeUndefined()
  })

  test('is refused with values that do not give the head, or steps that do not lead there', () => {
    const { alice } = afterSteps(3)
    const memory = memoryFrom(alice.state)
    if (!memory) throw new Error('a step is on its way')
    const steps = stepsOf(alice.state)
    const codeOf = (changes: Partial<typeof memory>, given = steps): string => {
      const state = stateFromMemory(
        alice.party.begin(),
        { ...memory, ...changes },
        { steps: given, logics },
      )
      return isFault(state) ? state.code : 'none'
    }
    expect(codeOf({})).toBe('none')
    const [first] = memory.state
    if (!first) throw new Error('no values')
    expect(codeOf({ state: [{ ...first, value: Uint8Array.of(1) }] })).toBe('memory/other-state')
    expect(codeOf({}, steps.slice(0, 2))).toBe('memory/other-steps')
    expect(codeOf({}, steps.slice(1))).toBe('memory/other-steps')
    expect(codeOf({}, [...steps].reverse())).toBe('memory/other-steps')
  })
})
