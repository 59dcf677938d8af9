import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { ANSWERS_MAX } from '../../src/base/limits.ts'
import type { NostrDraft, NostrTag } from '../../src/forms/nostr-event.ts'
import { inputDraft, nostrInputFrom, RESERVED_NAMES } from '../../src/forms/nostr-input.ts'

const machine = 'ab'.repeat(32)
const parent = 'cd'.repeat(32)
const draft: NostrDraft = inputDraft({
  input: { machine, type: 'LOAD', parent },
  data: '{"amount":5}',
  pubkey: '12'.repeat(32),
  created_at: 1_700_000_000,
})
const codeOf = (changes: Partial<NostrDraft>, expected?: string): string => {
  const result = faultFrom(() => nostrInputFrom({ ...draft, ...changes }, expected))
  return isFault(result) ? result.code : 'read'
}
const withTags = (...more: readonly NostrTag[]): Partial<NostrDraft> => ({
  tags: [...draft.tags, ...more],
})
const without = (name: string): Partial<NostrDraft> => ({
  tags: draft.tags.filter(([first]) => first !== name),
})

describe('an input as an event', () => {
  test('names its machine, its type, the input before it, and data', () => {
    const input = nostrInputFrom(draft, machine)
    expect(input).toEqual({ machine, type: 'LOAD', parent, answers: [], data: input.data })
    expect({ ...input.data }).toEqual({ amount: 5 })
  })

  test('may quote what oracles have said, in its order', () => {
    const answers = ['final', 'half-time'].map((question) => ({
      oracle: 'north',
      question,
      answer: 'home: 3',
    }))
    const quoting = inputDraft({
      input: { machine, type: 'QUOTE', parent, answers },
      data: '',
      pubkey: draft.pubkey,
      created_at: draft.created_at,
    })
    expect(nostrInputFrom(quoting).answers).toEqual(answers)
    expect(codeOf(withTags(['answer', 'north', 'final', 'home']))).toBe('read')
    expect(codeOf(withTags(['answer', 'north', 'final']))).toBe('nostr-input/bad-tags')
    expect(codeOf(withTags(['answer', 'north', 'final', 'home', 'x']))).toBe('nostr-input/bad-tags')
    const many = (count: number): readonly NostrTag[] =>
      Array.from({ length: count }, (_, at) => ['answer', 'north', String(at), 'yes'])
    expect(codeOf(withTags(...many(ANSWERS_MAX)))).toBe('read')
    expect(codeOf(withTags(...many(ANSWERS_MAX + 1)))).toBe('nostr-input/bad-tags')
  })

  test('may be the first, have no data, and carry tags of others', () => {
    const first = nostrInputFrom({ ...draft, ...without('transition'), content: '' })
    expect(first.parent).toBeUndefined()
    expect(first.data).toBeUndefined()
    expect(codeOf(withTags(['client', 'somebody'], ['p', '34'.repeat(32)]))).toBe('read')
    const hinted: NostrTag = ['e', machine, 'wss://relay', 'root']
    expect(codeOf({ tags: [hinted, ['t', 'LOAD']] })).toBe('read')
  })

  test.each<[what: string, code: string, changes: Partial<NostrDraft>]>([
    ['of another kind', 'nostr-input/wrong-kind', { kind: 1 }],
    ['without a machine', 'nostr-input/bad-tags', without('e')],
    ['for two machines', 'nostr-input/bad-tags', withTags(['e', parent])],
    ['for one machine twice', 'nostr-input/bad-tags', withTags(['e', machine])],
    [
      'with an id that is none',
      'nostr-input/bad-tags',
      {
        tags: [
          ['e', 'AB'.repeat(32)],
          ['t', 'A'],
        ],
      },
    ],
    ['with a bare tag e', 'nostr-input/bad-tags', { tags: [['e'], ['t', 'A']] }],
    ['without a type', 'nostr-input/bad-tags', without('t')],
    [
      'with an empty type',
      'nostr-input/bad-tags',
      {
        tags: [
          ['e', machine],
          ['t', ''],
        ],
      },
    ],
    ['of two types', 'nostr-input/bad-tags', withTags(['t', 'CANCEL'])],
    ['with two inputs before it', 'nostr-input/bad-tags', withTags(['transition', machine])],
    ['that expires', 'nostr-input/not-lasting', withTags(['expiration', '1800000000'])],
    ['that only its author may hand on', 'nostr-input/not-lasting', withTags(['-'])],
    ['with a list for data', 'nostr-input/bad-payload', { content: '[1]' }],
    ['with data that is no JSON', 'nostr-input/bad-payload', { content: '{a:1}' }],
    ['with one name twice', 'nostr-input/bad-payload', { content: '{"a":1,"a":2}' }],
    ['that reaches for a prototype', 'nostr-input/bad-payload', { content: '{"__proto__":{}}' }],
    ['with a fraction', 'nostr-input/bad-payload', { content: '{"a":0.5}' }],
    ['that is too large', 'nostr-input/too-large', { content: `{"a":"${'x'.repeat(16_384)}"}` }],
  ])('is refused %s', (_, code, changes) => {
    expect(codeOf(changes)).toBe(code)
  })

  test.each(RESERVED_NAMES)(
    'is refused with data that sets "%s", and read with any other name',
    (name) => {
      expect(codeOf({ content: JSON.stringify({ [name]: 'x' }) })).toBe('nostr-input/reserved-name')
      expect(codeOf({ content: JSON.stringify({ [`${name}s`]: 'x' }) })).toBe('read')
    },
  )

  test('is refused by a machine that it does not name', () => {
    expect(codeOf({}, machine)).toBe('read')
    expect(codeOf({}, parent)).toBe('nostr-input/other-machine')
  })

  test('is not drafted with what would be refused', () => {
    const wish = { input: { machine, type: '', parent }, data: '', pubkey: '', created_at: 0 }
    expect(isFault(faultFrom(() => inputDraft(wish)))).toBe(true)
  })
})
