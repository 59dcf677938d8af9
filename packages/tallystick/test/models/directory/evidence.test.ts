import { expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { receiptVote } from '../../../src/models/directory/evidence.ts'
import { engine, freshOwner, operators, taken } from './town.ts'

const children = ['left', 'right'].map((word) => taken(freshOwner(), word).machine.head)

const signed = (at: number, time: bigint) => {
  const child = children[at]
  const [operator] = operators
  if (!child || !operator) throw new Error('no child')
  const statement = receiptVote(child, time)
  const digest = statementDigest('classic', statement)
  return { statement, signature: engine.sign('ed25519', operator.secret, digest) }
}

const evidenceOf = (first: ReturnType<typeof signed>, second: ReturnType<typeof signed>) => ({
  suite: 'classic' as const,
  scheme: 'ed25519' as const,
  publicKey: operators[0]?.publicKey ?? new Uint8Array(32),
  first,
  second,
})

test('receipts of one operator for two children of one parent convict it', () => {
  const conviction = convict(evidenceOf(signed(0, 5n), signed(1, 6n)), engine)
  expect(isFault(conviction) ? conviction.code : conviction.kind).toBe('fork')
})

test('two receipts for one child at two times convict nobody', () => {
  const conviction = convict(evidenceOf(signed(0, 5n), signed(0, 6n)), engine)
  expect(isFault(conviction) && conviction.code).toBe('evidence/no-conflict')
})
