import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import {
  inclusionAnswer,
  inclusionAnswerFault,
  logEntries,
  mapAnswer,
  mapAnswerFault,
  replayFault,
} from '../../../src/models/directory/log-answer.ts'
import {
  checkpointOf,
  childIn,
  entryOf,
  inclusionIn,
  logOf,
  stepOf,
  SUITE,
  type Vowed,
} from './books.ts'

const vowed = Array.from({ length: 9 }, (_, at): Vowed => ({
  step: stepOf(at),
  time: BigInt(100 + at),
}))

describe('an operator’s answer', () => {
  test('shows that a vow is in the log of its checkpoint, and no other one', () => {
    const good = inclusionIn(vowed, 4, 200n)
    expect(inclusionAnswerFault(good)).toBeUndefined()
    const later = { ...good, entry: { ...good.entry, time: 105n } }
    expect(inclusionAnswerFault(later)?.code).toBe('log/wrong-root')
    expect(inclusionAnswerFault({ ...good, index: 5n })?.code).toBe('log/wrong-root')
    expect(inclusionAnswerFault({ ...good, index: 9n })?.code).toBe('log/out-of-range')
    expect(
      inclusionAnswerFault({ ...good, checkpoint: checkpointOf(vowed.slice(1), 200n) }),
    ).toBeDefined()
  })

  test('shows what the map of its checkpoint has under a parent', () => {
    const good = childIn(vowed, stepOf(3), 200n)
    expect(mapAnswerFault(SUITE, stepOf(3), good)).toBeUndefined()
    expect(mapAnswerFault(SUITE, stepOf(4), good)).toBeDefined()
    const nothing = childIn(vowed, stepOf(77), 200n)
    expect(nothing.child).toBeUndefined()
    expect(mapAnswerFault(SUITE, stepOf(77), nothing)).toBeUndefined()
    expect(mapAnswerFault(SUITE, stepOf(3), { ...good, child: undefined })).toBeDefined()
  })

  test('has one spelling', () => {
    const [inclusion, child] = [inclusionIn(vowed, 4, 200n), childIn(vowed, stepOf(3), 200n)]
    expect(inclusionAnswer.decode(inclusionAnswer.encode(inclusion))).toEqual(inclusion)
    expect(mapAnswer.decode(mapAnswer.encode(child))).toEqual(child)
    const entries = vowed.map(entryOf)
    expect(logEntries.decode(logEntries.encode(entries))).toEqual(entries)
  })
})

describe('whoever follows the whole log', () => {
  const entries = vowed.map(entryOf)
  const { checkpoint } = checkpointOf(vowed, 200n)

  test('finds log, map and times as they were signed', () => {
    expect(replayFault(SUITE, entries, checkpoint)).toBeUndefined()
  })

  test.each([
    ['an entry that is missing', entries.slice(1), checkpoint, 'log/wrong-root'],
    [
      'a map of other entries',
      entries,
      { ...checkpoint, mapRoot: checkpointOf(vowed.slice(1), 200n).checkpoint.mapRoot },
      'map/wrong-root',
    ],
    ['a time below its last entry’s', entries, { ...checkpoint, time: 107n }, 'log/back-in-time'],
  ] as const)('finds %s', (_, of, signed, code) => {
    expect(replayFault(SUITE, of, signed)?.code).toBe(code)
  })

  test('finds a time that goes back within the log', () => {
    const [first, second, ...rest] = vowed
    if (!first || !second) throw new Error('two vows')
    const swapped = [second, first, ...rest]
    const fault = replayFault(SUITE, swapped.map(entryOf), checkpointOf(swapped, 200n).checkpoint)
    expect(isFault(fault) && fault.code).toBe('log/back-in-time')
    expect(logOf(swapped).size()).toBe(9)
  })
})
