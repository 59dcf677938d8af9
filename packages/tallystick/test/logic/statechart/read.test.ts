import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isDefinition, readDefinition } from '../../../src/logic/statechart/read.ts'
import { chartOf, COUNTER, expr, PLAYER, set } from './charts.ts'

const problemsOf = (json: object | string) => {
  const read = readDefinition(typeof json === 'string' ? json : JSON.stringify(json))
  return isDefinition(read) ? [] : read
}
const codesOf = (json: object | string): readonly string[] =>
  problemsOf(json).map(({ code, path }) => `${code} ${path}`)

describe('read', () => {
  it('reads what follows the profile', () => {
    const chart = chartOf(COUNTER)
    expect(chart.id).toBe('counter')
    expect(chart.context).toEqual({ count: 0, target: 3 })
    expect(chart.events).toEqual(['ADD'])
    expect(chart.gasMax).toBe(100_000)
    expect(chartOf(PLAYER).hasHistory).toBe(true)
  })

  it('lists all problems of a text at once, each with a path and a fix', () => {
    const problems = problemsOf({
      id: 'm',
      initial: 'gone',
      invoke: { src: 'x' },
      context: { a: 1 },
      states: {
        a: { on: { 'pay.*': 'b', GO: { target: 'nowhere', guard: expr('1') } }, colour: 'red' },
        b: { entry: [set({ x: '1 +' }), 'log'], always: 'b.c' },
        h: { type: 'history', history: 'wide' },
      },
    })
    expect(problems.map(({ code, path }) => `${code} ${path}`).toSorted()).toEqual([
      'bad-expression $.states.b.entry[0].params.set.x',
      'bad-guard $.states.a.on.GO.guard.params.cel',
      'bad-target $.states.a.on.GO.target',
      'bad-target $.states.b.always',
      'history-no-target $.states.h.target',
      'no-initial $.initial',
      'unknown-action $.states.b.entry[1]',
      'unknown-key $.invoke',
      'unknown-key $.states.a.colour',
      'wildcard $.states.a.on["pay.*"]',
      'wrong-type $.states.h.history',
    ])
    for (const { message, fix } of problems) {
      expect(message).not.toBe('')
      expect(fix).not.toBe('')
    }
  })

  it.each([
    ['not-json $', '{"a":'],
    ['not-json $', '{} {}'],
    ['key-twice $', '{"id":"m","id":"n"}'],
    ['forbidden-key $', '{"states":{"__proto__":{}}}'],
    ['forbidden-key $', '{"context":{"constructor":1}}'],
    ['number-not-exact $', '{"context":{"a":1.5}}'],
    ['too-deep $', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['too-deep $', deep(1000)],
    ['too-large $', `{"description":"${'x'.repeat(49_152)}"}`],
    ['too-large $', `{"description":"${'ä'.repeat(24_576)}"}`],
    ['wrong-type $', '[]'],
  ])('refuses with %s', (code, text) => {
    expect(codesOf(text)).toEqual([code])
  })

  it('refuses a million states by the size of their text', () => {
    const states = '"state":{},'.repeat(1_000_000)
    expect(codesOf(`{"initial":"state","states":{${states}"last":{}}}`)).toEqual(['too-large $'])
  })

  it('takes 512 states, and not one more', () => {
    const many = (count: number): object => ({
      initial: 's0',
      states: Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, {}])),
    })
    expect(codesOf(many(511))).toEqual([])
    expect(codesOf(many(512))).toEqual(['too-many-states $.states'])
    expect(codesOf(many(1025))).toEqual(['too-many-keys $'])
  })

  it('takes 12 levels, and not one more', () => {
    expect(codesOf(deep(12))).toEqual([])
    expect(codesOf(deep(13)).map((code) => code.split(' ')[0])).toContain('too-deep')
  })

  it('takes 2,048 transitions, and not one more', () => {
    const many = (count: number): object => ({
      initial: 'a',
      states: { a: { on: lists(count) } },
    })
    const lists = (count: number): object =>
      Object.fromEntries(
        Array.from({ length: Math.ceil(count / 1000) }, (_, at) => [
          `E${at}`,
          Array.from({ length: Math.min(1000, count - at * 1000) }, () => 'a'),
        ]),
      )
    expect(codesOf(many(2048))).toEqual([])
    expect(codesOf(many(2049))).toEqual(['too-many-transitions $.states.a.on.E2[48]'])
  })

  it('takes a context of 32 KiB, and not a byte more', () => {
    const large = (size: number): object => ({
      context: { a: 'x'.repeat(size - '{"a":""}'.length) },
    })
    expect(codesOf(large(32_768))).toEqual([])
    expect(codesOf(large(32_769))).toEqual(['context-too-large $.context'])
  })

  it('knows one engine and a limit of gas', () => {
    const withNsm = (nsm: object): object => ({ meta: { nsm } })
    expect(codesOf(withNsm({ engine: 'nsm-1', gas: 100_000, commute: ['VOTE'] }))).toEqual([])
    expect(codesOf(withNsm({ engine: 'xstate@5' }))).toEqual(['unknown-engine $.meta.nsm.engine'])
    expect(codesOf(withNsm({ gas: 100_001 }))).toEqual(['bad-value $.meta.nsm.gas'])
    expect(codesOf(withNsm({ gas: 0 }))).toEqual(['bad-value $.meta.nsm.gas'])
  })

  it('has a row in the specification for every code', () => {
    const source = readFileSync(
      new URL('../../../src/logic/statechart/problem.ts', import.meta.url),
      'utf8',
    )
    const codes = [...source.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code ?? '')
    const page = readFileSync(
      new URL('../../../../../docs/spec/statechart.md', import.meta.url),
      'utf8',
    )
    expect(codes.length).toBeGreaterThan(30)
    expect(codes.filter((code) => !page.includes(`| \`${code}\` |`))).toEqual([])
  })
})

function deep(levels: number): string {
  return `${'{"initial":"a","states":{"a":'.repeat(levels)}{}${'}}'.repeat(levels)}`
}
