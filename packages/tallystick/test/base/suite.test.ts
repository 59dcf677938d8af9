import { describe, expect, test } from 'vitest'
import { faultFrom } from '../../src/base/fault.ts'
import { PUBLIC_KEY_BYTES_MAX, SIGNATURE_BYTES_MAX } from '../../src/base/limits.ts'
import {
  scheme,
  SCHEME_IDS,
  schemeRules,
  suite,
  SUITE_IDS,
  suiteTakes,
} from '../../src/base/suite.ts'

describe('suites', () => {
  test('each suite is one byte and comes back from it', () => {
    for (const id of SUITE_IDS) {
      const bytes = suite.encode(id)
      expect(bytes.length).toBe(1)
      expect(suite.decode(bytes)).toBe(id)
    }
  })

  test('the codes on the wire never change', () => {
    expect(SUITE_IDS.map((id) => suite.encode(id)[0])).toEqual([1, 2, 3, 4, 5])
    expect(SCHEME_IDS.map((id) => scheme.encode(id)[0])).toEqual([1, 2, 3, 4, 5])
  })

  test('every other byte is refused, zero included', () => {
    for (const code of [0, 6, 7, 127, 255]) {
      expect(faultFrom(() => suite.decode(Uint8Array.of(code)))).toMatchObject({
        code: 'suite/unknown',
      })
    }
    for (const code of [0, 6, 7, 127, 255]) {
      expect(faultFrom(() => scheme.decode(Uint8Array.of(code)))).toMatchObject({
        code: 'scheme/unknown',
      })
    }
  })

  test('a suite takes its own schemes and no other', () => {
    const taken = SUITE_IDS.flatMap((suiteId) =>
      SCHEME_IDS.flatMap((schemeId) =>
        (['step', 'root'] as const)
          .filter((use) => suiteTakes(suiteId, schemeId, use))
          .map((use) => `${suiteId} ${schemeId} ${use}`),
      ),
    )
    expect(taken).toEqual([
      'quantum ml-dsa-44 step',
      'quantum slh-dsa-sha2-128s root',
      'classic ed25519 step',
      'classic ed25519 root',
      'nostr bip340 step',
      'nostr bip340 root',
      'evm secp256k1-ecdsa step',
      'evm secp256k1-ecdsa root',
      'moi secp256k1-ecdsa step',
      'moi secp256k1-ecdsa root',
    ])
  })

  test('every key and signature fits the limits of the format', () => {
    for (const id of SCHEME_IDS) {
      expect(schemeRules(id).publicKeyBytes).toBeLessThanOrEqual(PUBLIC_KEY_BYTES_MAX)
      expect(schemeRules(id).signatureBytes).toBeLessThanOrEqual(SIGNATURE_BYTES_MAX)
    }
  })
})
