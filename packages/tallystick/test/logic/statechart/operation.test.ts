import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../../src/base/brand.ts'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import {
  operationOnStatechart,
  type StatechartOperation,
  statechartOperation,
} from '../../../src/logic/statechart/operation.ts'

type Event = Extract<StatechartOperation, { is: 'event' }>
type Nostr = Extract<StatechartOperation, { is: 'nostr' }>

const EVENT: Event = {
  is: 'event',
  party: 'alice',
  type: 'BET',
  data: '{"amount":10}',
  at: 5n,
  answers: [{ oracle: 'score', question: 'final', answer: 'a\nb' }],
}
const NOSTR: Nostr = {
  is: 'nostr',
  event: {
    pubkey: 'ab'.repeat(32),
    created_at: 1_800_000_000,
    kind: 7501,
    tags: [['e', 'cd'.repeat(32)], ['t', 'BET'], []],
    content: 'line\nline\u200b',
    sig: 'ef'.repeat(64),
  },
  at: 7n,
  answers: [],
}

const codeOf = (run: () => unknown): string => {
  const found = faultFrom(run)
  return isFault(found) ? found.code : 'none'
}

describe('an operation of a statechart', () => {
  test('comes back as it was written', () => {
    for (const of of [EVENT, { ...EVENT, data: '', answers: [] }, NOSTR]) {
      expect(statechartOperation.decode(statechartOperation.encode(of))).toEqual(of)
    }
  })

  test('holds data in its canonical spelling alone', () => {
    const spelled = (data: string) => statechartOperation.encode({ ...EVENT, data })
    expect(codeOf(() => statechartOperation.decode(spelled('{"a":1,"b":2}')))).toBe('none')
    expect(codeOf(() => statechartOperation.decode(spelled('{"b":2,"a":1}')))).toBe(
      'json/not-canonical',
    )
    expect(codeOf(() => statechartOperation.decode(spelled('{"a":1, "b":2}')))).toBe(
      'json/not-canonical',
    )
  })

  test('holds an event that somebody else signed, whatever its characters', () => {
    const { event } = NOSTR
    const withContent = (content: string) => ({ ...NOSTR, event: { ...event, content } })
    expect(codeOf(() => statechartOperation.encode(withContent('\u0000\u202e')))).toBe('none')
    expect(codeOf(() => statechartOperation.encode(withContent('\udead')))).toBe('text/not-utf8')
    const upper = { ...NOSTR, event: { ...event, sig: 'EF'.repeat(64) } }
    expect(codeOf(() => statechartOperation.encode(upper))).toBe('hex/not-canonical')
  })

  test('goes to the logic that keeps the chart', () => {
    const machine = idFromHex<'machine'>('12'.repeat(32))
    const made = operationOnStatechart({ machine, logic: 3 }, EVENT)
    expect(made).toMatchObject({ machine, logic: 3 })
    expect(statechartOperation.decode(made.argument)).toEqual(EVENT)
  })
})
