import { beforeAll, describe, expect, test } from 'vitest'
import { blake2b256 } from '../../../src/base/blake2b.ts'
import { bytesFromHex, bytesFromUtf8, equalBytes, hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import type { Verifier } from '../../../src/base/verifier.ts'
import { interactionHash } from '../../../src/dialects/moi/interaction.ts'
import {
  type BadSignature,
  ecdsaFromMoi,
  moiFromEcdsa,
  type MoiSignature,
  readSignatures,
  verifiesMoi,
  verifiesMoiDigest,
  type WeightedKey,
  weighSignatures,
  writeSignatures,
} from '../../../src/dialects/moi/signature.ts'
import { createPortableEngine } from '../../../src/engine/portable.ts'
import { createStreams } from '../../../src/sim/random.ts'
import { type Client, loadClient } from './client.ts'
import { pack } from './polo/message.ts'
import { mutated } from './polo/random.ts'
import {
  alice,
  ALICE_HEX,
  bob,
  KEY,
  MNEMONIC,
  PATH,
  SECOND_KEY,
  SECOND_SECRET,
  SECRET,
} from './sample.ts'

const engine = createPortableEngine()
const MESSAGE = bytesFromUtf8('Hello, MOI')
const SIGNED = bytesFromHex(
  '0146304402201546497d46ed2ad7b1b77d1cdf383a28d988197bcad268be7163ebdf2f70645002207768e4225951c02a488713caf32d76ed8ea0bf3d7706128c59ee01788aac726402',
)

let client: Client
beforeAll(async () => {
  client = await loadClient()
})

const signed = (secret: Uint8Array, publicKey: Uint8Array, message: Uint8Array): Uint8Array => {
  const compact = engine.sign('secp256k1-ecdsa', secret, blake2b256(message), {
    deterministic: true,
  })
  return moiFromEcdsa({ compact, parity: publicKey[0] ?? 0 })
}

describe('a signature of MOI', () => {
  test('of the client verifies, and ours is the same', () => {
    expect(verifiesMoi(engine, KEY, MESSAGE, SIGNED)).toBe(true)
    expect(hexFromBytes(signed(SECRET, KEY, MESSAGE))).toBe(hexFromBytes(SIGNED))
  })

  test('is one over these bytes, by this key', () => {
    expect(verifiesMoi(engine, KEY, bytesFromUtf8('Hello, MOI!'), SIGNED)).toBe(false)
    expect(verifiesMoi(engine, SECOND_KEY, MESSAGE, SIGNED)).toBe(false)
    expect(verifiesMoi(engine, KEY.subarray(1), MESSAGE, SIGNED)).toBe(true)
    expect(verifiesMoi(engine, KEY.subarray(2), MESSAGE, SIGNED)).toBe(false)
    expect(verifiesMoi(engine, new Uint8Array(0), MESSAGE, SIGNED)).toBe(false)
  })

  test('passes between the client’s wallet and us for keys and messages by chance', async () => {
    const random = createStreams(11)('wallets')
    const wallet = client.Wallet.fromMnemonicSync(MNEMONIC, PATH)
    for (let at = 1; at <= 20; at++) {
      const seed = random.bytes()
      const { publicKey } = engine.fromSeed('secp256k1-ecdsa', seed)
      wallet.addKey(at, hexFromBytes(publicKey), hexFromBytes(seed))
      const message = random.bytes().slice(0, random.below(33))
      const algorithm = wallet.signingAlgorithms.ecdsa_secp256k1
      const theirs = await wallet.sign(message, at, algorithm)
      expect(hexFromBytes(signed(seed, publicKey, message))).toBe(theirs)
      expect(verifiesMoi(engine, publicKey, message, bytesFromHex(theirs))).toBe(true)
    }
  })

  test('verifies with the client where we have made it', () => {
    const wallet = client.Wallet.fromMnemonicSync(MNEMONIC, PATH)
    const random = createStreams(12)('messages')
    for (let at = 0; at < 20; at++) {
      const message = random.bytes()
      const signature = hexFromBytes(signed(SECRET, KEY, message))
      expect(wallet.verify(message, signature, wallet.publicKey)).toBe(true)
    }
  })

  test('of no length but its own is read', () => {
    for (let size = 0; size < SIGNED.length; size++)
      expect(isFault(ecdsaFromMoi(SIGNED.subarray(0, size)))).toBe(true)
    expect(isFault(ecdsaFromMoi(Uint8Array.of(...SIGNED, 2)))).toBe(true)
    expect(isFault(ecdsaFromMoi(SIGNED))).toBe(false)
  })

  test('has one spelling: with any bit turned it is refused or no longer verifies', () => {
    const digest = blake2b256(MESSAGE)
    for (let bit = 0; bit < SIGNED.length * 8; bit++) {
      const changed = SIGNED.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const found = ecdsaFromMoi(changed)
      if (!isFault(found)) expect(hexFromBytes(moiFromEcdsa(found))).toBe(hexFromBytes(changed))
      expect(verifiesMoiDigest(engine, KEY, digest, changed)).toBe(false)
    }
  })

  test('has an s in the lower half', () => {
    const order = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n
    const parts = ecdsaFromMoi(SIGNED)
    if (isFault(parts)) throw parts
    const s = BigInt(`0x${hexFromBytes(parts.compact.subarray(32))}`)
    const other = bytesFromHex((order - s).toString(16).padStart(64, '0'))
    const compact = Uint8Array.of(...parts.compact.subarray(0, 32), ...other)
    const high = moiFromEcdsa({ ...parts, compact })
    expect(ecdsaFromMoi(high)).toEqual({ ...parts, compact })
    expect(verifiesMoi(engine, KEY, MESSAGE, high)).toBe(false)
    expect(verifiesMoi(engine, KEY, MESSAGE, moiFromEcdsa(parts))).toBe(true)
  })

  test('with the other parity does not verify', () => {
    const other = SIGNED.slice()
    other[other.length - 1] = 3
    expect(isFault(ecdsaFromMoi(other))).toBe(false)
    expect(verifiesMoi(engine, KEY, MESSAGE, other)).toBe(false)
    expect(verifiesMoi(engine, KEY.subarray(1), MESSAGE, other)).toBe(false)
  })

  test('is written and read for numbers of every length', () => {
    const random = createStreams(13)('scalars')
    for (let zeros = 0; zeros < 64; zeros++) {
      const compact = Uint8Array.of(...random.bytes(), ...random.bytes())
      compact.fill(0, 0, Math.min(zeros, 31))
      compact.fill(0, 32, 32 + Math.max(0, zeros - 32))
      const bytes = moiFromEcdsa({ compact, parity: 3 })
      expect(ecdsaFromMoi(bytes)).toEqual({ compact, parity: 3 })
    }
    const zero = { compact: new Uint8Array(64), parity: 2 }
    expect(ecdsaFromMoi(moiFromEcdsa(zero))).toEqual(zero)
  })

  test('is not written of other sizes or parities', () => {
    expect(() => moiFromEcdsa({ compact: new Uint8Array(63), parity: 2 })).toThrow('63 bytes')
    expect(() => moiFromEcdsa({ compact: new Uint8Array(64), parity: 4 })).toThrow('parity')
  })

  test('made by chance is refused or read, and never verifies', () => {
    const random = createStreams(14)('signatures')
    const digest = blake2b256(MESSAGE)
    for (let at = 0; at < 3000; at++) {
      const changed = mutated(random, SIGNED)
      if (equalBytes(changed, SIGNED)) continue
      const found = ecdsaFromMoi(changed)
      if (isFault(found)) continue
      expect(verifiesMoiDigest(engine, KEY, digest, changed)).toBe(false)
    }
  })
})

describe('a list of signatures', () => {
  const entry: MoiSignature = { id: alice, keyId: 0, signature: SIGNED }

  test('comes back as it was', () => {
    const all = [entry, { ...entry, keyId: 7 }, { ...entry, id: bob }]
    expect(readSignatures(writeSignatures(all))).toEqual(all)
    expect(readSignatures(writeSignatures([]))).toEqual([])
  })

  test('is what the client’s wallet sends, byte for byte', async () => {
    const wallet = client.Wallet.fromMnemonicSync(MNEMONIC, PATH)
    wallet.addKey(1, hexFromBytes(SECOND_KEY), SECOND_SECRET)
    const request = await wallet.signInteraction(
      {
        sender: { id: ALICE_HEX, sequence: 0, key_id: 0 },
        fuel_price: 1,
        fuel_limit: 200,
        ix_operations: [{ type: 2, payload: { revoke: [{ key_id: 1 }] } }],
      },
      wallet.signingAlgorithms.ecdsa_secp256k1,
    )
    const found = readSignatures(bytesFromHex(request.signatures))
    if (isFault(found)) throw found
    expect(found.map(({ id, keyId }) => [id, keyId])).toEqual([
      [alice, 0],
      [alice, 1],
    ])
    expect(hexFromBytes(writeSignatures(found))).toBe(request.signatures)
    const weighed = weighSignatures(engine, {
      account: alice,
      signatures: found,
      keyOf: (keyId) => ({
        publicKey: keyId === 0 ? KEY : SECOND_KEY,
        weight: 500n,
        isRevoked: false,
      }),
      digest: interactionHash(bytesFromHex(request.ix_args)),
    })
    expect(weighed).toEqual({ is: 'enough', weight: 1000n })
  })

  test('is refused where it is malformed or too long', () => {
    const code = (hex: string): string => {
      const found = readSignatures(bytesFromHex(hex))
      return isFault(found) ? found.code : 'read'
    }
    const one = pack(`06${alice}`, '03', '0601')
    expect(code(pack(one))).toBe('read')
    expect(code(pack(...Array.from({ length: 64 }, () => one)))).toBe('read')
    expect(code(pack(...Array.from({ length: 65 }, () => one)))).toBe('polo/too-large')
    expect(code(one)).toBe('polo/wrong-kind')
    expect(code(pack(pack(`06${alice}`, '03')))).toBe('polo/wrong-count')
    expect(code(pack(pack('0601', '03', '0601')))).toBe('moi-id/malformed')
    expect(code(pack(pack(`06${alice}`, '0401', '0601')))).toBe('polo/wrong-kind')
  })
})

describe('the weight of signatures', () => {
  const digest = blake2b256(MESSAGE)
  const second = signed(bytesFromHex(SECOND_SECRET), SECOND_KEY, MESSAGE)
  const keyed = (changes: Readonly<Record<number, Partial<WeightedKey>>> = {}) => {
    const keys: readonly WeightedKey[] = [
      { publicKey: KEY, weight: 600n, isRevoked: false, ...changes[0] },
      { publicKey: SECOND_KEY, weight: 400n, isRevoked: false, ...changes[1] },
    ]
    return (keyId: number): WeightedKey | undefined => keys[keyId]
  }
  const one: MoiSignature = { id: alice, keyId: 0, signature: SIGNED }
  const two: MoiSignature = { id: alice, keyId: 1, signature: second }
  const weigh = (
    signatures: readonly MoiSignature[],
    keyOf = keyed(),
    verifier: Verifier = engine,
  ) => weighSignatures(verifier, { account: alice, signatures, keyOf, digest })
  const bad = (keyId: number, why: BadSignature) => ({ is: 'bad', keyId, why })

  test('is enough from 1000 on, and too light at one less', () => {
    expect(weigh([one, two])).toEqual({ is: 'enough', weight: 1000n })
    expect(weigh([two, one])).toEqual({ is: 'enough', weight: 1000n })
    expect(weigh([one, two], keyed({ 1: { weight: 399n } }))).toEqual({
      is: 'too-light',
      weight: 999n,
    })
    expect(weigh([one], keyed({ 0: { weight: 1000n } }))).toEqual({ is: 'enough', weight: 1000n })
    expect(weigh([one])).toEqual({ is: 'too-light', weight: 600n })
    expect(weigh([])).toEqual({ is: 'too-light', weight: 0n })
  })

  test('counts a key once, a revoked one never, and none that the account does not have', () => {
    expect(weigh([one, one])).toEqual(bad(0, 'repeated key'))
    expect(weigh([one, two], keyed({ 1: { isRevoked: true } }))).toEqual(bad(1, 'revoked key'))
    expect(weigh([one, two, { ...two, keyId: 2 }])).toEqual(bad(2, 'unknown key'))
  })

  test('is spoiled by one signature that does not verify, even where the others are enough', () => {
    const heavy = keyed({ 0: { weight: 1000n } })
    expect(weigh([one, two], heavy)).toEqual({ is: 'enough', weight: 1400n })
    expect(weigh([one, { ...two, signature: SIGNED }], heavy)).toEqual(bad(1, 'wrong signature'))
    expect(weigh([one, { ...two, signature: new Uint8Array(0) }], heavy)).toEqual(
      bad(1, 'wrong signature'),
    )
  })

  test('passes over the signatures of others', () => {
    const heavy = keyed({ 0: { weight: 1000n } })
    expect(weigh([{ ...two, id: bob }, one], heavy)).toEqual({ is: 'enough', weight: 1000n })
    expect(weigh([{ ...one, id: bob }], heavy)).toEqual({ is: 'too-light', weight: 0n })
  })

  test('is added up before a signature is looked at', () => {
    let calls = 0
    const counting: Verifier = {
      ...engine,
      verify: (...given) => {
        calls += 1
        return engine.verify(...given)
      },
    }
    weigh([one], keyed(), counting)
    weigh([one, one], keyed(), counting)
    expect(calls).toBe(0)
    weigh([one, two], keyed(), counting)
    expect(calls).toBe(2)
  })
})
