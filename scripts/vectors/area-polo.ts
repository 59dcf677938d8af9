/** POLO: what is read for each kind of schema, what is written again, and what is refused. */
import { type Area, type Case, good, spoiled } from './case.ts'

const reads = (id: string, schema: string, message: string, comment: string): Case =>
  good({ id: `polo/${id}`, comment, check: 'polo', input: { schema, message } })

const scalars = (): readonly Case[] => [
  reads('null', 'any', '00', 'nothing'),
  reads('true', 'boolean', '02', 'true'),
  reads('false', 'boolean', '01', 'false'),
  reads('null-boolean', 'boolean', '00', 'null is false'),
  reads('zero', 'u64', '03', 'zero has no magnitude'),
  reads('one', 'u64', '0301', 'one'),
  reads('127', 'u64', '037f', 'seven bits'),
  reads('255', 'u64', '03ff', 'eight bits: the sign is in the kind'),
  reads('256', 'u64', '030100', 'two bytes, the greater first'),
  reads('300', 'u64', '03012c', 'two bytes'),
  reads('5000', 'u64', '031388', 'two bytes'),
  reads('2-32', 'u64', '030100000000', 'five bytes'),
  reads('2-48', 'u64', '0301000000000000', 'seven bytes'),
  reads('u64-max', 'u64', '03ffffffffffffffff', 'the greatest of 64 bits'),
  reads('long-300', 'u64', '03000000000000012c', 'eight bytes, as clients write big integers'),
  reads('longest-300', 'u64', `03${'00'.repeat(30)}012c`, '32 bytes, zeros in front'),
  reads('null-integer', 'u64', '00', 'null is zero'),
  reads('u256-max', 'u256', `03${'ff'.repeat(32)}`, 'the greatest of 256 bits'),
  reads('u8-max', 'u8', '03ff', 'the greatest of eight bits'),
  reads('minus-one', 'i64', '0401', 'a negative number'),
  reads('minus-300', 'i64', '04012c', 'its magnitude'),
  reads('i64-min', 'i64', '048000000000000000', 'the least of 64 bits'),
  reads('empty-text', 'text', '06', 'a text of nothing'),
  reads('null-text', 'text', '00', 'null is an empty text'),
  reads('text', 'text', '064d4f49', 'MOI'),
  reads('emoji', 'text', '0661f09f9880', 'a character of four bytes'),
  reads('bytes', 'bytes', '06010203', 'bytes, of the same kind'),
  reads('null-bytes', 'bytes', '00', 'null is no bytes'),
  reads('float', 'float', '07405edd2f1a9fbe77', '123.456'),
  reads('negative-float', 'float', '07bfe0000000000000', 'minus one half'),
]

const containers = (): readonly Case[] => [
  reads('no-texts', 'texts', '0e0f', 'an array of nothing'),
  reads('null-texts', 'texts', '00', 'null is an empty array'),
  reads('text-in-array', 'texts', '0e1f0661', 'an array of one'),
  reads('texts', 'texts', '0e3f061636616263', 'the last text is empty'),
  reads('integers', 'integers', '0e4f031314230101012c', 'zero in the middle has no body'),
  reads('lists', 'lists', '0e4f0e3e8e011f03012f031302030f', 'a tag of two bytes'),
  reads('map', 'map from text', '0e4f0613263361016202', 'keys in order'),
  reads(
    'map-numbers',
    'map from numbers',
    '0e4f031623360a780279',
    'numbers in order of their text',
  ),
  reads('map-numbers-other', 'map from numbers', '0e4f0316233602790a78', 'and in any other'),
  reads('struct', 'struct', '0e3f062332416c07', 'fields in their order'),
  reads('null-struct', 'struct', '00', 'null is a struct of zeros'),
  reads('nulls', 'struct', '0e3f000000', 'and so is one of nulls'),
  reads('structs', 'struct in struct', '0e2f0e733f062332416c0701', 'a struct in a struct'),
  reads(
    'struct-as-document',
    'struct',
    '0d9f010635569501c601e50161676503076e616d6506416c6f6b02',
    'the same struct by names, written again in order',
  ),
  reads('some-fields', 'struct', '0d2f06356167650307', 'fields that are missing are zero'),
  reads('no-fields', 'struct', '0d0f', 'or all of them'),
  reads(
    'document',
    'document',
    '0d9f010635569501c601e50161676503076e616d6506416c6f6b02',
    'keys in order, each with a message',
  ),
  reads('document-as-pack', 'document', '0e3f062332416c07', 'written again as a document'),
  reads('entry', 'entries', '0d2f065576616c756502', 'one entry'),
  reads('no-entries', 'entries', '0d0f', 'an empty document'),
  reads('nested-entry', 'entries', '0d2f0615620e3f062332416c07', 'a struct in an entry'),
  reads('arrays-in-entries', 'entries', '0d4f06153645650e0f6c0e2f06166162', 'arrays in entries'),
  reads(
    'any',
    'any',
    '0e9f01000201031426354e570102ff000f3ff8000000000000',
    'every kind without a name',
  ),
]

