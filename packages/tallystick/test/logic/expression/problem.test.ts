import { expect, test } from 'vitest'
import { problem } from '../../../src/logic/expression/problem.ts'

test('a problem begins with its place', () => {
  expect(problem('expression/malformed', 7, 'no more')).toMatchObject({
    code: 'expression/malformed',
    message: 'at 7: no more',
  })
})
