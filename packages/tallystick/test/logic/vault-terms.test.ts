import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import {
  checkVaultTerms,
  type Ruling,
  vaultId,
  type VaultTerms,
  vaultTerms,
} from '../../src/logic/vault-terms.ts'
import { outcome } from '../../src/logic/outcome.ts'
import { allOf, anyOf, type Condition } from '../../src/logic/vault-condition.ts'
import { A, ASSET, B, PAIR, R, X } from './books.ts'

const TERMS: VaultTerms = {
  nonce: new Uint8Array(32).fill(1),
  machine: R,
  asset: ASSET,
  amount: 5n,
  payer: 'bob',
  payee: 'carol',
  release: { is: 'word', party: 'bob' },
  expiry: { clock: A, at: 9n },
  arbiter: { is: 'fact', machine: X, key: idFromHex('4'.repeat(64)) },
}

const RULING: Ruling = {
  machine: X,
  key: idFromHex('4'.repeat(64)),
  value: Uint8Array.of(1),
  toPayee: 0n,
}

test('terms come back from their bytes, with and without what may be missing', () => {
  for (const terms of [
    TERMS,
    { ...TERMS, expiry: undefined },
    { ...TERMS, arbiter: undefined },
    { ...TERMS, arbiter: { is: 'party', name: 'dora' } as const },
    {
      ...TERMS,
      arbiter: { is: 'facts', of: [RULING, { ...RULING, value: new Uint8Array() }] } as const,
    },
  ]) {
    const bytes = vaultTerms.encode(terms)
    expect(vaultTerms.decode(bytes)).toEqual(terms)
    for (let size = 0; size < bytes.length; size++) {
      expect(() => vaultTerms.decode(bytes.subarray(0, size))).toThrow(/./)
    }
    expect(() => vaultTerms.decode(Uint8Array.of(...bytes, 0))).toThrow(/after the end/)
  }
})

test('every field is part of the id', () => {
  const changes: readonly Partial<VaultTerms>[] = [
    {},
    { nonce: new Uint8Array(32) },
    { machine: B },
    { asset: { ...ASSET, logic: 1 } },
    { asset: { ...ASSET, machine: A } },
    { amount: 6n },
    { payer: 'carol' },
    { payee: 'bob' },
    { release: { is: 'word', party: 'carol' } },
    { expiry: undefined },
    { expiry: { clock: B, at: 9n } },
    { expiry: { clock: A, at: 10n } },
    { arbiter: undefined },
    { arbiter: { is: 'facts', of: [RULING] } },
    { arbiter: { is: 'facts', of: [{ ...RULING, machine: A }] } },
    { arbiter: { is: 'facts', of: [{ ...RULING, key: idFromHex('5'.repeat(64)) }] } },
    { arbiter: { is: 'facts', of: [{ ...RULING, value: Uint8Array.of(2) }] } },
    { arbiter: { is: 'facts', of: [{ ...RULING, toPayee: 1n }] } },
  ]
  const ids = changes.map((one) => vaultId('classic', { ...TERMS, ...one }))
  expect(new Set(ids).size).toBe(changes.length)
  expect(vaultId('nostr', TERMS)).not.toBe(vaultId('classic', TERMS))
})

test('terms are checked against the participants, and a fault names who is meant', () => {
  const judged = (changed: Partial<VaultTerms>): readonly (string | undefined)[] => {
    const fault = faultFrom(() => checkVaultTerms({ ...TERMS, ...changed }, PAIR.terms))
    return isFault(fault) ? [fault.code, fault.place.party] : []
  }
  expect(judged({})).toEqual([])
  expect(judged({ payee: 'dora' })).toEqual(['vault/unknown-party', 'dora'])
  expect(judged({ payer: 'dora' })).toEqual(['vault/unknown-party', 'dora'])
  expect(judged({ arbiter: { is: 'party', name: 'dora' } })).toEqual([
    'vault/unknown-party',
    'dora',
  ])
  expect(judged({ arbiter: { is: 'party', name: 'carol' } })).toEqual([
    'vault/partial-arbiter',
    'carol',
  ])
  expect(judged({ payee: 'bob' })).toEqual(['vault/same-party', 'bob'])
  expect(judged({ amount: 0n })).toEqual(['amount/zero', 'bob'])
  expect(judged({ expiry: { clock: A, at: 0n } })).toEqual(['vault/no-time', 'bob'])
  expect(judged({ expiry: { clock: A, at: 1n } })).toEqual([])
  expect(judged({ expiry: { clock: A, at: 2n ** 64n - 1n } })).toEqual([])
})

