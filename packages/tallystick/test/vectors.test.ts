/** Runs every vector, and holds the files to their schema. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Area, type Case, runCheck } from '../../../scripts/vectors/case.ts'
import { checks } from '../../../scripts/vectors/checks.ts'
import type { Json } from '../../../scripts/vectors/finding.ts'
import { complaintsOf } from '../../../scripts/vectors/schema.ts'

const folder = join(import.meta.dirname, '../../../vectors')
const jsonAt = (path: string): Json => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Json

const areas = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && name !== 'without.json')
  .map((name) => [name, jsonAt(name) as unknown as Area] as const)
const cases: readonly Case[] = areas.flatMap(([, area]) => area.cases)
const byId = new Map(cases.map((one) => [one.id, one]))

const areaSchema = jsonAt('schema/area.json')
const inputs = jsonAt('schema/inputs.json') as { $defs: { checks: Record<string, Json> } }

/** What differs between the inputs of two cases, by name. */
const changedIn = (a: Case, b: Case): readonly string[] =>
  Object.keys({ ...a.input, ...b.input }).filter(
    (name) => JSON.stringify(a.input[name]) !== JSON.stringify(b.input[name]),
  )

describe('vectors', () => {
  test.each(areas)('%s says what the code says', (_, area) => {
    for (const one of area.cases) {
      const found = runCheck(one.check, one.input)
      expect({ id: one.id, fault: found.fault }).toEqual({ id: one.id, fault: one.fault })
      if (one.expected !== undefined) expect(found.expected).toEqual(one.expected)
    }
  })

  test.each(areas)('%s fits the schema', (name, area) => {
    expect(complaintsOf(areaSchema, area as unknown as Json)).toEqual([])
    expect(`${area.area}.json`).toBe(name)
    for (const one of area.cases) {
      const schema = inputs.$defs.checks[one.check] ?? null
      expect({
        id: one.id,
        wrong: complaintsOf(schema, one.input, inputs as unknown as Json),
      }).toEqual({
        id: one.id,
        wrong: [],
      })
    }
  })

  test('have names of their own, and a comment each', () => {
    expect(byId.size).toBe(cases.length)
    expect(cases.filter((one) => one.comment.length < 3)).toEqual([])
  })

  test('show that a refusal is due to what was changed', () => {
    for (const one of cases) {
      if (one.from === undefined) continue
      const valid = byId.get(one.from)
      expect({ id: one.id, valid: valid?.valid, check: valid?.check }).toEqual({
        id: one.id,
        valid: true,
        check: one.check,
      })
      if (valid) expect(changedIn(valid, one).length).toBeGreaterThan(0)
    }
  })

  test('use every check', () => {
    const used = new Set(cases.map((one) => one.check))
    expect(Object.keys(checks).filter((name) => !used.has(name))).toEqual([])
    expect(Object.keys(inputs.$defs.checks).filter((name) => !used.has(name))).toEqual([])
  })
})

describe('the schema check', () => {
  const schema: Json = {
    type: 'object',
    required: ['a'],
    additionalProperties: false,
    properties: {
      a: { type: 'string', pattern: '^x' },
      b: { oneOf: [{ type: 'number', minimum: 1 }, { type: 'null' }] },
      c: { type: 'array', items: { $ref: '#/$defs/two' } },
    },
    $defs: { two: { enum: ['one', 'two'] } },
  }
  const wrong: readonly (readonly [what: string, value: Json])[] = [
    ['a missing name', {}],
    ['an unknown name', { a: 'x', z: 1 }],
    ['another type', { a: 1 }],
    ['another pattern', { a: 'y' }],
    ['no choice that fits', { a: 'x', b: 0 }],
    ['an item that is not listed', { a: 'x', c: ['one', 'three'] }],
  ]

  test('lets through what fits', () => {
    expect(complaintsOf(schema, { a: 'x', b: null, c: ['one', 'two'] })).toEqual([])
  })

  test.each(wrong)('complains about %s', (_, value) => {
    expect(complaintsOf(schema, value)).toHaveLength(1)
  })

  test('complains about a schema it does not understand', () => {
    expect(complaintsOf({ anyOf: [] }, {})).toHaveLength(1)
  })
})
