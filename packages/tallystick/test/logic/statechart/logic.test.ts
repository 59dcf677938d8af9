import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { STATE_VALUE_BYTES_MAX } from '../../../src/base/limits.ts'
import type { Json } from '../../../src/forms/strict-json.ts'
import { openMachine } from '../../../src/kernel/execute.ts'
import { statechart } from '../../../src/logic/statechart/logic.ts'
import { statechartOperation } from '../../../src/logic/statechart/operation.ts'
import type { Clock } from '../../../src/logic/statechart/params.ts'
import { rootOf } from '../../../src/state/tree.ts'
import {
  begun,
  charterFor,
  codeOf,
  COUNTER,
  eventOn,
  guard,
  interactionWith,
  leafOf,
  LOGICS,
  on,
  opening,
  run,
  send,
  sent,
  signed,
} from './chart-machine.ts'

const start = begun(COUNTER)
const add = (by: Json): readonly [string, string, Json] => ['alice', 'ADD', { by }]

const withRoot = (more: Record<string, Json>): Json => ({ ...(COUNTER as object), ...more })

describe('the beginning of a machine', () => {
  test('writes where the chart stands', () => {
    expect(leafOf(start, ['value'])).toBe('counting')
    expect(leafOf(start, ['status'])).toBe('active')
    expect(leafOf(start, ['context'])).toEqual(['count', 'last'])
    expect(leafOf(start, ['context', 'count'])).toBe(0)
    expect(leafOf(start, ['context', 'last'])).toBe(null)
    expect(leafOf(start, ['head'])).toEqual({ at: 0, height: 0, input: '' })
    expect(leafOf(start, ['history'])).toBeUndefined()
    expect(leafOf(start, ['output'])).toBeUndefined()
  })

  test('is refused for a definition with problems, and names the first', () => {
    const fault = opening(withRoot({ initial: 'nowhere', colour: 'red' }))
    expect(codeOf(fault)).toBe('statechart/bad-definition')
    expect(isFault(fault) && fault.message).toMatch(/^\$.*and 1 more$/)
    expect(codeOf(opening(COUNTER, { params: { definition: '{' } }))).toBe(
      'statechart/bad-definition',
    )
    const empty = { ...charterFor(COUNTER), logics: [{ name: 'nsm/1', params: new Uint8Array() }] }
    expect(openMachine(empty, LOGICS)).toMatchObject({ code: 'codec/truncated' })
  })

  test('is refused under another policy than the definition names', () => {
    const custody = (kind: string): Json => withRoot({ meta: { nsm: { custody: kind } } })
    expect(codeOf(opening(custody('test')))).toBe('done')
    expect(codeOf(opening(custody('bilateral')))).toBe('statechart/other-custody')
  })

  test('is refused for roles or oracles of one name', () => {
    const role = { role: 'player', senders: ['alice'] }
    expect(codeOf(opening(COUNTER, { params: { roles: [role] } }))).toBe('done')
    expect(codeOf(opening(COUNTER, { params: { roles: [role, role] } }))).toBe(
      'statechart/name-twice',
    )
  })

  test('is refused for a loop that gas or microsteps end', () => {
    const endless = withRoot({
      initial: 'a',
      states: {
        a: { always: { target: 'b', guard: guard('context.count == 0') } },
        b: { always: { target: 'a', guard: guard('context.count == 0') } },
      },
    })
    expect(codeOf(opening(endless))).toBe('statechart/limit')
  })
})

