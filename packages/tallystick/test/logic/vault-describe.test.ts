import { expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { short } from '../../src/logic/ledger-describe.ts'
import { contextPath } from '../../src/logic/statechart/leaves.ts'
import { vault } from '../../src/logic/vault.ts'
import { describeVault, termsText } from '../../src/logic/vault-describe.ts'
import { vaultOperation } from '../../src/logic/vault-operation.ts'
import { vaultId, type VaultTerms } from '../../src/logic/vault-terms.ts'
import { A, ASSET, PAIR, R, X } from './books.ts'

const id = idFromHex<'lock'>('3f'.repeat(32))
const TERMS: VaultTerms = {
  nonce: new Uint8Array(32),
  machine: R,
  asset: ASSET,
  amount: 100n,
  payer: 'alice',
  payee: 'bob',
  release: { is: 'word', party: 'alice' },
  expiry: { clock: A, at: 1_767_225_600_000n },
  arbiter: { is: 'party', name: 'dora' },
}

test('terms read as who, how much, until when, on what', () => {
  const money = `100 units of asset ${short(X)} from alice locked for bob`
  expect(termsText(TERMS)).toBe(
    `${money} until 2026-01-01 00:00:00 UTC by the clock of machine ${short(A)}, released on alice’s word, or as dora divides`,
  )
  expect(termsText({ ...TERMS, expiry: undefined, arbiter: undefined })).toBe(
    `${money}, released on alice’s word`,
  )
  const far: VaultTerms = {
    ...TERMS,
    expiry: undefined,
    arbiter: { is: 'fact', machine: A, key: idFromHex('4'.repeat(64)) },
  }
  expect(termsText(far)).toBe(
    `${money}, released on alice’s word, or as machine ${short(A)} divides under key 44444444…`,
  )
  const fact = { machine: A, key: idFromHex<'state-key'>('4'.repeat(64)) }
  const ways: VaultTerms = {
    ...far,
    arbiter: {
      is: 'facts',
      of: [
        { ...fact, value: bytesFromUtf8('"cancelled"'), toPayee: 0n },
        { ...fact, value: bytesFromUtf8('"draw"'), toPayee: 50n },
      ],
    },
  }
  expect(termsText(ways)).toBe(
    `${money}, released on alice’s word, or back where machine ${short(A)}, key 44444444…, shows "cancelled", ` +
      `or 50 units paid where machine ${short(A)}, key 44444444…, shows "draw"`,
  )
})

test('terms with another key, another secret or another clock read differently', () => {
  const key = pathKey('nostr', { machine: A, logic: 0 }, contextPath('winner'))
  const fact = { machine: A, key, value: bytesFromUtf8('"carol"') }
  const terms: VaultTerms = {
    ...TERMS,
    release: { is: 'fact', ...fact },
    arbiter: { is: 'facts', of: [{ ...fact, value: bytesFromUtf8('"bob"'), toPayee: 0n }] },
  }
  const place = `machine ${short(A)}, key ${short(key)} (context.winner),`
  const expected = `released on ${place} showing "carol", or back where ${place} shows "bob"`
  expect(termsText(terms)).toContain(expected)
  const other = idFromHex<'state-key'>('ab'.repeat(32))
  const secret = (byte: number): VaultTerms => ({
    ...terms,
    release: { is: 'secret', digest: new Uint8Array(32).fill(byte) },
  })
  const lines = [
    terms,
    { ...terms, release: { is: 'fact', ...fact, key: other } } as const,
    { ...terms, arbiter: { is: 'facts', of: [{ ...fact, key: other, toPayee: 0n }] } } as const,
    { ...terms, arbiter: { is: 'fact', machine: A, key } } as const,
    { ...terms, arbiter: { is: 'fact', machine: A, key: other } } as const,
    { ...terms, expiry: { clock: R, at: 1_767_225_600_000n } },
    secret(1),
    secret(2),
  ].map(termsText)
  expect(new Set(lines).size).toBe(lines.length)
})

test('every operation is one line that starts with the vault', () => {
  const line = (of: Parameters<typeof describeVault>[0]): string => describeVault(of, 'classic')
  expect(line({ is: 'open', terms: TERMS })).toBe(
    `vault ${short(vaultId('classic', TERMS))}: ${termsText(TERMS)}`,
  )
  const of = { machine: R, id }
  expect(line({ is: 'claim', ...of, secrets: [] })).toBe('vault 3f3f3f3f…: claimed for its payee')
  expect(line({ is: 'refund', ...of })).toBe('vault 3f3f3f3f…: back to its payer')
  expect(line({ is: 'rule', ...of, outcome: { toPayee: 60n, toPayer: 40n } })).toBe(
    'vault 3f3f3f3f…: divided, 60 units to its payee, 40 back',
  )
  expect(line({ is: 'rule', ...of, outcome: { toPayee: 0n, toPayer: 100n } })).toBe(
    'vault 3f3f3f3f…: divided, all 100 units back to its payer',
  )
  expect(line({ is: 'rule', ...of, outcome: { toPayee: 100n, toPayer: 0n } })).toBe(
    'vault 3f3f3f3f…: divided, all 100 units to its payee',
  )
  expect(
    line({
      is: 'publish',
      machine: R,
      party: 'dora',
      subject: new Uint8Array(32).fill(0xab),
      value: Uint8Array.of(1),
    }),
  ).toBe('dora says 01 about abababab…')
})

test('the logic describes the same, and raises a fault for what it cannot read', () => {
  const argument = vaultOperation.encode({ is: 'refund', machine: R, id })
  const nothing = new Uint8Array()
  expect(vault.describe(argument, nothing, PAIR.terms)).toBe('vault 3f3f3f3f…: back to its payer')
  expect(() => vault.describe(nothing, nothing, PAIR.terms)).toThrow(/bytes/)
})
