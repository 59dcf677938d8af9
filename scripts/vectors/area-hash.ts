/** Tagged hashes, keys from seeds, and deterministic signatures. */
import { bytesFromUtf8, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { MOI } from '../../packages/tallystick/src/base/moi-suite.ts'
import type { SchemeId, SuiteId } from '../../packages/tallystick/src/base/suite.ts'
import { TAGS } from '../../packages/tallystick/src/base/tags.ts'
import { type Area, bad, type Case, good } from './case.ts'
import { pairOf, SCHEME, seedOf, sign } from './world.ts'

const SUITES: readonly SuiteId[] = ['quantum', 'classic', 'nostr', 'evm', MOI]
const MESSAGE = hexFromBytes(seedOf('message'))

const hashes = (): readonly Case[] =>
  SUITES.flatMap((suite) => [
    ...Object.values(TAGS).map((tag) =>
      good({
        id: `hash/${suite}-${tag.slice(13).replaceAll(' ', '-')}`,
        comment: 'three bytes under this tag',
        check: 'hash',
        input: { suite, tag, bytes: '616263' },
      }),
    ),
    ...[0, 1, 63, 64, 65, 168, 1024, 1025].map((size) =>
      good({
        id: `hash/${suite}-of-${size}`,
        comment: `${size} bytes, each its position modulo 251`,
        check: 'hash',
        input: {
          suite,
          tag: TAGS.transition,
          bytes: hexFromBytes(Uint8Array.from({ length: size }, (_, at) => at % 251)),
        },
      }),
    ),
  ])

const keys = (): readonly Case[] =>
  SUITES.map((suite) =>
    good({
      id: `key/${suite}`,
      comment: 'the key of "alice": its seed is the tagged SHA-256 of the name',
      check: 'key',
      input: { suite, scheme: SCHEME[suite], seed: hexFromBytes(seedOf('alice')) },
    }),
  )

const flipped = (hex: string): string => `${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}`

const signatures = (): readonly Case[] =>
  SUITES.filter((suite) => suite !== 'quantum' && suite !== MOI).flatMap((suite) => {
    const scheme = SCHEME[suite]
    const publicKey = hexFromBytes(pairOf('alice', scheme).publicKey)
    const signature = hexFromBytes(sign('alice', seedOf('message'), scheme))
    const seed = hexFromBytes(seedOf('alice'))
    const input = { scheme, publicKey, message: MESSAGE, signature }
    const verifies = (id: string, comment: string, more: object): Case =>
      good({
        id: `signature/${suite}-${id}`,
        comment,
        check: 'signature',
        input: { ...input, ...more },
      })
    return [
      good({
        id: `signature/${suite}-made`,
        comment: 'made without randomness',
        check: 'sign',
        input: { scheme, seed, message: MESSAGE },
      }),
      verifies('true', 'by the named key over the message', {}),
      verifies('other-message', 'over another message: false', { message: flipped(MESSAGE) }),
      verifies('changed', 'with a bit changed: false', { signature: flipped(signature) }),
      verifies('short', 'a byte short: false', { signature: signature.slice(2) }),
      verifies('other-scheme', 'the same bytes under another scheme: false', {
        scheme: otherScheme(scheme),
      }),
    ]
  })

const otherScheme = (scheme: SchemeId): SchemeId => (scheme === 'ed25519' ? 'bip340' : 'ed25519')

export const hashArea = (): Area => ({
  area: 'hash',
  about: 'Hashes under tags, keys from seeds, signatures.',
  cases: [
    ...hashes(),
    ...keys(),
    bad('key/wrong-size', {
      id: 'key/short-seed',
      comment: 'a seed has 32 bytes',
      check: 'key',
      input: { suite: 'classic', scheme: 'ed25519', seed: hexFromBytes(bytesFromUtf8('alice')) },
    }),
    bad('key/unusable', {
      id: 'key/zero-seed',
      comment: 'zero is no secret of this curve',
      check: 'key',
      input: { suite: 'nostr', scheme: 'bip340', seed: '00'.repeat(32) },
    }),
    bad('message/wrong-size', {
      id: 'signature/short-message',
      comment: 'BIP-340 signs 32 bytes here, not 31',
      check: 'sign',
      input: { scheme: 'bip340', seed: hexFromBytes(seedOf('alice')), message: MESSAGE.slice(2) },
    }),
    ...signatures(),
  ],
})
