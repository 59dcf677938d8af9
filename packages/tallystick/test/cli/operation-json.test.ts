import { describe, expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { operationsFromJson } from '../../src/cli/operation-json.ts'
import { anId } from '../kernel/sample.ts'

const machine = anId<'machine'>('machine')

const read = (text: string): ReturnType<typeof operationsFromJson> =>
  operationsFromJson(bytesFromUtf8(text), machine)

const codeOf = (text: string): string => {
  const result = faultFrom(() => read(text))
  return isFault(result) ? result.code : 'read'
}

describe('operations as JSON', () => {
  test('are read as they are', () => {
    expect(read('{"operations":[{"logic":1,"argument":"00ff"}]}')).toEqual([
      { machine, logic: 1, argument: Uint8Array.of(0, 255) },
    ])
  })

  test.each([
    ['{"operations":[{"logic":256,"argument":""}]}', 'codec/integer-out-of-range'],
    ['{"operations":[{"logic":1.5,"argument":""}]}', 'json/number-not-exact'],
    ['{"operations":[{"logic":1,"argument":"0F"}]}', 'hex/not-canonical'],
    ['{"operations":[{"logic":1,"argument":"","more":1}]}', 'json/wrong-shape'],
    ['{"operations":[{"logic":1,"logic":2,"argument":""}]}', 'json/key-twice'],
    ['{"operations":{}}', 'json/wrong-shape'],
    ['{"__proto__":{},"operations":[]}', 'json/forbidden-key'],
  ])('are refused in any other form: %s', (text, code) => {
    expect(codeOf(text)).toBe(code)
  })
})
