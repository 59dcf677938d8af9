/**
 * A9: a wallet that signs what it takes for a text has signed nothing of ours. What is signed here is the hash of a tag and an id; each
 * way in which wallets sign texts hashes something else in front, or the text itself.
 *
 * Not covered, because no bytes can rule it out: a wallet that signs 32 bytes as they are, whatever they are.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, bytesFromUtf8, concatBytes, hexFromBytes } from '../src/base/bytes.ts'
import { bytesFromId } from '../src/base/brand.ts'
import { hashId } from '../src/base/hash.ts'
import type { SchemeId, SuiteId } from '../src/base/suite.ts'
import { TAGS } from '../src/base/tags.ts'
import { checkConsent, consentDigest } from '../src/kernel/consent.ts'
import type { Terms } from '../src/kernel/charter.ts'
import { soleController } from '../src/kernel/controller.ts'
import { createNativeEngine } from '../src/engine/native.ts'
import { BILATERAL_TERMS } from '../src/models/bilateral/policy.ts'

const engine = createNativeEngine()
const utf8 = bytesFromUtf8

/** What a wallet signs for a text. */
const WAYS: Readonly<Record<string, (text: Uint8Array) => Uint8Array>> = {
  'personal_sign of Ethereum': (text) =>
    keccak_256(concatBytes(utf8(`\x19Ethereum Signed Message:\n${text.length}`), text)),
  'typed data of EIP-712': (text) =>
    keccak_256(concatBytes(Uint8Array.of(0x19, 1), keccak_256(utf8('domain')), keccak_256(text))),
  'validator data of EIP-191': (text) =>
    keccak_256(concatBytes(Uint8Array.of(0x19, 0), new Uint8Array(20), text)),
  'a signed message of Bitcoin': (text) =>
    sha256(
      sha256(concatBytes(utf8('\x18Bitcoin Signed Message:\n'), Uint8Array.of(text.length), text)),
    ),
  'a note of Nostr': (text) =>
    sha256(utf8(JSON.stringify([0, 'ab'.repeat(32), 1_700_000_000, 1, [], hexFromBytes(text)]))),
  'a text by SHA-256': (text) => sha256(text),
  'a text by keccak': (text) => keccak_256(text),
}

/** Texts that somebody would put in front of a wallet to get a consent. */
const textsFor = (suite: SuiteId, wanted: ReturnType<typeof hashId<'interaction'>>) => {
  const digest = consentDigest(suite, wanted)
  return [
    digest,
    utf8(hexFromBytes(digest)),
    utf8(wanted),
    concatBytes(utf8(TAGS.consent), bytesFromId(wanted)),
    utf8(`${TAGS.consent}${wanted}`),
  ]
}

describe('A9: what wallets sign as a text', () => {
  test.each<readonly [SuiteId, SchemeId]>([
    ['classic', 'ed25519'],
    ['nostr', 'bip340'],
    ['evm', 'secp256k1-ecdsa'],
  ])('is no consent in suite %s', (suite, scheme) => {
    const keys = engine.fromSeed(scheme, new Uint8Array(32).fill(9))
    const terms: Terms = {
      suite,
      participants: [{ name: 'alice', controller: soleController(scheme, keys.publicKey) }],
      turn: { is: 'alternate' },
      policy: BILATERAL_TERMS,
    }
    const wanted = hashId<'interaction'>(suite, TAGS.interaction, utf8('wanted'))
    const machine = hashId<'machine'>(suite, TAGS.charter, utf8('machine'))
    const codeOf = (digest: Uint8Array): string | undefined => {
      const signature = engine.sign(scheme, keys.secret, digest)
      const given = { machine, party: 0, key: 0, form: 'raw', signature } as const
      return checkConsent(terms, wanted, given, engine)?.code
    }
    expect(codeOf(consentDigest(suite, wanted))).toBeUndefined()
    for (const [way, signedFor] of Object.entries(WAYS)) {
      for (const text of textsFor(suite, wanted)) {
        expect([way, codeOf(signedFor(text))]).toEqual([way, 'consent/bad-signature'])
      }
    }
  })

  test('is no interaction of MOI, which begins with no letter', () => {
    const cases = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../vectors/moi.json'), 'utf8'),
    ) as {
      readonly cases: readonly {
        readonly check: string
        readonly fault?: string
        readonly input: { readonly message?: string }
      }[]
    }
    const good = cases.cases.filter((one) => one.check === 'moi-interaction' && !one.fault)
    expect(good.length).toBeGreaterThan(0)
    for (const { input } of good) {
      const [first = 0] = bytesFromHex(input.message ?? '')
      expect(first).toBeLessThan(0x20)
    }
  })
})
