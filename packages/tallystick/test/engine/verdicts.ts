/**
 * What an engine says to the edge cases on which engines are known to differ, as one digit a case. `verdicts-print.ts`
 * prints the answers on the runtime it is started with, so that runtimes can be compared.
 */
import { createPublicKey, verify } from 'node:crypto'
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesFromHex, bytesFromUtf8, concatBytes } from '../../src/base/bytes.ts'
import type { Engine } from '../../src/base/verifier.ts'
import { createNativeEngine, nativeSchemes } from '../../src/engine/native.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { readVectorJson, vectorsAreMissing, type Wycheproof } from '../third-party.ts'

export type Case = {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

export type RuntimeVerdicts = {
  readonly version: string
  readonly native: readonly string[]
  /** Engine name, set name, digits. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** How many of the CCTV cases the runtime's own verifier accepts when nothing is checked before. */
  readonly acceptedUnchecked: number
}

export const cctvCases = (): readonly Case[] =>
  readVectorJson<readonly { key: string; sig: string; msg: string; number: number }[]>(
    'cctv-ed25519/ed25519vectors.json',
  ).map((vector) => ({
    name: `cctv ${vector.number}`,
    publicKey: bytesFromHex(vector.key),
    message: bytesFromUtf8(vector.msg),
    signature: bytesFromHex(vector.sig),
  }))

export const wycheproofEd25519 = (): readonly (Case & { readonly valid: boolean })[] =>
  readVectorJson<Wycheproof<{ publicKey: { pk: string } }, { msg: string; sig: string }>>(
    'wycheproof/ed25519_test.json',
  ).testGroups.flatMap((group) =>
    group.tests.map((test) => ({
      name: `wycheproof ${test.tcId}`,
      publicKey: bytesFromHex(group.publicKey.pk),
      message: bytesFromHex(test.msg),
      signature: bytesFromHex(test.sig),
      valid: test.result === 'valid',
    })),
  )

/**
 * Signatures made with a good key so that only R or S is odd: R moved by each point of the small subgroup, with S
 * made for the moved R. All of them satisfy the cofactored equation; the first of each kind also the exact one.
 * In the second group R is the small point itself: the first is the identity, which the rule refuses.
 */
export const craftedCases = (): readonly Case[] =>
  craftedOver(new Uint8Array(32).fill(3), bytesFromUtf8('crafted'))

/** The same by the key of this seed over this message; the first is a good signature. */
export const craftedOver = (seed: Uint8Array, message: Uint8Array): readonly Case[] => {
  const { BASE, Fn } = ed25519.Point
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(seed)
  return [5n, 0n].flatMap((nonce) =>
    ED25519_TORSION_SUBGROUP.map((hex, at) => {
      const torsion = ed25519.Point.fromBytes(bytesFromHex(hex))
      const r = BASE.multiplyUnsafe(nonce).add(torsion).toBytes()
      const k = Fn.create(bytesToNumberLE(sha512(concatBytes(r, pointBytes, message))))
      const s = Fn.toBytes(Fn.create(nonce + k * scalar))
      return {
        name: `nonce ${nonce}, small point ${at}`,
        publicKey: pointBytes,
        message,
        signature: concatBytes(r, s),
      }
    }),
  )
}

/**
 * The 196 of ZIP 215: every spelling of a small point as key and as R, with S = 0. Whoever checks with the cofactor and reads points leniently
 * takes all of them, and others some.
 */
export const zip215Cases = (): readonly Case[] => {
  const [p, q] = ['7f', 'ff']
  const second = [p, q].flatMap((end) => [
    `ed${'ff'.repeat(30)}${end}`,
    `ee${'ff'.repeat(30)}${end}`,
  ])
  const signed = [`01${'00'.repeat(30)}80`, `ec${'ff'.repeat(30)}ff`]
  const small = [...ED25519_TORSION_SUBGROUP, ...second, ...signed].map(bytesFromHex)
  return small.flatMap((publicKey, at) =>
    small.map((r, other) => ({
      name: `key ${at}, R ${other}`,
      publicKey,
      message: bytesFromUtf8('Zcash'),
      signature: concatBytes(r, new Uint8Array(32)),
    })),
  )
}

export const answersOf = (engine: Engine): Readonly<Record<string, string>> => {
  const digits = (cases: readonly Case[]): string =>
    cases
      .map((entry) =>
        engine.verify('ed25519', entry.publicKey, entry.message, entry.signature) ? '1' : '0',
      )
      .join('')
  return {
    crafted: digits(craftedCases()),
    zip215: digits(zip215Cases()),
    ...(vectorsAreMissing
      ? {}
      : { cctv: digits(cctvCases()), wycheproof: digits(wycheproofEd25519()) }),
  }
}

export const runtimeVerdicts = (): RuntimeVerdicts => ({
  version: process.version,
  native: nativeSchemes(),
  answers: {
    portable: answersOf(createPortableEngine()),
    native: answersOf(createNativeEngine()),
  },
  acceptedUnchecked: vectorsAreMissing ? 0 : cctvCases().filter(isAcceptedUnchecked).length,
})

const isAcceptedUnchecked = (entry: Case): boolean => {
  try {
    const der = concatBytes(bytesFromHex('302a300506032b6570032100'), entry.publicKey)
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
    return verify(null, entry.message, key, entry.signature)
  } catch {
    return false
  }
}
