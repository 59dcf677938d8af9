import { describe, expect, test } from 'vitest'
import { answerTo } from './ask.ts'

describe('calls', () => {
  test('of what there is not are refused with what there is', () => {
    expect(answerTo('foo(1)')).toMatchObject({
      fault: 'expression/unknown-function',
      why: expect.stringContaining('there are size, contains') as string,
    })
  })

  test('stand where the function stands, with as many arguments', () => {
    for (const source of [
      'contains("a", "b")',
      '"a".sha256()',
      'size()',
      'size("a", "b")',
      '"a".size("b")',
      'string()',
      'max(1)',
      'put({}, "a")',
    ]) {
      expect([source, answerTo(source)]).toMatchObject([
        source,
        { fault: 'expression/wrong-arguments', why: expect.stringContaining('write ') as string },
      ])
    }
  })

  test('take arguments of their types', () => {
    expect(answerTo('max(1, 2, "a")')).toMatchObject({
      fault: 'expression/wrong-type',
      why: 'at 10: no string belongs here; write max(int, int, …)',
    })
    expect(answerTo('get({"a": 1}, "a", "b")')).toMatchObject({ fault: 'expression/wrong-type' })
  })
})