describe('an event', () => {
  test('moves the chart and is counted', () => {
    const one = sent(start, add(4))
    expect(leafOf(one, ['context', 'count'])).toBe(4)
    expect(leafOf(one, ['context', 'last'])).toBe('alice')
    const head = leafOf(one, ['head']) as { height: number; input: string }
    expect(head.height).toBe(1)
    expect(head.input).toBe(one.head.interaction)
    const two = sent(one, ['bob', 'ADD', { by: 6 }])
    expect(leafOf(two, ['context', 'count'])).toBe(10)
    expect(leafOf(sent(two, ['carol', 'STOP']), ['status'])).toBe('done')
  })

  test('lists what the world is asked to do, under its height', () => {
    const two = sent(sent(start, add(4)), add(1))
    expect(leafOf(two, ['effects', '1'])).toEqual([{ kind: 'shout', args: { count: 4 } }])
    expect(leafOf(two, ['effects', '2'])).toEqual([{ kind: 'shout', args: { count: 5 } }])
    expect(leafOf(sent(two, ['carol', 'STOP']), ['effects', '3'])).toBeUndefined()
  })

  test('is refused where nothing listens, where a guard says no, and at the end', () => {
    expect(codeOf(send(start, ['alice', 'SUBTRACT']))).toBe('statechart/no-transition')
    expect(codeOf(send(start, add(10)))).toBe('done')
    expect(codeOf(send(start, add(11)))).toBe('statechart/guard-failed')
    expect(codeOf(send(start, ['carol', 'ADD', { by: 1 }]))).toBe('statechart/guard-failed')
    const ended = sent(start, ['alice', 'STOP'])
    expect(codeOf(send(ended, ['alice', 'STOP']))).toBe('statechart/final-state')
  })

  test('is refused where an expression fails, and says where', () => {
    const fault = send(start, ['alice', 'ADD', {}])
    expect(codeOf(fault)).toBe('statechart/expression-error')
    expect(isFault(fault) && fault.place).toMatchObject({ party: 'alice', part: 'ADD', step: 1n })
    expect(codeOf(send(start, ['alice', 'ADD', { by: 'one' }]))).toBe('statechart/expression-error')
  })

  test('is refused for data that speaks of what only a signature says, and for reserved names', () => {
    expect(codeOf(send(start, ['alice', 'ADD', { by: 1, note: 'x' }]))).toBe('done')
    expect(codeOf(send(start, ['alice', 'ADD', { by: 1, sender: 'bob' }]))).toBe(
      'statechart/bad-event',
    )
    expect(codeOf(send(start, ['alice', 'xstate.init', { by: 1 }]))).toBe('statechart/bad-event')
  })

  test('is refused when it takes too much', () => {
    const hungry = withRoot({
      meta: { nsm: { gas: 30 } },
      states: {
        counting: {
          on: {
            ADD: {
              actions: {
                type: 'assign',
                params: { set: { count: '[1,2,3,4,5,6,7,8].map(x, x * event.data.by)[0]' } },
              },
            },
            BIG: {
              actions: {
                type: 'assign',
                params: { set: { count: '9007199254740991 + event.data.by' } },
              },
            },
          },
        },
      },
    })
    const fed: Json = { ...(hungry as object), meta: {} }
    expect(codeOf(send(begun(fed), add(1)))).toBe('done')
    expect(codeOf(send(begun(hungry), add(1)))).toBe('statechart/out-of-gas')
    expect(codeOf(send(begun(hungry), ['alice', 'BIG', { by: 0 }]))).toBe('done')
    expect(codeOf(send(begun(hungry), ['alice', 'BIG', { by: 1 }]))).toBe(
      'statechart/expression-error',
    )
  })

  test('needs the consent of the participant that it names', () => {
    expect(codeOf(send(start, add(1), { by: ['alice'] }))).toBe('done')
    expect(codeOf(send(start, add(1), { by: ['bob', 'carol'] }))).toBe('statechart/no-consent')
    expect(codeOf(send(start, ['mallory', 'STOP'], { by: ['alice'] }))).toBe(
      'statechart/unknown-sender',
    )
  })

  test('changes nothing when it is refused', () => {
    const both = run(start, [eventOn(start, add(4)), eventOn(start, add(7))], { by: ['alice'] })
    expect(codeOf(both)).toBe('statechart/guard-failed')
    expect(leafOf(start, ['context', 'count'])).toBe(0)
  })

  test('may be followed by another in the same step', () => {
    const both = run(start, [eventOn(start, add(4)), eventOn(start, add(5))], { by: ['alice'] })
    if (isFault(both)) throw both
    expect(leafOf(both, ['context', 'count'])).toBe(9)
    expect(leafOf(both, ['head'])).toMatchObject({ height: 2 })
  })

  test('belongs to the machine that is written', () => {
    const other = begun(COUNTER, { params: { creator: 'bob' } })
    const fault = run(start, [eventOn(other, add(1))], { by: ['alice'] })
    expect(codeOf(fault)).toBe('interaction/unknown-leg')
  })
})

