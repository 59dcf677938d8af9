import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import {
  checkConsent,
  type Consent,
  consent,
  consentDigest,
  consentsOf,
} from '../../src/kernel/consent.ts'
import { statementDigest } from '../../src/kernel/statement.ts'
import {
  alice,
  anId,
  aTerms,
  aVote,
  bob,
  carol,
  engine,
  participantOf,
  type Person,
} from './sample.ts'

const machine = anId<'machine'>('machine')
const wanted = anId<'interaction'>('wanted')

const given = (by: Person, changes: Partial<Consent> = {}): Consent => ({
  machine,
  party: 0,
  key: 0,
  form: 'raw',
  signature: engine.sign('ed25519', by.keys.secret, consentDigest('classic', wanted)),
  ...changes,
})
const codeOf = (of: Consent, to = wanted): string | undefined =>
  checkConsent(aTerms(), to, of, engine)?.code

describe('a consent', () => {
  test('is the named key over the interaction', () => {
    expect(codeOf(given(alice))).toBeUndefined()
    expect(codeOf(given(bob, { party: 1 }))).toBeUndefined()
  })

  test('by another key, over another interaction or a changed signature is refused', () => {
    expect(codeOf(given(bob))).toBe('consent/bad-signature')
    expect(codeOf(given(alice, { party: 1 }))).toBe('consent/bad-signature')
    expect(codeOf(given(alice), anId('unwanted'))).toBe('consent/bad-signature')
    const { signature } = given(alice)
    signature[0] = (signature[0] ?? 0) ^ 1
    expect(codeOf(given(alice, { signature }))).toBe('consent/bad-signature')
  })

  test('of a party or key that is not there is refused', () => {
    expect(codeOf(given(alice, { party: 2 }))).toBe('consent/unknown-key')
    expect(codeOf(given(alice, { key: 1 }))).toBe('consent/unknown-key')
  })

  test('is no vote: what is signed differs even over the same id', () => {
    const vote = hexFromBytes(statementDigest('classic', aVote()))
    expect(hexFromBytes(consentDigest('classic', wanted))).not.toBe(vote)
  })

  test('reads back as it was written', () => {
    expect(consent.decode(consent.encode(given(alice)))).toEqual(given(alice))
  })
})

describe('consents of a party', () => {
  const [first] = [participantOf(alice)]
  const shared = {
    ...first,
    controller: {
      keys: [alice, bob, carol].map((one) => ({
        scheme: 'ed25519' as const,
        publicKey: one.keys.publicKey,
        weight: 1,
      })),
      threshold: 2,
    },
  }
  const terms = aTerms({ participants: [shared, participantOf(bob)] })

  test('need its threshold of distinct keys', () => {
    const by = (...keys: readonly number[]): boolean =>
      consentsOf(
        terms,
        machine,
        keys.map((key) => given(alice, { key })),
      )(0)
    expect(by(0)).toBe(false)
    expect(by(0, 0)).toBe(false)
    expect(by(0, 2)).toBe(true)
  })

  test('count for that party on that machine only', () => {
    const elsewhere = anId<'machine'>('elsewhere')
    const both = [0, 1].map((key) => given(alice, { key }))
    expect(consentsOf(terms, machine, both)(1)).toBe(false)
    expect(consentsOf(terms, elsewhere, both)(0)).toBe(false)
    expect(consentsOf(terms, machine, both)(7)).toBe(false)
  })
})
