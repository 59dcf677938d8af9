import { describe, expect, test } from 'vitest'
import { describeInput } from '../../../src/logic/statechart/describe.ts'
import { PLAIN, pubkeyOf, signed } from './chart-machine.ts'

const params = { ...PLAIN, definition: '' }
const timed = { ...params, clock: { is: 'agreed', skewMs: 1 } } as const

describe('an input in words', () => {
  test('says who sends what', () => {
    const event = {
      is: 'event',
      party: 'alice',
      type: 'ADD',
      data: '',
      at: 0n,
      answers: [],
    } as const
    expect(describeInput(event, params)).toBe('alice sends ADD')
    expect(describeInput({ ...event, data: '{"by":1}' }, params)).toBe('alice sends ADD {"by":1}')
  })

  test('says at what time, where there is one, and what oracles answer', () => {
    const event = {
      is: 'event',
      party: 'alice',
      type: 'QUOTE',
      data: '',
      at: 1_767_225_600_000n,
      answers: [{ oracle: 'score', question: 'final', answer: 'home' }],
    } as const
    expect(describeInput(event, timed)).toBe(
      'alice sends QUOTE, as score answers "final" with "home", at 2026-01-01 00:00:00 UTC',
    )
  })

  test('shows a key where a Nostr event has no name', () => {
    const event = signed('alice', 'ADD', { content: '{"by":1}' })
    const said = describeInput({ is: 'nostr', event, at: 0n, answers: [] }, params)
    expect(said).toBe(`${pubkeyOf('alice').slice(0, 8)}… sends ADD on Nostr {"by":1}`)
  })
})
