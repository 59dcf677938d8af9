import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFault, utf8FromBytes } from 'tallystick/base'
import { compile, jsonTextFromManifest, manifestFromPolo, poloFromManifest } from 'tallystick/moi'
import { describe, expect, test } from 'vitest'
import { jsonFromYaml, manifestFromFile } from '../../src/guardian/manifest-yaml.ts'
import { MANIFEST_FILE_BYTES_MAX, MANIFEST_YAML_DEPTH_MAX } from '../../src/limits.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const folder = join(import.meta.dirname, 'third-party')
const published = join(import.meta.dirname, '../../../tallystick/test/dialects/moi/third-party')

describe('a manifest in YAML', () => {
  test.each(readdirSync(join(folder, 'cocolang')).filter((name) => name.endsWith('.yaml')))(
    'as the compiler wrote %s is read, compiled and kept by POLO and JSON',
    (name) => {
      const manifest = manifestFromFile(
        new Uint8Array(readFileSync(join(folder, 'cocolang', name))),
      )
      if (isFault(manifest)) throw manifest
      const program = compile(manifest)
      if (isFault(program)) throw program
      const polo = manifestFromPolo(poloFromManifest(manifest))
      if (isFault(polo)) throw polo
      // The mode of an endpoint is what POLO has no place for.
      const text = jsonTextFromManifest(manifest).replaceAll(/\s*"mode": "asset",/g, '')
      expect(jsonTextFromManifest(polo)).toBe(text)
      expect(manifestFromFile(bytes(jsonTextFromManifest(manifest)))).toEqual(manifest)
    },
  )

  test('is the same from YAML as from the published JSON and digits of POLO', () => {
    const json = readFileSync(join(published, 'tokenledger.json'))
    const manifest = manifestFromFile(new Uint8Array(json))
    if (isFault(manifest)) throw manifest
    expect(
      manifestFromFile(new Uint8Array(readFileSync(join(published, 'tokenledger.polo')))),
    ).toEqual(manifest)
    // JSON is YAML, when it does not begin as JSON.
    expect(manifestFromFile(bytes(`# ledger\n${utf8FromBytes(json)}`))).toEqual(manifest)
  })
})

describe('scalars', () => {
  test('are numbers, words or texts as they are written', () => {
    const text = [
      'a: 12',
      "b: '12'",
      'c: 0x0673656564656420',
      'd: true',
      'e: "true"',
      'f: 0.5.0',
      'g:',
      'h: ~',
      'i: -1',
      'j: 007',
      'k: 99999999999999999',
      'l: no',
      'm: $0',
      "n: ''",
    ].join('\n')
    expect(jsonFromYaml(text)).toEqual({
      a: 12,
      b: '12',
      c: '0x0673656564656420',
      d: true,
      e: 'true',
      f: '0.5.0',
      g: null,
      h: null,
      i: '-1',
      j: '007',
      k: '99999999999999999',
      l: 'no',
      m: '$0',
      n: '',
    })
  })
})

describe('YAML is refused', () => {
  test.each([
    ['with an alias', 'a: &x 1\nb: *x'],
    ['with an anchor', 'a: &x 1'],
    ['with a tag', 'a: !!str 1'],
    ['with a tag on a list', 'a: !!seq [1]'],
    ['with a key twice', 'a: 1\na: 2'],
    ['with a key that is a list', '? [a]\n: 1'],
    ['with a key that reaches a prototype', '__proto__: 1'],
    ['with two documents', 'a: 1\n---\nb: 1'],
    ['that cannot be read', 'a: [1'],
    ['with tabs for spaces', 'a:\n\t- 1'],
  ])('%s', (_what, text) => {
    expect(jsonFromYaml('a: 1\nb: [1]')).toEqual({ a: 1, b: [1] })
    expect(() => jsonFromYaml(text)).toThrow(
      expect.objectContaining({ code: 'manifest/malformed' }),
    )
  })

  test('beyond so many levels, however deep', () => {
    const deep = (levels: number): string => `a: ${'['.repeat(levels)}${']'.repeat(levels)}`
    expect(jsonFromYaml(deep(MANIFEST_YAML_DEPTH_MAX))).toBeDefined()
    expect(() => jsonFromYaml(deep(MANIFEST_YAML_DEPTH_MAX + 1))).toThrow('levels')
    expect(() => jsonFromYaml('- '.repeat(100_000))).toThrow('levels')
    expect(() => jsonFromYaml(deep(100_000))).toThrow(
      expect.objectContaining({ code: 'manifest/malformed' }),
    )
  })

  test('beyond its size, and where it is no manifest', () => {
    expect(isFault(manifestFromFile(new Uint8Array(MANIFEST_FILE_BYTES_MAX + 1)))).toBe(true)
    for (const text of ['', 'a: 1', '0x', '0x0', '0x0e', 'no', '- 1', '{'])
      expect(isFault(manifestFromFile(bytes(text)))).toBe(true)
  })

  test('in a time that grows with its length', () => {
    const many = Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join('\n')
    const start = performance.now()
    expect(isFault(manifestFromFile(bytes(many)))).toBe(true)
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})
