import { describe, expect, it } from 'vitest'
import { roomOf, widthOf, wrap } from '../../src/picture/wrap.ts'

describe('wrapping', () => {
  it('breaks at spaces, and inside a word only where it must', () => {
    expect(wrap('pay the whole amount', 9, 5)).toEqual(['pay the', 'whole', 'amount'])
    expect(wrap('abcdefghij k', 4, 5)).toEqual(['abcd', 'efgh', 'ij k'])
  })

  it('ends in dots what has too many rows', () => {
    expect(wrap('one two three four', 5, 2)).toEqual(['one', 'two…'])
    expect(wrap('', 5, 2)).toEqual([])
  })

  it('cuts no character in two', () => {
    expect(wrap('😀😀😀', 2, 3)).toEqual(['😀😀', '😀'])
  })

  it('counts wide characters as wide', () => {
    expect(widthOf('漢')).toBeGreaterThan(widthOf('a'))
    expect(roomOf(['a', 'abc'])).toEqual({ width: widthOf('abc'), height: 32 })
    expect(roomOf([])).toEqual({ width: 0, height: 0 })
  })
})
