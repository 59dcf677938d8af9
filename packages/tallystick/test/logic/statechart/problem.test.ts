import { describe, expect, it } from 'vitest'
import { pathTo } from '../../../src/logic/statechart/problem.ts'

describe('problem', () => {
  it('writes plain keys after a point, others in brackets, and items by their number', () => {
    expect(pathTo('$', 'states')).toBe('$.states')
    expect(pathTo('$.on', 'a b"c')).toBe('$.on["a b\\"c"]')
    expect(pathTo('$.on.GO', 2)).toBe('$.on.GO[2]')
  })
})
