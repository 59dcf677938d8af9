/** News and who wants them. */
import { describe, expect, test } from 'vitest'
import { createHub, matchesTopics, type News } from '../../src/guardian/hub.ts'
import { GUARDIAN_LIMITS, type GuardianLimits } from '../../src/guardian/limits.ts'
import { partyAt } from './town.ts'

const [alice, bob] = [partyAt(0).id, partyAt(1).id]

const hubAt = (limits: Partial<GuardianLimits> = {}) => {
  const clock = { ms: 0 }
  return { clock, hub: createHub({ ...GUARDIAN_LIMITS, ...limits }, () => clock.ms) }
}

const news = (answer: string, topics: readonly string[] = [], height = 3n): News => ({
  is: 'tesseract',
  accounts: new Set([alice]),
  answer,
  size: answer.length,
  logs: [{ account: bob, height, topics, answer: `log of ${answer}`, size: answer.length }],
})

const logs = (topics: readonly (readonly string[])[], from = 0n, to?: bigint) =>
  ({ is: 'logs', account: bob, topics, from, to }) as const

describe('A hub', () => {
  test('tells each listener what it wants and nothing else', () => {
    const { hub } = hubAt()
    const heard: string[] = []
    const hear = (name: string) => (answer: unknown) => heard.push(`${name} ${String(answer)}`)
    hub.listen({ is: 'tesseracts', account: undefined }, hear('all'))
    hub.listen({ is: 'tesseracts', account: alice }, hear('alice'))
    hub.listen({ is: 'tesseracts', account: bob }, hear('bob'))
    hub.listen(logs([['aa']]), hear('logs'))
    const stop = hub.listen({ is: 'pending' }, hear('pending'))
    hub.tell(news('1', ['aa']))
    hub.tell(news('2', ['bb']))
    hub.tell({ is: 'pending', hash: '33' })
    stop()
    hub.tell({ is: 'pending', hash: '44' })
    expect(heard).toEqual(['all 1', 'alice 1', 'logs log of 1', 'all 2', 'alice 2', 'pending 0x33'])
  })

  test('tells logs of heights in a range, whose end does not count', () => {
    const { hub } = hubAt()
    const heard: unknown[] = []
    hub.listen(logs([], 3n, 5n), (answer) => heard.push(answer))
    for (const height of [2n, 3n, 4n, 5n]) hub.tell(news(String(height), [], height))
    expect(heard).toEqual(['log of 3', 'log of 4'])
  })

  test('gives a filter up that is not asked in time, and keeps one that is', () => {
    const { hub, clock } = hubAt({ filterMs: 100 })
    const id = hub.addFilter({ is: 'pending' })
    clock.ms = 100
    expect(hub.changesOf(id)).toEqual([])
    clock.ms = 201
    expect(() => hub.changesOf(id)).toThrow('filter not found')
  })

  test('gives a filter up that holds too much, in place of telling a part', () => {
    const { hub } = hubAt({ filterItems: 2 })
    const [id, other] = [hub.addFilter({ is: 'pending' }), hub.addFilter({ is: 'pending' })]
    for (const hash of ['1', '2']) hub.tell({ is: 'pending', hash })
    expect(hub.changesOf(other)).toEqual(['0x1', '0x2'])
    hub.tell({ is: 'pending', hash: '3' })
    expect(() => hub.changesOf(id)).toThrow('filter not found')
    expect(hub.changesOf(other)).toEqual(['0x3'])
  })

  test('keeps so many filters', () => {
    const { hub } = hubAt({ filters: 1 })
    const id = hub.addFilter({ is: 'pending' })
    expect(() => hub.addFilter({ is: 'pending' })).toThrow('too many filters')
    expect(hub.removeFilter(id)).toBe(true)
    expect(hub.addFilter({ is: 'pending' })).not.toBe(id)
  })
})

describe('Topics', () => {
  test('are matched by position, and any of several where several are named', () => {
    expect(matchesTopics([], ['a'])).toBe(true)
    expect(matchesTopics([['a']], ['a', 'b'])).toBe(true)
    expect(matchesTopics([['b']], ['a', 'b'])).toBe(false)
    expect(matchesTopics([[], ['b']], ['a', 'b'])).toBe(true)
    expect(matchesTopics([['x', 'a'], ['b']], ['a', 'b'])).toBe(true)
    expect(matchesTopics([['a'], ['b'], ['c']], ['a', 'b'])).toBe(false)
  })
})
