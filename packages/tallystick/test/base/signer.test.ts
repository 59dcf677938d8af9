import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../src/base/bytes.ts'
import { faultFrom } from '../../src/base/fault.ts'
import { hashId } from '../../src/base/hash.ts'
import { signerId, signerKey } from '../../src/base/signer.ts'
import { SCHEME_IDS, schemeRules } from '../../src/base/suite.ts'
import { TAGS } from '../../src/base/tags.ts'

const keyOf = (size: number): Uint8Array => new Uint8Array(size).fill(7)

describe('signer id', () => {
  test('is the tagged hash of the scheme code and the key', () => {
    const key = keyOf(32)
    expect(signerId('classic', 'ed25519', key)).toBe(
      hashId('blake3', TAGS.signer, concatBytes(Uint8Array.of(1), key)),
    )
  })

  test('the same bytes under another scheme are another signer', () => {
    const key = keyOf(32)
    const ids = (['ed25519', 'bip340', 'slh-dsa-sha2-128s'] as const).map((scheme) =>
      signerId('quantum', scheme, key),
    )
    expect(new Set(ids).size).toBe(3)
  })

  test('one byte of the key changes the id', () => {
    const key = keyOf(33)
    const before = signerId('evm', 'secp256k1-ecdsa', key)
    key[32] = 8
    expect(signerId('evm', 'secp256k1-ecdsa', key)).not.toBe(before)
  })

  test('a key of another length is refused for every scheme', () => {
    for (const scheme of SCHEME_IDS) {
      const size = schemeRules(scheme).publicKeyBytes
      expect(signerId('quantum', scheme, keyOf(size))).toHaveLength(64)
      for (const wrong of [0, size - 1, size + 1]) {
        expect(faultFrom(() => signerId('quantum', scheme, keyOf(wrong)))).toMatchObject({
          code: 'key/wrong-size',
        })
      }
    }
  })
})

describe('signer key codec', () => {
  test('comes back from its bytes and refuses every prefix and any extra byte', () => {
    for (const scheme of SCHEME_IDS) {
      const value = { scheme, publicKey: keyOf(schemeRules(scheme).publicKeyBytes) }
      const bytes = signerKey.encode(value)
      expect(signerKey.decode(bytes)).toEqual(value)
      for (let size = 0; size < bytes.length; size++) {
        expect(faultFrom(() => signerKey.decode(bytes.slice(0, size)))).toMatchObject({
          code: 'codec/truncated',
        })
      }
      expect(faultFrom(() => signerKey.decode(concatBytes(bytes, Uint8Array.of(0))))).toMatchObject(
        {
          code: 'codec/extended',
        },
      )
    }
  })

  test('a key offered under a scheme with another length does not decode', () => {
    const bytes = signerKey.encode({ scheme: 'ed25519', publicKey: keyOf(32) })
    bytes[0] = 5
    expect(faultFrom(() => signerKey.decode(bytes))).toMatchObject({ code: 'codec/truncated' })
    bytes[0] = 0
    expect(faultFrom(() => signerKey.decode(bytes))).toMatchObject({ code: 'scheme/unknown' })
  })
})
