/**
 * The published cases of CEL against this subset of it. What a case needs is judged by the tree that the reference
 * implementation made of it, which is published beside it, and not by what our reader says: so a case that we refuse
 * without cause, or read and get wrong, shows.
 */
import { tests as published } from '@bufbuild/cel-spec/testdata/conformance.js'
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { evaluate, readExpression } from '../../../src/logic/expression/expression.ts'
import { FUNCTIONS } from '../../../src/logic/expression/functions.ts'
import { textFromType, type Type } from '../../../src/logic/expression/type.ts'
import type { Value } from '../../../src/logic/expression/value.ts'
import { equalValues } from '../../../src/logic/expression/equal.ts'

type ProtoValue = { readonly [kind: string]: unknown }
type ProtoType = { readonly [kind: string]: unknown }

type Case = {
  readonly original: {
    readonly name?: string
    readonly expr: string
    readonly value?: ProtoValue
    readonly evalError?: unknown
    readonly typedResult?: { readonly result?: ProtoValue; readonly deducedType?: ProtoType }
    readonly bindings?: { readonly [name: string]: { readonly value?: ProtoValue } }
    readonly typeEnv?: readonly { readonly name: string; readonly ident?: unknown }[]
    readonly container?: string
    readonly checkOnly?: boolean
  }
  /** The reference's tree. */
  readonly ast?: string
  /** The same with types, which names the overload of each call. */
  readonly checkedAst?: string
  /** What the reference's checker says against it. */
  readonly error?: string
}

type Suite = {
  readonly name: string
  readonly suites?: readonly Suite[]
  readonly tests?: readonly Case[]
}

const casesOf = (suite: Suite): readonly Case[] => [
  ...(suite.tests ?? []),
  ...(suite.suites ?? []).flatMap(casesOf),
]

const cases = casesOf(published as unknown as Suite)

/** A value of ours, or nothing where the subset has none. */
const valueFrom = (proto: ProtoValue): Value | undefined => {
  const [[kind, held] = ['', undefined]] = Object.entries(proto)
  switch (kind) {
    case 'int64Value':
      return Number.isSafeInteger(Number(held)) ? Number(held) : undefined
    case 'stringValue':
    case 'boolValue':
      return held as string | boolean
    case 'nullValue':
      return null
    case 'listValue': {
      const values = ((held as { values?: ProtoValue[] }).values ?? []).map(valueFrom)
      return values.includes(undefined) ? undefined : (values as Value[])
    }
    case 'mapValue': {
      const made: Record<string, Value> = {}
      for (const entry of (held as { entries?: { key: ProtoValue; value: ProtoValue }[] })
        .entries ?? []) {
        const [key, value] = [valueFrom(entry.key), valueFrom(entry.value)]
        if (typeof key !== 'string' || value === undefined) return undefined
        made[key] = value
      }
      return made
    }
    default:
      return undefined
  }
}

const MACROS = ['all', 'exists', 'exists_one', 'filter', 'map']
const OPERATORS =
  '_==_ _!=_ _<_ _<=_ _>_ _>=_ _+_ _-_ _*_ _/_ _%_ _&&_ _||_ _?_:_ _[_] @in !_ -_ ' +
  '@not_strictly_false __comprehension__'

