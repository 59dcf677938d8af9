/** E14: values of a wrong type in the parameters of every method: refused before anything is looked at. */
import { expect, test } from 'vitest'
import type { Json, JsonObject } from 'tallystick/nostr'
import { METHODS } from '../../src/guardian/methods/table.ts'
import { askerOf } from '../moi-sdk/fuzzed.ts'
import { createRandom } from '../moi-sdk/mutate.ts'
import { openGuardian } from './town.ts'

const COUNT = process.env['TALLYSTICK_SLOW'] === '1' ? 10_000 : 1000

type Kind = 'null' | 'flag' | 'number' | 'text' | 'list' | 'object'

const kindOf = (json: Json): Kind => {
  if (json === null) return 'null'
  if (typeof json === 'object') return Array.isArray(json) ? 'list' : 'object'
  return typeof json === 'boolean' ? 'flag' : typeof json === 'number' ? 'number' : 'text'
}

/** What each form of parameter may be, by the words of the page. */
const kindsOf = (form: string, isOptional: boolean): readonly Kind[] => {
  const own: readonly Kind[] = form.startsWith('number')
    ? ['number', 'text']
    : form.startsWith('true')
      ? ['flag']
      : form.startsWith('list')
        ? ['list', 'null']
        : form.startsWith('`{') || form.startsWith('object')
          ? ['object']
          : ['text']
  return isOptional ? [...own, 'null'] : own
}

/** Among them what passes for a text, a list or a hash where nobody looks: things with a length, with members, or one inside another. */
const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  9007199254740991,
  '',
  '0x',
  '[object Object]',
  'a'.repeat(64),
  [],
  ['0x'],
  [`0x${'0'.repeat(64)}`],
  [[]],
  [null],
  {},
  { length: 64 },
  { length: 0, 0: '0' },
  { is: 'text' },
  { type: 'Buffer', data: [1, 2] },
  { toJSON: 'x' },
  { valueOf: 1, toText: 'x' },
]

test(`E14: ${COUNT} calls with a value of a wrong type are refused in words, and nothing is done`, async () => {
  const { context } = await openGuardian()
  const failures: string[] = []
  const ask = askerOf(context, failures)
  const random = createRandom(14)
  const withParams = METHODS.filter((one) => Object.keys(one.params).length > 0)
  expect(withParams.length).toBeGreaterThan(20)
  const before = [context.lattice.size(), context.pool.counts()]
  const asked = new Set<string>()
  const bad: string[] = []
  for (let at = 0; at < COUNT; at++) {
    const method = random.pick(withParams)
    const names = Object.keys(method.params)
    const name = random.pick(names)
    const param = method.params[name]
    if (!param) throw new Error('it is one of them')
    const may = kindsOf(param.form, param.isOptional)
    const value = random.pick(VALUES.filter((one) => !may.includes(kindOf(one))))
    const [first] = method.example
    const good = typeof first === 'object' && first !== null ? (first as JsonObject) : {}
    const params =
      method.isPositional === true
        ? method.example.with(names.indexOf(name), value)
        : [{ ...good, [name]: value }]
    const body = JSON.stringify({ jsonrpc: '2.0', id: at, method: method.name, params })
    const told = JSON.parse((await ask(body)) ?? '{}') as {
      readonly error?: { readonly code: number; readonly data: { readonly reason: string } }
    }
    if (told.error === undefined || told.error.code === -32_603) {
      bad.push(`${method.name} ${name} ${JSON.stringify(value)}: ${JSON.stringify(told)}`)
    }
    asked.add(`${method.name} ${name} ${kindOf(value)}`)
  }
  expect(bad).toEqual([])
  expect(failures).toEqual([])
  expect([context.lattice.size(), context.pool.counts()]).toEqual(before)
  expect(asked.size).toBeGreaterThan(withParams.length * 4)
})
