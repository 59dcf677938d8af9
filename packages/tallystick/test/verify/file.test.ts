import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { FILE_BYTES_MAX } from '../../src/base/limits.ts'
import {
  bodyFromFile,
  FILE_HEADER_BYTES,
  fileFromBody,
  type FileKind,
  kindOfFile,
} from '../../src/verify/file.ts'

const KINDS: readonly FileKind[] = [
  'bundle',
  'message',
  'evidence',
  'identity',
  'invite',
  'operator-evidence',
]

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
  return 'no fault'
}

describe('files', () => {
  test('come back as the kind and body they were made of', () => {
    for (const kind of KINDS) {
      const file = fileFromBody(kind, Uint8Array.of(1, 2, 3))
      expect(kindOfFile(file)).toBe(kind)
      expect([...bodyFromFile(kind, file)]).toEqual([1, 2, 3])
    }
  })

  test('are refused where another kind is expected', () => {
    for (const kind of KINDS) {
      for (const wanted of KINDS) {
        const code = codeOf(() => bodyFromFile(wanted, fileFromBody(kind, new Uint8Array(0))))
        expect(code).toBe(kind === wanted ? 'no fault' : 'file/other-kind')
      }
    }
  })

  test('are refused with any other first byte, version or kind', () => {
    const file = fileFromBody('bundle', new Uint8Array(0))
    for (let at = 0; at < FILE_HEADER_BYTES; at++) {
      const damaged = file.slice()
      damaged[at] = (damaged[at] ?? 0) ^ 0x80
      const expected = at < 6 ? 'not-tally' : at === 6 ? 'unknown-version' : 'unknown-kind'
      expect(codeOf(() => kindOfFile(damaged))).toBe(`file/${expected}`)
    }
    expect(codeOf(() => kindOfFile(file.subarray(0, 7)))).toBe('file/not-tally')
    expect(codeOf(() => kindOfFile(new Uint8Array(0)))).toBe('file/not-tally')
  })

  test('of the largest size pass and one byte more is refused, whatever it holds', () => {
    const largest = new Uint8Array(FILE_BYTES_MAX)
    largest.set(fileFromBody('bundle', new Uint8Array(0)))
    expect(kindOfFile(largest)).toBe('bundle')
    expect(codeOf(() => kindOfFile(new Uint8Array(FILE_BYTES_MAX + 1)))).toBe('file/too-large')
    expect(codeOf(() => fileFromBody('bundle', largest))).toBe('file/too-large')
  })
})
