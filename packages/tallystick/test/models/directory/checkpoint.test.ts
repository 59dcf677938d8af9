import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import {
  type Checkpoint,
  checkCheckpoint,
  checkpoint,
  checkpointDigest,
  signedCheckpoint,
  splitOf,
} from '../../../src/models/directory/checkpoint.ts'
import { anId } from '../../kernel/sample.ts'
import { engine, operators, policy, stranger } from './town.ts'

const sample: Checkpoint = {
  size: 5n,
  time: 1000n,
  logRoot: anId('log'),
  mapRoot: anId('map'),
}
const [operator] = policy.operators
const [keys] = operators
if (!operator || !keys) throw new Error('an operator')
const by = { ...operator, suite: 'classic' as const }
const signed = (of: Checkpoint, secret = keys.secret) => ({
  checkpoint: of,
  signature: engine.sign('ed25519', secret, checkpointDigest('classic', of)),
})

describe('a checkpoint', () => {
  test('is accepted with the operator’s signature over every byte of it', () => {
    const good = signed(sample)
    expect(checkCheckpoint(by, good, engine)).toBeUndefined()
    const changes: readonly Partial<Checkpoint>[] = [
      { size: 6n },
      { time: 1001n },
      { logRoot: anId('other') },
      { mapRoot: anId('other') },
    ]
    for (const change of changes) {
      const changed = { ...good, checkpoint: { ...sample, ...change } }
      expect(checkCheckpoint(by, changed, engine)?.code).toBe('checkpoint/bad-signature')
    }
    expect(checkCheckpoint(by, signed(sample, stranger.secret), engine)?.code).toBe(
      'checkpoint/bad-signature',
    )
  })

  test('has 80 bytes and one spelling', () => {
    const bytes = checkpoint.encode(sample)
    expect(bytes).toHaveLength(80)
    expect(checkpoint.decode(bytes)).toEqual(sample)
    const good = signed(sample)
    expect(signedCheckpoint.decode(signedCheckpoint.encode(good))).toEqual(good)
  })

  test('A4: is signed under a tag of its own', () => {
    expect(hexFromBytes(checkpointDigest('classic', sample))).not.toBe(
      hexFromBytes(checkpointDigest('nostr', sample)),
    )
  })
})

describe('two checkpoints', () => {
  test.each([
    ['the same twice', {}, undefined],
    ['the same roots at a later time', { time: 2000n }, undefined],
    ['a longer log at the same time', { size: 6n, logRoot: anId('longer') }, undefined],
    ['a longer log later', { size: 6n, time: 1001n, logRoot: anId('longer') }, undefined],
    ['another log of one size', { logRoot: anId('other') }, 'two-roots'],
    ['another map of one size, later', { time: 9n, mapRoot: anId('other') }, 'two-roots'],
    ['a longer log earlier', { size: 6n, time: 999n }, 'back-in-time'],
    ['a shorter log later', { size: 4n, time: 1001n }, 'back-in-time'],
  ] as const)('%s', (_, change, expected) => {
    const other: Checkpoint = { ...sample, ...(change as Partial<Checkpoint>) }
    expect(splitOf(sample, other)).toBe(expected)
    expect(splitOf(other, sample)).toBe(expected)
  })
})
