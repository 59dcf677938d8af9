import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { createStreams } from '../../../src/sim/random.ts'
import {
  begun,
  carried,
  carry,
  codeOf,
  idOf,
  leafOf,
  NOSTR_ID,
  signed,
  VOTE,
} from './chart-machine.ts'

const params = { nostr: { id: idOf(NOSTR_ID) as never, senders: 'anyone' } } as const
const start = begun(VOTE, { params })
const vote = (name: string, parent?: string, choice = 'yes') =>
  signed(name, 'VOTE', {
    content: `{"choice":"${choice}"}`,
    ...(parent !== undefined && { parent }),
  })
const close = (parent?: string) => signed('alice', 'CLOSE', parent === undefined ? {} : { parent })

describe('commuting inputs', () => {
  test('need not be signed again because another came first', () => {
    const [a, b, c] = [vote('alice'), vote('bob'), vote('carol')]
    const all = carried(carried(carried(start, a), b), c)
    expect(Object.keys(leafOf(all, ['context', 'ballots']) as object)).toHaveLength(3)
    const other = carried(carried(carried(start, c), a), b)
    expect(leafOf(other, ['context', 'ballots'])).toEqual(leafOf(all, ['context', 'ballots']))
  })

  test('are taken once, and others still follow the head', () => {
    const [a, b] = [vote('alice'), vote('bob')]
    const two = carried(carried(start, a), b)
    expect(codeOf(carry(two, a))).toBe('statechart/taken-before')
    expect(codeOf(carry(two, b))).toBe('statechart/taken-before')
    expect(codeOf(carry(two, close(a.id)))).toBe('statechart/stale-head')
    expect(codeOf(carry(two, close()))).toBe('statechart/stale-head')
    expect(codeOf(carry(two, close(b.id)))).toBe('done')
  })

  test('may name any of the last inputs, and nothing else', () => {
    const [a, b, c] = [vote('alice'), vote('bob'), vote('carol')]
    const one = carried(start, a)
    expect(codeOf(carry(one, vote('dave', a.id)))).toBe('done')
    expect(codeOf(carry(one, vote('dave', b.id)))).toBe('statechart/unknown-parent')
    const two = carried(one, b)
    // The window is three inputs: the beginning is still among them here, and after one more it is not.
    expect(codeOf(carry(two, vote('dave')))).toBe('done')
    const three = carried(two, c)
    expect(codeOf(carry(three, vote('dave')))).toBe('statechart/unknown-parent')
    expect(codeOf(carry(three, vote('dave', a.id)))).toBe('done')
  })

  test('are forgotten beyond the window, and their memory does not grow', () => {
    const sizes: number[] = []
    let machine = begun(
      {
        id: 'many',
        initial: 'open',
        context: {},
        meta: { nsm: { commute: ['ANY'], window: 3 } },
        states: { open: { on: { ANY: { actions: { type: 'effect', params: { kind: 'x' } } } } } },
      },
      { params },
    )
    const first = signed('alice', 'ANY', { content: '{"n":0}' })
    machine = carried(machine, first)
    let parent = first.id
    for (let at = 1; at < 10; at++) {
      const next = signed('alice', 'ANY', { content: `{"n":${at}}`, parent })
      machine = carried(machine, next)
      parent = next.id
      // Each step leaves the list of its effects, and from the third on nothing more.
      sizes.push(machine.state.size - at)
    }
    expect(new Set(sizes.slice(2)).size).toBe(1)
    expect(codeOf(carry(machine, first))).toBe('statechart/unknown-parent')
  })

  test('never let an old input in again, whatever the order', () => {
    const random = createStreams(7)('inputs')
    const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi']
    const anybody = begun(
      {
        id: 'any',
        initial: 'open',
        context: { count: 0 },
        meta: { nsm: { commute: ['ANY'], window: 2 } },
        states: {
          open: {
            on: {
              ANY: { actions: { type: 'assign', params: { set: { count: 'context.count + 1' } } } },
              STRICT: {
                actions: { type: 'assign', params: { set: { count: 'context.count + 1' } } },
              },
            },
          },
        },
      },
      { params },
    )
    const made = [
      ...names.map((name) => signed(name, 'ANY')),
      ...names.map((name) => signed(name, 'STRICT')),
    ]
    let machine = anybody
    const taken = new Set<string>()
    for (let at = 0; at < 120; at++) {
      const { input } = leafOf(machine, ['head']) as { input: string }
      const fresh = signed(names[random.below(8)] ?? '', random.chance(50) ? 'ANY' : 'STRICT', {
        ...(input !== '' && { parent: input }),
      })
      const event = random.chance(50) ? fresh : (made[random.below(made.length)] ?? fresh)
      made.push(event)
      const after = carry(machine, event)
      if (isFault(after)) continue
      expect(taken.has(event.id)).toBe(false)
      taken.add(event.id)
      machine = after
    }
    expect(taken.size).toBeGreaterThan(20)
    expect(leafOf(machine, ['context', 'count'])).toBe(taken.size)
  })
})
