import { describe, expect, test } from 'vitest'
import { statechartOperation } from '../../src/logic/statechart/operation.ts'
import { eventFromWords } from '../../src/cli/chart-words.ts'
import { begun, charterFor, COUNTER, sent } from '../logic/statechart/chart-machine.ts'
import { eventsIn, stateText } from '../../src/cli/chart-view.ts'
import type { Machine } from '../../src/kernel/execute.ts'
import { engine, opened } from '../kernel/sample.ts'

const plain = begun(COUNTER)
const timed = begun(COUNTER, { params: { clock: { is: 'agreed', skewMs: 5 }, startsAt: 1000n } })

const said = (machine: Machine, words: string, data?: string, now = 2000n) => {
  const by = { own: 'alice', now, verifier: engine }
  const [one, ...more] = eventFromWords(machine, { words, data, ...by })?.operations ?? []
  if (!one || more.length > 0) return undefined
  return statechartOperation.decode(one.argument)
}
const usageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof Error && 'usage' in error ? error.message : String(error)
  }
  return 'none'
}

describe('an event in words', () => {
  test('is sent in the own name, with its data in one spelling', () => {
    expect(said(plain, 'ADD', '{ "by": 1, "and": [] }')).toEqual({
      is: 'event',
      party: 'alice',
      type: 'ADD',
      data: '{"and":[],"by":1}',
      at: 0n,
      answers: [],
    })
    expect(said(plain, 'STOP')).toMatchObject({ type: 'STOP', data: '' })
    expect(said(plain, 'nsm.tick')).toMatchObject({ type: 'nsm.tick' })
  })

  test('happens now where there is a clock, and never before the last', () => {
    expect(said(timed, 'STOP')).toMatchObject({ at: 2000n })
    const later = sent(timed, ['alice', 'ADD', { by: 1 }], { at: 9000 })
    expect(said(later, 'STOP')).toMatchObject({ at: 9000n })
  })

  test('is none for what the chart does not know, unless data says that it is meant as one', () => {
    expect(said(plain, 'pay bob 5')).toBeUndefined()
    expect(said(plain, 'BUY')).toBeUndefined()
    expect(said(plain, 'BUY', '{}')).toMatchObject({ type: 'BUY', data: '{}' })
    expect(said(opened(), 'ADD')).toBeUndefined()
    expect(usageOf(() => said(opened(), 'ADD', '{}'))).toBe('this machine keeps no statechart')
  })

  test('takes an object and nothing else', () => {
    expect(usageOf(() => said(plain, 'ADD', '{"by":1}'))).toBe('none')
    for (const data of ['', '5', '[1]', '{by:1}', '{"by":1,"by":2}', '{"by":1.5}']) {
      expect(usageOf(() => said(plain, 'ADD', data))).toContain('--data cannot be read')
    }
  })
})

describe('where a chart stands', () => {
  test('is told in words', () => {
    expect(stateText('open')).toBe('open')
    expect(stateText({ open: 'waiting' })).toBe('open.waiting')
    expect(stateText({ left: 'a', right: { b: 'c' } })).toBe('(left.a, right.b.c)')
    expect(stateText({ on: {} })).toBe('on')
  })

  test('and which events its charter knows', () => {
    expect(eventsIn(charterFor(COUNTER))).toEqual(['ADD', 'STOP'])
    expect(eventsIn(opened().charter)).toEqual([])
  })
})
