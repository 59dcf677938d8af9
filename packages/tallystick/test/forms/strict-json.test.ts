import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { JSON_DEPTH_MAX, JSON_KEYS_MAX } from '../../src/base/limits.ts'
import {
  isJsonList,
  isJsonObject,
  jsonCount,
  jsonFromBytes,
  jsonFromText,
  jsonList,
  jsonObjectWith,
  jsonText,
} from '../../src/forms/strict-json.ts'
import { named, readVectorBytes, vectorPath, vectorsAreMissing } from '../third-party.ts'

const codeOf = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'accepted'
}

/** Valid JSON that this profile refuses, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  'y_number.json': 'json/number-not-exact',
  'y_number_0e+1.json': 'json/number-not-exact',
  'y_number_0e1.json': 'json/number-not-exact',
  'y_number_double_close_to_zero.json': 'json/number-not-exact',
  'y_number_int_with_exp.json': 'json/number-not-exact',
  'y_number_minus_zero.json': 'json/number-not-exact',
  'y_number_negative_zero.json': 'json/number-not-exact',
  'y_number_real_capital_e.json': 'json/number-not-exact',
  'y_number_real_capital_e_neg_exp.json': 'json/number-not-exact',
  'y_number_real_capital_e_pos_exp.json': 'json/number-not-exact',
  'y_number_real_exponent.json': 'json/number-not-exact',
  'y_number_real_fraction_exponent.json': 'json/number-not-exact',
  'y_number_real_neg_exp.json': 'json/number-not-exact',
  'y_number_real_pos_exponent.json': 'json/number-not-exact',
  'y_number_simple_real.json': 'json/number-not-exact',
  'y_object_extreme_numbers.json': 'json/number-not-exact',
  'y_structure_lonely_negative_real.json': 'json/number-not-exact',
  'y_object_duplicated_key.json': 'json/key-twice',
  'y_object_duplicated_key_and_value.json': 'json/key-twice',
}

describe.skipIf(vectorsAreMissing)(named('JSON on the parsing test suite'), () => {
  const folder = 'json/test_parsing'
  const files = vectorsAreMissing ? [] : readdirSync(vectorPath(folder)).sort()
  const outcome = (file: string): string =>
    codeOf(() => jsonFromBytes(readVectorBytes(`${folder}/${file}`)))

  test('accepts every valid text but those the profile refuses, each for its reason', () => {
    const valid = files.filter((file) => file.startsWith('y_'))
    expect(valid).toHaveLength(95)
    for (const file of valid) {
      expect([file, outcome(file)]).toEqual([file, REFUSED[file] ?? 'accepted'])
      if (REFUSED[file] === undefined) {
        const bytes = readVectorBytes(`${folder}/${file}`)
        const plain: unknown = JSON.parse(new TextDecoder().decode(bytes))
        expect(JSON.stringify(jsonFromBytes(bytes))).toBe(JSON.stringify(plain))
      }
    }
    expect(Object.keys(REFUSED).filter((file) => !valid.includes(file))).toEqual([])
  })

  test('refuses every invalid text', () => {
    const invalid = files.filter((file) => file.startsWith('n_'))
    expect(invalid).toHaveLength(188)
    for (const file of invalid) expect([file, outcome(file)]).not.toEqual([file, 'accepted'])
  })

  test('gives a value or a fault for the rest', () => {
    for (const file of files) expect(outcome(file)).toMatch(/^(accepted|json\/|text\/not-utf8)/)
  })
})

describe('strict JSON', () => {
  test('refuses a key for the second time, also in another spelling', () => {
    expect(codeOf(() => jsonFromText('{"a":1,"b":2}'))).toBe('accepted')
    expect(codeOf(() => jsonFromText('{"a":1,"a":1}'))).toBe('json/key-twice')
    expect(codeOf(() => jsonFromText('{"a":1,"\\u0061":1}'))).toBe('json/key-twice')
    expect(codeOf(() => jsonFromText('{"a":null,"a":null}'))).toBe('json/key-twice')
    expect(codeOf(() => jsonFromText('{"a":{"a":1}}'))).toBe('accepted')
  })

  test('refuses keys that reach into a prototype, in any spelling and at any depth', () => {
    for (const name of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__']) {
      expect(codeOf(() => jsonFromText(`[{"${name}":{"x":1}}]`))).toBe('json/forbidden-key')
    }
    expect(codeOf(() => jsonFromText('["__proto__"]'))).toBe('accepted')
  })

  test('objects have no prototype, so an absent name is undefined', () => {
    const object = jsonFromText('{"toString":"x"}')
    if (!isJsonObject(object)) throw new Error('an object')
    expect(Object.getPrototypeOf(object)).toBe(null)
    expect(object['toString']).toBe('x')
    expect(object['hasOwnProperty']).toBe(undefined)
    expect(Object.isFrozen(object)).toBe(true)
  })

  test('reads integers up to 2^53 − 1 and refuses every other number', () => {
    for (const value of [0, 1, -1, 9007199254740991, -9007199254740991]) {
      expect(jsonFromText(String(value))).toBe(value)
    }
    const refused =
      '9007199254740992 9007199254740993 -9007199254740992 1e3 1E3 1.0 0.5 -0 00 01 -01'
    const others = '+1 .5 5. --1 1-1 - e'
    for (const spelling of [...refused.split(' '), ...others.split(' '), '9'.repeat(100_000)]) {
      expect(codeOf(() => jsonFromText(spelling))).toBe('json/number-not-exact')
    }
    for (const spelling of ['0x10', '0b11', '1n', '1_000', 'NaN', 'Infinity', '-Infinity']) {
      expect(codeOf(() => jsonFromText(spelling))).not.toBe('accepted')
    }
  })

  test('reads the deepest level that is allowed and refuses one more, without a stack overflow', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    expect(codeOf(() => jsonFromText(nested(JSON_DEPTH_MAX)))).toBe('accepted')
    expect(codeOf(() => jsonFromText(nested(JSON_DEPTH_MAX + 1)))).toBe('json/too-deep')
    expect(codeOf(() => jsonFromText(nested(200_000)))).toBe('json/too-deep')
    expect(codeOf(() => jsonFromText('{"a":'.repeat(200_000)))).toBe('json/too-deep')
  })

  test('reads as much as is allowed and refuses one byte or one key more', () => {
    expect(codeOf(() => jsonFromBytes(bytesFromUtf8('"ab"'), 4))).toBe('accepted')
    expect(codeOf(() => jsonFromBytes(bytesFromUtf8('"abc"'), 4))).toBe('json/too-large')
    expect(codeOf(() => jsonFromText('"abc"', 4))).toBe('json/too-large')
    const keys = (count: number): string =>
      `{${Array.from({ length: count }, (_, at) => `"${at}":0`).join()}}`
    expect(codeOf(() => jsonFromText(keys(JSON_KEYS_MAX)))).toBe('accepted')
    expect(codeOf(() => jsonFromText(keys(JSON_KEYS_MAX + 1)))).toBe('json/too-many-keys')
  })

  test('refuses unpaired surrogates and bytes that are not UTF-8', () => {
    expect(jsonFromText('"\\ud83d\\ude00"')).toBe('😀')
    for (const bad of ['"\\ud83d"', '"\\ude00\\ud83d"', '"\ud83d"']) {
      expect(codeOf(() => jsonFromText(bad))).toBe('json/malformed')
    }
    expect(codeOf(() => jsonFromBytes(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('text/not-utf8')
    expect(codeOf(() => jsonFromBytes(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)))).not.toBe('accepted')
  })

  test('every prefix of a text is refused', () => {
    const text = '{"a":[1,-20,"x\\n\\u00e9",true,false,null,{}],"b":{"c":[]}}'
    expect(codeOf(() => jsonFromText(text))).toBe('accepted')
    for (let size = 0; size < text.length; size++) {
      // A number cut after its sign is refused as a number.
      expect(codeOf(() => jsonFromText(text.slice(0, size)))).toMatch(/malformed|not-exact/)
    }
  })

  test('accepts nothing that JSON.parse refuses, and reads the same where it accepts', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'u0041',
      'a',
      '1',
      '-',
      ' ',
      'true',
      'null',
      '"a"',
      '0',
    ]
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join('')),
        (text) => {
          const ours = faultFrom(() => jsonFromText(text))
          if (isFault(ours)) return
          expect(JSON.stringify(ours)).toBe(JSON.stringify(JSON.parse(text)))
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('reads back what JSON.stringify writes', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.maxSafeInteger().map((number) => number + 0 || 0),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
      ),
    })).value
    fc.assert(
      fc.property(value, (written) => {
        const text = JSON.stringify(written)
        const read = faultFrom(() => jsonFromText(text))
        if (isFault(read)) expect(read.code).toBe('json/forbidden-key')
        else expect(JSON.stringify(read)).toBe(text)
      }),
      { numRuns: 300 },
    )
  })
})

describe('reading fields', () => {
  const wrong = 'json/wrong-shape'

  test('an object has exactly the names asked for', () => {
    const json = jsonFromText('{"a":1,"b":"x"}')
    expect(jsonObjectWith(json, ['a', 'b'], 'it')).toEqual({ a: 1, b: 'x' })
    expect(codeOf(() => jsonObjectWith(json, ['a'], 'it'))).toBe(wrong)
    expect(codeOf(() => jsonObjectWith(json, ['a', 'b', 'c'], 'it'))).toBe(wrong)
    for (const other of ['[]', 'null', '1', '"a"']) {
      expect(codeOf(() => jsonObjectWith(jsonFromText(other), [], 'it'))).toBe(wrong)
    }
    expect(codeOf(() => jsonObjectWith(undefined, [], 'it'))).toBe(wrong)
  })

  test('a field has the type asked for', () => {
    expect([jsonText('x', 'it'), jsonCount(3, 'it'), jsonList([1], 'it')]).toEqual(['x', 3, [1]])
    for (const json of [undefined, null, true, {}, -1]) {
      expect(codeOf(() => jsonText(json, 'it'))).toBe(wrong)
      expect(codeOf(() => jsonCount(json, 'it'))).toBe(wrong)
      expect(codeOf(() => jsonList(json, 'it'))).toBe(wrong)
    }
    expect([isJsonList([]), isJsonList({}), isJsonObject([]), isJsonObject(null)]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })
})
