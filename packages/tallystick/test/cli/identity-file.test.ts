import { describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { bytesFromUtf8, utf8FromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { identityFileFrom, identityFrom, readIdentityFile } from '../../src/cli/identity-file.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { type DeviceList, deviceListMessage, nextKeyId } from '../../src/kernel/device-list.ts'

const engine = createPortableEngine()
const root = engine.fromSeed('ed25519', new Uint8Array(32).fill(1))
const next = engine.fromSeed('ed25519', new Uint8Array(32).fill(2))
const list: DeviceList = {
  suite: 'classic',
  sequence: 0,
  previous: zeroId(),
  root: { scheme: 'ed25519', publicKey: root.publicKey },
  nextRoot: nextKeyId('classic', { scheme: 'ed25519', publicKey: next.publicKey }),
  devices: [],
}
const lists = [{ list, signature: engine.sign('ed25519', root.secret, deviceListMessage(list)) }]
const identity = identityFrom('alice', lists, engine)
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
      text.replace('tallystick/1 identity', 'tallystick/1 key'),
      text.replace('"name"', '"nome"'),
      text.replace('"alice"', 'null'),
      text.replace(/"lists": \[[^\]]*\]/, '"lists": 0'),
      text.replace(/"\s*\]/, '00"]'),
      text.replace(/(\[\s*")../, '$1'),
      text.replace(/(\[\s*")02/, '$105'),
    ]) {
      expect(changed).not.toBe(text)
      expect(codeOf(changed)).toBe('identity/damaged')
    }
  })

  test('is refused when no list is in it or a list was changed', () => {
    expect(codeOf(text.replace(/"lists": \[[^\]]*\]/, '"lists": []'))).toBe('device-list/empty')
    const changed = text.replace(
      /(.)"\s*\]/,
      (_, digit: string) => `${digit === '0' ? '1' : '0'}"]`,
    )
    expect(codeOf(changed)).toBe('device-list/wrong-signature')
  })

  test('the name in it is a label: changing it changes no identity', () => {
    const renamed = readIdentityFile(bytesFromUtf8(text.replace('alice', 'malice')), engine)
    expect(renamed.name).toBe('malice')
    expect(renamed.id).toBe(identity.id)
  })
})
