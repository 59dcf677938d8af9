import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { nextKeyId, soleReserve } from '../../src/kernel/reserve.ts'
import {
  backupSeal,
  mayRecover,
  recoverySeed,
  recoverySigner,
  type RecoveryTurn,
} from '../../src/kernel/recovery-seed.ts'
import { createIdentities } from './identity-sample.ts'
import { anId, engine } from './sample.ts'

const turn: RecoveryTurn = {
  way: 'words',
  secret: new Uint8Array(32).fill(7),
  identity: anId('ann'),
  turn: 0,
}

describe('the seed of a recovery', () => {
  test('is another for another way, secret, identity and turn', () => {
    const seeds = [
      turn,
      { ...turn, way: 'guardians' as const },
      { ...turn, secret: new Uint8Array(32).fill(8) },
      { ...turn, identity: anId<'key-event'>('bob') },
      { ...turn, turn: 1 },
    ].map((one) => hexFromBytes(recoverySeed(one)))
    expect(new Set(seeds).size).toBe(seeds.length)
    expect(seeds[0]).not.toBe(hexFromBytes(turn.secret))
  })

  test('says nothing about what a backup is sealed under', () => {
    const seals = [
      backupSeal(turn),
      backupSeal({ ...turn, identity: anId<'key-event'>('bob') }),
      recoverySeed(turn),
    ].map(hexFromBytes)
    expect(new Set(seals).size).toBe(3)
  })

  test('is of exactly 32 secret bytes', () => {
    for (const size of [0, 16, 31, 33]) {
      expect(() => recoverySeed({ ...turn, secret: new Uint8Array(size) })).toThrow('32 belong')
    }
  })

  test('makes a key of the scheme that the suite takes for roots', () => {
    const portable = createPortableEngine()
    for (const [suite, scheme] of [
      ['classic', 'ed25519'],
      ['nostr', 'bip340'],
      ['evm', 'secp256k1-ecdsa'],
    ] as const) {
      expect(recoverySigner(portable, suite, turn).key.scheme).toBe(scheme)
    }
  })
})

test('a key may recover the identity that names it, and no other', () => {
  const { authority, drafted, inception, signed, stateOf } = createIdentities(engine)
  const signer = recoverySigner(engine, 'classic', turn)
  const change = {
    is: 'incept',
    ...authority({ keys: { keys: ['a'] }, next: { keys: ['b'] } }),
    recovery: soleReserve(nextKeyId('classic', signer.key)),
  } as const
  const named = stateOf([signed(drafted(undefined, change), ['a'], undefined)])
  expect(mayRecover(named, signer.key)).toBe(true)
  expect(mayRecover(stateOf([inception('bob')]), signer.key)).toBe(false)
})