const no = (from: Case, what: string, id: string, comment: string, message: string): Case =>
  spoiled(from, what, { id: `polo/${id}`, comment, input: { message } })

const refused = (): readonly Case[] => {
  const integer = reads('refused-from-integer', 'u64', '03012d', 'an integer')
  const text = reads('refused-from-text', 'text', '06616263', 'a text')
  const flag = reads('refused-from-boolean', 'boolean', '02', 'a boolean')
  const float = reads('refused-from-float', 'float', '073ff8000000000000', 'a float')
  const texts = reads('refused-from-texts', 'texts', '0e3f061626616263', 'three texts')
  const map = reads('refused-from-map', 'map from text', '0e4f0613263361016203', 'a map')
  const numbers = reads('refused-from-numbers', 'map from numbers', '0e4f0316233602790b78', 'a map')
  const struct = reads('refused-from-struct', 'struct', '0e3f062332416c08', 'a struct')
  const entries = reads('refused-from-entries', 'entries', '0d4f061526356101620e0f', 'a document')
  const document = reads('refused-from-document', 'struct', '0d2f06356167650308', 'a field')
  const signed = reads('refused-from-i64', 'i64', '0402', 'a negative number')
  const any = reads('refused-from-any', 'any', '0e2f0606', 'two texts of nothing')
  return [
    integer,
    text,
    flag,
    float,
    texts,
    map,
    numbers,
    struct,
    entries,
    document,
    signed,
    any,
    no(integer, 'polo/truncated', 'empty', 'no byte at all', ''),
    no(integer, 'polo/malformed', 'offset', 'a first tag with an offset', '13012d'),
    no(integer, 'polo/wrong-kind', 'text-for-integer', 'a text for an integer', '06012d'),
    no(integer, 'polo/wrong-kind', 'negative', 'a negative integer for a natural one', '04012d'),
    no(integer, 'polo/malformed', 'null-with-body', 'a null with a body', '00012d'),
    no(integer, 'polo/out-of-range', 'u64-over', '2^64', '03010000000000000000'),
    no(
      integer,
      'polo/out-of-range',
      'too-long',
      '33 bytes, all but one zero',
      `03${'00'.repeat(32)}01`,
    ),
    no(signed, 'polo/malformed', 'negative-zero', 'a negative zero', '04'),
    no(signed, 'polo/out-of-range', 'i64-over', 'one below the least', '048000000000000001'),
    no(text, 'text/not-utf8', 'not-utf8', 'a byte that is not UTF-8', '06616280'),
    no(text, 'text/not-utf8', 'surrogate', 'half a character', '06eda080'),
    no(text, 'polo/wrong-kind', 'integer-for-text', 'zero for a text', '03'),
    no(flag, 'polo/malformed', 'true-with-body', 'a boolean with a body', '0201'),
    no(flag, 'polo/wrong-kind', 'integer-for-boolean', 'an integer for a boolean', '0301'),
    no(float, 'polo/malformed', 'short-float', 'a float of seven bytes', '073ff80000000000'),
    no(float, 'polo/wrong-kind', 'integer-for-float', 'an integer for a float', '0301'),
    no(texts, 'polo/truncated', 'no-load', 'a container that ends at once', '0e'),
    no(texts, 'polo/malformed', 'other-load', 'a container without a load', '0e3e061626616263'),
    no(
      texts,
      'polo/truncated',
      'long-head',
      'a head that goes on after the end',
      '0e9f01061626616263',
    ),
    no(texts, 'polo/malformed', 'gap', 'bytes before the first element', '0e3f161626616263'),
    no(texts, 'polo/malformed', 'falling', 'an offset that falls', '0e3f062616616263'),
    no(texts, 'polo/truncated', 'beyond', 'an offset after the end', '0e3f061646616263'),
    no(texts, 'polo/malformed', 'headless', 'bytes and no element', '0e0f616263'),
    no(
      texts,
      'polo/malformed',
      'long-number',
      'a number with zeros in front',
      '0ebf0006162600616263',
    ),
    no(texts, 'polo/malformed', 'overflow', 'a number of five bytes', '0effffffff0f'),
    no(texts, 'polo/truncated', 'cut-number', 'a number that is cut off', '0e1f86'),
    no(texts, 'polo/wrong-kind', 'document-for-array', 'a document for an array', '0d2f0615616200'),
    no(map, 'polo/bad-keys', 'unsorted', 'keys that fall', '0e4f0613263362016103'),
    no(map, 'polo/bad-keys', 'twice', 'a key twice', '0e4f0613263361016103'),
    no(map, 'polo/wrong-count', 'no-value', 'a key without a value', '0e3f06132661016203'),
    no(numbers, 'polo/bad-keys', 'number-twice', 'a number twice', '0e4f0316233602790279'),
    no(struct, 'polo/wrong-count', 'fewer', 'a field less', '0e2f0623416c08'),
    no(struct, 'polo/wrong-count', 'more', 'a field more', '0e4f06233230416c08'),
    no(struct, 'polo/wrong-kind', 'array-for-text', 'an array for a text', '0e3f0e43420f416c08'),
    no(
      document,
      'polo/bad-keys',
      'unknown-name',
      'a field of an unknown name',
      '0d2f06356167660308',
    ),
    no(
      document,
      'polo/wrong-kind',
      'naked-value',
      'a value that is not a message',
      '0d2f063361676508',
    ),
    no(document, 'polo/truncated', 'empty-message', 'a message of no bytes', '0d2f0635616765'),
    no(entries, 'polo/bad-keys', 'names-fall', 'names that fall', '0d4f061526356201610e0f'),
    no(entries, 'polo/bad-keys', 'name-twice', 'a name twice', '0d4f061526356101610e0f'),
    no(
      entries,
      'polo/wrong-kind',
      'number-for-name',
      'a number for a name',
      '0d4f031526356101620e0f',
    ),
    no(entries, 'polo/wrong-count', 'name-alone', 'a name without a value', '0d3f061526610162'),
    no(any, 'polo/malformed', 'reserved', 'a kind that is not given out', '0e2f0608'),
    no(any, 'polo/malformed', 'load', 'a load where no container is', '0e2f060f'),
  ]
}

/** The last value that passes, and the first that does not. */
const bounds = (): readonly Case[] => {
  const texts = (count: number): string => `0e9f8001${'06'.repeat(count)}`
  const levels = (count: number): string => `0e${'1f0e'.repeat(count - 1)}0f`
  const most = reads(
    'most-items',
    'texts',
    `0e8f8001${'06'.repeat(1024)}`,
    'as many as a schema takes',
  )
  const longest = reads(
    'longest-text',
    'text',
    `06${'61'.repeat(1024)}`,
    'as long as a schema takes',
  )
  const deepest = reads('deepest', 'any', levels(32), '32 levels')
  return [
    most,
    no(most, 'polo/too-large', 'one-item-more', 'an item more', texts(1025)),
    longest,
    no(longest, 'polo/too-large', 'one-byte-more', 'a byte more', `06${'61'.repeat(1025)}`),
    deepest,
    no(deepest, 'polo/too-large', 'one-level-more', 'a level more', levels(33)),
  ]
}

export const poloArea = (): Area => ({
  area: 'polo',
  about: 'Messages of POLO, read with a schema and written again.',
  cases: [...scalars(), ...containers(), ...refused(), ...bounds()],
})
