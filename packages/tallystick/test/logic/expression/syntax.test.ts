import { describe, expect, test } from 'vitest'
import { nodeFrom } from '../../../src/logic/expression/parse.ts'
import { type Node, partsOf } from '../../../src/logic/expression/syntax.ts'

const countOf = (node: Node): number => partsOf(node).reduce((sum, part) => sum + countOf(part), 1)

describe('the parts of a node', () => {
  test('are all that stands below it, for each form', () => {
    const counts = [
      ['1', 1],
      ['a', 1],
      ['a.b', 2],
      ['has(a.b)', 2],
      ['a[0]', 3],
      ['f(a, b)', 3],
      ['a.f(b)', 3],
      ['a.all(x, x)', 3],
      ['a.map(x, x, x)', 4],
      ['[1, 2]', 3],
      ['{"a": 1, "b": 2}', 5],
      ['!a', 2],
      ['-a', 2],
      ['a + b', 3],
      ['a && b && c', 4],
      ['a ? b : c', 4],
    ] as const
    for (const [source, count] of counts) {
      expect([source, countOf(nodeFrom(source))]).toEqual([source, count])
    }
  })
})
