import { describe, expect, test } from 'vitest'
import { bytesFromUtf8, utf8FromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { identityFileFrom, identityFrom, readIdentityFile } from '../../src/cli/identity-file.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { createIdentities } from '../kernel/identity-sample.ts'

const engine = createPortableEngine()
const log = [createIdentities(engine).inception('alice')]
const identity = identityFrom('alice', log, engine)
const text = utf8FromBytes(identityFileFrom(identity))

const codeOf = (changed: string): string => {
  const result = faultFrom(() => readIdentityFile(bytesFromUtf8(changed), engine))
  return isFault(result) ? result.code : 'read'
}

describe('an identity file', () => {
  test('is read back as it was', () => {
    expect(readIdentityFile(bytesFromUtf8(text), engine)).toEqual(identity)
  })

  test('is damaged when cut, extended, or not what it says', () => {
    for (let size = 0; size < text.length - 1; size += 11) {
      expect(codeOf(text.slice(0, size))).toBe('identity/damaged')
    }
    for (const changed of [
      `${text}1`,
      text.replace('tallystick/2 identity', 'tallystick/2 key'),
      text.replace('"name"', '"nome"'),
      text.replace('"alice"', 'null'),
      text.replace(/"log": \[[^\]]*\]/, '"log": 0'),
      text.replace(/"\s*\]/, '00"]'),
      text.replace(/(\[\s*")../, '$1'),
      text.replace(/(\[\s*")02/, '$10f'),
    ]) {
      expect(changed).not.toBe(text)
      expect(codeOf(changed)).toBe('identity/damaged')
    }
  })

  test('is refused when no event is in it or an event was changed', () => {
    expect(codeOf(text.replace(/"log": \[[^\]]*\]/, '"log": []'))).toBe('key-log/empty')
    const changed = text.replace(
      /(.)"\s*\]/,
      (_, digit: string) => `${digit === '0' ? '1' : '0'}"]`,
    )
    expect(codeOf(changed)).toBe('key-log/bad-signature')
  })

  test('the name in it is a label: changing it changes no identity', () => {
    const renamed = readIdentityFile(bytesFromUtf8(text.replace('alice', 'malice')), engine)
    expect(renamed.name).toBe('malice')
    expect(renamed.id).toBe(identity.id)
  })

  test('of the version before key logs is told apart', () => {
    const old = '{"format":"tallystick/1 identity","name":"alice","lists":[]}'
    expect(codeOf(old)).toBe('identity/old-format')
    expect(codeOf(old.replace('/1 ', '/3 '))).toBe('identity/damaged')
  })
})
