import { describe, expect, test } from 'vitest'
import * as limits from '../../src/base/limits.ts'
import { type SchemeId, schemeRules } from '../../src/base/suite.ts'

const schemes: readonly SchemeId[] = [
  'ed25519',
  'ml-dsa-44',
  'slh-dsa-sha2-128s',
  'bip340',
  'secp256k1-ecdsa',
]

describe('limits', () => {
  test('are positive whole numbers that a u32 count can carry', () => {
    for (const [name, limit] of Object.entries(limits)) {
      expect(Number.isInteger(limit) && limit > 0 && limit < 2 ** 32, `${name} is ${limit}`).toBe(
        true,
      )
    }
  })

  test('let every scheme of the suites through', () => {
    for (const scheme of schemes) {
      const { publicKeyBytes, signatureBytes } = schemeRules(scheme)
      expect(publicKeyBytes).toBeLessThanOrEqual(limits.PUBLIC_KEY_BYTES_MAX)
      expect(signatureBytes).toBeLessThanOrEqual(limits.SIGNATURE_BYTES_MAX)
    }
  })

  test('let a certificate of every participant through, with post-quantum signatures', () => {
    const signature = 32 + 4 + schemeRules('ml-dsa-44').signatureBytes
    expect(limits.PARTICIPANTS_MAX * signature).toBeLessThanOrEqual(limits.CERTIFICATE_BYTES_MAX)
  })
})
