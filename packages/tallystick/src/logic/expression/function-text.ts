/** Functions of texts and numbers. */
import type { LanguageFunction } from './function.ts'
import { unfit } from './operate.ts'
import { fail, spend, spendFor } from './run.ts'
import { BOOL, DYN, INT, STRING } from './type.ts'
import { codePointsOf, isList, isMap } from './value.ts'

const size: LanguageFunction = {
  stands: 'either',
  takes: [['string', 'list', 'map']],
  gives: () => INT,
  form: 'size(string, list or map)',
  run: (frame, given, at) => {
    const [value = null] = given
    if (isList(value)) return value.length
    if (typeof value === 'string') {
      spendFor(frame.gas, value.length)
      return codePointsOf(value)
    }
    if (!isMap(value)) return unfit(frame, at, size.form, value)
    const count = Object.keys(value).length
    spendFor(frame.gas, count)
    return count
  },
}

type Test = (text: string, part: string) => boolean

const textTest = (
  name: string,
  test: Test,
  cost: (size: number, part: number) => number,
): LanguageFunction => {
  const form = `string.${name}(string)`
  return {
    stands: 'behind',
    takes: [['string'], ['string']],
    gives: () => BOOL,
    form,
    run: (frame, given, at) => {
      const [text, part] = given
      if (typeof text !== 'string' || typeof part !== 'string') {
        return unfit(frame, at, form, ...given)
      }
      spend(frame.gas, cost(text.length, part.length))
      return test(text, part)
    },
  }
}

// Looking for a part may compare all of it at each place of the text, and pays for that.
const contains = textTest(
  'contains',
  (text, part) => text.includes(part),
  (size, part) => (size >>> 5) + Math.floor((Math.max(0, size - part) * part) / 1024),
)

const startsWith = textTest(
  'startsWith',
  (text, part) => text.startsWith(part),
  (_, part) => part >>> 5,
)

const endsWith = textTest(
  'endsWith',
  (text, part) => text.endsWith(part),
  (_, part) => part >>> 5,
)

const string: LanguageFunction = {
  stands: 'before',
  takes: [['string', 'int', 'bool']],
  gives: () => STRING,
  form: 'string(int, bool or string)',
  run: (frame, given, at) => {
    const [value = null] = given
    return typeof value === 'object' ? unfit(frame, at, string.form, value) : String(value)
  },
}

const int: LanguageFunction = {
  stands: 'before',
  takes: [['int', 'string']],
  gives: () => INT,
  form: 'int(string or int)',
  run: (frame, given, at) => {
    const [value = null] = given
    if (typeof value === 'number') return value
    if (typeof value !== 'string') return unfit(frame, at, int.form, value)
    // Sixteen digits and a sign hold every number there is; a longer text is not looked at.
    const isNumber = value.length <= 17 && /^(?:0|-?[1-9][0-9]*)$/.test(value)
    const number = isNumber ? Number(value) : Number.NaN
    if (Number.isSafeInteger(number)) return number
    return fail(frame, {
      code: 'expression/no-number',
      at,
      why: 'int() takes digits without a leading 0, up to ±(2^53 − 1)',
    })
  },
}

const dyn: LanguageFunction = {
  stands: 'before',
  takes: ['any'],
  gives: () => DYN,
  form: 'dyn(value)',
  run: (_, given) => given[0],
}

const extreme = (name: string, pick: (a: number, b: number) => number): LanguageFunction => {
  const form = `${name}(int, int, …)`
  return {
    stands: 'before',
    takes: [['int'], ['int']],
    repeats: true,
    gives: () => INT,
    form,
    run: (frame, given, at) => {
      const numbers = given.filter((value) => typeof value === 'number')
      return numbers.length < given.length ? unfit(frame, at, form, ...given) : numbers.reduce(pick)
    },
  }
}

export const TEXT_FUNCTIONS: readonly (readonly [string, LanguageFunction])[] = [
  ['size', size],
  ['contains', contains],
  ['startsWith', startsWith],
  ['endsWith', endsWith],
  ['string', string],
  ['int', int],
  ['dyn', dyn],
  ['min', extreme('min', (a, b) => Math.min(a, b))],
  ['max', extreme('max', (a, b) => Math.max(a, b))],
]
