import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import {
  type Abort,
  commitVote,
  phase,
  positionOf,
  type Statement,
  statement,
  statementDigest,
} from '../../src/kernel/statement.ts'
import { anId, aTransition, aVote } from './sample.ts'

const { machine, parent, sequence } = aTransition()
const abort: Abort = { is: 'abort', machine, parent, sequence, round: 0 }
const digest = (of: Statement): string => hexFromBytes(statementDigest('classic', of))

describe('a digest', () => {
  test('differs between any two statements that differ', () => {
    const statements: readonly Statement[] = [
      aVote(),
      aVote({ round: 1 }),
      aVote({ phase: 'hold' }),
      aVote({ phase: 'propose' }),
      aVote({ cited: 1 }),
      aVote({ time: 1n }),
      aVote({ transition: aTransition({ machine: anId('other') }) }),
      aVote({ transition: aTransition({ parent: anId('other') }) }),
      aVote({ transition: aTransition({ sequence: 2n }) }),
      aVote({ transition: aTransition({ interaction: anId('other') }) }),
      aVote({ transition: aTransition({ state: anId('other') }) }),
      aVote({ transition: aTransition({ entropy: anId('other') }) }),
      abort,
      { ...abort, round: 1 },
      { ...abort, machine: anId('other') },
      { ...abort, parent: anId('other') },
      { ...abort, sequence: 2n },
    ]
    expect(new Set(statements.map(digest)).size).toBe(statements.length)
  })

  test('depends on the hash of the suite', () => {
    for (const one of [aVote(), abort]) {
      expect(hexFromBytes(statementDigest('nostr', one))).not.toBe(digest(one))
      expect(hexFromBytes(statementDigest('quantum', one))).toBe(digest(one))
    }
  })

  test('has 32 bytes', () => {
    expect(statementDigest('classic', aVote())).toHaveLength(32)
    expect(statementDigest('classic', abort)).toHaveLength(32)
  })
})

test('statements and phases read back as they were written', () => {
  const vote = aVote({ round: 3, phase: 'hold', cited: 2, time: 9n })
  for (const one of [vote, abort]) expect(statement.decode(statement.encode(one))).toEqual(one)
  for (const one of ['propose', 'hold', 'commit'] as const) {
    expect(phase.decode(phase.encode(one))).toBe(one)
  }
})

test('a vote and an abort under one parent are about the same position', () => {
  expect(positionOf(aVote())).toMatchObject({ machine, parent, sequence })
  expect(positionOf(abort)).toMatchObject({ machine, parent, sequence })
})

test('a plain commit vote cites nothing and attests no time', () => {
  expect(commitVote(aTransition(), 2)).toEqual(aVote({ round: 2 }))
})