describe('a value that does not fit one place', () => {
  const keeper: Json = {
    id: 'keeper',
    initial: 'on',
    context: { text: '' },
    states: {
      on: {
        on: {
          KEEP: { actions: { type: 'assign', params: { set: { text: 'event.data.text' } } } },
        },
      },
    },
  }
  const keep = (size: number): readonly [string, string, Json] => [
    'alice',
    'KEEP',
    { text: 'x'.repeat(size) },
  ]

  test('is kept in pieces, read back, and leaves none behind when it shrinks', () => {
    const empty = begun(keeper)
    // Two quotation marks are part of the value.
    for (const size of [
      1,
      STATE_VALUE_BYTES_MAX - 3,
      STATE_VALUE_BYTES_MAX - 2,
      STATE_VALUE_BYTES_MAX - 1,
      3 * STATE_VALUE_BYTES_MAX,
    ]) {
      const large = sent(empty, keep(size))
      const again = sent(large, ['alice', 'KEEP', { text: '' }])
      // Everything but the count of inputs and its id is as it was.
      expect(again.state.size).toBe(empty.state.size)
      expect(leafOf(again, ['context', 'text'])).toBe('')
      const grown = sent(again, keep(size))
      expect(codeOf(send(grown, keep(size)))).toBe('done')
    }
  })
})

describe('what a step writes', () => {
  test('depends on nothing but what it is given', () => {
    const [one, two] = [sent(start, add(4)), sent(begun(COUNTER), add(4))]
    expect(rootOf(one.state)).toBe(rootOf(two.state))
    expect(rootOf(sent(start, add(5)).state)).not.toBe(rootOf(one.state))
  })
})

describe('an operation', () => {
  test('is described in a line', () => {
    const params = charterFor(COUNTER).logics[0]?.params ?? new Uint8Array()
    const { argument } = eventOn(start, add(4))
    expect(statechart.describe(argument, params, start.terms)).toBe('alice sends ADD {"by":4}')
  })

  test('claims a time where the charter has an agreed clock, and none elsewhere', () => {
    const timed = charterFor(COUNTER, { params: { clock: { is: 'agreed', skewMs: 5000 } } })
    const { argument } = eventOn(start, add(4), { at: 17 })
    const claim = (params: Uint8Array | undefined) =>
      statechart.claims?.(argument, params ?? new Uint8Array())
    expect(claim(timed.logics[0]?.params)).toEqual({ at: 17n, skewMs: 5000 })
    expect(claim(charterFor(COUNTER).logics[0]?.params)).toBeUndefined()
  })

  test('carries its author’s consent where it was signed for Nostr, and certifiers set its time', () => {
    const event = signed('alice', 'ADD', { content: '{"by":1}' })
    const { argument } = on(start, { is: 'nostr', event, at: 5n, answers: [] })
    const paramsOf = (clock: Clock): Uint8Array =>
      charterFor(COUNTER, { params: { clock } }).logics[0]?.params ?? new Uint8Array()
    const carriedAt = (clock: Clock) => {
      const carried = statechart.carries?.(argument, paramsOf(clock))
      if (!carried) throw new Error('it carries one')
      expect([carried.by, carried.id]).toEqual([event.pubkey, event.id])
      return statechartOperation.decode(carried.at(17n))
    }
    expect(carriedAt({ is: 'agreed', skewMs: 5 })).toMatchObject({
      at: 17n,
      event: { sig: event.sig },
    })
    expect(carriedAt({ is: 'none' })).toMatchObject({ at: 5n })
    const own = eventOn(start, add(1)).argument
    expect(statechart.carries?.(own, paramsOf({ is: 'none' }))).toBeUndefined()
  })

  test('that cannot be read is refused', () => {
    const operation = {
      ...on(start, { is: 'event', party: 'alice', type: 'ADD', data: '', at: 0n, answers: [] }),
    }
    const cut = { ...operation, argument: operation.argument.slice(0, -1) }
    expect(codeOf(run(start, [cut], { by: ['alice'] }))).toBe('codec/truncated')
    expect(interactionWith(start, [cut]).operations).toHaveLength(1)
  })
})
