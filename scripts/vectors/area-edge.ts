/** Texts at the edges: JSON that is read in one way, and amounts. */
import { chunksFromBytes } from '../../packages/tallystick/src/forms/chunk.ts'
import { type Area, bad, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import { seedOf } from './world.ts'

const reads = (id: string, comment: string, text: string): Case =>
  good({ id: `json/${id}`, comment, check: 'json', input: { text } })

const refuses = (fault: string, id: string, comment: string, input: JsonObject): Case =>
  bad(fault, { id: `json/${id}`, comment, check: 'json', input })

const repeated = (start: string, repeat: string, times: number, end: string): JsonObject => ({
  start,
  repeat,
  times,
  end,
})

const jsons = (): readonly Case[] => [
  reads('object', 'nested values', '{"a":[1,-2,true,null],"b":{"c":"d"}}'),
  reads('spaces', 'blanks between tokens', ' { "a" : [ 1 , 2 ] } \n'),
  reads('escapes', 'all escapes', '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"'),
  reads('largest', 'the largest exact integer', '9007199254740991'),
  reads('smallest', 'the smallest exact integer', '-9007199254740991'),
  refuses('json/key-twice', 'key-twice', 'one name twice', { text: '{"a":1,"a":2}' }),
  refuses('json/key-twice', 'key-twice-escaped', 'one name in two spellings', {
    text: '{"a":1,"\\u0061":2}',
  }),
  refuses('json/forbidden-key', 'proto', 'a name that reaches the prototype', {
    text: '{"__proto__":{"admin":true}}',
  }),
  refuses('json/forbidden-key', 'proto-escaped', 'the same, escaped', {
    text: '{"\\u005f_proto__":1}',
  }),
  refuses('json/forbidden-key', 'constructor', 'another such name', { text: '{"constructor":1}' }),
  refuses('json/number-not-exact', 'huge', 'an integer that no number holds', {
    text: '9007199254740993',
  }),
  refuses('json/number-not-exact', 'fraction', 'a fraction', { text: '1.5' }),
  refuses('json/number-not-exact', 'exponent', 'an exponent', { text: '1e400' }),
  refuses('json/number-not-exact', 'leading-zero', 'a leading zero', { text: '01' }),
  refuses('json/malformed', 'trailing', 'something after the value', { text: '{} {}' }),
  refuses('json/malformed', 'trailing-comma', 'a comma too many', { text: '[1,]' }),
  refuses('json/malformed', 'comment', 'a comment', { text: '/* a */ 1' }),
  refuses('json/malformed', 'empty', 'nothing', { text: '' }),
  refuses('json/malformed', 'surrogate', 'half a character', { text: '"\\ud83d"' }),
  refuses('json/malformed', 'raw-control', 'a raw line break in a text', { text: '"a\nb"' }),
  refuses('json/too-many-keys', 'keys', '1,025 names', {
    text: `{${Array.from({ length: 1025 }, (_, at) => `"${at}":0`).join(',')}}`,
  }),
  refuses('json/too-deep', 'deep', '200,000 lists in one another', repeated('', '[', 200_000, '')),
  refuses(
    'json/too-large',
    'large',
    'more characters than are read',
    repeated('"', 'x', 20_000_000, '"'),
  ),
]

const amounts = (): readonly Case[] => {
  const is = (id: string, comment: string, text: string, decimals = 2): Case =>
    good({ id: `amount/${id}`, comment, check: 'amount', input: { text, decimals } })
  const refused = (fault: string, id: string, comment: string, text: string, decimals = 2): Case =>
    bad(fault, { id: `amount/${id}`, comment, check: 'amount', input: { text, decimals } })
  const malformed = [
    '',
    ' 1',
    '1 ',
    '+1',
    '01',
    '1.',
    '.5',
    '1e3',
    '0x10',
    '1,000',
    '1_000',
    '١',
    '１',
    'NaN',
    '1.2.3',
  ]
  return [
    is('whole', 'a whole amount', '4'),
    is('fraction', 'with decimals', '4.2'),
    is('cents', 'the smallest unit', '0.01'),
    is('zero', 'nothing', '0'),
    is('largest', 'the largest of 128 bits', '340282366920938463463374607431768211455', 0),
    refused(
      'amount/too-large',
      'too-large',
      'one more',
      '340282366920938463463374607431768211456',
      0,
    ),
    refused('amount/too-precise', 'too-precise', 'more decimals than the asset has', '1.234'),
    refused('amount/too-precise', 'fraction-of-whole', 'a fraction where there are none', '1.5', 0),
    refused('amount/negative', 'negative', 'below zero', '-1'),
    ...malformed.map((text, at) =>
      refused('amount/malformed', `malformed-${at}`, `"${text}" is no amount`, text),
    ),
    refused('amount/malformed', 'long', 'a text longer than any amount', '1'.repeat(200), 0),
  ]
}

const chunks = (): readonly Case[] => {
  const whole = chunksFromBytes(seedOf('chunks'), 12)
  const [first, second, third] = whole
  const [foreign] = chunksFromBytes(seedOf('others'), 12)
  if (!first || !second || !third || !foreign) throw new Error('32 bytes make three chunks')
  const gathered = good({
    id: 'chunk/three',
    comment: '32 bytes in three texts',
    check: 'chunks',
    input: { chunks: whole },
  })
  const failing = (fault: string, id: string, comment: string, texts: readonly string[]): Case =>
    spoiled(gathered, fault, { id: `chunk/${id}`, comment, input: { chunks: texts } })
  const head = first.slice(0, first.indexOf(':') + 1)
  return [
    gathered,
    good({
      id: 'chunk/any-order',
      comment: 'in any order and with a repeat',
      check: 'chunks',
      input: { chunks: [third, first, second, first] },
    }),
    failing('chunk/incomplete', 'incomplete', 'one is missing', [first, third]),
    failing('chunk/incomplete', 'none', 'there is none', []),
    failing('chunk/other-whole', 'other-whole', 'one belongs to something else', [first, foreign]),
    failing('chunk/contradiction', 'contradiction', 'two different first ones', [
      first,
      `${head}${second.slice(second.indexOf(':') + 1)}`,
    ]),
    failing('chunk/wrong-digest', 'wrong-digest', 'shares in the wrong places', [
      `${head}${second.slice(second.indexOf(':') + 1)}`,
      second,
      third,
    ]),
    failing('chunk/not-a-chunk', 'not-a-chunk', 'another text', ['https://example.org']),
    failing('chunk/malformed', 'lower-case', 'a character that is none of base45', [`${head}abc`]),
    failing('chunk/malformed', 'position', 'position 4 of 3', [first.replace('1/3', '4/3')]),
    failing('chunk/malformed', 'leading-zero', 'a position with a leading zero', [
      first.replace('1/3', '01/3'),
    ]),
    failing('chunk/malformed', 'overflow', 'three characters that make no two bytes', [
      `${head}:::`,
    ]),
  ]
}

export const edgeArea = (): Area => ({
  area: 'edge',
  about: 'JSON, amounts and chunks as text.',
  cases: [...jsons(), ...amounts(), ...chunks()],
})