test('facts that divide are some, divide no more than there is, and divide in one way each', () => {
  const judged = (...of: readonly Ruling[]): string | undefined => {
    const terms: VaultTerms = { ...TERMS, arbiter: { is: 'facts', of } }
    const fault = faultFrom(() => checkVaultTerms(terms, PAIR.terms))
    return isFault(fault) ? fault.code : undefined
  }
  expect(judged(RULING)).toBeUndefined()
  expect(judged({ ...RULING, toPayee: 5n })).toBeUndefined()
  expect(judged({ ...RULING, toPayee: 6n })).toBe('vault/wrong-split')
  expect(judged()).toBe('vault/bad-count')
  expect(judged(RULING, { ...RULING, value: Uint8Array.of(2) })).toBeUndefined()
  expect(judged(RULING, { ...RULING, machine: A })).toBeUndefined()
  expect(judged(RULING, { ...RULING, toPayee: 1n })).toBe('vault/wrong-split')
})

describe('a fact that releases', () => {
  const judged = (release: Condition, arbiter: VaultTerms['arbiter']): string | undefined => {
    const fault = faultFrom(() => checkVaultTerms({ ...TERMS, release, arbiter }, PAIR.terms))
    return isFault(fault) ? fault.code : undefined
  }
  const { toPayee, ...same } = RULING
  const fact: Condition = { is: 'fact', ...same }
  const word: Condition = { is: 'word', party: 'bob' }

  test('sends nothing back, at whatever depth it stands', () => {
    const back = { is: 'facts', of: [{ ...RULING, value: Uint8Array.of(7) }, RULING] } as const
    const releases: readonly Condition[] = [
      fact,
      allOf([word, fact]),
      anyOf([word, fact]),
      { is: 'some', atLeast: 2, of: [word, word, anyOf([word, allOf([fact])])] },
    ]
    for (const release of releases) expect(judged(release, back)).toBe('vault/wrong-split')
    expect(toPayee).toBe(0n)
    const whole = { is: 'facts', of: [{ ...RULING, toPayee: TERMS.amount }] } as const
    for (const release of releases) expect(judged(release, whole)).toBeUndefined()
    const most = { is: 'facts', of: [{ ...RULING, toPayee: TERMS.amount - 1n }] } as const
    expect(judged(fact, most)).toBe('vault/wrong-split')
    for (const changed of [
      { machine: A },
      { key: idFromHex<'state-key'>('5'.repeat(64)) },
      { value: Uint8Array.of(2) },
    ]) {
      expect(judged(allOf([{ ...fact, ...changed }]), back)).toBeUndefined()
    }
  })

  test('is no outcome that a machine elsewhere divides by, unless that gives everything', () => {
    const elsewhere = { is: 'fact', machine: X, key: same.key } as const
    const says = (payee: bigint, payer: bigint): Condition => ({
      ...fact,
      value: outcome.encode({ toPayee: payee, toPayer: payer }),
    })
    expect(judged(anyOf([word, says(2n, 3n)]), elsewhere)).toBe('vault/wrong-split')
    expect(judged(says(5n, 0n), elsewhere)).toBeUndefined()
    // Another sum, other bytes and another key divide nothing here.
    expect(judged(says(2n, 4n), elsewhere)).toBeUndefined()
    expect(judged(fact, elsewhere)).toBeUndefined()
    expect(judged(says(2n, 3n), { ...elsewhere, machine: A })).toBeUndefined()
    expect(judged(says(2n, 3n), { ...elsewhere, key: idFromHex('5'.repeat(64)) })).toBeUndefined()
  })
})