/** Why a case lies outside the subset, from the reference's tree; the first reason that applies. */
const REASONS: readonly (readonly [string, (one: Case) => boolean])[] = [
  ['unsigned numbers', ({ ast = '' }) => ast.includes('Constant_Uint64Value')],
  ['fractions', ({ ast = '' }) => ast.includes('Constant_DoubleValue')],
  ['bytes', ({ ast = '' }) => ast.includes('Constant_BytesValue')],
  [
    'numbers beyond 2^53 − 1',
    ({ ast = '' }) => intsOf(ast).some((int) => !Number.isSafeInteger(int)),
  ],
  ['messages', ({ ast = '' }) => /[\w.]\{/.test(ast)],
  ['quoted fields', ({ original: { expr } }) => expr.includes('`')],
  ['optional values', ({ original: { expr } }) => /\.\?|\[\?|\{\?/.test(expr)],
  ['keys that are no strings', ({ ast = '' }) => /Constant_(?:Bool|Int64|Null)Value#:/.test(ast)],
  ['other functions', ({ ast = '' }) => functionsOf(ast).some((name) => !isKnown(name))],
  [
    'an order of bools',
    ({ checkedAst = '' }) => /\^(?:less|greater)(?:_equals)?_bool/.test(checkedAst),
  ],
  [
    'names of types',
    ({ ast = '' }) =>
      /\b(?:int|string|bool|list|map|null_type|bytes|double|uint|type)\^#/.test(ast),
  ],
  [
    'names with points',
    ({ original }) => Object.keys(original.bindings ?? {}).some((name) => name.includes('.')),
  ],
  [
    'a container',
    ({ original: { container = '' }, ast = '' }) => container !== '' && /IdentExpr/.test(ast),
  ],
  [
    'other values of variables',
    ({ original: { bindings = {} } }) =>
      Object.values(bindings).some(
        ({ value }) => value === undefined || valueFrom(value) === undefined,
      ),
  ],
  ['types that the reference refuses too', ({ error }) => error !== undefined],
  ['what fails anyway', ({ original }) => original.evalError !== undefined],
  ['a number looked for among keys', ({ original: { expr } }) => expr === '7 in {}'],
]

const intsOf = (ast: string): number[] =>
  Array.from(ast.matchAll(/(-?\d+)\^#\*expr\.Constant_Int64Value#/g), ([, digits]) =>
    Number(digits),
  )

const functionsOf = (ast: string): string[] =>
  // Texts may hold anything, so they are taken out first.
  Array.from(
    ast.replaceAll(/"(?:\\.|[^"\\])*"/g, '""').matchAll(/([\w.@!?:=<>*+\-/%&|[\]]+)\(/g),
    ([, name = '']) => name.replace(/^.*\./, ''),
  )

const isKnown = (name: string): boolean =>
  FUNCTIONS.has(name) || OPERATORS.split(' ').includes(name)

const reasonOf = (one: Case): string | undefined => REASONS.find(([, applies]) => applies(one))?.[0]

type Outcome = 'agrees' | 'both fail' | 'type agrees' | 'differs' | 'refused' | 'not given'

const outcomeOf = ({ original }: Case): Outcome => {
  const { bindings = {}, typeEnv = [] } = original
  const names = new Set([...Object.keys(bindings), ...typeEnv.map(({ name }) => name)])
  const read = readExpression(original.expr, names)
  if (isFault(read)) return 'refused'
  if (original.checkOnly === true) {
    const deduced = original.typedResult?.deducedType ?? {}
    return fits(read.type, deduced) ? 'type agrees' : 'differs'
  }
  const variables: Record<string, Value> = {}
  for (const [name, { value = {} }] of Object.entries(bindings)) {
    const given = valueFrom(value)
    if (given === undefined || name.includes('.')) return 'not given'
    variables[name] = given
  }
  const wanted = original.value ?? original.typedResult?.result ?? { boolValue: true }
  try {
    const gas = { used: 0, limit: 100_000 }
    const value = evaluate(read, { variables, gas, verifies: () => false })
    const expected = original.evalError === undefined ? valueFrom(wanted) : undefined
    return expected !== undefined && equalValues(gas, value, expected) === true
      ? 'agrees'
      : 'differs'
  } catch (error) {
    if (!isFault(error)) throw error
    return original.evalError === undefined ? 'differs' : 'both fail'
  }
}

/** Whether our type says what the reference's says, or less. */
const fits = (ours: Type, theirs: ProtoType): boolean => {
  if (ours.is === 'dyn') return true
  const [[kind, held] = ['', undefined]] = Object.entries(theirs)
  if (kind === 'listType' && ours.is === 'list') {
    return fits(ours.of, (held as { elemType?: ProtoType }).elemType ?? {})
  }
  if (kind === 'mapType' && ours.is === 'map') {
    return fits(ours.of, (held as { valueType?: ProtoType }).valueType ?? {})
  }
  if (kind === 'null') return ours.is === 'null'
  return (
    kind === 'primitive' &&
    held === { int: 'INT64', bool: 'BOOL', string: 'STRING' }[textFromType(ours)]
  )
}

const tally = (words: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

const judged = cases.map((one) => ({ one, outcome: outcomeOf(one), reason: reasonOf(one) }))
const named = ({ one }: { one: Case }): string => `${one.original.name ?? ''}: ${one.original.expr}`

describe('the published cases of CEL', () => {
  test('are all here', () => {
    expect(cases.length).toBe(2344)
    expect(
      MACROS.every((name) => cases.some(({ original }) => original.expr.includes(`.${name}(`))),
    ).toBe(true)
  })

  test('give what they say, or fail where they say so', () => {
    const differs = judged.filter(({ outcome }) => outcome === 'differs')
    expect(differs.map(named)).toEqual([])
  })

  test('are refused only where they need what is left out', () => {
    const refused = judged.filter(
      ({ outcome, reason }) => outcome === 'refused' && reason === undefined,
    )
    expect(refused.map(named)).toEqual([])
  })

  test('are so many of each kind', () => {
    expect(tally(judged.map(({ outcome }) => outcome))).toEqual({
      agrees: 403,
      'both fail': 26,
      'type agrees': 14,
      refused: 1865,
      'not given': 36,
    })
    const refused = judged.filter(({ outcome }) => outcome === 'refused' || outcome === 'not given')
    expect(tally(refused.map(({ reason }) => reason ?? ''))).toEqual({
      'unsigned numbers': 295,
      fractions: 303,
      bytes: 138,
      'numbers beyond 2^53 − 1': 29,
      messages: 387,
      'quoted fields': 28,
      'optional values': 48,
      'keys that are no strings': 33,
      'other functions': 518,
      'an order of bools': 13,
      'names of types': 10,
      'names with points': 8,
      'a container': 28,
      'other values of variables': 28,
      'types that the reference refuses too': 30,
      'what fails anyway': 4,
      'a number looked for among keys': 1,
    })
  })
})
