import { expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { castFrom } from '../../../src/kernel/cast.ts'
import { isSaidAlready } from '../../../src/models/rounds/said.ts'
import { instanceFor } from '../../kernel/round-net.ts'
import { A, abort, B, castsBy, quorum, vote } from '../../kernel/round-votes.ts'
import { engine } from '../../kernel/sample.ts'

test('a statement is known only if signer, words and signature are the same', () => {
  const [held] = castsBy([1], vote('hold', A))
  const [other] = castsBy([1], vote('hold', B))
  const [ended] = castsBy([1], abort(0))
  if (!held || !other || !ended) throw new Error('there are three')
  const had = castFrom(instanceFor(quorum, 0), quorum, held, engine)
  if (isFault(had)) throw had
  expect(isSaidAlready(had, held)).toBe(true)
  expect(isSaidAlready(had, { ...held, signer: 2 })).toBe(false)
  expect(isSaidAlready(had, { ...held, signature: other.signature })).toBe(false)
  expect(isSaidAlready(had, { ...other, signature: held.signature })).toBe(false)
  expect(isSaidAlready(had, { ...ended, signature: held.signature })).toBe(false)
})
