import { sha256 } from '@noble/hashes/sha2.js'
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, bytesFromUtf8 } from '../../src/base/bytes.ts'
import { SIGNATURE_CONTEXT } from '../../src/base/verifier.ts'
import { createMlDsa44 } from '../../src/engine/ml-dsa.ts'
import { createNativeMlDsa44 } from '../../src/engine/native.ts'
import { createEngine } from '../../src/engine/scheme-engine.ts'
import { named, readVectorJson, vectorsAreMissing, type Wycheproof } from '../third-party.ts'

const makers = { portable: createMlDsa44, native: createNativeMlDsa44 }

describe.skipIf(vectorsAreMissing)(named('ML-DSA-44 on third-party vectors'), () => {
  test('both engines agree with all 180 verdicts of Wycheproof, with the contexts given', () => {
    const file = readVectorJson<
      Wycheproof<{ publicKey: string }, { msg: string; sig: string; ctx?: string }>
    >('wycheproof/mldsa_44_verify_test.json')
    expect(file.numberOfTests).toBe(180)
    for (const [name, make] of Object.entries(makers)) {
      const wrong = file.testGroups.flatMap((group) =>
        group.tests
          .filter((entry) => {
            const engine = createEngine(name, [make(bytesFromHex(entry.ctx ?? ''))])
            const verdict = engine.verify(
              'ml-dsa-44',
              bytesFromHex(group.publicKey),
              bytesFromHex(entry.msg),
              bytesFromHex(entry.sig),
            )
            return verdict !== (entry.result === 'valid')
          })
          .map((entry) => entry.tcId),
      )
      expect([name, wrong]).toEqual([name, []])
    }
  })

  test('both engines make the keys of the 25 ACVP seeds', () => {
    const file = readVectorJson<{
      testGroups: readonly {
        parameterSet: string
        tests: readonly { seed: string; pk: string; sk: string }[]
      }[]
    }>('acvp/ML-DSA-keyGen-FIPS204.json.gz')
    const tests = file.testGroups.find((group) => group.parameterSet === 'ML-DSA-44')?.tests ?? []
    expect(tests).toHaveLength(25)
    for (const entry of tests) {
      const seed = bytesFromHex(entry.seed.toLowerCase())
      const publicKey = bytesFromHex(entry.pk.toLowerCase())
      for (const make of Object.values(makers)) expect(make().publicKey(seed)).toEqual(publicKey)
      expect(ml_dsa44.keygen(seed).secretKey).toEqual(bytesFromHex(entry.sk.toLowerCase()))
    }
  })
})

describe('the context of ML-DSA signatures', () => {
  const seed = new Uint8Array(32).fill(4)
  const message = bytesFromUtf8('message')

  test('is bound: the same signature is refused under no context and under another', () => {
    for (const make of Object.values(makers)) {
      const ours = make()
      const signature = ours.sign(seed, message, undefined)
      const key = ours.publicKey(seed)
      for (const check of Object.values(makers)) {
        expect(check().verify(key, message, signature)).toBe(true)
        expect(check(bytesFromUtf8('tallystick/2')).verify(key, message, signature)).toBe(false)
        expect(check(new Uint8Array(0)).verify(key, message, signature)).toBe(false)
      }
    }
  })

  test('is that of pure signing: the other two ways of the standard are refused', () => {
    const { publicKey, secretKey } = ml_dsa44.keygen(seed)
    const context = bytesFromUtf8(SIGNATURE_CONTEXT)
    const signatures = {
      pure: ml_dsa44.sign(message, secretKey, { context }),
      'pre-hashed': ml_dsa44.prehash(sha256).sign(message, secretKey, { context }),
      'pre-hashed outside': ml_dsa44.sign(sha256(message), secretKey, { context }),
      internal: ml_dsa44.internal.sign(message, secretKey),
    }
    for (const make of Object.values(makers)) {
      for (const [way, signature] of Object.entries(signatures)) {
        expect([way, make().verify(publicKey, message, signature)]).toEqual([way, way === 'pure'])
      }
    }
  })
})
