import { describe, expect, test } from 'vitest'
import { utf8FromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import {
  jsonFromManifest,
  jsonTextFromManifest,
  manifestFromJson,
  manifestFromJsonText,
} from '../../../../src/dialects/moi/manifest/json.ts'
import { poloFromManifest, manifestFromPolo } from '../../../../src/dialects/moi/manifest/polo.ts'
import { fixture, sound } from '../pisa/world.ts'

const every = {
  syntax: 1,
  engine: { kind: 'PISA', flags: ['x'], version: '0.5.0' },
  kind: 'logic',
  elements: [
    { ptr: 0, kind: 'literal', data: { type: 'u64', value: '0x0301' } },
    { ptr: 1, deps: [0], kind: 'typedef', data: '[]u64' },
    {
      ptr: 2,
      kind: 'state',
      data: { mode: 'logic', fields: [{ slot: 0, label: 'a', type: 'u64' }] },
    },
    {
      ptr: 3,
      kind: 'callable',
      data: {
        name: 'Run',
        mode: 'pure',
        kind: 'invoke',
        accepts: [],
        returns: [],
        executes: { bin: [1, 255], hex: '01', asm: ['DEST'] },
        catches: ['x'],
      },
    },
    { ptr: 4, kind: 'class', data: { name: 'C', fields: [], methods: [{ ptr: 5, code: 16 }] } },
    {
      ptr: 5,
      kind: 'method',
      data: {
        name: 'M',
        class: 'C',
        mutable: true,
        accepts: [],
        returns: [],
        executes: { hex: '' },
        catches: [],
      },
    },
    {
      ptr: 6,
      kind: 'interface',
      data: {
        name: 'I',
        logic: { mode: 'logic', fields: [] },
        endpoint: [{ name: 'E', accepts: [], returns: [] }],
      },
    },
    {
      ptr: 7,
      kind: 'event',
      data: { name: 'V', topics: 1, fields: [{ slot: 0, label: 'a', type: 'u64' }] },
    },
    { ptr: 8, kind: 'asset', data: { engine: '1.0.0' } },
  ],
}

describe('a manifest in JSON', () => {
  test('keeps every kind of element, in JSON and in POLO', () => {
    const manifest = manifestFromJson(every as never)
    expect(jsonFromManifest(manifest)).toEqual(every)
    expect(manifestFromPolo(poloFromManifest(manifest))).toEqual(manifest)
    expect(sound(manifestFromJsonText(jsonTextFromManifest(manifest)))).toEqual(manifest)
  })

  test('loses the mode of an endpoint in POLO, and nothing else', () => {
    const [element] = every.elements.slice(6, 7)
    const moded = {
      ...every,
      elements: [
        {
          ...element,
          data: { name: 'I', endpoint: [{ name: 'E', mode: 'asset', accepts: [], returns: [] }] },
        },
      ],
    }
    const manifest = manifestFromJson(moded as never)
    expect(jsonFromManifest(manifest)).toEqual(moded)
    const back = sound(manifestFromPolo(poloFromManifest(manifest)))
    expect(jsonTextFromManifest(back)).toBe(
      jsonTextFromManifest(manifest).replace(/"mode": "asset",\s*/, ''),
    )
  })

  type Change = readonly [what: string, path: readonly (string | number)[], to: unknown]

  const changed = (path: readonly (string | number)[], to: unknown): never => {
    const copy: unknown = structuredClone(every)
    let at = copy as Record<string | number, never>
    for (const name of path.slice(0, -1)) at = at[name] ?? ({} as never)
    at[path.at(-1) ?? ''] = to as never
    return copy as never
  }

  test.each<Change>([
    ['no syntax', ['syntax'], undefined],
    ['a syntax that is a text', ['syntax'], '1'],
    ['an unknown member', ['extra'], 1],
    ['an engine that is no object', ['engine'], 'PISA'],
    ['elements that are no list', ['elements'], {}],
    ['an element of an unknown kind', ['elements', 0, 'kind'], 'routine'],
    ['an unknown member of an element', ['elements', 0, 'note'], ''],
    ['a pointer below zero', ['elements', 0, 'ptr'], -1],
    ['a literal without a value', ['elements', 0, 'data'], { type: 'u64' }],
    ['a typedef that is no text', ['elements', 1, 'data'], 5],
    ['a byte above 255', ['elements', 3, 'data', 'executes', 'bin'], [256]],
    ['a line that is no text', ['elements', 3, 'data', 'executes', 'asm'], [1]],
    ['a name that is too long', ['elements', 3, 'data', 'name'], 'x'.repeat(257)],
    ['a name of long characters', ['elements', 3, 'data', 'name'], '€'.repeat(86)],
    ['mutable that is a text', ['elements', 5, 'data', 'mutable'], 'true'],
    ['too many fields', ['elements', 7, 'data', 'fields'], Array.from({ length: 257 }, () => ({}))],
  ])('is refused with %s', (_what, path, to) => {
    expect(() => manifestFromJson(changed(path, to))).toThrow(
      expect.objectContaining({ code: 'manifest/malformed' }),
    )
  })

  test('holds names up to their length', () => {
    expect(
      manifestFromJson(changed(['elements', 3, 'data', 'name'], 'x'.repeat(256))).elements.length,
    ).toBe(9)
    expect(
      manifestFromJson(changed(['elements', 3, 'data', 'name'], '€'.repeat(85))).elements.length,
    ).toBe(9)
  })

  test('that is a text no reader of JSON takes is a fault', () => {
    const text = utf8FromBytes(fixture('flipper.json'))
    expect(isFault(manifestFromJsonText(text))).toBe(false)
    expect(isFault(manifestFromJsonText(text.slice(1)))).toBe(true)
    expect(
      isFault(manifestFromJsonText(text.replace('"syntax": 1', '"syntax": 1, "syntax": 1'))),
    ).toBe(true)
  })
})
