import { createPrivateKey, createPublicKey } from 'node:crypto'
import { slh_dsa_sha2_128s } from '@noble/post-quantum/slh-dsa.js'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, bytesFromUtf8, concatBytes } from '../../src/base/bytes.ts'
import { createNativeSlhDsa128s } from '../../src/engine/native.ts'
import { createSlhDsa128s, slhDsaKeysFromSeed } from '../../src/engine/slh-dsa.ts'
import { named, readVectorJson, vectorsAreMissing } from '../third-party.ts'

const everyVector = process.env['TALLYSTICK_SLOW'] === '1'

describe.skipIf(vectorsAreMissing)(named('SLH-DSA-SHA2-128s on third-party vectors'), () => {
  test('both engines know the keys of the ACVP seeds (all ten with TALLYSTICK_SLOW=1, else two)', () => {
    const file = readVectorJson<{
      testGroups: readonly {
        parameterSet: string
        tests: readonly { skSeed: string; skPrf: string; pkSeed: string; pk: string; sk: string }[]
      }[]
    }>('acvp/SLH-DSA-keyGen-FIPS205.json.gz')
    const tests =
      file.testGroups.find((group) => group.parameterSet === 'SLH-DSA-SHA2-128s')?.tests ?? []
    expect(tests).toHaveLength(10)
    for (const entry of everyVector ? tests : tests.slice(0, 2)) {
      const seeds = bytesFromHex((entry.skSeed + entry.skPrf + entry.pkSeed).toLowerCase())
      const keys = slh_dsa_sha2_128s.keygen(seeds)
      const publicKey = bytesFromHex(entry.pk.toLowerCase())
      const secretKey = bytesFromHex(entry.sk.toLowerCase())
      expect(keys.publicKey).toEqual(publicKey)
      expect(keys.secretKey).toEqual(secretKey)
      const der = concatBytes(bytesFromHex('3052020100300b06096086480165030403140440'), secretKey)
      const imported = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
      const exported = createPublicKey(imported).export({ format: 'der', type: 'spki' })
      expect(new Uint8Array(exported.subarray(-32))).toEqual(publicKey)
    }
  })
})

describe('SLH-DSA-SHA2-128s', () => {
  const portable = createSlhDsa128s()
  const native = createNativeSlhDsa128s()
  const seed = new Uint8Array(32).fill(6)
  const message = bytesFromUtf8('message')

  test('a native signature is accepted by both engines, and refused when one thing changes', () => {
    const key = native.publicKey(seed)
    expect(portable.publicKey(seed)).toEqual(key)
    const signature = native.sign(seed, message, (size) => new Uint8Array(size))
    expect(signature).toHaveLength(7856)
    for (const engine of [portable, native]) {
      expect(engine.verify(key, message, signature)).toBe(true)
      for (const at of [0, 15, 16, 4000, 7855]) {
        const bad = signature.with(at, (signature[at] ?? 0) ^ 1)
        expect(engine.verify(key, message, bad)).toBe(false)
      }
      expect(engine.verify(key, bytesFromUtf8('massage'), signature)).toBe(false)
      expect(engine.verify(key.with(0, (key[0] ?? 0) ^ 1), message, signature)).toBe(false)
      expect(engine.verify(key.with(31, (key[31] ?? 0) ^ 1), message, signature)).toBe(false)
    }
    for (const create of [createSlhDsa128s, createNativeSlhDsa128s]) {
      expect(create(new Uint8Array(0)).verify(key, message, signature)).toBe(false)
      expect(create(bytesFromUtf8('tallystick/2')).verify(key, message, signature)).toBe(false)
    }
  })

  test('the stretched seed never changes', () => {
    const { publicKey, secretKey } = slhDsaKeysFromSeed(seed)
    expect(secretKey.subarray(32)).toEqual(publicKey)
    expect([...publicKey.subarray(0, 4)]).toEqual([187, 41, 38, 224])
  })

  test.skipIf(!everyVector)(
    'a portable signature is deterministic and accepted by both engines (with TALLYSTICK_SLOW=1)',
    () => {
      const signature = portable.sign(seed, message, undefined)
      expect(native.sign(seed, message, undefined)).toEqual(signature)
      for (const engine of [portable, native]) {
        expect(engine.verify(engine.publicKey(seed), message, signature)).toBe(true)
      }
    },
  )
})
