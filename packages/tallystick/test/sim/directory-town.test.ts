import { expect, test } from 'vitest'
import { quorumOf } from '../../src/models/directory/policy.ts'
import { checkQuorum } from '../../src/kernel/quorum.ts'
import { createDirectoryTown, noteWish, OWNERS } from '../../src/sim/directory-town.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'

const engine = createTokenEngine()
const town = createDirectoryTown(engine, 'ed25519')

test('a town has an account for each owner, under a policy that may be used', () => {
  expect(town.accounts.map((one) => one.terms.participants[0]?.name)).toEqual([...OWNERS])
  expect(new Set(town.accounts.map((one) => one.id)).size).toBe(OWNERS.length)
  expect(checkQuorum('classic', quorumOf(town.policy), engine)).toBeUndefined()
})

test('a town of three receipts of six has a policy that nobody would admit', () => {
  const six = createDirectoryTown(engine, 'ed25519', { operators: 6, threshold: 3, faulty: 0 })
  expect(checkQuorum('classic', quorumOf(six.policy), engine)).toBeDefined()
})

test('everybody in it signs with a key of their own', () => {
  const digest = new Uint8Array(32).fill(1)
  const [operator] = town.watched
  if (!operator) throw new Error('an operator')
  const signature = town.sign(operator.name, digest)
  expect(engine.verify('ed25519', operator.publicKey, digest, signature)).toBe(true)
  expect(town.sign('alice', digest)).not.toEqual(signature)
  expect(() => town.sign('nobody', digest)).toThrow(/keys/)
})

test('two wishes with two numbers are two wishes', () => {
  const [account] = town.accounts
  if (!account) throw new Error('an account')
  expect(noteWish(account, 'alice', 1)).not.toEqual(noteWish(account, 'alice', 2))
})
