import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { evaluate, readExpression } from '../../../src/logic/expression/expression.ts'
import { nodeFrom } from '../../../src/logic/expression/parse.ts'
import { namesOf, readsOf } from '../../../src/logic/expression/reads.ts'
import type { Node } from '../../../src/logic/expression/syntax.ts'
import { expressions, variables } from './random.ts'

/** Paths as one would write them, with a star for an index that is not known. */
const paths = (source: string): readonly string[] =>
  readsOf(nodeFrom(source)).map((path) =>
    path.map((part: string | Node) => (typeof part === 'string' ? part : '*')).join('.'),
  )

describe('what is read', () => {
  test('is a path for each chain of fields', () => {
    expect(paths('context.a.b + event.now')).toEqual(['context.a.b', 'event.now'])
    expect(paths('context["a"].b')).toEqual(['context.a.b'])
    expect(paths('size(context)')).toEqual(['context'])
    expect(paths('has(context.a.b)')).toEqual(['context.a.b'])
    expect(paths('[1, 2]')).toEqual([])
    expect(paths('f(context.a).b')).toEqual(['context.a'])
  })

  test('has what indices read beside the path that they stand in', () => {
    expect(paths('context.players[context.turn].name')).toEqual([
      'context.players.*.name',
      'context.turn',
    ])
    expect(paths('context.votes[event.sender]')).toEqual(['context.votes.*', 'event.sender'])
    expect(paths('has(context.votes[event.sender].choice)')).toEqual([
      'context.votes.*.choice',
      'event.sender',
    ])
  })

  test('is one key where get() asks for it', () => {
    expect(paths('get(context.votes, "alice", 0)')).toEqual(['context.votes.alice'])
    expect(paths('get(context.votes, event.sender, event.data)')).toEqual([
      'context.votes.*',
      'event.sender',
      'event.data',
    ])
    expect(paths('get({}, event.sender, 0)')).toEqual(['event.sender'])
  })

  test('is no variable of a macro, unless it is read outside', () => {
    expect(paths('context.l.all(x, x.a > context.b)')).toEqual(['context.l', 'context.b'])
    expect(paths('x.l.all(x, x)')).toEqual(['x.l'])
    expect(paths('context.l.map(x, context.m[x])')).toEqual(['context.l', 'context.m.*'])
    expect(paths('context.l.map(x, x > 1, event.now)')).toEqual(['context.l', 'event.now'])
  })

  test('names each variable once', () => {
    expect(namesOf(nodeFrom('a.b + c + a.d'))).toEqual(['a', 'c'])
  })

  test('is all that an evaluation depends on', () => {
    const { bool, int, list } = expressions
    fc.assert(
      fc.property(fc.oneof(bool, int, list), variables, variables, (source, given, other) => {
        const names = ['x', ...Object.keys(given)]
        const read = readExpression(source, new Set(names))
        if (isFault(read)) throw read
        const used = new Set(readsOf(read.node).map(([name]) => name))
        // What is not read may be anything.
        const changed = Object.fromEntries(
          Object.entries({ ...given, x: 5 }).map(([name, value]) =>
            used.has(name) ? [name, value] : [name, { ...other, x: 6 }[name] ?? null],
          ),
        )
        const run = (variables: typeof changed): unknown => {
          try {
            const gas = { used: 0, limit: 100_000 }
            return [evaluate(read, { variables, gas, verifies: () => false }), gas.used]
          } catch (error) {
            if (!isFault(error)) throw error
            return error.code
          }
        }
        expect(run(changed)).toEqual(run({ ...given, x: 5 }))
      }),
      { numRuns: 300 },
    )
  })
})
